import { genesisHash } from '@daybook/ledger/chain';
import type { Tx } from '@daybook/platform/db';

/** What a company is before anything happened to it; columns that say what happened start anew. */
const MASTER: readonly { table: string; fresh?: Readonly<Record<string, string | number | null>> }[] = [
  { table: 'accounts' },
  { table: 'account_roles' },
  { table: 'tax_codes' },
  { table: 'fx_rates' },
  { table: 'fiscal_years', fresh: { last_number: 0, state: 'open', closings: 0 } },
  // Whatever was locked since: its events were posted while it was open.
  { table: 'periods', fresh: { state: 'open' } },
  { table: 'inventory_groups' },
  {
    table: 'items',
    fresh: { quantity: 0, value: 0, average_quantity: null, average_value: null, last_cost: null, last_received: null },
  },
];

/**
 * Makes an empty company like another one: chart, taxes, rates, years, groups, items, cash books, and its channels and
 * what it entered as connections that nothing is asked of. Books are not copied: nothing is pushed twice.
 */
export async function copyCompany(tx: Tx, from: string, slug: string): Promise<string> {
  const [made] = await tx<{ id: string }[]>`
    insert into companies (slug, name, country, currency, time_zone, settings, created_at)
    select ${slug}, name, country, currency, time_zone, settings, created_at from companies where id = ${from}
    returning id`;
  const { id: into } = made as { id: string };
  for (const { table, fresh = {} } of MASTER) {
    await tx`
      insert into ${tx(table)} select copied.* from ${tx(table)} o cross join lateral jsonb_populate_record(
        null::${tx(table)}, to_jsonb(o) || ${tx.json({ ...fresh, company_id: into })}) as copied
      where o.company_id = ${from}`;
  }
  await tx`
    insert into tax_rules (company_id, channel, name, rate, code)
    select ${into}, channel, name, rate, code from tax_rules where company_id = ${from} order by id`;
  await tx`
    insert into cash_books (company_id, name, starts_on, ends_on, currency, tolerance, company_code, site, auditor, clerk,
                            cost_centre, created_at)
    select ${into}, name, starts_on, ends_on, currency, tolerance, company_code, site, auditor, clerk, cost_centre, created_at
    from cash_books where company_id = ${from}`;
  await tx`
    insert into cash_book_registers (book_id, company_id, register)
    select n.id, ${into}, r.register from cash_book_registers r join cash_books o on o.id = r.book_id
    join cash_books n on n.company_id = ${into} and n.name = o.name where r.company_id = ${from}`;
  await tx`
    insert into connections (company_id, connector, kind, label, account, state, settings, created_at)
    select ${into}, connector, kind, label, account, 'disconnected', settings, created_at from connections
    where company_id = ${from} and kind in ('sales', 'entered')`;
  await tx`
    insert into granularities (connection_id, from_date, mode)
    select n.id, g.from_date, g.mode from granularities g join connections o on o.id = g.connection_id
    join connections n on n.company_id = ${into} and n.connector = o.connector and n.account = o.account
    where o.company_id = ${from}`;
  await tx`insert into journal_heads (company_id, last_hash, entries) values (${into}, ${genesisHash(into)}, 0)`;
  return into;
}
