import type { Tx } from '@daybook/platform/db';
import { type Check, type Looked, one } from './check.ts';

const sumsOfDays: Check = {
  name: 'sums of days are those of their lines',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with summed as (
        select l.account, l.posting_date as day, coalesce(e.channel, '') as channel, e.entry_type, l.role,
          coalesce(l.tax_code, '') as tax_code, coalesce(l.tax_kind, '') as tax_kind, l.currency,
          sum(l.debit) as debit, sum(l.credit) as credit,
          sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end) as amount_tc, count(*) as lines
        from journal_lines l join journal_entries e on e.id = l.entry_id
        where l.company_id = ${companyId} group by 1, 2, 3, 4, 5, 6, 7, 8
      ), kept as (
        select * from account_days where company_id = ${companyId}
      ), bad as (
        select format('%s %s (%s): kept are debits of %s and credits of %s, the lines come to %s and %s (minor units); '
          'daybook verify --rebuild makes the sums anew', account, day, role, coalesce(k.debit, 0), coalesce(k.credit, 0),
          coalesce(s.debit, 0), coalesce(s.credit, 0)) as what
        from summed s full join kept k using (account, day, channel, entry_type, role, tax_code, tax_kind, currency)
        where (s.debit, s.credit, s.amount_tc, s.lines) is distinct from (k.debit, k.credit, k.amount_tc, k.lines)
        order by account, day limit 1
      )
      select (select count(*) from kept)::int as rows, (select what from bad) as bad`),
};

/** That balances kept are balances recomputed (accounting.md I12). */
export const sumChecks: readonly Check[] = [sumsOfDays];

/** Makes the sums of a company's days anew from its lines, and answers how many they are. Nothing is posted meanwhile. */
export async function rebuildSums(tx: Tx, companyId: string): Promise<bigint> {
  const [made] = await tx<{ rows: bigint }[]>`select rebuild_account_days(${companyId}) as rows`;
  return made?.rows ?? 0n;
}
