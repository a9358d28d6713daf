import { exponentOf } from '@daybook/domain';
import { LosslessNumber } from 'lossless-json';
import type { Json } from './answer.ts';
import { type Decimal, parseDecimal, roundTo } from './decimal.ts';
import { isDay } from './instants.ts';
import { missing, Refused } from './refusal.ts';
import type { Change } from './store.ts';
import type { Company } from './world.ts';

/** Everything a write needs to know beside the body. */
export interface Context {
  company: Company;
  change: Change;
  /** Milliseconds. */
  now: number;
  /** The `include` parameter's words, or a batch item's optionsData. */
  include: ReadonlySet<string>;
  /** A person at the screen, who may also work in a closed period. */
  byHand: boolean;
}

/** Object member by name, or undefined. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Json)[name] : undefined;
}

/** A member that is a non-empty text (numbers of a request arrive as text), else null. */
export function text(value: unknown, name: string): string | null {
  const found = member(value, name);
  if (found instanceof LosslessNumber) return found.toString();
  return typeof found === 'string' && found !== '' ? found : null;
}

/** As `text`; throws 2050 when it is longer than allowed. */
export function shortText(value: unknown, name: string, max: number): string | null {
  const found = text(value, name);
  if (found === null || found.length <= max) return found;
  const detail = `Min:0 Max:${max} supplied_length:${found.length}`;
  throw new Refused('2050', `String length specified does not match the supported length. ${detail}`, name);
}

/** Whether a member is true; anything else is false. */
export function flag(value: unknown, name: string): boolean {
  const found = member(value, name);
  return found === true || found === 'true';
}

/** The elements of an array member, [] when there is none. */
export function list(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

/** A calendar date, or null when none is said. Throws 2070 for what is none. */
export function day(value: unknown, name: string): string | null {
  const found = text(value, name);
  if (found === null || isDay(found)) return found;
  throw new Refused('2070', `Invalid Date: date should be in format YYYY-MM-DD. Supplied value:${found}`, name);
}

/** A number, or null when none is said. Throws 2090 for what is none. */
export function decimalAt(value: unknown, name: string): Decimal | null {
  const said = member(value, name);
  if (said === undefined || said === null || said === '') return null;
  const parsed = parseDecimal(said);
  if (parsed === null) throw new Refused('2090', `Invalid Number : ${String(said)}`, name);
  return parsed;
}

/** An amount in minor units, rounded to the currency's decimals as QuickBooks does, or null when none is said. */
export function minorAt(value: unknown, name: string, currency: string): bigint | null {
  const parsed = decimalAt(value, name);
  return parsed === null ? null : roundTo(parsed, exponentOf(currency));
}

/** The id in a reference, or null when there is none. Ids are numbers: throws 2030 for what is none. */
export function refId(value: unknown, name: string): string | null {
  const id = text(member(value, name), 'value');
  if (id === null || /^\d{1,18}$/.test(id)) return id;
  throw new Refused('2030', `Id should be a valid number. Supplied value:${id}`, `${name}.value`);
}

/** As `refId`; throws 2020 when there is none. */
export function requiredRef(value: unknown, name: string): string {
  const id = refId(value, name);
  if (id === null) throw missing(name);
  return id;
}

/** One of the words, or null when none is said. Throws 2170 for another. */
export function oneOf<Word extends string>(value: unknown, name: string, words: readonly Word[]): Word | null {
  const said = text(value, name);
  if (said === null) return null;
  const known = words.find((each) => each === said);
  if (known === undefined) throw new Refused('2170', `Invalid Enumeration : ${said}`, name);
  return known;
}

/** The members of an object that were said, without null and undefined ones. */
export function compact(body: Json): Json {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null));
}
