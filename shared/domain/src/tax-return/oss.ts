import { abs, allocate, sum } from '../money.ts';

/** What a fact booked under a code of distance sales, minor units, sales positive. */
export interface OssSale {
  /** Source key of the entry or receipt. */
  source: string;
  code: string;
  net: bigint;
  tax: bigint;
  /** The buyer's country as the fact, or the sale it belongs to, has it: ISO 3166, two letters. */
  country: string | null;
  /** Rates that the fact's lines state, in percent, with what they state; weights for a fact of several rates. */
  rates: readonly { rate: string; net: bigint; tax: bigint }[];
}

/** A row of the OSS return; null where no fact says it. */
export interface OssRow {
  country: string | null;
  /** Percent, decimal string. */
  rate: string | null;
  net: bigint;
  tax: bigint;
}

export interface OssReturn {
  rows: OssRow[];
  net: bigint;
  tax: bigint;
  /** Source keys of facts whose country or rate nobody tells: they have to be completed before the return is filed. */
  incomplete: string[];
}

/**
 * Distance sales per country and rate (One-Stop-Shop). A code may name both ("OSS FR 20"), else the fact says them; what
 * a fact of several rates booked is split over them by what its lines state.
 */
export function ossReturn(sales: readonly OssSale[]): OssReturn {
  const rows = new Map<string, OssRow>();
  const told = sales.flatMap(rowsOf);
  for (const { country, rate, net, tax } of told) {
    const key = `${country} ${rate}`;
    const row = rows.get(key) ?? { country, rate, net: 0n, tax: 0n };
    rows.set(key, { ...row, net: row.net + net, tax: row.tax + tax });
  }
  const incomplete = sales.filter((sale) =>
    rowsOf(sale).some(({ country, rate }) => country === null || rate === null),
  );
  return {
    rows: [...rows.values()].sort(inOrder),
    net: sum(sales.map(({ net }) => net)),
    tax: sum(sales.map(({ tax }) => tax)),
    incomplete: [...new Set(incomplete.map(({ source }) => source))].sort(),
  };
}

function rowsOf({ code, net, tax, country, rates }: OssSale): OssRow[] {
  const [, named, stated] = /^OSS(?:[ -]([A-Z]{2}))?(?:[ -](\d+(?:\.\d+)?))?/.exec(code) ?? [];
  const where = named ?? country;
  if (stated !== undefined || rates.length === 0) return [{ country: where, rate: stated ?? null, net, tax }];
  const nets = allocate(
    net,
    rates.map((each) => abs(each.net)),
  );
  const taxes = allocate(
    tax,
    rates.map((each) => abs(each.tax)),
  );
  return rates.map(({ rate }, at) => ({ country: where, rate, net: nets[at] ?? 0n, tax: taxes[at] ?? 0n }));
}

/** By country, then by rate; what is not known comes last. */
function inOrder(a: OssRow, b: OssRow): number {
  if (a.country !== b.country) return (a.country ?? '~') < (b.country ?? '~') ? -1 : 1;
  return (a.rate ?? '999').localeCompare(b.rate ?? '999', 'en', { numeric: true });
}
