import type { ResolvedEntry, ResolvedLine } from '@daybook/domain';
import { type Database, openDatabase } from '@daybook/platform/db';
import { createTestDatabase } from '../../../test/support/database.ts';
import { createCompany } from '../src/company.ts';
import { type EntryToPost, type PostOutcome, postEntries } from '../src/post.ts';

/** Afternoon of 15 March 2026 in London: the current period of every company in these tests is March. */
export const NOW = new Date('2026-03-15T14:00:00Z');

export interface Ledger extends Database {
  url: string;
  drop(): Promise<void>;
}

/** A database of the test's own. */
export async function openLedger(): Promise<Ledger> {
  const home = await createTestDatabase();
  const database = openDatabase(home.url, { name: 'ledger-test' });
  const drop = async () => {
    await database.close();
    await home.drop();
  };
  return { ...database, url: home.url, drop };
}

let companies = 0;

/** A British shop keeping its books in pounds, fiscal year 2026. */
export async function newShop(ledger: Database, change: { country?: string; currency?: string } = {}): Promise<string> {
  companies += 1;
  const company = {
    slug: `shop-${companies}`,
    name: `Shop ${companies}`,
    country: 'GB',
    currency: 'GBP',
    timeZone: 'Europe/London',
    now: NOW,
    ...change,
  };
  const { id } = await ledger.sql.begin((tx) => createCompany(tx, company));
  return id;
}

/** A line in pounds, debit positive, in pence. */
export function line(account: string, amount: bigint, more: Partial<ResolvedLine> = {}): ResolvedLine {
  return { role: `account.${account}`, account, amount, currency: 'GBP', amountTc: amount, ...more };
}

/** A sale of 24.00 with 20 % inside: 1241 debit 24.00, 4000 credit 20.00, 2200 credit 4.00. */
export function sale(key: string, more: Partial<ResolvedEntry> = {}): ResolvedEntry {
  return {
    entryType: 'SAL',
    sourceKey: `shopify:harbour:sale:${key}`,
    postingDate: '2026-03-10',
    taxPoint: '2026-03-10',
    occurredAt: '2026-03-10T11:30:00Z',
    memo: `Shopify order ${key}`,
    channel: 'shopify',
    lines: [
      line('1241', 2400n),
      line('4000', -2000n, { taxCode: 'S20', taxKind: 'net_out' }),
      line('2200', -400n, { taxCode: 'S20', taxKind: 'tax_out' }),
    ],
    ...more,
  };
}

/** The entry with every line on the other side. */
export function reversal(entry: ResolvedEntry): ResolvedEntry {
  const lines = entry.lines.map((each) => ({ ...each, amount: -each.amount, amountTc: -each.amountTc }));
  return { ...entry, sourceKey: `${entry.sourceKey}:reversal`, reverses: entry.sourceKey, lines };
}

/** Posts in a transaction of its own. */
export function post(
  ledger: Database,
  companyId: string,
  entries: (ResolvedEntry | EntryToPost)[],
): Promise<PostOutcome[]> {
  const given = entries.map((each) => ('entry' in each ? each : { entry: each, eventId: null }));
  return ledger.sql.begin((tx) => postEntries(tx, companyId, given, NOW));
}
