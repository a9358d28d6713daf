import { DomainError } from '../domain-error.ts';
import type { Fulfilment, Sale } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { sum } from '../money.ts';
import { resolveRole } from './accounts.ts';
import { type Leg, translated, withOrder } from './entry.ts';
import { businessDate, type Ground, type PostingFacts } from './facts.ts';
import { revenueTarget } from './items.ts';
import { lineCodes, outputRoles, revenueSuffix } from './tax-codes.ts';

/**
 * Lines of a fulfilment (accounting.md C21b, C21d): what was paid before becomes revenue. Where tax fell due with the
 * payment the deposit was net and no tax is booked now; where it falls due with the sale, the lines carry it and the
 * deposit was gross. Throws SALE_UNKNOWN while the prepaid sale is not booked.
 */
export function fulfilmentLines(event: Fulfilment, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  const { sale } = facts;
  if (!sale) {
    const message = `${ground.about}: the prepaid sale ${event.sale.id} is not in the books yet. It waits for it.`;
    throw new DomainError('SALE_UNKNOWN', message, event.sale.id);
  }
  const code = depositCode(sale, ground);
  const items = event.lines.flatMap((line): Leg[] => {
    const codes = line.taxes.length > 0 ? lineCodes(line, ground) : { net: line.taxCode ?? code, taxes: [] };
    const target = revenueTarget(line.sku, codes.net, ground);
    const coded = codes.taxes.length > 0 ? { taxCode: codes.net, taxKind: 'net_out' as const } : {};
    const taxes = codes.taxes.map(
      ({ code: own, tax }): Leg => ({
        ...resolveRole(ground, ...outputRoles(own, ground)),
        amountTc: -tax.amount,
        taxCode: own,
        taxKind: 'tax_out',
      }),
    );
    return [{ ...target, amountTc: -line.net, ...coded }, ...taxes];
  });
  const deposit = resolveRole(ground, `customer.deposits.${revenueSuffix(code, ground)}`, 'customer.deposits');
  const money: Leg[] = [{ ...deposit, amountTc: -sum(items.map((leg) => leg.amountTc)) }];
  // Deposits are not monetary: they leave at the rate they were received at (accounting.md A6).
  const legs = withOrder({ money, items }, sale.order?.number ?? sale.id);
  return translated(legs, businessDate(sale, ground.books.timeZone), ground);
}

/** Tax code of what was paid before. */
function depositCode(sale: Sale, ground: Ground): string {
  const line = sale.lines.find((each) => each.kind === 'deposit');
  return line ? lineCodes(line, ground).net : 'X';
}
