import { plainDecimal } from '../decimal.ts';
import { taxOnNet } from '../tax.ts';
import { resolveRole, type Target } from './accounts.ts';
import type { Leg } from './entry.ts';
import type { Ground } from './facts.ts';
import { isReverseCharge, knownCode } from './tax-codes.ts';

/** What was bought: net amount on its account, and the tax the supplier charged, in minor units; positive = a cost. */
export interface Purchased {
  target: Target;
  net: bigint;
  tax: bigint;
  taxCode?: string | undefined;
}

/**
 * Debits of something bought, coded for the purchase side of the tax return. Under reverse charge the tax is not the
 * supplier's: it is owed and recoverable at once (accounting.md C15b), worked out where `tax` is 0. Without a tax code
 * the tax is part of the cost, as where sales tax cannot be recovered. Throws TAX_UNRESOLVED and ACCOUNT_UNRESOLVED.
 */
export function purchasedLegs({ target, net, tax, taxCode }: Purchased, ground: Ground): Leg[] {
  if (taxCode === undefined) return [{ ...target, amountTc: net + tax }];
  const code = knownCode(taxCode, ground);
  const cost: Leg = { ...target, amountTc: net, taxCode: code, taxKind: 'net_in' };
  const part = (roles: [string, ...string[]], amountTc: bigint, taxKind: 'tax_in' | 'tax_out'): Leg[] =>
    amountTc === 0n ? [] : [{ ...resolveRole(ground, ...roles), amountTc, taxCode: code, taxKind }];
  if (!isReverseCharge(code, ground)) return [cost, ...part(inputRoles(code, ground), tax, 'tax_in')];
  const own = tax === 0n ? taxOnNet(net, rateOf(code, ground)) : tax;
  return [
    cost,
    ...part([`tax.input.${code}`, 'tax.input.rc', 'tax.input'], own, 'tax_in'),
    ...part([`tax.output.${code}`, 'tax.output.rc', 'tax.output'], -own, 'tax_out'),
  ];
}

/** What the supplier charges for it: net and tax, of a reverse charge the net amount only. */
export function chargedFor({ net, tax, taxCode }: Omit<Purchased, 'target'>, ground: Ground): bigint {
  return taxCode !== undefined && isReverseCharge(taxCode, ground) ? net : net + tax;
}

/** Roles of the account a code's input tax sits on, most special first: per code, per rate (SKR), one for all. */
export function inputRoles(code: string, ground: Ground): [string, ...string[]] {
  return [`tax.input.${code}`, `tax.input.${plainDecimal(rateOf(code, ground))}`, 'tax.input'];
}

function rateOf(code: string, ground: Ground): string {
  return ground.books.taxCodes.get(code)?.rate ?? '0';
}
