import type { CompanySettings } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';

/** What numbers of a kind begin with where the company's settings do not say. */
const PREFIXES: Readonly<Record<string, string>> = {
  invoice: 'INV-',
  credit_note: 'CN-',
  quote: 'Q-',
  goods_receipt: 'GRN-',
  stock_count: 'CNT-',
  stock_adjustment: 'ADJ-',
  journal: 'JRN-',
  bank_receipt: 'RCT-',
  bank_payment: 'PAY-',
};

/** A kind of documents that are numbered, and the day of the one that needs a number. */
export interface Numbered {
  kind: string;
  date: string;
  settings: Pick<CompanySettings, 'numbers'>;
}

/**
 * The next number of a company's documents of a kind: without a gap, because the counter's row is locked until the
 * transaction ends and goes back with it. `{year}` in a prefix is the document's year, which then counts from 1.
 * Numbers that people typed themselves (`isTaken`) are passed over.
 */
export async function nextNumber(
  tx: Tx,
  companyId: string,
  { kind, date, settings }: Numbered,
  isTaken: (number: string) => Promise<boolean>,
): Promise<string> {
  const { prefix: given = PREFIXES[kind] ?? `${kind}-`, digits = 4 } = settings.numbers?.[kind] ?? {};
  const prefix = given.replaceAll('{year}', date.slice(0, 4));
  for (;;) {
    const [row] = await tx<{ last: number }[]>`
      insert into number_series (company_id, kind, prefix, last) values (${companyId}, ${kind}, ${prefix}, 1)
      on conflict (company_id, kind, prefix) do update set last = number_series.last + 1 returning last`;
    const number = `${prefix}${String(row?.last ?? 1).padStart(digits, '0')}`;
    if (!(await isTaken(number))) return number;
  }
}
