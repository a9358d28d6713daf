import type { WriteOff } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { resolveRole } from './accounts.ts';
import { type Leg, translated } from './entry.ts';
import type { Ground } from './facts.ts';
import { inputRoles } from './purchased.ts';
import { knownCode, outputRoles } from './tax-codes.ts';

/**
 * Lines of what will not be paid of an invoice (accounting.md C19d–f): the cost of it, and the tax where that is
 * corrected at once, against the control account. Of a supplier's invoice the same turned around.
 */
export function writeOffLines(event: WriteOff, ground: Ground): ResolvedLine[] {
  const { amount, tax, taxCode, party, document, side, date } = event;
  const sign = side === 'receivable' ? 1n : -1n;
  const control = resolveRole(ground, side === 'receivable' ? 'ar.control' : 'ap.control');
  const owed: Leg = { ...control, amountTc: -sign * amount, party, document, item: { exact: true } };
  const cost: Leg = { ...resolveRole(ground, roleOf(event, ground)), amountTc: sign * (amount - tax) };
  if (tax === 0n || taxCode === undefined) return translated({ money: [owed], items: [cost] }, date, ground);
  const code = knownCode(taxCode, ground);
  const [net, kind, roles] =
    side === 'receivable'
      ? (['net_out', 'tax_out', outputRoles(code, ground)] as const)
      : (['net_in', 'tax_in', inputRoles(code, ground)] as const);
  const taxed: Leg[] = [
    { ...cost, taxCode: code, taxKind: net },
    { ...resolveRole(ground, ...roles), amountTc: sign * tax, taxCode: code, taxKind: kind },
  ];
  return translated({ money: [owed], items: taxed }, date, ground);
}

function roleOf({ reason, side }: WriteOff, ground: Ground): string {
  if (reason === 'difference') return ground.books.settings.toleranceRole ?? 'rounding.cash';
  if (reason === 'bad_debt') return side === 'receivable' ? 'bad_debt' : 'purchase.variance';
  return side === 'receivable' ? 'sales.discount' : 'purchase.variance';
}
