import type { Queryable } from '@daybook/platform/db';
import { entryRows } from '../reports/journal.ts';
import { companyOf, leftOut } from '../reports/scope.ts';
import type { JournalEntryRow } from '../reports.ts';
import type { ExportAccount, ExportBook, Position } from './book.ts';

/** Entries read at once: some ten megabytes. */
const PAGE = 2_000;

/** Which entries a file tells. */
export interface Extent {
  companyId: string;
  format: string;
  from: string;
  to: string;
  /** Only those that no run of the format has told. */
  scope: 'all' | 'new';
  /** Nothing recorded after this one. */
  through: bigint;
  /** Without entries that open or close books (accounting.md I); else as the trial balance of these days shows them. */
  flow: boolean;
}

/** Condition for entries (`e`) of an extent. */
export function contained(sql: Queryable, { companyId, format, from, to, scope, through, flow }: Extent) {
  return sql`e.posting_date between ${from}::date and ${to}::date and e.sequence <= ${through}
    and e.id not in (${leftOut(sql, companyId, { from, to, flow })})
    and not (${flow} and e.entry_type in ('OPN', 'CLS'))
    and (${scope === 'all'} or not exists (
      select 1 from export_runs r where r.company_id = ${companyId} and r.format = ${format}
        and e.posting_date between r.starts_on and r.ends_on and e.sequence <= r.through))`;
}

/** How many entries an extent has. */
export async function countOf(sql: Queryable, extent: Extent): Promise<number> {
  const [row] = await sql<{ entries: number }[]>`
    select count(*)::int as entries from journal_entries e
    where e.company_id = ${extent.companyId} and ${contained(sql, extent)}`;
  return row?.entries ?? 0;
}

/** The entries of an extent in the order they were recorded, page by page. */
export async function* pagesOf(sql: Queryable, extent: Extent): AsyncGenerator<JournalEntryRow[]> {
  let after = 0n;
  for (;;) {
    const condition = sql`e.sequence > ${after} and ${contained(sql, extent)}`;
    const page = await entryRows(sql, extent.companyId, condition, PAGE);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.sequence ?? after;
  }
}

interface PositionRow extends Position {
  account: string;
  before: boolean;
}

/** The accounts that an extent moves or finds open, with their balances per currency; in order of codes. */
export async function bookOf(sql: Queryable, extent: Extent, balances: boolean): Promise<ExportBook> {
  const { companyId, from, to } = extent;
  const { slug, currency } = await companyOf(sql, companyId);
  const chart = await sql<Omit<ExportAccount, 'opening' | 'moved'>[]>`
    select code, name, type, exists (select 1 from account_roles r where r.company_id = a.company_id
      and r.account = a.code and r.role ~ '^fx[.]trading') as trading
    from accounts a where a.company_id = ${companyId} order by code`;
  const positions = await positionsOf(sql, extent, currency);
  const accounts = chart
    .map((account) => {
      const rows = positions.filter((row) => row.account === account.code);
      const part = (before: boolean) => rows.filter((row) => row.before === before);
      return { ...account, opening: balances ? part(true) : [], moved: part(false) };
    })
    .filter(({ opening, moved }) => opening.length > 0 || moved.length > 0);
  return { company: slug, currency, from, to, accounts, balances };
}

/** What lines come to per account and currency, before the range and in it; told as `postingsOf` tells lines. */
function positionsOf(sql: Queryable, extent: Extent, home: string): Promise<PositionRow[]> {
  const { companyId, from, to, through } = extent;
  return sql<PositionRow[]>`
    select account, before, currency, sum(amount)::bigint as amount, sum(worth)::bigint as worth from (
      select l.account, l.posting_date < ${from}::date as before, t.foreign_currency as currency, l.debit - l.credit as worth,
        case when t.foreign_currency = ${home} then l.debit - l.credit
          when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount
      from journal_lines l join journal_entries e on e.id = l.entry_id
        join accounts a on a.company_id = l.company_id and a.code = l.account
        cross join lateral (select case when l.currency <> ${home} and l.amount_tc <> 0
          and a.type in ('asset', 'liability', 'equity') and not exists (select 1 from account_roles r
            where r.company_id = a.company_id and r.account = a.code and r.role ~ '^fx[.]trading')
          then l.currency else ${home} end as foreign_currency) t
      where l.company_id = ${companyId} and (${contained(sql, extent)} or (l.posting_date < ${from}::date
        and e.sequence <= ${through} and e.id not in (${leftOut(sql, companyId, { from, to, flow: extent.flow })})))
    ) told group by account, before, currency order by account, currency`;
}
