import { durableLog } from '../../../kit/simulator.ts';
import { MERCHANT, PLATFORM } from './catalogue.ts';
import type { Announcement, Books, Kind, OfKind, Thing } from './things.ts';

/** What one consent gave the platform. It has no end; it dies when the merchant disconnects. */
export interface Grant {
  scope: string;
  accessToken: string;
  refreshToken: string;
  /** Earlier access tokens, which work on. */
  earlier: string[];
}

export interface Endpoint {
  id: string;
  created: number;
  /** The account whose key made it. */
  owner: string;
  url: string;
  enabledEvents: string[];
  /** Hears of every connected account instead of its owner. */
  connect: boolean;
  apiVersion: string | null;
  description: string | null;
  metadata: Record<string, string>;
  isEnabled: boolean;
  secret: string;
}

/** An event on its way to an endpoint. */
export interface Delivery {
  id: string;
  endpoint: string;
  event: string;
  /** How many endpoints the event was sent to. */
  among: number;
}

/** The answer to a POST, kept for whoever asks again under the same key. */
export interface Remembered {
  key: string;
  /** Method, path and a hash of the parameters. */
  asked: string;
  status: number;
  body: string;
  /** Unix seconds. */
  at: number;
}

/** Everything one account remembers. */
export interface AccountState {
  account: string;
  steps: number;
  books: Books;
  versions(id: string): number;
  /** Every event, oldest first, and by its id. */
  events: Announcement[];
  eventById: Map<string, Announcement>;
  /** Unix seconds of the last happening. */
  last: number;
  grant: Grant | null;
  endpoints: Map<string, Endpoint>;
  /** Not acknowledged yet, oldest first. */
  pending: Map<string, Delivery>;
  /** Events that were given up for at least one endpoint. */
  givenUp: Set<string>;
  remembered: Map<string, Remembered>;
  /** How many secrets, tokens and endpoints were ever made; the next one comes from it. */
  made: number;
}

/** One line of the simulator's memory. A line is written before anyone is told of what it says. */
export type Entry = { account: string } & (
  | { kind: 'step'; step: number; made: Thing[]; told: Announcement[]; deliveries: Delivery[] }
  | { kind: 'grant'; grant: Grant | null; made: Thing[]; told: Announcement[]; deliveries: Delivery[] }
  | { kind: 'endpoint'; endpoint: Endpoint }
  | { kind: 'endpoint_deleted'; id: string }
  | { kind: 'remembered'; answer: Remembered }
  | { kind: 'done'; delivery: string; delivered: boolean }
);

export interface Store {
  account(id: string): AccountState | undefined;
  /** The merchant's state; there is always one. */
  merchant: AccountState;
  platform: AccountState;
  record(entry: Entry): void;
}

/** State of the merchant and the platform, rebuilt from the log and kept in it. */
export function openStore(file: string | undefined): Store {
  const log = durableLog<Entry>(file);
  const merchant = emptyAccount(MERCHANT.account);
  const platform = emptyAccount(PLATFORM.account);
  const accounts = new Map([merchant, platform].map((each) => [each.state.account, each]));
  const apply = (entry: Entry) => {
    const found = accounts.get(entry.account);
    if (found !== undefined) change(found, entry);
  };
  for (const past of log.past) apply(past);
  return {
    account: (id) => accounts.get(id)?.state,
    merchant: merchant.state,
    platform: platform.state,
    record: (entry) => {
      log.append(entry);
      apply(entry);
    },
  };
}

/** An account's state with the things it is made of: all versions of each, in the order they came. */
interface Account {
  state: AccountState;
  put(thing: Thing): void;
}

function emptyAccount(account: string): Account {
  const versions = new Map<string, Thing[]>();
  const kinds = new Map<Kind, string[]>();
  const current = (id: string) => versions.get(id)?.at(-1);
  const books: Books = {
    get: current,
    version: (id, number) => versions.get(id)?.[number],
    all: <Name extends Kind>(kind: Name) => (kinds.get(kind) ?? []).map((id) => current(id) as OfKind<Name>),
  };
  return {
    put: (thing) => {
      const known = versions.get(thing.id);
      if (known !== undefined) return void known.push(thing);
      versions.set(thing.id, [thing]);
      const ids = kinds.get(thing.kind);
      if (ids === undefined) kinds.set(thing.kind, [thing.id]);
      else ids.push(thing.id);
    },
    state: {
      account,
      steps: 0,
      books,
      versions: (id) => versions.get(id)?.length ?? 0,
      events: [],
      eventById: new Map(),
      last: 0,
      grant: null,
      endpoints: new Map(),
      pending: new Map(),
      givenUp: new Set(),
      remembered: new Map(),
      made: 0,
    },
  };
}

function change({ state, put }: Account, entry: Entry): void {
  switch (entry.kind) {
    case 'step':
      state.steps = entry.step + 1;
      happened(state, put, entry);
      return;
    case 'grant':
      state.made += 1;
      state.grant = entry.grant;
      happened(state, put, entry);
      return;
    case 'endpoint':
      state.made += 1;
      state.endpoints.set(entry.endpoint.id, entry.endpoint);
      return;
    case 'endpoint_deleted':
      state.endpoints.delete(entry.id);
      return;
    case 'remembered':
      state.remembered.set(entry.answer.key, entry.answer);
      return;
    case 'done':
      finish(state, entry);
  }
}

function happened(
  state: AccountState,
  put: (thing: Thing) => void,
  { made, told, deliveries }: { made: Thing[]; told: Announcement[]; deliveries: Delivery[] },
): void {
  for (const thing of made) put(thing);
  for (const event of told) {
    state.events.push(event);
    state.eventById.set(event.id, event);
  }
  state.last = told.reduce((latest, { created }) => Math.max(latest, created), state.last);
  for (const delivery of deliveries) state.pending.set(delivery.id, delivery);
}

function finish(state: AccountState, { delivery, delivered }: { delivery: string; delivered: boolean }): void {
  const event = state.pending.get(delivery)?.event;
  state.pending.delete(delivery);
  if (event !== undefined && !delivered) state.givenUp.add(event);
}
