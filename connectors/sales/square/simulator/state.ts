import { durableLog } from '../../../kit/simulator.ts';
import type { Order, Payment, PaymentRefund } from './wire.ts';
import type {
  CashDrawerEvent,
  CashDrawerShift,
  Dispute,
  GiftCardActivity,
  Invoice,
  Movement,
  Payout,
} from './wire-money.ts';

/** Everything of the seller that changes, by kind. */
export interface Kinds {
  orders: Order;
  payments: Payment;
  refunds: PaymentRefund;
  payouts: Payout;
  movements: Movement;
  disputes: Dispute;
  activities: GiftCardActivity;
  shifts: CashDrawerShift;
  drawerEvents: CashDrawerEvent;
  invoices: Invoice;
}
export type Objects = { readonly [Kind in keyof Kinds]: Map<string, Kinds[Kind]> };
export type Change = { [Kind in keyof Kinds]: { in: Kind; object: Kinds[Kind] } }[keyof Kinds];

/** Something that is announced: the envelope as it is sent, byte for byte, however often. */
export interface SquareEvent {
  id: string;
  type: string;
  merchantId: string;
  locationId: string | null;
  /** Milliseconds. */
  at: number;
  body: string;
}

/** A consent of the seller. Instants are milliseconds. */
export interface Grant {
  merchantId: string;
  scopes: string[];
  /** With PKCE each refresh token works once and for 90 days; otherwise for ever. */
  pkce: boolean;
  refreshToken: string;
  refreshExpires: number | null;
  /** Every access token that was given out, until its end. */
  access: { token: string; expires: number; scopes: string[] }[];
}

export interface Subscription {
  id: string;
  name: string | null;
  enabled: boolean;
  event_types: string[];
  notification_url: string;
  api_version: string;
  signature_key: string;
  created_at: string;
  updated_at: string;
}

/** A webhook on its way to one subscription. */
export interface Delivery {
  id: string;
  subscriptionId: string;
  eventId: string;
}

export interface State {
  steps: number;
  objects: Objects;
  /** Consents that hold, newest last. */
  grants: Grant[];
  /** Tokens that were taken back, so that their refusal can say so. */
  revoked: Set<string>;
  /** Whether the seller uses a token of their own, which may do everything. */
  keyed: boolean;
  subscriptions: Map<string, Subscription>;
  /** Subscriptions by the idempotency key they were created with. */
  created: Map<string, string>;
  /** What can still be searched or is on its way, oldest first. */
  events: Map<string, SquareEvent>;
  /** Whether events are kept for searching from now on. */
  searchable: boolean;
  /** Ids of the events that can be searched. */
  kept: Set<string>;
  /** Not acknowledged yet, oldest first. */
  pending: Map<string, Delivery>;
  /** How many tokens, keys and ids of the application were made; the next one comes from it. */
  made: number;
  /** Orders whose lines are not there yet: until an instant in milliseconds, or until they were read once. */
  late: Map<string, number>;
}

/** An order whose lines come later than its payment. */
export interface Late {
  orderId: string;
  until: number;
}

/** One line of the simulator's memory. A line is written before anyone is told of what it says. */
export type Entry =
  | { kind: 'step'; step: number; changes: Change[]; late: Late[]; events: SquareEvent[]; deliveries: Delivery[] }
  | { kind: 'told'; events: SquareEvent[]; deliveries: Delivery[] }
  | { kind: 'granted'; grant: Grant; instead: string | null }
  | { kind: 'revoked'; merchantId: string; token: string | null }
  | { kind: 'keyed' }
  | { kind: 'subscribed'; subscription: Subscription; key: string | null }
  | { kind: 'unsubscribed'; id: string }
  | { kind: 'searchable'; on: boolean }
  | { kind: 'made' }
  | { kind: 'done'; delivery: string };

export interface Store {
  readonly state: State;
  record(entry: Entry): void;
}

/** Events can be searched for 28 days. */
export const SEARCHABLE_MS = 28 * 24 * 3_600_000;

/** State of the seller and of the application, rebuilt from the log and kept in it. */
export function openStore(file: string | undefined): Store {
  const log = durableLog<Entry>(file);
  const state = emptyState();
  for (const past of log.past) change(state, past);
  return {
    state,
    record: (entry) => {
      log.append(entry);
      change(state, entry);
    },
  };
}

function emptyState(): State {
  return {
    steps: 0,
    objects: {
      orders: new Map(),
      payments: new Map(),
      refunds: new Map(),
      payouts: new Map(),
      movements: new Map(),
      disputes: new Map(),
      activities: new Map(),
      shifts: new Map(),
      drawerEvents: new Map(),
      invoices: new Map(),
    },
    grants: [],
    revoked: new Set(),
    keyed: false,
    subscriptions: new Map(),
    created: new Map(),
    events: new Map(),
    searchable: false,
    kept: new Set(),
    pending: new Map(),
    made: 0,
    late: new Map(),
  };
}

function change(state: State, entry: Entry): void {
  switch (entry.kind) {
    case 'step':
      state.steps = entry.step + 1;
      for (const each of entry.changes)
        (state.objects[each.in] as Map<string, unknown>).set(each.object.id, each.object);
      for (const each of entry.late) state.late.set(each.orderId, each.until);
      enqueue(state, entry.events, entry.deliveries);
      return;
    case 'told':
      enqueue(state, entry.events, entry.deliveries);
      return;
    case 'granted':
      state.made += 1;
      state.grants = [...state.grants.filter((grant) => grant.refreshToken !== entry.instead), entry.grant];
      return;
    case 'revoked':
      revoke(state, entry.merchantId, entry.token);
      return;
    case 'keyed':
      state.keyed = true;
      return;
    case 'subscribed':
      state.made += 1;
      state.subscriptions.set(entry.subscription.id, entry.subscription);
      if (entry.key !== null) state.created.set(entry.key, entry.subscription.id);
      return;
    case 'unsubscribed':
      state.subscriptions.delete(entry.id);
      return;
    case 'searchable':
      state.searchable = entry.on;
      return;
    case 'made':
      state.made += 1;
      return;
    case 'done':
      finish(state, entry.delivery);
      return;
  }
}

/** A token's consent ends with everything that belongs to it; a single access token may also end alone. */
function revoke(state: State, merchantId: string, token: string | null): void {
  const ends = ({ token: each }: { token: string }) => token === null || each === token;
  state.grants = state.grants.flatMap((grant) => {
    if (grant.merchantId !== merchantId) return [grant];
    for (const each of grant.access.filter(ends)) state.revoked.add(each.token);
    return token === null ? [] : [{ ...grant, access: grant.access.filter((each) => !ends(each)) }];
  });
}

function enqueue(state: State, events: readonly SquareEvent[], deliveries: readonly Delivery[]): void {
  for (const event of events) {
    state.events.set(event.id, event);
    if (state.searchable) state.kept.add(event.id);
  }
  for (const delivery of deliveries) state.pending.set(delivery.id, delivery);
  const wanted = new Set([...state.pending.values()].map(({ eventId }) => eventId));
  const newest = events.at(-1)?.at ?? 0;
  for (const [id, event] of state.events) {
    if (event.at < newest - SEARCHABLE_MS) state.kept.delete(id);
    if (!wanted.has(id) && !state.kept.has(id)) state.events.delete(id);
  }
}

function finish(state: State, id: string): void {
  const eventId = state.pending.get(id)?.eventId;
  state.pending.delete(id);
  if (eventId === undefined || state.kept.has(eventId)) return;
  for (const other of state.pending.values()) if (other.eventId === eventId) return;
  state.events.delete(eventId);
}
