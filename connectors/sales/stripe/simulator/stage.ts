import type { Random } from '../../../kit/random.ts';
import type { Announcement, Books, Kind, OfKind, Thing } from './things.ts';

/**
 * One step of the account's programme while it is being played. Every change is a happening: a moment of its own, at
 * least a second after the one before as long as the clock allows, never in the future.
 */
export interface Stage {
  readonly chance: Random;
  /** Every version the step made, oldest first. */
  readonly made: Thing[];
  /** What is announced, in the order it happened. */
  readonly told: Announcement[];
  /** What is sent, in sending order; scripts reorder and repeat it. */
  readonly sent: Announcement[];
  /** Begins the next happening and gives its moment, unix seconds. */
  happen(): number;
  /** The moment of the happening under way. */
  at(): number;
  put<Made extends Thing>(thing: Made): Made;
  /** Announces the thing as it is handed in, under these types. */
  tell(thing: Thing, ...types: string[]): void;
  get<Name extends Kind>(kind: Name, id: string): OfKind<Name>;
  /** Current versions of all live things of a kind, oldest first. */
  all<Name extends Kind>(kind: Name): OfKind<Name>[];
  /** A live thing of the recent past that fits, whichever chance prefers. */
  find<Name extends Kind>(kind: Name, fits: (thing: OfKind<Name>) => boolean): OfKind<Name> | undefined;
  /** A fresh id, "ch_3" and 23 characters for `id('ch_3')`. */
  id(prefix: string): string;
}

export interface StageContext {
  chance: Random;
  books: Books;
  /** How many versions of a thing there were before this step. */
  versions(id: string): number;
  /** Unix seconds of the account's last happening, and of now. */
  last: number;
  now: number;
}

/** How many of the newest things a step looks at when it wants to change one. */
const WITHIN_REACH = 60;
/** A step's happenings begin this long before now, so that its last one is not in the future. */
const LEAD_SECONDS = 20;
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'];

/** A stage for one step, on top of what the account has already. */
export function stage({ chance, books, versions, last, now }: StageContext): Stage {
  const made: Thing[] = [];
  const told: Announcement[] = [];
  const sent: Announcement[] = [];
  const current = new Map<string, Thing>();
  const id = (prefix: string) => prefix + letters(chance, 23);
  let clock = Math.max(last, now - LEAD_SECONDS);
  let request = id('req_');
  const all = <Name extends Kind>(kind: Name): OfKind<Name>[] => {
    const known = books.all(kind);
    const ids = new Set(known.map((thing) => thing.id));
    const fresh = [...current.values()].filter((thing) => thing.kind === kind && !ids.has(thing.id));
    return [...known.map((thing) => current.get(thing.id) ?? thing), ...fresh].filter(
      (thing): thing is OfKind<Name> => thing.live,
    );
  };
  return {
    chance,
    made,
    told,
    sent,
    happen: () => {
      clock = Math.max(clock, Math.min(clock + 1, now));
      request = id('req_');
      return clock;
    },
    at: () => clock,
    put: (thing) => {
      made.push(thing);
      current.set(thing.id, thing);
      return thing;
    },
    tell: (thing, ...types) => {
      // What was not changed in this step is shown as its last step left it: index −1 of the new versions.
      const version = versions(thing.id) + made.filter((each) => each.id === thing.id).indexOf(thing);
      for (const type of types) {
        const { id: about, live } = thing;
        const announcement = { id: id('evt_1'), type, created: clock, about, version, live, request };
        told.push(announcement);
        sent.push(announcement);
      }
    },
    get: (kind, wanted) => {
      const found = current.get(wanted) ?? books.get(wanted);
      if (found?.kind !== kind) throw new Error(`There is no ${kind} ${wanted}.`);
      return found as OfKind<typeof kind>;
    },
    all,
    find: (kind, fits) => chance.shuffle(all(kind).slice(-WITHIN_REACH)).find(fits),
    id,
  };
}

/** Random letters and digits of this number, as Stripe's ids and keys end in. */
export function letters(chance: Random, count: number): string {
  return Array.from({ length: count }, () => chance.pick(LETTERS)).join('');
}
