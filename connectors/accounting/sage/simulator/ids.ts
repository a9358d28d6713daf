import { hexFrom } from '../../../kit/simulator-ids.ts';

/** 32 hexadecimal digits made from a seed and a path, as ids look there; another for every path. */
export function idFrom(seed: number, ...path: (string | number)[]): string {
  return hexFrom(seed, ...path).slice(0, 32);
}
