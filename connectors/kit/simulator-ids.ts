import { createHash } from 'node:crypto';

/** 64 hexadecimal digits made from a seed and a path: the same in every run, others for every path. */
export function hexFrom(seed: number, ...path: (string | number)[]): string {
  return digest(seed, path).toString('hex');
}

/** A UUID made from a seed and a path: the same on every machine and after every restart, another for every path. */
export function uuidFrom(seed: number, ...path: (string | number)[]): string {
  const hex = hexFrom(seed, ...path);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Opaque text of 43 characters, for the codes and tokens of a simulator. */
export function opaqueFrom(seed: number, ...path: (string | number)[]): string {
  return digest(seed, path).toString('base64url');
}

function digest(seed: number, path: readonly (string | number)[]): Buffer {
  return createHash('sha256')
    .update([seed, ...path].join('/'))
    .digest();
}
