import { type ResolvedEntry, type ResolvedLine, taxPeriod } from '@daybook/domain';
import type { Database } from '@daybook/platform/db';
import { journal } from '../src/reports.ts';
import { type FilingWish, fileReturn } from '../src/tax/filing.ts';
import type { ReturnRow } from '../src/tax/returns.ts';
import { verifyCompany } from '../src/verify.ts';
import { sale } from './fixtures.ts';

/** When March is over. */
export const APRIL = new Date('2026-04-07T09:00:00Z');
/** The country's return of March. */
export const MARCH: FilingWish = { form: 'national', period: taxPeriod('2026-03') };
export const SPAN = { from: '2026-03-01', to: '2026-03-31' };

/** Somebody who does it in April. */
export function act(reason?: string, now = APRIL) {
  return { by: 'Ada', now, reason };
}

/** An entry of March with these lines. */
export function entry(key: string, lines: ResolvedLine[], more: Partial<ResolvedEntry> = {}): ResolvedEntry {
  return sale(key, { lines, ...more });
}

/** What tests of returns do and look at. */
export function taxActs(database: () => Database) {
  return {
    file: (company: string, wish = MARCH, reason?: string): Promise<ReturnRow> =>
      fileReturn(database().sql, company, wish, act(reason)),

    /** Lines of the newest entry: account and amount, debit positive. */
    async newest(company: string): Promise<[string, bigint][]> {
      const { entries } = await journal(database().sql, company);
      return (entries.at(-1)?.lines ?? []).map(({ account, debit, credit }) => [account, debit - credit]);
    },

    async taxLock(company: string): Promise<string | null> {
      const [row] = await database().sql<{ tax: string | null }[]>`
        select tax from lock_dates where company_id = ${company}`;
      return row?.tax ?? null;
    },

    /** What the checks of T7 found. */
    async tieOut(company: string): Promise<(string | undefined)[]> {
      const { checks } = await verifyCompany(database().sql, company);
      return checks.filter(({ name }) => name.includes('tax')).map(({ firstBad }) => firstBad);
    },
  };
}
