/**
 * Reproducible chance for simulators: the same seed gives the same choices on every machine. Never for secrets of a
 * real system, and never a replacement for `crypto`.
 */
export interface Random {
  /** An integer from 0 to `limit` − 1; `limit` must be ≥ 1. */
  below(limit: number): number;
  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** One entry of a list that is not empty. */
  pick<Entry>(list: readonly Entry[]): Entry;
  /** True `times` out of `outOf` on average. */
  chance(times: number, outOf: number): boolean;
  /** A whole number of exactly this many decimal digits, the first of them not 0. */
  digits(count: number): bigint;
  /** Lower-case hexadecimal text of this length, e.g. the body of a token. */
  hex(length: number): string;
  /** The entries in another order; the list itself is left alone. */
  shuffle<Entry>(list: readonly Entry[]): Entry[];
}

/**
 * A stream of choices from a seed and a path of names or numbers. A stream of its own per step (`random(seed, shop,
 * 17)`) needs no saved generator state: after a restart step 17 makes the choices it would have made before.
 */
export function random(seed: number, ...path: (string | number)[]): Random {
  const next = mulberry32(hash([seed, ...path].join('/')));
  const below = (limit: number) => {
    if (!(limit >= 1)) throw new RangeError(`A choice below ${limit} is impossible.`);
    return Math.floor((next() / 0x1_0000_0000) * limit);
  };
  const digit = (least: number) => String(least + below(10 - least));
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    pick: (list) => list[below(list.length)]!,
    chance: (times, outOf) => below(outOf) < times,
    digits: (count) => BigInt(Array.from({ length: count }, (_, index) => digit(index === 0 ? 1 : 0)).join('')),
    hex: (length) => Array.from({ length }, () => below(16).toString(16)).join(''),
    shuffle: (list) => shuffled(list, below),
  };
}

/** mulberry32 by Tommy Ettinger (public domain): 32 bits of state, unsigned 32-bit results. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** FNV-1a over UTF-16 units, finished like murmur3 so that neighbouring seeds start far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** Fisher–Yates. */
function shuffled<Entry>(list: readonly Entry[], below: (limit: number) => number): Entry[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
