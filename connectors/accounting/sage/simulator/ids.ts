import { createHash } from 'node:crypto';

const digest = (seed: number, path: (string | number)[]) => createHash('sha256').update([seed, ...path].join('/'));

/** 32 hexadecimal digits made from a seed and a path, as ids look there; another for every path. */
export function idFrom(seed: number, ...path: (string | number)[]): string {
  return digest(seed, path).digest('hex').slice(0, 32);
}

/** Opaque text of 43 characters, for codes and tokens. */
export function opaqueFrom(seed: number, ...path: (string | number)[]): string {
  return digest(seed, path).digest('base64url');
}
