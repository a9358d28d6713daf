import { stringify } from 'lossless-json';
import type { Random } from '../../../kit/random.ts';
import type { Cafe } from './cafe.ts';
import { shortId, uuid } from './ids.ts';
import type { Change, Kinds, Late, Objects, SquareEvent } from './state.ts';

/** What an event is about. `object` stands under its own name in `data.object`. */
export interface Subject {
  type: string;
  id: string;
  object: object;
}

/**
 * One step of the café's programme while it is being played: every change is a new state of an object, every
 * announcement an event with an id of its own that shows the object as it is at that moment.
 */
export interface Stage {
  readonly cafe: Cafe;
  readonly chance: Random;
  /** When the step is played, milliseconds. */
  readonly now: number;
  /** Every object of a kind as it stands, oldest first. */
  list<Kind extends keyof Kinds>(kind: Kind): Kinds[Kind][];
  get<Kind extends keyof Kinds>(kind: Kind, id: string): Kinds[Kind];
  keep<Kind extends keyof Kinds>(kind: Kind, object: Kinds[Kind]): Kinds[Kind];
  /** The next instant of the step; later than `after` in any case. */
  tick(after?: string): string;
  uid(): string;
  /** Announces; `place` is the location where the envelope names one. */
  tell(type: string, subject: Subject, at: string, place?: string): void;
  /** The order's lines come some seconds after its payment. */
  late(orderId: string): void;
  /** What is announced, in sending order; scripts reorder and repeat it. */
  events: SquareEvent[];
}

/** What a step leaves behind. */
export interface Played {
  changes: Change[];
  late: Late[];
  events: SquareEvent[];
}

export interface StageContext {
  cafe: Cafe;
  chance: Random;
  objects: Objects;
  now: number;
}

/** How long before `now` a step begins, so that its last instant is not in the future. */
const BEGINS_BEFORE_MS = 15_000;
const LINES_COME_AFTER_MS = 5_000;

/** A stage for one step, and what was done on it. */
export function stage({ cafe, chance, objects, now }: StageContext): { on: Stage; played(): Played } {
  const changed = new Map<string, Change>();
  const lates: Late[] = [];
  let clock = now - BEGINS_BEFORE_MS;
  const latest = <Kind extends keyof Kinds>(kind: Kind, id: string): Kinds[Kind] | undefined => {
    const change = changed.get(`${kind} ${id}`);
    return (change?.object as Kinds[Kind] | undefined) ?? objects[kind].get(id);
  };
  const on: Stage = {
    cafe,
    chance,
    now,
    events: [],
    list: (kind) => {
      const before = [...objects[kind].keys()].map((id) => latest(kind, id)!);
      const fresh = [...changed.values()].filter((each) => each.in === kind && !objects[kind].has(each.object.id));
      return [...before, ...fresh.map((each) => each.object as Kinds[typeof kind])];
    },
    get: (kind, id) => {
      const found = latest(kind, id);
      if (found === undefined) throw new Error(`There is no ${id} among the ${kind}.`);
      return found;
    },
    keep: (kind, object) => {
      changed.set(`${kind} ${object.id}`, { in: kind, object } as Change);
      return object;
    },
    tick: (after) => {
      clock = Math.max(clock + chance.between(40, 400), after === undefined ? 0 : Date.parse(after) + 1);
      return new Date(clock).toISOString();
    },
    uid: () => shortId(chance),
    tell: (type, subject, at, place) => void on.events.push(envelope(on, type, subject, at, place)),
    late: (orderId) => void lates.push({ orderId, until: now + LINES_COME_AFTER_MS }),
  };
  return { on, played: () => ({ changes: [...changed.values()], late: lates, events: on.events }) };
}

function envelope({ cafe, chance }: Stage, type: string, subject: Subject, at: string, place?: string): SquareEvent {
  const id = uuid(chance);
  const body = stringify({
    merchant_id: cafe.merchantId,
    ...(place === undefined ? {} : { location_id: place }),
    type,
    event_id: id,
    created_at: at,
    data: { type: subject.type, id: subject.id, object: subject.object },
  })!;
  return { id, type, merchantId: cafe.merchantId, locationId: place ?? null, at: Date.parse(at), body };
}
