import { divideHalfUp, sum } from '@daybook/domain';
import type { Totals } from '../../../kit/simulator.ts';
import { sessionTax } from './checkout.ts';
import { figuresOf } from './invoices.ts';
import { netOf } from './money.ts';
import type { Books, Charge, Movement } from './things.ts';

/** Something sold: minor units of US dollars, tax included in `total`. */
interface Sold {
  total: bigint;
  tax: bigint;
  charge: string | null;
}

/**
 * What the merchant sold for US dollars and kept, in cents. Sales in other currencies are left out, because one figure
 * of several currencies would prove nothing; so is everything of test mode.
 *
 * - A sale is an invoice from the moment it is final until it is voided, paid or not; or a charge that was captured and
 *   belongs to no invoice, as much of it as was captured. `count` = how many of both.
 * - `tax` of an invoice is what its lines say, of a Checkout session what its lines and shipping say. A charge without
 *   either says nothing of tax, and has none.
 * - A refund is money of the charge given back: pending or succeeded, not failed, and not the release of an
 *   authorisation. Its tax is worked out together with the other refunds of the charge, so that the last one leaves
 *   nothing: half-up(Σa·T/G) (accounting.md A8).
 * - Disputes are no refunds: what they cost is a loss.
 */
export function totalsOf(books: Books): Totals {
  const result: Totals = { count: 0, total: 0n, tax: 0n };
  const refunds = refundedByCharge(books);
  for (const sold of sales(books)) {
    result.count += 1;
    const back = refunds.get(sold.charge ?? '') ?? 0n;
    result.total += sold.total - back;
    result.tax += sold.tax - (back === 0n ? 0n : divideHalfUp(back * sold.tax, sold.total));
  }
  return result;
}

function sales(books: Books): Sold[] {
  const invoices = books.all('invoice').filter(({ status }) => status === 'open' || status === 'paid');
  const billed = new Set(books.all('invoice').map((invoice) => invoice.intent));
  const charges = books.all('charge').filter((charge) => isSale(charge) && !billed.has(charge.intent ?? ''));
  const taxes = new Map(books.all('session').map((session) => [session.intent, sessionTax(session)]));
  return [
    ...invoices.map((invoice) => {
      const intent = books.get(invoice.intent ?? '');
      const { total, tax } = figuresOf(invoice);
      return { total, tax, charge: intent?.kind === 'intent' ? intent.charge : null };
    }),
    ...charges.map((charge) => {
      return { total: charge.captured, tax: taxes.get(charge.intent ?? '') ?? 0n, charge: charge.id };
    }),
  ];
}

const isSale = (charge: Charge) =>
  charge.live && charge.currency === 'USD' && charge.status === 'succeeded' && charge.isCaptured;

function refundedByCharge(books: Books): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const refund of books.all('refund')) {
    if (refund.status === 'failed' || refund.reason === 'expired_uncaptured_charge') continue;
    amounts.set(refund.charge, (amounts.get(refund.charge) ?? 0n) + refund.amount);
  }
  return amounts;
}

/** What Stripe owes the merchant, US cents. */
export interface Owed {
  clearing: bigint;
  reserve: bigint;
}

/**
 * What Stripe still owes: every movement on the balance, less the payouts that arrived. A payout on its way is still
 * owed; one that failed is owed again. Everything settles in US dollars, whatever the buyer paid in. Money held back is
 * `reserve` once a payout that arrived and can be itemised shows it, because only payouts tell of it, and until then
 * part of `clearing`.
 */
export function owedOf(books: Books): Owed {
  const movements = books.all('movement');
  const moved = (fits: (movement: Movement) => boolean) => sum(movements.filter(fits).map(netOf));
  const arrived = books.all('payout').filter(({ status }) => status === 'paid');
  const shown = new Set(arrived.filter(({ reconciled }) => reconciled).flatMap((payout) => payout.movements));
  const isPayout = ({ category }: Movement) => category === 'payout' || category === 'payout_reversal';
  const isReserve = ({ category }: Movement) => category === 'risk_reserved_funds';
  const earned = moved((movement) => !isPayout(movement) && !isReserve(movement));
  const reserve = -moved((movement) => isReserve(movement) && shown.has(movement.id));
  return { clearing: earned - sum(arrived.map((payout) => payout.amount)) - reserve, reserve };
}
