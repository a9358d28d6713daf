import { sum } from '@daybook/domain';
import { adjustFee, assessFee, awaitsFee, netOf } from './balance.ts';
import { usualBasket } from './baskets.ts';
import type { Location } from './cafe.ts';
import { decide, openDispute } from './disputes.ts';
import { cashMoves, closeShift, openShift, startShift } from './drawer.ts';
import { untouchedCardSale } from './known.ts';
import { type Extra, fail, pay, send } from './payouts.ts';
import { askRefund, settleRefund } from './refunds.ts';
import { itemisedReturn } from './returns.ts';
import { cardSale, type Script } from './scripts-sales.ts';
import type { Stage } from './stage.ts';
import type { Payment } from './wire.ts';
import type { CashDrawerShift, Dispute, Movement, Payout } from './wire-money.ts';

function anyLocation(on: Stage): Location {
  return on.chance.pick(on.cafe.locations);
}

/** A payout of what waits at a location; a sale is made first where nothing does. */
function sent(
  on: Stage,
  location: Location,
  extras?: (waiting: readonly Movement[]) => Extra[],
  instant = false,
): Payout {
  const sending = { instant, ...(extras === undefined ? {} : { extras }) };
  for (;;) {
    const payout = send(on, location, sending);
    if (payout !== null) return payout;
    cardSale(on, usualBasket(on, 2), { location });
  }
}

function cardPayment(on: Stage): Payment {
  return untouchedCardSale(on)?.payment ?? cardSale(on, usualBasket(on));
}

/** Only bank cards have holders who dispute. */
function disputable(on: Stage): Payment {
  const known = untouchedCardSale(on, (sale) => sale.tenders![0]!.type === 'CARD');
  return known?.payment ?? cardSale(on, usualBasket(on, 2));
}

/** The whole payment, or a part of it. */
function disputedAmount(on: Stage, { total_money: { amount } }: Payment): bigint {
  return on.chance.chance(2, 3) || amount < 500n ? amount : amount / 2n;
}

function runningDispute(on: Stage): Dispute {
  const running = on.list('disputes').find(({ state }) => state === 'EVIDENCE_REQUIRED' || state === 'PROCESSING');
  if (running !== undefined) return running;
  const payment = disputable(on);
  return openDispute(on, payment, disputedAmount(on, payment));
}

/** A tenth of what comes in is kept back. */
function reserve(waiting: readonly Movement[]): Extra[] {
  const tenth = netOf(waiting) / 10n;
  return tenth > 0n ? [{ type: 'RESERVE_HOLD', gross: -tenth }] : [];
}

/** What paid payouts of the location kept back and nobody gave back yet, cents. */
function heldBack(on: Stage, location: Location): bigint {
  const kept = on.list('movements').filter(({ type }) => type === 'RESERVE_HOLD' || type === 'RESERVE_RELEASE');
  const ours = kept.filter(({ location_id }) => location_id === location.id);
  return -sum(ours.map(({ net_amount_money }) => net_amount_money.amount));
}

/** Fees that no payment shows, and a correction by hand. */
function sundries(on: Stage, waiting: readonly Movement[]): Extra[] {
  const charge = waiting.find(({ type }) => type === 'CHARGE');
  const tax = charge === undefined ? [] : [taxOnFee(charge)];
  return [
    ...tax,
    { type: 'SUBSCRIPTION_FEE', gross: -2900n },
    { type: 'GIFT_CARD_LOAD_FEE', gross: -125n },
    { type: 'ADJUSTMENT', gross: BigInt(on.chance.pick([-310, 145])) },
  ];
}

function taxOnFee({ fee_amount_money, details }: Movement): Extra {
  const description = { tax_rate_description: '8.875% on processing fees' };
  return { type: 'TAX_ON_FEE', gross: -(fee_amount_money.amount / 10n), details: { ...details, ...description } };
}

/** Everything else is paid out first, so that the refund alone makes the payout negative. */
function negativePayout(on: Stage): void {
  const location = anyLocation(on);
  const payment = cardSale(on, usualBasket(on, 2), { location });
  pay(on, sent(on, location));
  const sale = on.get('orders', payment.order_id);
  const lines = sale.line_items!.map((line) => ({ line, quantity: line.quantity }));
  const taken = itemisedReturn(sale, { lines, charges: true, tips: true, cash: false }, [], on.uid);
  settleRefund(on, askRefund(on, { sale, paymentId: payment.id, taken, reason: 'Returned after the payout' }));
  pay(on, sent(on, location));
}

function shiftOf(on: Stage): CashDrawerShift {
  const [location] = on.chance.shuffle(on.cafe.locations).filter(({ id }) => openShift(on, id) !== undefined);
  return location === undefined ? startShift(on, anyLocation(on), 20_000n) : openShift(on, location.id)!;
}

/** Fees, payouts, disputes and the drawer, by the name that `trade` answers. */
export const balanceScripts: Readonly<Record<string, Script>> = {
  'processing fees told': (on) => {
    cardSale(on, usualBasket(on));
    for (const payment of on.list('payments').filter(awaitsFee)) assessFee(on, payment);
  },
  'fee adjusted later': (on) => {
    const found = cardPayment(on);
    const payment = awaitsFee(found) ? assessFee(on, found) : found;
    adjustFee(on, payment, on.chance.pick([-7n, 4n, 12n]));
  },
  'payout sent': (on) => void sent(on, anyLocation(on)),
  'payout paid': (on) => {
    const open = on.list('payouts').find(({ status }) => status === 'SENT');
    pay(on, open ?? sent(on, anyLocation(on)));
  },
  'instant payout': (on) => void pay(on, sent(on, anyLocation(on), undefined, true)),
  'payout with a reserve kept back': (on) => void pay(on, sent(on, anyLocation(on), reserve)),
  'payout with the reserve released': (on) => {
    const location = on.cafe.locations.find((each) => heldBack(on, each) > 0n) ?? on.cafe.locations[0]!;
    if (heldBack(on, location) === 0n) pay(on, sent(on, location, reserve));
    cardSale(on, usualBasket(on), { location });
    pay(
      on,
      sent(on, location, () => [{ type: 'RESERVE_RELEASE', gross: heldBack(on, location) }]),
    );
  },
  'payout with fees and an adjustment': (on) => {
    const location = anyLocation(on);
    cardSale(on, usualBasket(on, 3), { location });
    pay(
      on,
      sent(on, location, (waiting) => sundries(on, waiting)),
    );
  },
  'payout failed after it was sent': (on) => void fail(on, sent(on, anyLocation(on))),
  'payout returned after it was paid': (on) => void fail(on, pay(on, sent(on, anyLocation(on)))),
  'negative payout': negativePayout,
  'dispute opened': (on) => {
    const payment = disputable(on);
    openDispute(on, payment, disputedAmount(on, payment));
  },
  'dispute won': (on) => void decide(on, decide(on, runningDispute(on), 'PROCESSING'), 'WON'),
  'dispute lost': (on) => void decide(on, runningDispute(on), 'LOST'),
  'dispute accepted': (on) => void decide(on, runningDispute(on), 'ACCEPTED'),
  'inquiry without money': (on) => {
    const payment = disputable(on);
    decide(on, openDispute(on, payment, payment.total_money.amount, true), 'INQUIRY_CLOSED');
  },
  'cash drawer opened': (on) => {
    const [location] = on.cafe.locations.filter(({ id }) => openShift(on, id) === undefined);
    if (location === undefined) closeShift(on, shiftOf(on), 0n);
    startShift(on, location ?? on.cafe.locations.find(({ id }) => openShift(on, id) === undefined)!, 20_000n);
  },
  'cash paid in and out': (on) => {
    const { location_id } = shiftOf(on);
    cashMoves(on, location_id, 'PAID_IN', BigInt(on.chance.between(10, 50)) * 100n, 'Change from the bank');
    cashMoves(on, location_id, 'PAID_OUT', BigInt(on.chance.between(4, 25)) * 100n, 'Flowers');
  },
  'cash drawer closed with a difference': (on) => {
    closeShift(on, shiftOf(on), on.chance.pick([-135n, -20n, 75n]));
  },
};
