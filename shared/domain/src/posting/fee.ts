import type { Fee } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { taxInGross, taxOnNet } from '../tax.ts';
import { clearingTarget, resolveRole, type Target } from './accounts.ts';
import { type Leg, translated } from './entry.ts';
import { businessDate, type Ground } from './facts.ts';
import { isReverseCharge, knownCode } from './tax-codes.ts';

/** Lines of a processor's fee, on its own date and not the payout's (accounting.md C15); negative = given back. */
export function feeLines(fee: Fee, ground: Ground): ResolvedLine[] {
  if (fee.amount === 0n) return [];
  const money = { ...clearingTarget(fee.processor, fee.currency, ground), amountTc: -fee.amount };
  const expense = resolveRole(ground, `fees.${fee.processor}`, 'fees.processing');
  const items = feeLegs(expense, fee.amount, fee.taxCode, ground);
  return translated({ money: [money], items }, businessDate(fee, ground.books.timeZone), ground);
}

/**
 * Debits of a fee on its expense account, coded for the purchase side of the tax return. Under reverse charge (codes
 * RC…) the tax comes on top, owed and recoverable at once (C15b); any other rate above zero is contained in the fee.
 * `stated` is the source's own code; without one the company's `feeTaxCode` holds. Throws TAX_UNRESOLVED.
 */
export function feeLegs(expense: Target, amount: bigint, stated: string | undefined, ground: Ground): Leg[] {
  if (amount === 0n) return [];
  const taxCode = feeCode(stated, ground);
  if (taxCode === null) return [{ ...expense, amountTc: amount }];
  const rate = ground.books.taxCodes.get(taxCode)?.rate ?? '0';
  const net = { ...expense, taxCode, taxKind: 'net_in' as const };
  if (isReverseCharge(taxCode)) {
    const tax = taxOnNet(amount, rate);
    return [
      { ...net, amountTc: amount },
      { ...resolveRole(ground, 'tax.input.rc', 'tax.input'), amountTc: tax, taxCode, taxKind: 'tax_in' },
      { ...resolveRole(ground, 'tax.output.rc', 'tax.output'), amountTc: -tax, taxCode, taxKind: 'tax_out' },
    ];
  }
  const tax = taxInGross(amount, rate);
  if (tax === 0n) return [{ ...net, amountTc: amount }];
  const input = resolveRole(ground, `tax.input.${rate}`, 'tax.input');
  return [
    { ...net, amountTc: amount - tax },
    { ...input, amountTc: tax, taxCode, taxKind: 'tax_in' },
  ];
}

function feeCode(stated: string | undefined, ground: Ground): string | null {
  const { settings, taxCodes } = ground.books;
  if (stated !== undefined) return knownCode(stated, ground);
  if (settings.feeTaxCode === undefined) return taxCodes.has('E') ? 'E' : null;
  return settings.feeTaxCode === null ? null : knownCode(settings.feeTaxCode, ground);
}
