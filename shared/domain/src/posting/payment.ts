import { localDate } from '../calendar.ts';
import { DomainError } from '../domain-error.ts';
import type { Payment } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { divideHalfEven, sum } from '../money.ts';
import { resolveRole, tenderTarget } from './accounts.ts';
import { exchangeDifference, worthOn } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';
import type { Owed } from './party.ts';

/**
 * Lines of a payment for an earlier due: tender against receivables. A foreign receivable leaves at the rate it was
 * booked at, the money arrives at the day's rate, the difference is realised (accounting.md A6, C18).
 * Throws SALE_UNKNOWN when the sale it pays is not posted yet.
 */
export function paymentLines(payment: Payment, facts: PostingFacts, owed: Owed, ground: Ground): ResolvedLine[] {
  if (payment.sale && !facts.sale) {
    throw new DomainError(
      'SALE_UNKNOWN',
      `${ground.about}: the sale ${payment.sale.id} it pays is not in the books yet. The payment waits for it.`,
      payment.sale.id,
    );
  }
  const { amount, currency } = payment;
  const received = worthOn(localDate(payment.occurredAt, ground.books.timeZone), amount, ground);
  const carried = currency === ground.books.functionalCurrency ? amount : carriedPart(payment, facts, received);
  const lines: ResolvedLine[] = [
    { ...tenderTarget(payment.tender, ground), currency, amountTc: amount, amount: received },
    { ...resolveRole(ground, 'ar.control'), currency, amountTc: -amount, amount: -carried, ...owed },
  ];
  return [...lines, ...exchangeDifference(lines, ground)];
}

/** Book value of the part of the receivable that is paid, cumulative so that the last payment leaves zero. */
function carriedPart(payment: Payment, facts: PostingFacts, received: bigint): bigint {
  const open = facts.saleEntries.flatMap((entry) => entry.lines).filter((line) => line.role === 'ar.control');
  const foreign = sum(open.map((line) => (line.currency === payment.currency ? line.amountTc : 0n)));
  if (foreign === 0n) return received;
  const value = sum(open.map((line) => line.amount));
  const before = sum((facts.earlierPayments ?? []).map((each) => each.amount));
  const upTo = (paid: bigint) => divideHalfEven(value * paid, foreign);
  return upTo(before + payment.amount) - upTo(before);
}
