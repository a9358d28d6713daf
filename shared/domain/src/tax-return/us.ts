import type { TaxCode } from '../chart.ts';
import { boxesOf, codesOf, type Moved } from './boxes.ts';

/**
 * Sales tax of a jurisdiction (accounting.md H7), minor units: gross = taxable + exempt + marketplace, all of them
 * after discounts and returns.
 */
export interface Jurisdiction {
  /** Tax code of the jurisdiction; EXEMPT or MKT for sales whose code names none. */
  code: string;
  gross: bigint;
  exempt: bigint;
  marketplace: bigint;
  taxable: bigint;
  tax: bigint;
}

const KINDS = ['exempt', 'marketplace', 'taxable'] as const;

/**
 * Sales and tax per jurisdiction. A line with several codes counts for each: "CALIFORNIA STATE TAX+LOS ANGELES COUNTY TAX"
 * is a sale in both, and "CALIFORNIA STATE TAX+EXEMPT" an exempt one of the state.
 */
export function salesTaxByJurisdiction(
  moved: readonly Moved[],
  codes: readonly Pick<TaxCode, 'code' | 'boxes'>[],
): Jurisdiction[] {
  const boxes = new Map(codes.map((code) => [code.code, boxesOf(code, 'US')]));
  const net = (code: string) => KINDS.find((kind) => boxes.get(code)?.net_out?.includes(kind));
  const rows = new Map<string, Jurisdiction>();
  const row = (code: string) => {
    const known = rows.get(code) ?? { code, gross: 0n, exempt: 0n, marketplace: 0n, taxable: 0n, tax: 0n };
    rows.set(code, known);
    return known;
  };
  for (const { code: joined, kind, amount } of moved) {
    const counted = codesOf(joined).filter((code) => net(code) !== undefined);
    if (kind === 'tax_out') for (const code of counted) row(code).tax -= amount;
    if (kind !== 'net_out' || counted.length === 0) continue;
    const bucket = KINDS.find((each) => counted.some((code) => net(code) === each)) ?? 'taxable';
    const places = counted.filter((code) => net(code) === 'taxable');
    for (const code of places.length > 0 ? places : counted) {
      row(code)[bucket] -= amount;
      row(code).gross -= amount;
    }
  }
  return [...rows.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}
