import { localDate } from '../calendar.ts';
import { DomainError } from '../domain-error.ts';
import type { Refund } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { allocate, sum } from '../money.ts';
import { bookRefund } from './booked.ts';
import { legsOf, translated } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';

/**
 * Lines of a refund (accounting.md C7–C12). In a foreign currency they are translated at the sale's rate (C18c), so that
 * revenue, tax and clearing mirror the sale; what the processor really charges is realised by its settlement.
 * Throws SALE_UNKNOWN when the refund names a sale that is not posted yet: it waits, and is never guessed (I11).
 */
export function refundLines(refund: Refund, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  if (refund.sale && !facts.sale) {
    throw new DomainError(
      'SALE_UNKNOWN',
      `${ground.about}: its sale ${refund.sale.id} is not in the books yet. The refund waits for it.`,
      refund.sale.id,
    );
  }
  const { earlierRefunds: earlier, sale } = facts;
  const lines = translatedRefund(refund, earlier, facts, ground);
  const isForeign = ground.currency !== ground.books.functionalCurrency;
  if (!isForeign || sale?.currency !== refund.currency) return lines;
  const before = earlier.flatMap((each, index) => translatedRefund(each, earlier.slice(0, index), facts, ground));
  const sold = facts.saleEntries.flatMap((entry) => entry.lines);
  return completing(lines, [...sold, ...before]) ?? lines;
}

function translatedRefund(
  refund: Refund,
  earlier: readonly Refund[],
  facts: PostingFacts,
  ground: Ground,
): ResolvedLine[] {
  const { sale } = facts;
  const booked = bookRefund(refund, sale, earlier, ground);
  const legs = legsOf(booked, 'refund', { party: '', document: '' }, ground);
  const bearer = sale?.currency === refund.currency ? sale : refund;
  return translated(legs, localDate(bearer.occurredAt, ground.books.timeZone), ground);
}

/**
 * The refund that gives back the last of a foreign sale takes what is left in the company's currency too, so that
 * rounding leaves nothing behind on any account. Null when something of the sale remains.
 */
function completing(lines: ResolvedLine[], posted: ResolvedLine[]): ResolvedLine[] | null {
  const left = new Map<string, { amount: bigint; amountTc: bigint }>();
  for (const line of [...posted, ...lines]) {
    const sums = left.get(sideOf(line)) ?? { amount: 0n, amountTc: 0n };
    left.set(sideOf(line), { amount: sums.amount + line.amount, amountTc: sums.amountTc + line.amountTc });
  }
  if ([...left.values()].some((sums) => sums.amountTc !== 0n)) return null;
  const result = lines.map((line) => ({ ...line }));
  for (const [side, { amount }] of left) {
    const same = result.filter((line) => sideOf(line) === side);
    if (amount !== 0n && same.length === 0) return null;
    const weights = same.map((line) => (line.amountTc < 0n ? -line.amountTc : line.amountTc));
    const parts = allocate(-amount, weights);
    for (const [index, line] of same.entries()) line.amount += parts[index] ?? 0n;
  }
  return sum(result.map((line) => line.amount)) === 0n ? result : null;
}

/** Revenue, discounts, returns and shipping of a tax code are one: a return undoes the sale on another account. */
function sideOf(line: ResolvedLine): string {
  return line.role.startsWith('sales.')
    ? `sales|${line.taxCode}`
    : [line.account, line.taxCode, line.taxKind].join('|');
}
