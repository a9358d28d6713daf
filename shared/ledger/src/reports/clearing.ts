import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, leftOut, type Scope } from './scope.ts';

/** What moves a clearing account (accounting.md H12), in the order it is shown. */
export const CLEARING_FIGURES = [
  'opening',
  'charges',
  'refunds',
  'fees',
  'disputes',
  'reserve',
  'payouts',
  'fx',
  'other',
  'closing',
] as const;
export type ClearingFigure = (typeof CLEARING_FIGURES)[number];

/** One clearing account and currency: figures in minor units of that currency, and what they are worth in the books. */
export interface ClearingRow {
  account: string;
  name: string;
  currency: string;
  amounts: Record<ClearingFigure, bigint>;
  /** In the company's currency. */
  worth: Record<ClearingFigure, bigint>;
}

export interface ClearingStatement {
  currency: string;
  from: string | null;
  to: string;
  rows: ClearingRow[];
}

interface Moved {
  account: string;
  currency: string;
  figure: ClearingFigure;
  amount: bigint;
  worth: bigint;
}

/**
 * Statement of every clearing account: money with processors and marketplaces between sale and payout. Debits are above
 * zero. A payout or dispute is divided by what stands against it: what is held back is reserve, what it cost are fees.
 * Throws when the company does not exist.
 */
export async function clearingStatement(sql: Queryable, companyId: string, scope: Scope): Promise<ClearingStatement> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const accounts = await sql<{ code: string; name: string; currency: string }[]>`
    select a.code, a.name, coalesce(min(substring(r.role from '\\.([A-Z]{3})$')), ${currency}) as currency
    from accounts a join account_roles r on r.company_id = a.company_id and r.account = a.code
    where a.company_id = ${companyId} and r.role like 'clearing.%' group by a.code, a.name order by a.code`;
  const moved = await movedOn(
    sql,
    companyId,
    scope,
    accounts.map(({ code }) => code),
  );
  const rows = accounts.map(({ code, ...account }) => emptyRow({ account: code, ...account }));
  for (const { account, currency: of, figure, amount, worth } of moved) {
    let row = rows.find((each) => each.account === account && each.currency === of);
    if (!row) {
      row = emptyRow({ account, name: accounts.find(({ code }) => code === account)?.name ?? '', currency: of });
      rows.push(row);
    }
    row.amounts[figure] += amount;
    row.worth[figure] += worth;
    row.amounts.closing += amount;
    row.worth.closing += worth;
  }
  rows.sort((a, b) => (`${a.account} ${a.currency}` < `${b.account} ${b.currency}` ? -1 : 1));
  return { currency, from, to, rows };
}

function emptyRow(account: { account: string; name: string; currency: string }): ClearingRow {
  const nothing = () => Object.fromEntries(CLEARING_FIGURES.map((figure) => [figure, 0n])) as ClearingRow['amounts'];
  return { ...account, amounts: nothing(), worth: nothing() };
}

async function movedOn(sql: Queryable, companyId: string, scope: Scope, accounts: string[]): Promise<Moved[]> {
  return sql<Moved[]>`
    select account, currency, figure, sum(amount)::bigint as amount, sum(worth)::bigint as worth
    from (${clearingParts(sql, companyId, scope, accounts)}) p group by 1, 2, 3`;
}

/**
 * What moved clearing accounts, as a subquery. A line of a payout or dispute stands for the lines against it, where
 * those are all in its currency and it is alone.
 */
function clearingParts(sql: Queryable, companyId: string, scope: Scope, accounts: string[]) {
  const { from, to, channel } = asked(scope);
  return sql`
    with lines as (
      select l.entry_id, l.line_no, l.account, l.currency, e.entry_type, l.debit - l.credit as worth,
        case when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount,
        (e.entry_type = 'OPN' or l.posting_date < ${from}::date) is true as earlier,
        e.entry_type in ('PYT', 'DSP') and not exists (
          select from journal_lines o where o.entry_id = l.entry_id and o.line_no <> l.line_no
            and (o.account = any(${accounts}) or o.currency <> l.currency)) as divided
      from journal_lines l join journal_entries e on e.id = l.entry_id
      where l.company_id = ${companyId} and l.account = any(${accounts}) and l.posting_date <= ${to}::date
        and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
        and l.entry_id not in (${leftOut(sql, companyId, scope)})
    ), parts as (
      select entry_id, line_no, account, currency, entry_type, '' as against, earlier, amount, worth from lines
      where earlier or not divided
      union all
      select n.entry_id, n.line_no, n.account, n.currency, n.entry_type, o.role, false,
        case when o.credit > 0 then o.amount_tc else -o.amount_tc end, o.credit - o.debit
      from lines n join journal_lines o on o.entry_id = n.entry_id and o.account <> n.account
      where n.divided and not n.earlier
    )
    select entry_id, line_no, account, currency, amount, worth, case
        when earlier then 'opening'
        when against like 'fees.%' or against like 'tax.input%' or against like 'tax.output.rc%' then 'fees'
        when against like 'processor.reserve%' then 'reserve'
        when against like 'fx.%' then 'fx'
        when against like 'suspense%' or against like 'tax.%' and entry_type = 'PYT' then 'other'
        when entry_type in ('SAL', 'DEP') then 'charges' when entry_type = 'RFD' then 'refunds'
        when entry_type = 'FEE' then 'fees' when entry_type = 'DSP' then 'disputes'
        when entry_type = 'PYT' then 'payouts' when entry_type in ('FXC', 'FXR') then 'fx'
        else 'other' end as figure
    from parts`;
}

/** Lines behind a figure of an account, as a subquery of entry_id, line_no and amount (in the company's currency). */
export function clearingLines(
  sql: Queryable,
  companyId: string,
  scope: Scope,
  { account, figure }: { account: string; figure: ClearingFigure },
) {
  return sql`
    select entry_id, line_no, sum(worth)::bigint as amount from (${clearingParts(sql, companyId, scope, [account])}) p
    where figure = ${figure} or ${figure === 'closing'} group by entry_id, line_no`;
}
