import type { Change } from './store.ts';
import type { Organisation, World } from './world.ts';

/** Everything a write needs to know beside the element itself. */
export interface WriteContext {
  world: World;
  organisation: Organisation;
  change: Change;
  now: Date;
  /** PUT makes a new document; POST changes an existing one when it finds it. */
  method: 'PUT' | 'POST';
  /** Decimals of a unit price: 2, or 4 with unitdp=4. */
  unitDecimals: number;
}

/** Object member by name, or undefined. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}

/** A member that is a non-empty text (or a number, which arrives as text), else null. */
export function text(value: unknown, name: string): string | null {
  const found = member(value, name);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** A member that is an array, else null. */
export function list(value: unknown, name: string): unknown[] | null {
  const found = member(value, name);
  return Array.isArray(found) ? found : null;
}
