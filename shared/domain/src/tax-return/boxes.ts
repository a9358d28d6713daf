import type { TaxCode } from '../chart.ts';
import type { TaxKind } from '../journal-entry.ts';

/** Boxes of a return that lines of a tax code count in, by what the line is: its tax or the amount taxed, sold or bought. */
export type TaxBoxes = Partial<Record<TaxKind, readonly string[]>>;

const GB_SALE: TaxBoxes = { tax_out: ['1'], net_out: ['6'], tax_in: ['4'], net_in: ['7'] };
const UNTAXED: TaxBoxes = { net_out: ['6'], net_in: ['7'] };

/** British VAT return (accounting.md H7a); a reverse charge counts on both sides. */
const GB: Readonly<Record<string, TaxBoxes>> = {
  S20: GB_SALE,
  R5: GB_SALE,
  Z0: UNTAXED,
  E: UNTAXED,
  EXP0: UNTAXED,
  RC20: { tax_out: ['1'], tax_in: ['4'], net_in: ['6', '7'] },
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
};

const REGIMES: Readonly<Record<string, Readonly<Record<string, TaxBoxes>>>> = { GB, DE };

/** Boxes of a code: its own, else those that the country's return has for a code of that name. */
export function boxesOf(code: Pick<TaxCode, 'code' | 'boxes'>, country: string): TaxBoxes {
  return code.boxes ?? REGIMES[country]?.[code.code] ?? {};
}

/** What was booked under a tax code, minor units: sales positive as credits, purchases as debits. */
export interface CodedAmount {
  code: string;
  kind: TaxKind;
  amount: bigint;
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
