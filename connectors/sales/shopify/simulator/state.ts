import { durableLog } from '../../../kit/simulator.ts';
import type { BalanceChange, Dispute, Movement, Payout } from './balance.ts';
import type { Fact } from './facts.ts';
import type { Order } from './order.ts';

/** Tokens of one installation. Instants are milliseconds; null where the token never ends. */
export interface Grant {
  scopes: string[];
  accessToken: string;
  accessExpires: number | null;
  refreshToken: string | null;
  refreshExpires: number | null;
  /** Older tokens that still work: access tokens to their own end, one refresh token until its successor is used. */
  previous: { accessToken: string; accessExpires: number | null; refreshToken: string | null } | null;
}

export interface Subscription {
  id: string;
  topic: string;
  uri: string;
  name: string | null;
  includeFields: string[];
  createdAt: string;
}

/** A webhook on its way. Its address and payload are those of the moment it arose. */
export interface Delivery {
  id: string;
  subscriptionId: string;
  uri: string;
  name: string | null;
  includeFields: string[];
  fact: Fact;
  /** Key of the order versions the fact refers to. */
  stepKey: string;
}

/** Everything one shop remembers. */
export interface ShopState {
  steps: number;
  /** Current version of every order, oldest order first. */
  orders: Map<string, Order>;
  balance: { movements: Map<string, Movement>; payouts: Map<string, Payout>; disputes: Map<string, Dispute> };
  grant: Grant | null;
  subscriptions: Map<string, Subscription>;
  /** Not acknowledged yet, oldest first. */
  pending: Map<string, Delivery>;
  /** Order versions that pending deliveries still show. */
  versions: Map<string, Order[]>;
  /** How many tokens and subscriptions were ever made; the next one's id comes from it. */
  made: number;
}

/** One line of the simulator's memory. A line is written before anyone is told of what it says. */
export type Entry = { account: string } & (
  | { kind: 'step'; step: number; versions: Order[]; balance: BalanceChange; deliveries: Delivery[] }
  | { kind: 'grant'; grant: Grant | null }
  | { kind: 'subscribed'; subscription: Subscription }
  | { kind: 'unsubscribed'; id: string }
  | { kind: 'uninstalled'; deliveries: Delivery[] }
  | { kind: 'done'; delivery: string }
);

export interface Store {
  shop(account: string): ShopState | undefined;
  record(entry: Entry): void;
}

/** State of all shops, rebuilt from the log and kept in it. */
export function openStore(file: string | undefined, accounts: readonly string[]): Store {
  const log = durableLog<Entry>(file);
  const shops = new Map(accounts.map((account) => [account, emptyShop()]));
  const apply = (entry: Entry) => {
    const shop = shops.get(entry.account);
    if (shop !== undefined) change(shop, entry);
  };
  for (const past of log.past) apply(past);
  return {
    shop: (account) => shops.get(account),
    record: (entry) => {
      log.append(entry);
      apply(entry);
    },
  };
}

function emptyShop(): ShopState {
  return {
    steps: 0,
    orders: new Map(),
    balance: { movements: new Map(), payouts: new Map(), disputes: new Map() },
    grant: null,
    subscriptions: new Map(),
    pending: new Map(),
    versions: new Map(),
    made: 0,
  };
}

function change(shop: ShopState, entry: Entry): void {
  switch (entry.kind) {
    case 'step':
      shop.steps = entry.step + 1;
      for (const order of entry.versions) shop.orders.set(order.id, order);
      for (const each of entry.balance.movements) shop.balance.movements.set(each.id, each);
      for (const each of entry.balance.payouts) shop.balance.payouts.set(each.id, each);
      for (const each of entry.balance.disputes) shop.balance.disputes.set(each.id, each);
      if (entry.deliveries.length > 0) shop.versions.set(entry.deliveries[0]!.stepKey, entry.versions);
      enqueue(shop, entry.deliveries);
      return;
    case 'grant':
      shop.made += 1;
      shop.grant = entry.grant;
      return;
    case 'subscribed':
      shop.made += 1;
      shop.subscriptions.set(entry.subscription.id, entry.subscription);
      return;
    case 'unsubscribed':
      shop.subscriptions.delete(entry.id);
      return;
    case 'uninstalled':
      shop.grant = null;
      shop.subscriptions.clear();
      shop.pending.clear();
      shop.versions.clear();
      enqueue(shop, entry.deliveries);
      return;
    case 'done':
      finish(shop, entry.delivery);
  }
}

function enqueue(shop: ShopState, deliveries: readonly Delivery[]): void {
  for (const delivery of deliveries) shop.pending.set(delivery.id, delivery);
}

function finish(shop: ShopState, id: string): void {
  const key = shop.pending.get(id)?.stepKey;
  shop.pending.delete(id);
  if (key === undefined) return;
  for (const other of shop.pending.values()) if (other.stepKey === key) return;
  shop.versions.delete(key);
}
