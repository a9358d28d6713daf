import { sum } from '@daybook/domain';
import { type Random, random } from '../../../kit/random.ts';
import { netOf } from './money.ts';
import { payable, payOut, payoutArrives, payoutFails, reconcile, reserve, standAloneFee } from './payouts.ts';
import { fullRefund, scripts } from './scripts.ts';
import { type Stage, stage } from './stage.ts';
import type { Announcement, Books, Payout, Thing } from './things.ts';

/** What a step of the programme did: every version things went through, and what to announce. */
export interface StepResult {
  what: string;
  made: Thing[];
  /** In the order it happened. */
  told: Announcement[];
  /** In sending order, with what is sent twice. */
  sent: Announcement[];
}

export interface StepContext {
  seed: number;
  account: string;
  /** Counted from 0 for each account. */
  step: number;
  /** Unix seconds of now, and of the account's last happening. */
  now: number;
  last: number;
  books: Books;
  /** How many versions of a thing there are. */
  versions(id: string): number;
}

/** A payout is made in this step of every ten, arrives in the next, and some of them fail in the last. */
const TEN = 10;
const PAYOUT_MADE = 4;
const PAYOUT_ARRIVES = 6;
const PAYOUT_FOLLOWS = 7;
const PAYOUT_FAILS = 9;
/** Payouts differ, and begin anew after this many. */
const PAYOUT_KINDS = 6;

/**
 * Plays the step. Payouts come in a rhythm of ten; the other steps go through every kind once, in an order the seed
 * decides, beginning with a plain payment, and are chosen at random for ever after. A step depends on seed, account,
 * step number, time and known things only, so it is the same after a restart.
 */
export function playStep(context: StepContext): StepResult {
  const { seed, account, step } = context;
  const chance = random(seed, account, 'step', step);
  const on = stage({ ...context, chance });
  const what = payoutStep(on, step) ?? ordinaryStep(on, context, chance);
  if (what !== 'one payment, two events for it') disturb(on, chance);
  return { what, made: on.made, told: on.told, sent: on.sent };
}

/** Which payout it is, of the six that differ. */
const kindOfPayout = (step: number) => Math.floor(step / TEN) % PAYOUT_KINDS;

/** What happens to payouts in this step; null when it is not their turn or there is nothing to do. */
function payoutStep(on: Stage, step: number): string | null {
  const kind = kindOfPayout(step);
  const isOdd = kind % 2 === 1;
  switch (step % TEN) {
    case PAYOUT_MADE:
      return makePayout(on, kind);
    case PAYOUT_ARRIVES:
      if (isOdd) return forEachSent(on, 'payout reconciled', (sent) => reconcile(on, sent));
      return forEachSent(on, 'payout arrived', (sent) => arriveAndReconcile(on, sent, kind));
    case PAYOUT_FOLLOWS:
      return isOdd ? forEachSent(on, 'payout arrived', (sent) => payoutArrives(on, sent)) : null;
    case PAYOUT_FAILS:
      return kind === 2 ? failPayout(on) : null;
    default:
      return null;
  }
}

function makePayout(on: Stage, kind: number): string | null {
  on.happen();
  if (kind === 0 || kind === 1) holdTenth(on);
  if (kind === 1 || kind === 5) standAloneFee(on, BigInt(on.chance.between(200, 900)));
  if (kind === 3) releaseAll(on);
  const payout = payOut(on, payable(on));
  if (kind === 4) return negativePayout(on);
  if (payout === null) return null;
  return payout.amount < 0n ? 'payout, negative' : 'payout made';
}

/** Everything was just paid out; a refund alone is left, so Stripe takes it from the merchant's bank. */
function negativePayout(on: Stage): string {
  const refund = fullRefund(on);
  payOut(on, [on.get('movement', refund.movement ?? '')]);
  return 'payout, negative';
}

/** A tenth of what would be paid out is held back, unless something is already. */
function holdTenth(on: Stage): void {
  const amount = sum(payable(on).map(netOf)) / 10n;
  if (amount > 0n && held(on) === 0n) reserve(on, amount, false);
}

function releaseAll(on: Stage): void {
  const amount = held(on);
  if (amount > 0n) reserve(on, amount, true);
}

function held(on: Stage): bigint {
  const moved = on.all('movement').filter(({ category }) => category === 'risk_reserved_funds');
  return -sum(moved.map(netOf));
}

function forEachSent(on: Stage, what: string, act: (sent: Payout) => void): string | null {
  const sent = on.all('payout').filter(({ status }) => status === 'in_transit');
  for (const payout of sent) act(payout);
  return sent.length === 0 ? null : what;
}

/** Now and then both become true in one second, so that the events' times do not tell which is newer. */
function arriveAndReconcile(on: Stage, sent: Payout, kind: number): void {
  reconcile(on, payoutArrives(on, sent), kind === 0);
}

/** The bank sends the newest payout back; a debit of its own it keeps. */
function failPayout(on: Stage): string | null {
  const newest = on.all('payout').at(-1);
  if (newest?.status !== 'paid' || newest.amount < 0n) return null;
  payoutFails(on, newest);
  return 'payout failed';
}

function ordinaryStep(on: Stage, { seed, account, step }: StepContext, chance: Random): string {
  const kinds = Object.keys(scripts);
  const [plain = '', ...others] = kinds;
  const opening = [plain, ...random(seed, account, 'opening').shuffle(others)];
  const place = ordinal(step);
  const first = place === null ? undefined : opening[place];
  const what = first ?? (chance.chance(4, 10) ? plain : chance.pick(kinds));
  scripts[what]?.(on);
  return what;
}

/** Number of the step among those that can never be a payout's: 0, 1, 2, 3, 5, 8, 10 … are the 0th, 1st, 2nd …. */
export function ordinal(step: number): number | null {
  const reserved = [PAYOUT_MADE, PAYOUT_ARRIVES, PAYOUT_FOLLOWS, PAYOUT_FAILS];
  const free = Array.from({ length: TEN }, (_, index) => index).filter((index) => !reserved.includes(index));
  const place = free.indexOf(step % TEN);
  return place < 0 ? null : Math.floor(step / TEN) * free.length + place;
}

/** Now and then a delivery comes twice, or all of a step's come in another order. */
function disturb(on: Stage, chance: Random): void {
  if (chance.chance(1, 5)) on.sent.splice(0, on.sent.length, ...chance.shuffle(on.sent));
  if (chance.chance(1, 10) && on.sent.length > 0) on.sent.push(chance.pick(on.sent));
}
