import type { Sql } from '@daybook/platform/db';

/** Lines of every entry made here. */
export const LINES_PER_ENTRY = 5;

/**
 * Fills a company's journal with sales spread over its first fiscal year, written in bulk past the guards (whose owner
 * the database's user must be): some 100,000 lines a second. Only for databases that are thrown away: the entries carry
 * no hash chain.
 */
export async function fillJournal(sql: Sql, companyId: string, lines: number): Promise<void> {
  const entries = Math.floor(lines / LINES_PER_ENTRY);
  await sql.begin(async (tx) => {
    await tx`alter table journal_entries disable trigger user`;
    await tx`alter table journal_lines disable trigger user`;
    await tx`
      insert into journal_entries (id, company_id, sequence, fiscal_year, number, entry_type, posting_date, tax_point,
        occurred_at, recorded_at, source_key, content_hash, memo, line_count, channel, previous_hash, hash)
      overriding system value
      select last.id + n, ${companyId}, n, y.label, n, 'SAL', day, day, day, day, 'bench:' || n, 'bench', 'Bench order ' || n,
        ${LINES_PER_ENTRY}, case n % 3 when 0 then 'till' else 'shop' end, h.last_hash, h.last_hash
      from (select label, starts_on, ends_on from fiscal_years where company_id = ${companyId} order by starts_on limit 1) y,
        (select coalesce(max(id), 0) as id from journal_entries) last, journal_heads h,
        generate_series(1, ${entries}::bigint) n,
        lateral (select y.starts_on + ((n - 1) * (y.ends_on - y.starts_on + 1) / ${entries})::int as day) d
      where h.company_id = ${companyId}`;
    await tx`
      insert into journal_lines (entry_id, line_no, company_id, account, posting_date, debit, credit, currency, amount_tc,
        role, tax_code, tax_kind)
      select e.id, part.line_no, e.company_id, a.account, e.posting_date, greatest(amount, 0), greatest(-amount, 0),
        c.currency, abs(amount), a.role, case when part.kind is not null then t.code end, part.kind
      from journal_entries e join companies c on c.id = e.company_id,
        lateral (select 100 + e.sequence * 7919 % 9000 as unit) u,
        lateral (values (1, 'clearing', 11 * unit, null), (2, 'sales.revenue', -8 * unit, 'net_out'),
          (3, 'sales.shipping', -2 * unit, 'net_out'), (4, 'sales.discount', unit, 'net_out'),
          (5, 'tax.output', -2 * unit, 'tax_out')) part(line_no, role, amount, kind),
        lateral (select role, account from account_roles r where r.company_id = e.company_id
          and r.role like part.role || '%' order by r.role limit 1) a,
        (select code from tax_codes where company_id = ${companyId} order by code limit 1) t
      where e.company_id = ${companyId}`;
    // Whoever posts next takes ids above these.
    await tx`
      select setval(pg_get_serial_sequence('journal_entries', 'id'), max(id)) from journal_entries`;
    await tx`select rebuild_account_days(${companyId})`;
    await tx`alter table journal_entries enable trigger user`;
    await tx`alter table journal_lines enable trigger user`;
  });
  // What autovacuum would have done by now for a journal that grew over months.
  await sql`vacuum analyze journal_entries`;
  await sql`vacuum analyze journal_lines`;
  await sql`vacuum analyze account_days`;
}
