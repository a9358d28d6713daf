import { expect, test } from 'vitest';
import { random } from './random.ts';

const sample = (seed: number, ...path: (string | number)[]) => {
  const chance = random(seed, ...path);
  return [chance.below(1000), chance.between(5, 9), chance.digits(18), chance.hex(8), chance.shuffle([1, 2, 3, 4, 5])];
};

test('the same seed and path make the same choices', () => {
  expect(sample(1, 'shop', 3)).toEqual(sample(1, 'shop', 3));
});

test('another seed or another path makes other choices', () => {
  expect(sample(2, 'shop', 3)).not.toEqual(sample(1, 'shop', 3));
  expect(sample(1, 'shop', 4)).not.toEqual(sample(1, 'shop', 3));
  expect(sample(1, 'pohs', 3)).not.toEqual(sample(1, 'shop', 3));
});

test('choices stay in their range and reach all of it', () => {
  const chance = random(7);
  const seen = new Set(Array.from({ length: 1000 }, () => chance.between(-2, 2)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(() => chance.below(0)).toThrow(RangeError);
});

test('digits gives exactly as many digits as asked', () => {
  const chance = random(11);
  for (let round = 0; round < 500; round += 1) expect(chance.digits(18).toString()).toMatch(/^[1-9]\d{17}$/);
});

test('a shuffle keeps every entry and leaves the list alone', () => {
  const list = [1, 2, 3, 4, 5, 6];
  expect(random(3).shuffle(list).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(list).toEqual([1, 2, 3, 4, 5, 6]);
});
