import { divideHalfUp, sum } from '@daybook/domain';
import { amount, decimal, type Json } from './answer.ts';
import { parseDecimal } from './decimal.ts';
import { business, Refused } from './refusal.ts';
import { compact, list, member, minorAt, oneOf, refId, text } from './request.ts';
import type { TaxCode, TaxRate } from './taxes.ts';
import type { Company } from './world.ts';

export type TaxMode = 'TaxExcluded' | 'TaxInclusive' | 'NotApplicable';
type Side = 'sales' | 'purchases';

/** A line's amount without tax, the code that decides its tax (null = none), and the tax inside where it is inclusive. */
export interface TaxedLine {
  net: bigint;
  code: TaxCode | null;
  inside?: bigint;
}

export interface FormTax {
  total: bigint;
  /** TxnTaxDetail, as it is answered. */
  detail: Json;
}

/** How amounts relate to tax. Throws 6170 for tax that is said together with NotApplicable. US companies have no modes. */
export function taxModeOf(company: Company, body: unknown): TaxMode {
  if (company.salesTax !== 'vat') return 'TaxExcluded';
  const mode = oneOf(body, 'GlobalTaxCalculation', ['TaxExcluded', 'TaxInclusive', 'NotApplicable']) ?? 'TaxExcluded';
  const said = member(body, 'TxnTaxDetail');
  const isEmpty = said === undefined || said === null || Object.keys(said).length === 0;
  if (mode === 'NotApplicable' && !isEmpty) {
    throw new Refused(
      '6170',
      'Invalid TxnTaxDetail Error : TxnTaxDetail is not allowed when GlobalTaxCalculation is set to NotApplicable',
    );
  }
  return mode;
}

/**
 * The tax code of a line. US: TAX or NON, NON when nothing is said. Elsewhere one of the company's codes, and every
 * line has to have one unless the form says NotApplicable. Throws 6100 for another, 6000 for a missing one.
 */
export function taxCodeOf(company: Company, detail: unknown, mode: TaxMode, isTaxable: boolean): TaxCode | null {
  const said = text(member(detail, 'TaxCodeRef'), 'value');
  const wrong = () =>
    new Refused('6100', `Invalid Line TaxCode in the request : Supplied value:${said}`, 'Line.TaxCodeRef');
  const known = company.taxes.codes.find((code) => code.id === said);
  if (company.salesTax !== 'vat') {
    if (said !== null && said !== 'TAX' && said !== 'NON') throw wrong();
    return company.taxes.codes.find((code) => code.id === (said ?? (isTaxable ? 'TAX' : 'NON')))!;
  }
  if (mode === 'NotApplicable') return null;
  if (said === null) throw business('Make sure all your transactions have a VAT rate before you save.');
  if (!known) throw wrong();
  return known;
}

/** The net of an amount that has the tax of a code inside. */
export function netOf(company: Company, gross: bigint, code: TaxCode | null, side: Side): bigint {
  const rate = code && rateOfCode(company, code, side);
  const percent = rate && parseDecimal(rate.rate);
  if (!percent) return gross;
  const hundred = 100n * 10n ** BigInt(percent.scale);
  return gross - divideHalfUp(gross * percent.units, hundred + percent.units);
}

/**
 * Tax of the whole form: per rate on the sum of its lines, rounded half up once, not per line. A TaxLine that is said
 * for a rate of the form pins its amount; the difference is shown in OverrideDeltaAmount.
 */
export function taxOfForm(
  company: Company,
  body: unknown,
  lines: readonly TaxedLine[],
  mode: TaxMode,
  currency: string,
  side: Side = 'sales',
): FormTax {
  if (company.salesTax === 'off') return { total: 0n, detail: { TotalTax: amount(0n, currency) } };
  if (company.salesTax === 'automated') return automatedTax(company, lines, currency);
  if (mode === 'NotApplicable') return { total: 0n, detail: {} };
  const sums = new Map<TaxRate, { net: bigint; inside: bigint }>();
  for (const { net, code, inside = 0n } of lines) {
    const rate = code && rateOfCode(company, code, side);
    if (!rate) continue;
    const before = sums.get(rate) ?? { net: 0n, inside: 0n };
    sums.set(rate, { net: before.net + net, inside: before.inside + inside });
  }
  const said = saidTaxes(body, [...sums.keys()], currency);
  const taxLines = [...sums].map(([rate, { net, inside }]) => {
    const computed = mode === 'TaxInclusive' ? inside : taxAt(rate, net);
    const pinned = said.get(rate.id);
    return taxLine(rate, net, pinned?.amount ?? computed + (pinned?.delta ?? 0n), computed, currency);
  });
  const total = sum(taxLines.map(({ tax }) => tax));
  return { total, detail: { TotalTax: amount(total, currency), TaxLine: taxLines.map(({ body: line }) => line) } };
}

function automatedTax(company: Company, lines: readonly TaxedLine[], currency: string): FormTax {
  const { code, rate: rateId } = company.taxes.automated!;
  const rate = company.taxes.rates.find(({ id }) => id === rateId)!;
  const taxed = lines.filter((line) => line.code?.id === 'TAX');
  if (taxed.length === 0) return { total: 0n, detail: { TotalTax: amount(0n, currency) } };
  const net = sum(taxed.map((line) => line.net));
  const { tax, body } = taxLine(rate, net, taxAt(rate, net), taxAt(rate, net), currency);
  return {
    total: tax,
    detail: { TxnTaxCodeRef: { value: code }, TotalTax: amount(tax, currency), TaxLine: [body] },
  };
}

function rateOfCode(company: Company, code: TaxCode, side: Side): TaxRate | null {
  const id = side === 'sales' ? code.salesRate : code.purchaseRate;
  return company.taxes.rates.find((rate) => rate.id === id) ?? null;
}

/** Tax in minor units on a net amount, half up. */
function taxAt(rate: TaxRate, net: bigint): bigint {
  const percent = parseDecimal(rate.rate)!;
  return divideHalfUp(net * percent.units, 100n * 10n ** BigInt(percent.scale));
}

/** What the form says about tax, by rate. Throws 6000 for a rate that none of its lines has. */
function saidTaxes(body: unknown, rates: readonly TaxRate[], currency: string) {
  const said = new Map<string, { amount: bigint | null; delta: bigint | null }>();
  for (const line of list(member(body, 'TxnTaxDetail'), 'TaxLine')) {
    const detail = member(line, 'TaxLineDetail');
    const id = refId(detail, 'TaxRateRef');
    if (id === null || !rates.some((rate) => rate.id === id)) {
      throw business(`Invalid tax rate id - ${id ?? ''}`);
    }
    said.set(id, {
      amount: minorAt(line, 'Amount', currency),
      delta: minorAt(detail, 'OverrideDeltaAmount', currency),
    });
  }
  return said;
}

function taxLine(rate: TaxRate, net: bigint, tax: bigint, computed: bigint, currency: string) {
  const body: Json = {
    Amount: amount(tax, currency),
    DetailType: 'TaxLineDetail',
    TaxLineDetail: compact({
      TaxRateRef: { value: rate.id },
      PercentBased: true,
      TaxPercent: decimal(rate.rate),
      NetAmountTaxable: amount(net, currency),
      OverrideDeltaAmount: tax === computed ? undefined : amount(tax - computed, currency),
    }),
  };
  return { tax, body };
}
