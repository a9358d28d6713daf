import type { Fee } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { taxInGross } from '../tax.ts';
import { clearingTarget, resolveRole, type Target } from './accounts.ts';
import { type Leg, translated } from './entry.ts';
import { businessDate, type Ground } from './facts.ts';
import { purchasedLegs } from './purchased.ts';
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
  const tax = isReverseCharge(taxCode, ground) ? 0n : taxInGross(amount, rate);
  return purchasedLegs({ target: expense, net: amount - tax, tax, taxCode }, ground);
}

function feeCode(stated: string | undefined, ground: Ground): string | null {
  const { settings, taxCodes } = ground.books;
  if (stated !== undefined) return knownCode(stated, ground);
  if (settings.feeTaxCode === undefined) return taxCodes.has('E') ? 'E' : null;
  return settings.feeTaxCode === null ? null : knownCode(settings.feeTaxCode, ground);
}
