import type { Books, TaxRule } from '../chart.ts';
import { derivesTaxCodes } from '../charts.ts';
import { plainDecimal } from '../decimal.ts';
import { DomainError } from '../domain-error.ts';
import type { EventLine, LineTax } from '../events.ts';
import type { Ground } from './facts.ts';

/** Codes of a line: one for its net amount, one per tax. */
export interface LineCodes {
  net: string;
  taxes: { code: string; tax: LineTax }[];
}

/**
 * Tax codes of a line. The source's own code wins; else each of the merchant's taxes finds its code by the company's
 * rules. A line with several taxes (state, county, city) carries their codes joined by "+" in alphabetical order, so
 * that the taxable amount of each jurisdiction can be told. Tax the channel collects makes the line MKT, or X where the
 * regime has no MKT (accounting.md C14: on no return). Throws TAX_UNRESOLVED naming the tax.
 */
export function lineCodes(line: Pick<EventLine, 'taxes' | 'taxCode'>, ground: Ground): LineCodes {
  const ours = line.taxes.filter((tax) => tax.collectedBy === 'merchant');
  const charged = ours.filter((tax) => tax.amount !== 0n || plainDecimal(tax.rate ?? '0') !== '0');
  if (line.taxCode !== undefined) {
    const code = knownCode(line.taxCode, ground);
    return { net: code, taxes: charged.map((tax) => ({ code, tax })) };
  }
  const taxes = charged.map((tax) => ({ code: codeOf(tax, ground), tax }));
  if (taxes.length > 0) return { net: [...new Set(taxes.map((each) => each.code))].sort().join('+'), taxes };
  const [untaxed] = ours;
  if (untaxed) return { net: codeOf({ ...untaxed, rate: '0' }, ground), taxes: [] };
  if (line.taxes.length > 0) return { net: ground.books.taxCodes.has('MKT') ? 'MKT' : 'X', taxes: [] };
  return { net: codeOf({ name: '', rate: '0', amount: 0n, collectedBy: 'merchant' }, ground), taxes: [] };
}

/** Suffix of `sales.revenue.*` for a tax code: `standard` for the codes made of a jurisdiction's name. */
export function revenueSuffix(code: string, ground: Ground): string {
  const known = ground.books.taxCodes.get(code) ?? ground.books.taxCodes.get(code.split('+')[0] ?? '');
  return known?.revenue ?? (code === 'X' ? 'exempt' : 'standard');
}

/** Roles of the account a code's output tax sits on, most special first: per code, per rate (SKR), one for all. */
export function outputRoles(code: string, ground: Ground): [string, ...string[]] {
  const known = ground.books.taxCodes.get(code);
  const byRate = known ? [`tax.output.${plainDecimal(known.rate)}`] : [];
  return [`tax.output.${code}`, ...byRate, 'tax.output'];
}

/** Whether the customer owes the tax of a code: the code says so, or is named RC, RC20, RC19 (accounting.md C15b). */
export function isReverseCharge(code: string, ground?: { books: Pick<Books, 'taxCodes'> }): boolean {
  return ground?.books.taxCodes.get(code)?.reverseCharge ?? /^RC[\d.]*$/.test(code);
}

/** A code that the source or a setting states. Throws TAX_UNRESOLVED where the company does not have it. */
export function knownCode(code: string, ground: Ground): string {
  if (ground.books.taxCodes.has(code) || derivesTaxCodes(ground.books.country)) return code;
  throw new DomainError(
    'TAX_UNRESOLVED',
    `${ground.about}: the tax code "${code}" is not one of the company's. Add it, then the event is posted.`,
    code,
  );
}

function codeOf(tax: LineTax, ground: Ground): string {
  const rule = bestRule(tax, ground);
  if (rule) return rule.code;
  const rate = tax.rate === null ? null : plainDecimal(tax.rate);
  const label = tax.name === '' ? `tax ${rate ?? 'of unknown rate'}` : tax.name;
  if (derivesTaxCodes(ground.books.country)) return derivedCode(label, rate, ground.books.country);
  throw new DomainError(
    'TAX_UNRESOLVED',
    `${ground.about}: "${label}" at ${rate === null ? 'an unknown rate' : `${rate} %`} has no tax code. ` +
      'Add a tax rule for it, then the event is posted.',
    rate === null ? label : `${label} ${rate}`,
  );
}

/**
 * "Los Angeles County Tax" → LOS ANGELES COUNTY TAX: the same name always gives the same code. A US jurisdiction keeps
 * its code when its rate changes; elsewhere one name ("VAT") covers several rates, so the rate is part of the code.
 */
function derivedCode(name: string, rate: string | null, country: string): string {
  const plain = name
    .toUpperCase()
    .replace(/[+\s]+/g, ' ')
    .trim()
    .slice(0, 40);
  return country === 'US' || rate === null || plain.includes(rate) ? plain : `${plain} ${rate}%`;
}

/** The most specific matching rule: the tax's name says more than the channel, the channel more than the rate. */
function bestRule(tax: LineTax, ground: Ground): TaxRule | undefined {
  const weigh = (rule: TaxRule) =>
    (rule.name === null ? 0 : 4) + (rule.channel === null ? 0 : 2) + (rule.rate === null ? 0 : 1);
  let best: TaxRule | undefined;
  for (const rule of ground.books.taxRules) {
    if (matches(rule, tax, ground.channel) && (!best || weigh(rule) > weigh(best))) best = rule;
  }
  return best;
}

function matches(rule: TaxRule, tax: LineTax, channel: string): boolean {
  if (rule.channel !== null && rule.channel !== channel) return false;
  if (rule.name !== null && rule.name.trim().toLowerCase() !== tax.name.trim().toLowerCase()) return false;
  if (rule.rate === null) return true;
  if (tax.rate === null) return tax.amount === 0n && plainDecimal(rule.rate) === '0';
  return plainDecimal(rule.rate) === plainDecimal(tax.rate);
}
