import { localDate } from '../calendar.ts';
import { documentNumber, invoiceNumberOf } from '../document/number.ts';
import { DomainError } from '../domain-error.ts';
import type { Refund } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { abs, allocate, sum } from '../money.ts';
import { bookRefund } from './booked.ts';
import { legsOf, translated, withOrder } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { givenBackBefore } from './given-back.ts';
import { owedBy } from './party.ts';

/**
 * Lines of a refund (accounting.md C7–C12). In a foreign currency they are translated at the sale's rate (C18c), so
 * that revenue, tax and clearing mirror the sale; what the processor really charges is realised by its settlement.
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
  const { sale } = facts;
  const earlier = givenBackBefore(facts, ground);
  const lines = translatedRefund(refund, earlier, facts, ground);
  const isForeign = ground.currency !== ground.books.functionalCurrency;
  if (!isForeign || sale?.currency !== refund.currency) return lines;
  let posted = facts.saleEntries.flatMap((entry) => entry.lines);
  for (const [index, each] of earlier.entries()) {
    if (each.currency !== refund.currency) continue;
    const before = translatedRefund(each, earlier.slice(0, index), facts, ground);
    posted = [...posted, ...(completing(before, posted) ?? before)];
  }
  return completing(lines, posted) ?? lines;
}

function translatedRefund(
  refund: Refund,
  earlier: readonly Refund[],
  facts: PostingFacts,
  ground: Ground,
): ResolvedLine[] {
  const { sale } = facts;
  const booked = bookRefund(refund, sale, earlier, ground);
  // A credit note on account is an item of its own; its reference names the invoice that it is for (accounting.md E3).
  const reference = sale ? invoiceNumberOf(sale, facts) : undefined;
  const owed = owedBy(refund, documentNumber(refund, facts), facts, { reference });
  const legs = withOrder(legsOf(booked, 'refund', owed, ground), sale?.order?.number ?? sale?.id);
  const bearer = sale?.currency === refund.currency ? sale : refund;
  return translated(legs, localDate(bearer.occurredAt, ground.books.timeZone), ground);
}

/**
 * The refund that gives back the last of a foreign sale takes what is left in the company's currency too, so that
 * rounding leaves nothing behind on any account. Null when something of the sale remains.
 */
function completing(lines: ResolvedLine[], posted: ResolvedLine[]): ResolvedLine[] | null {
  const sides = new Map<string, ResolvedLine[]>();
  for (const line of [...posted, ...lines]) sides.set(sideOf(line), [...(sides.get(sideOf(line)) ?? []), line]);
  const left = (side: ResolvedLine[], of: 'amount' | 'amountTc') => sum(side.map((line) => line[of]));
  if ([...sides.values()].some((side) => left(side, 'amountTc') !== 0n)) return null;
  return [...sides.values()].flatMap((side) => {
    const own = lines.filter((line) => side.includes(line));
    const residue = -left(side, 'amount');
    // Given back before in the event's currency, with a rounding difference in ours: it goes with the last refund.
    if (own.length === 0)
      return residue === 0n ? [] : [{ ...(side.at(-1) as ResolvedLine), amount: residue, amountTc: 0n }];
    const parts = allocate(
      residue,
      own.map((line) => abs(line.amountTc)),
    );
    return own.map((line, index) => ({ ...line, amount: line.amount + (parts[index] ?? 0n) }));
  });
}

/** Revenue, discounts, returns and shipping of a tax code are one: a return undoes the sale on another account. */
function sideOf(line: ResolvedLine): string {
  return line.role.startsWith('sales.')
    ? `sales|${line.taxCode}`
    : [line.account, line.taxCode, line.taxKind].join('|');
}
