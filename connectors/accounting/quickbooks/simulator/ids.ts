import { createHash } from 'node:crypto';

const digest = (seed: number, path: (string | number)[]) => createHash('sha256').update([seed, ...path].join('/'));

/** A UUID made from a seed and a path: the same on every machine and after every restart, another for every path. */
export function uuidFrom(seed: number, ...path: (string | number)[]): string {
  const hex = digest(seed, path).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Opaque text of 43 characters, for codes and tokens. */
export function opaqueFrom(seed: number, ...path: (string | number)[]): string {
  return digest(seed, path).digest('base64url');
}
