import { checkout, checkoutByDebit, testPayment } from './checkout.ts';
import { chargeOf, credit, invoice, payInvoice, voidInvoice } from './invoices.ts';
import { settle } from './movements.ts';
import { authorise, capture, clear, debit, decline, intend, pay, release, sell, sellBare } from './payments.ts';
import { close, contest, dispute, refund, refundFails, win } from './refunds.ts';
import type { Stage } from './stage.ts';
import type { Charge, Dispute, Invoice, Refund } from './things.ts';

/** Plays one kind of step. What it needs and does not find it makes first. */
export type Script = (on: Stage) => void;

const cents = (on: Stage) => BigInt(on.chance.between(500, 25_000));
const euroRate = (on: Stage) => `1.0${on.chance.between(700, 999)}`;
const yenRate = (on: Stage) => `0.006${on.chance.between(10, 99)}`;
const rateOf = (on: Stage, currency: string) => (currency === 'JPY' ? yenRate(on) : euroRate(on));

/** Whether nothing has happened to a charge since it was taken in full. */
const untouched = (charge: Charge) =>
  charge.status === 'succeeded' &&
  charge.isCaptured &&
  charge.captured === charge.amount &&
  charge.refunded === 0n &&
  !charge.disputed &&
  charge.movement !== null;

const soldInDollars = (on: Stage): Charge =>
  on.find('charge', (charge) => untouched(charge) && charge.currency === 'USD') ?? sell(on, { amount: cents(on) });

const soldAbroad = (on: Stage): Charge =>
  on.find('charge', (charge) => untouched(charge) && charge.currency !== 'USD') ??
  sell(on, { amount: 4_000n, currency: 'EUR' }, euroRate(on));

const openInvoice = (on: Stage): Invoice =>
  on.find('invoice', (each) => each.status === 'open') ?? invoice(on, { isSent: true });

const openDispute = (on: Stage): Dispute =>
  on.find('dispute', ({ status }) => status === 'needs_response' || status === 'under_review') ??
  dispute(on, soldInDollars(on));

function paidInvoice(on: Stage): Invoice {
  const fits = (each: Invoice) =>
    each.status === 'paid' && each.discounts.length === 0 && untouched(chargeOf(on, each));
  const known = on.find('invoice', fits);
  if (known !== undefined) return known;
  const open = invoice(on, { isSent: false });
  payInvoice(on, open);
  return on.get('invoice', open.id);
}

/** A refund whose failure concerns nobody else. */
function doneRefund(on: Stage): Refund {
  const credited = new Set(on.all('credit_note').map((note) => note.refund));
  const fits = (each: Refund) =>
    each.status === 'succeeded' && each.movement !== null && each.currency === 'USD' && !credited.has(each.id);
  return on.find('refund', fits) ?? fullRefund(on);
}

/** Gives a whole charge back. */
export function fullRefund(on: Stage, charge = soldInDollars(on)): Refund {
  return refund(on, charge, { amount: charge.amount, reason: 'requested_by_customer' });
}

const firstPart = (on: Stage, charge: Charge) => (charge.amount * BigInt(on.chance.between(10, 90))) / 100n;

/** Every kind of step by what it is called; the first is the everyday one. */
export const scripts: Record<string, Script> = {
  'card payment': (on) => void sell(on, { amount: cents(on), description: 'Daybook licence' }),
  'payment without an intent': (on) => void sellBare(on, { amount: cents(on), description: 'Legacy plan' }),
  'checkout, tax on top': (on) => void checkout(on, {}),
  'checkout, tax included': (on) => void checkout(on, { inclusive: true }),
  'checkout with discount and shipping': (on) => void checkout(on, { coupon: 'WELCOME20', shipped: true }),
  'checkout with tax included, discounted and shipped': (on) =>
    void checkout(on, { inclusive: true, coupon: 'LOYAL10', shipped: true }),
  'checkout by bank debit': (on) => void checkoutByDebit(on, {}, true),
  'checkout by bank debit that comes back': (on) => void checkoutByDebit(on, {}, false),
  'bank debit': (on) => {
    on.happen();
    const intent = intend(on, { amount: cents(on), method: 'us_bank_account' });
    on.tell(intent, 'payment_intent.created');
    const due = debit(on, intent, 'treasury@guest.example');
    on.happen();
    settle(on, clear(on, due, true));
  },
  'payment with a tip': (on) => {
    const tip = BigInt(on.chance.between(100, 900));
    sell(on, { amount: cents(on) + tip, tip });
  },
  'declined, then paid': (on) => {
    const intent = decline(on, { amount: cents(on) });
    on.happen();
    settle(on, pay(on, intent, null).charge);
  },
  'authorised, captured in part': (on) => {
    const held = authorise(on, { amount: cents(on) });
    capture(on, held, (held.charge.amount * BigInt(on.chance.between(30, 90))) / 100n);
  },
  'authorised, then cancelled': (on) => release(on, authorise(on, { amount: cents(on) }), false),
  'authorisation expired': (on) => release(on, authorise(on, { amount: cents(on) }), true),
  'invoice sent': (on) => void invoice(on, { isSent: true, discounted: on.chance.chance(1, 3) }),
  'invoice paid later': (on) => void payInvoice(on, openInvoice(on)),
  'invoice paid at once': (on) => void payInvoice(on, invoice(on, { isSent: false })),
  'invoice with discounts': (on) => void payInvoice(on, invoice(on, { isSent: false, discounted: true })),
  'invoice voided': (on) => void voidInvoice(on, openInvoice(on)),
  'credit note with refund': (on) => void credit(on, paidInvoice(on)),
  'payment in euro': (on) =>
    void sell(on, { amount: BigInt(on.chance.between(1_500, 9_000)), currency: 'EUR' }, euroRate(on)),
  'payment in yen': (on) =>
    void sell(on, { amount: BigInt(on.chance.between(1_500, 30_000)), currency: 'JPY' }, yenRate(on)),
  'refund at another rate': (on) => {
    const charge = soldAbroad(on);
    const amount = on.chance.chance(1, 2) ? charge.amount : firstPart(on, charge);
    refund(on, charge, { amount, rate: rateOf(on, charge.currency) });
  },
  'partial refund': (on) => {
    const charge = soldInDollars(on);
    refund(on, charge, { amount: firstPart(on, charge), waits: true });
  },
  'partial refund, then the rest': (on) => {
    const charge = soldInDollars(on);
    const first = firstPart(on, charge);
    refund(on, charge, { amount: first });
    refund(on, on.get('charge', charge.id), { amount: charge.amount - first });
  },
  'full refund': (on) => void fullRefund(on),
  'refund that fails': (on) => void refundFails(on, doneRefund(on)),
  'dispute opened': (on) => void dispute(on, soldInDollars(on)),
  'dispute won, fee returned': (on) => void win(on, contest(on, openDispute(on)), true),
  'dispute won, fee kept': (on) => void win(on, contest(on, openDispute(on)), false),
  'dispute lost': (on) => void close(on, openDispute(on)),
  'inquiry without money': (on) => void close(on, dispute(on, soldInDollars(on), true)),
  'payment in test mode': (on) => testPayment(on, cents(on)),
  'one payment, two events for it': (on) => {
    sell(on, { amount: cents(on) });
    const [again] = on.told.filter(({ type }) => type === 'charge.succeeded').slice(-1);
    if (again === undefined) return;
    const second = { ...again, id: on.id('evt_1') };
    on.told.push(second);
    on.sent.push(second);
  },
};
