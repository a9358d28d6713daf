import { type Random, random } from '../../../kit/random.ts';
import type { Balance, BalanceChange } from './balance.ts';
import type { Fact } from './facts.ts';
import type { Order } from './order.ts';
import { deliveryKinds, scripts } from './scripts.ts';
import type { Shop } from './shops.ts';
import { stage } from './step.ts';

/** What a step of the programme did: every version orders went through, and what to announce, in sending order. */
export interface StepResult {
  what: string;
  versions: Order[];
  facts: Fact[];
  /** What became of the balance at Shopify Payments. */
  balance: BalanceChange;
}

export interface StepContext {
  seed: number;
  shop: Shop;
  /** Counted from 0 for each shop. */
  step: number;
  /** Milliseconds. */
  now: number;
  /** Orders the shop has, oldest first. */
  orders: readonly Order[];
  /** The balance the shop has at Shopify Payments. */
  balance: Balance;
}

/** How many of the newest orders a step looks at when it wants to change one. */
const WITHIN_REACH = 60;
/** Steps from one payout day to the next; others come by chance. */
const PAYOUT_EVERY = 10;

/**
 * Plays the step. The first steps go through every kind once, in an order the seed decides, beginning with a plain
 * order; later ones are chosen at random for ever. A step depends on seed, shop, step number, time and known orders
 * only, so it is the same after a restart.
 */
export function playStep(context: StepContext): StepResult {
  const { seed, shop, step, orders } = context;
  const chance = random(seed, shop.account, 'step', step);
  const what = kindOf(context, chance);
  let number = 1000 + orders.length;
  const nextNumber = () => {
    number += 1;
    return number;
  };
  const on = stage({ seed, shop, step, now: context.now, nextNumber, chance, balance: context.balance });
  const reachable = chance.shuffle(orders.slice(-WITHIN_REACH));
  scripts[what]!(on, (fits) => reachable.find(fits));
  if (!deliveryKinds.has(what)) disturb(on.facts, chance);
  return { what, versions: on.versions, facts: on.facts, balance: on.changed };
}

/** Kinds this shop can play. */
export function kindsOf(shop: Shop): string[] {
  const all = Object.keys(scripts);
  return shop.presentments.length > 0 ? all : all.filter((kind) => kind !== 'order paid in another currency');
}

function kindOf({ seed, shop, step }: StepContext, chance: Random): string {
  const kinds = kindsOf(shop);
  const [plain, ...others] = kinds;
  if (step === 0) return plain!;
  const opening = random(seed, shop.account, 'opening').shuffle(others);
  if (step <= opening.length) return opening[step - 1]!;
  if (step % PAYOUT_EVERY === 0) return 'payout day';
  return chance.chance(4, 10) ? plain! : chance.pick(kinds);
}

/** Now and then a delivery comes twice, or all of a step's come in another order. */
function disturb(facts: Fact[], chance: Random): void {
  if (facts.length === 0) return;
  if (chance.chance(1, 10)) facts.splice(0, facts.length, ...chance.shuffle(facts));
  if (chance.chance(1, 10)) facts.push(chance.pick(facts));
}
