import { expect, test } from 'vitest';
import { nextAttempt, nextLook } from './retry.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const middle = () => 0.5;

test('attempts follow the published schedule and end in an issue', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => nextAttempt({ attempts, random: middle }));
  expect(delays).toEqual([
    { delayMs: 0 },
    { delayMs: 5 * SECOND },
    { delayMs: 5 * MINUTE },
    { delayMs: 30 * MINUTE },
    { delayMs: 2 * HOUR },
    { delayMs: 5 * HOUR },
    { delayMs: 10 * HOUR },
    { delayMs: 10 * HOUR },
    { giveUp: true },
  ]);
});

test('a fact that waits for another is looked at again within seconds first and given up after eight looks', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => nextLook({ attempts, random: middle }));
  expect(delays).toEqual([
    { delayMs: SECOND },
    { delayMs: 5 * SECOND },
    { delayMs: 30 * SECOND },
    { delayMs: 5 * MINUTE },
    { delayMs: 30 * MINUTE },
    { delayMs: 2 * HOUR },
    { delayMs: 12 * HOUR },
    { delayMs: 24 * HOUR },
    { giveUp: true },
  ]);
});

test('a delay is spread by a fifth to either side', () => {
  expect(nextAttempt({ attempts: 2, random: () => 0 })).toEqual({ delayMs: 4 * MINUTE });
  expect(nextAttempt({ attempts: 2, random: () => 0.75 })).toEqual({ delayMs: 5.5 * MINUTE });
  expect(nextAttempt({ attempts: 2, random: () => 0.999_999_99 })).toEqual({ delayMs: 6 * MINUTE });
});

test('a provider that asks for more time than ours gets it, also before the first attempt', () => {
  expect(nextAttempt({ attempts: 0, retryAfterMs: 60_000, random: middle })).toEqual({ delayMs: 60_000 });
  expect(nextAttempt({ attempts: 1, retryAfterMs: 60_000, random: () => 0 })).toEqual({ delayMs: 60_000 });
});

test('a provider that asks for less time than ours does not shorten it', () => {
  expect(nextAttempt({ attempts: 3, retryAfterMs: 60_000, random: middle })).toEqual({ delayMs: 30 * MINUTE });
});

test('a provider that names a date far away is not waited for longer than a day', () => {
  const farAway = 365 * 24 * HOUR;
  expect(nextAttempt({ attempts: 1, retryAfterMs: farAway, random: middle })).toEqual({ delayMs: 24 * HOUR });
});

test('asking for more time does not buy more attempts', () => {
  expect(nextAttempt({ attempts: 8, retryAfterMs: 1_000, random: middle })).toEqual({ giveUp: true });
});
