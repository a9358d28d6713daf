import type { LosslessNumber } from 'lossless-json';
import type { Books } from './things.ts';

/** What a JSON body is made of here; whole amounts are bigint, other numbers keep their digits. */
export type Json = string | number | bigint | boolean | null | LosslessNumber | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** What rendering an object needs besides the object: the rest of the account, and the moment it is looked at. */
export interface View {
  books: Books;
  /** Unix seconds. */
  at: number;
}

/** Stripe writes currencies in lower case. */
export const lower = (currency: string): string => currency.toLowerCase();

/** A list inside an object, complete. */
export function innerList(url: string, data: Json[]): JsonObject {
  return { object: 'list', data, has_more: false, url };
}

/** An address nobody filled in. */
export const noAddress: JsonObject = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};
