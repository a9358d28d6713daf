import { durableLog } from '../../../kit/simulator.ts';
import type { Order } from './order.ts';

/** A pair of API keys, as an administrator or the consent page makes them. */
export interface ApiKey {
  id: number;
  consumerKey: string;
  consumerSecret: string;
  permissions: 'read' | 'write' | 'read_write';
}

export interface Webhook {
  id: number;
  name: string;
  topic: string;
  deliveryUrl: string;
  secret: string;
  status: 'active' | 'paused' | 'disabled';
  failures: number;
  createdAt: number;
  modifiedAt: number;
}

/** Something that a webhook is to be sent about; what it says is looked up when it is sent. */
export interface Hook {
  topic: string;
  order: number;
  /** Built now, sent when the next beat has gone out: it arrives late, with an old state. */
  late?: boolean;
}

/** One run of the site's background work: what changed before it, and what it has to send. */
export interface Beat {
  versions: Order[];
  hooks: Hook[];
}

/** Everything one site remembers. */
export interface SiteState {
  steps: number;
  /** Orders by id, oldest first. */
  orders: Map<number, Order>;
  keys: Map<number, ApiKey>;
  webhooks: Map<number, Webhook>;
  /** Beats that were planned and did not happen yet. */
  beats: Beat[];
  /** The next id of anything: WordPress numbers all its objects in one row. */
  nextId: number;
}

/** One line of the memory. A line is written before anyone is told of what it says. */
export type Entry =
  | { kind: 'step'; step: number; beats: Beat[]; nextId: number }
  | { kind: 'beat' }
  | { kind: 'beat_sent' }
  | { kind: 'key'; key: ApiKey }
  | { kind: 'key_deleted'; id: number }
  | { kind: 'webhook'; webhook: Webhook }
  | { kind: 'webhook_deleted'; id: number };

export interface Store {
  state: SiteState;
  record(entry: Entry): void;
}

const FIRST_ID = 2001;

/** State of the site, rebuilt from the log and kept in it. */
export function openStore(file: string | undefined): Store {
  const log = durableLog<Entry>(file);
  const state: SiteState = {
    steps: 0,
    orders: new Map(),
    keys: new Map(),
    webhooks: new Map(),
    beats: [],
    nextId: FIRST_ID,
  };
  for (const past of log.past) change(state, past);
  return {
    state,
    record: (entry) => {
      log.append(entry);
      change(state, entry);
    },
  };
}

function change(state: SiteState, entry: Entry): void {
  switch (entry.kind) {
    case 'step':
      state.steps = entry.step + 1;
      state.beats.push(...entry.beats);
      state.nextId = Math.max(state.nextId, entry.nextId);
      return;
    case 'beat':
      for (const order of state.beats[0]?.versions ?? []) state.orders.set(order.id, order);
      return;
    case 'beat_sent':
      state.beats.shift();
      return;
    case 'key':
      state.keys.set(entry.key.id, entry.key);
      state.nextId = Math.max(state.nextId, entry.key.id + 1);
      return;
    case 'key_deleted':
      state.keys.delete(entry.id);
      return;
    case 'webhook':
      state.webhooks.set(entry.webhook.id, entry.webhook);
      state.nextId = Math.max(state.nextId, entry.webhook.id + 1);
      return;
    case 'webhook_deleted':
      state.webhooks.delete(entry.id);
  }
}
