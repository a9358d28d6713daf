import { createHash } from 'node:crypto';
import { type Answer, badRequest } from './answers.ts';

/** Where an object stands in a list. */
export interface Place {
  /** RFC 3339; compared as an instant. */
  at: string;
  id: string;
}

export interface PageAsked {
  cursor: string | undefined;
  /** Already within its bounds. */
  limit: number;
  order: 'ASC' | 'DESC';
  /** Everything else that was asked: a cursor goes on with the query it came from. */
  query: unknown;
}

export interface Page<Entry> {
  entries: Entry[];
  cursor?: string;
}

/** One page of a list in order of time, and the cursor of the next one if there is more. */
export function pageOf<Entry>(
  all: readonly Entry[],
  placeOf: (entry: Entry) => Place,
  asked: PageAsked,
): Page<Entry> | Answer {
  const mark = markOf(asked.query);
  const after = asked.cursor === undefined || asked.cursor === '' ? null : read(asked.cursor, mark);
  if (after === undefined) return badRequest('INVALID_CURSOR', 'Invalid cursor.', 'cursor');
  const sign = asked.order === 'ASC' ? 1 : -1;
  const sorted = all
    .map((entry) => ({ entry, place: placeOf(entry) }))
    .sort((a, b) => sign * compare(a.place, b.place))
    .filter(({ place }) => after === null || sign * compare(place, after) > 0);
  const entries = sorted.slice(0, asked.limit);
  const last = entries.at(-1);
  if (last === undefined || sorted.length === entries.length) return { entries: entries.map(({ entry }) => entry) };
  const cursor = Buffer.from(JSON.stringify({ ...last.place, mark })).toString('base64url');
  return { entries: entries.map(({ entry }) => entry), cursor };
}

function compare(a: Place, b: Place): number {
  const [first, second] = [Date.parse(a.at), Date.parse(b.at)];
  if (first !== second) return first - second;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function markOf(query: unknown): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('hex').slice(0, 16);
}

function read(cursor: string, mark: string): Place | undefined {
  try {
    const {
      at,
      id,
      mark: theirs,
    } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Place & { mark: string };
    return theirs === mark && typeof at === 'string' && typeof id === 'string' ? { at, id } : undefined;
  } catch {
    return undefined;
  }
}

/** The page's size: the greatest where too much or nothing is asked. Refuses what is no positive whole number. */
export function limitOf(given: unknown, standard: number, greatest = standard): number | Answer {
  if (given === undefined || given === null || given === '') return standard;
  if (!/^[1-9]\d{0,8}$/.test(`${given}`))
    return badRequest('INVALID_VALUE', 'limit must be a positive integer.', 'limit');
  const limit = Number.parseInt(`${given}`, 10);
  return Math.min(limit, greatest);
}

/** ASC or DESC; `standard` where nothing is asked. */
export function orderOf(given: unknown, standard: 'ASC' | 'DESC'): 'ASC' | 'DESC' | Answer {
  if (given === undefined || given === null || given === '') return standard;
  if (given === 'ASC' || given === 'DESC') return given;
  return badRequest('INVALID_SORT_ORDER', `${given} is not a valid sort order.`, 'sort_order');
}

/** An instant that was asked for, in milliseconds; `standard` where it was not. Refuses what is no RFC 3339. */
export function instantOf(given: unknown, field: string, standard: number): number | Answer {
  if (given === undefined || given === null || given === '') return standard;
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(`${given}`);
  if (!isInstant || Number.isNaN(Date.parse(`${given}`))) {
    return badRequest('INVALID_TIME', `${field} is not an RFC 3339 timestamp.`, field);
  }
  return Date.parse(`${given}`);
}

/** From when to when; `isIn` tells whether an instant lies between. */
export interface Window {
  from: number;
  to: number;
}

/** A window out of two parameters. Refuses one that ends before it begins. */
export function windowOf(
  query: Record<string, unknown>,
  [begin, end]: readonly [string, string],
  standard: Window,
): Window | Answer {
  const from = instantOf(query[begin], begin, standard.from);
  if (typeof from !== 'number') return from;
  const to = instantOf(query[end], end, standard.to);
  if (typeof to !== 'number') return to;
  if (from > to) return badRequest('INVALID_TIME_RANGE', `${begin} must not be after ${end}.`, begin);
  return { from, to };
}

/** Whether an RFC 3339 instant lies in the window, the beginning included; the end only where it is said. */
export function isIn({ from, to }: Window, at: string, endIncluded = false): boolean {
  const time = Date.parse(at);
  return time >= from && (time < to || (endIncluded && time === to));
}
