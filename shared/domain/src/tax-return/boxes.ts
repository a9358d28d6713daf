import type { TaxCode } from '../chart.ts';
import type { TaxKind } from '../journal-entry.ts';

/** Boxes of a return that lines of a tax code count in, by what the line is: its tax or the amount taxed, sold or bought. */
export type TaxBoxes = Partial<Record<TaxKind, readonly string[]>>;

/** Whose form a return has: a country's of its own, or the boxes that the company's codes name. */
export type TaxRegime = 'GB' | 'DE' | 'US' | 'generic';

const GB_SALE: TaxBoxes = { tax_out: ['1'], net_out: ['6'], tax_in: ['4'], net_in: ['7'] };
const UNTAXED: TaxBoxes = { net_out: ['6'], net_in: ['7'] };
/** Outside the scope, or on another return: on none of the country's own. */
const NOWHERE: TaxBoxes = {};

/** British VAT return (accounting.md H7a); a reverse charge counts on both sides. */
const GB: Readonly<Record<string, TaxBoxes>> = {
  S20: GB_SALE,
  R5: GB_SALE,
  Z0: UNTAXED,
  E: UNTAXED,
  EXP0: UNTAXED,
  RC20: { tax_out: ['1'], tax_in: ['4'], net_in: ['6', '7'] },
  X: NOWHERE,
};

/** German UStVA (accounting.md H7b): Kennzahlen. Tax of 81 and 86 follows from their bases. */
const DE: Readonly<Record<string, TaxBoxes>> = {
  U19: { net_out: ['81'], tax_in: ['66'] },
  U7: { net_out: ['86'], tax_in: ['66'] },
  U0: { net_out: ['87'] },
  EXP: { net_out: ['43'] },
  IGL: { net_out: ['41'] },
  E: { net_out: ['48'] },
  RC19: { net_in: ['46'], tax_out: ['47'], tax_in: ['67'] },
  OSS: NOWHERE,
  X: NOWHERE,
};

/** American sales tax (accounting.md H7): every other code is a jurisdiction. */
const US: Readonly<Record<string, TaxBoxes>> = {
  EXEMPT: { net_out: ['exempt'] },
  MKT: { net_out: ['marketplace'] },
  X: NOWHERE,
};
const JURISDICTION: TaxBoxes = { net_out: ['taxable'], tax_out: ['tax'] };

const REGIMES: Readonly<Record<string, Readonly<Record<string, TaxBoxes>>>> = { GB, DE, US };

/** The form of a country's return. */
export function regimeOf(country: string): TaxRegime {
  return country === 'GB' || country === 'DE' || country === 'US' ? country : 'generic';
}

/**
 * Boxes of a code: its own, else those that the country's return has for a code of that name. Undefined where neither
 * says anything: then its lines are on no return, and nobody has decided that.
 */
export function boxesOf(code: Pick<TaxCode, 'code' | 'boxes'>, country: string): TaxBoxes | undefined {
  if (code.boxes) return code.boxes;
  const known = REGIMES[country]?.[code.code];
  return known ?? (isOssCode(code.code) ? NOWHERE : country === 'US' ? JURISDICTION : undefined);
}

/** Whether a code is of distance sales taxed in another EU state: "OSS", or with country and more, "OSS FR", "OSS-FR-20". */
export function isOssCode(code: string): boolean {
  return /^OSS(?:[ -]|$)/.test(code);
}

/** What was booked under a tax code, minor units: sales positive as credits, purchases as debits. */
export interface CodedAmount {
  code: string;
  kind: TaxKind;
  amount: bigint;
}

/** What moved on an account under a tax code and side of the return ('' = none), minor units, debit positive. */
export interface Moved {
  account: string;
  role: string;
  code: string;
  kind: TaxKind | '';
  amount: bigint;
}

/** The codes of a line; one with several taxes has theirs joined by "+" and counts for each of them. */
export function codesOf(code: string): string[] {
  return code.split('+').filter((each) => each !== '');
}

/** What came together under each single code and kind, in their order. */
export function codedAmounts(moved: readonly Moved[]): CodedAmount[] {
  const sums = new Map<string, CodedAmount>();
  for (const { code: joined, kind, amount } of moved) {
    if (kind === '') continue;
    for (const code of codesOf(joined)) {
      const before = sums.get(`${code}\n${kind}`)?.amount ?? 0n;
      const signed = kind === 'net_out' || kind === 'tax_out' ? -amount : amount;
      sums.set(`${code}\n${kind}`, { code, kind, amount: before + signed });
    }
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/** Sum of each box. */
export function boxTotals(
  amounts: readonly CodedAmount[],
  codes: readonly Pick<TaxCode, 'code' | 'boxes'>[],
  country: string,
): Map<string, bigint> {
  const byCode = new Map(codes.map((code) => [code.code, boxesOf(code, country)]));
  const totals = new Map<string, bigint>();
  for (const { code, kind, amount } of amounts) {
    for (const box of byCode.get(code)?.[kind] ?? []) totals.set(box, (totals.get(box) ?? 0n) + amount);
  }
  return totals;
}
