import { type Random, random } from '../../../kit/random.ts';
import { assessFee, awaitsFee } from './balance.ts';
import { usualBasket } from './baskets.ts';
import type { Cafe } from './cafe.ts';
import { balanceScripts } from './scripts-balance.ts';
import { refundScripts } from './scripts-refunds.ts';
import { cardSale, type Script, saleScripts } from './scripts-sales.ts';
import { type Played, type Stage, stage } from './stage.ts';
import type { Objects, SquareEvent } from './state.ts';
import { abandon, dropPayment } from './till.ts';
import type { Payment } from './wire.ts';

export interface StepContext {
  seed: number;
  cafe: Cafe;
  step: number;
  /** Milliseconds. */
  now: number;
  objects: Objects;
}

/** Brings the events that fit to the front: they overtake the others on their way. */
function overtake(on: Stage, fits: (event: SquareEvent) => boolean): void {
  on.events = [...on.events.filter(fits), ...on.events.filter((event) => !fits(event))];
}

/** Steps whose point is the order in which they are told. */
const deliveryScripts: Readonly<Record<string, Script>> = {
  'deliveries repeated': (on) => {
    cardSale(on, usualBasket(on));
    on.events = [...on.events, ...on.events];
  },
  'refund told before its sale': (on) => {
    cardSale(on, usualBasket(on, 2));
    refundScripts['itemised refund']!(on);
    overtake(on, ({ type }) => type.startsWith('refund.'));
  },
  'newest state told first': (on) => {
    cardSale(on, usualBasket(on));
    on.events.reverse();
  },
};

const scripts: Readonly<Record<string, Script>> = {
  ...saleScripts,
  ...refundScripts,
  ...balanceScripts,
  ...deliveryScripts,
};

/** Everything the café can do, by the name that `trade` answers; the plain sale first. */
export const KINDS: readonly string[] = Object.keys(scripts);

/**
 * Plays the step. The first steps go through every kind once, in an order the seed decides, beginning with a plain
 * sale; later ones are chosen at random for ever. A step depends on seed, number, time and known objects only, so it
 * is the same after a restart.
 */
export function playStep({ seed, cafe, step, now, objects }: StepContext): Played & { what: string } {
  const chance = random(seed, 'step', step);
  const what = kindOf(seed, step, chance);
  const { on, played } = stage({ cafe, chance, objects, now });
  for (const payment of on.list('payments')) if (isRunOut(payment, now)) runOut(on, payment);
  scripts[what]!(on);
  // Two fees in three are known at once; the others come with a later step, or with the payout.
  for (const payment of on.list('payments').slice(-5).filter(awaitsFee)) {
    if (chance.chance(2, 3)) assessFee(on, payment);
  }
  if (!(what in deliveryScripts)) disturb(on, chance);
  return { what, ...played() };
}

/** What was approved is cancelled after a week unless somebody completes it. */
function isRunOut({ status, delayed_until }: Payment, now: number): boolean {
  return status === 'APPROVED' && delayed_until !== undefined && Date.parse(delayed_until) <= now;
}

function runOut(on: Stage, payment: Payment): void {
  dropPayment(on, payment, 'CANCELED');
  abandon(on, payment.order_id);
}

function kindOf(seed: number, step: number, chance: Random): string {
  const [plain, ...others] = KINDS;
  if (step === 0) return plain!;
  const opening = random(seed, 'opening').shuffle(others);
  if (step <= opening.length) return opening[step - 1]!;
  return chance.chance(4, 10) ? plain! : chance.pick(KINDS);
}

/** Now and then an event comes twice, or all of a step's come in another order. */
function disturb(on: Stage, chance: Random): void {
  if (chance.chance(1, 10)) on.events = chance.shuffle(on.events);
  if (on.events.length > 0 && chance.chance(1, 10)) on.events.push(chance.pick(on.events));
}
