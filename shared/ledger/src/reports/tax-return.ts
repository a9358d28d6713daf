import { boxTotals, type CodedAmount, type TaxBoxes, type VatReturn, vatReturn } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, movements, type Scope } from './scope.ts';

/** What was booked under tax codes in a period (accounting.md H7), minor units of the company's currency. */
export interface TaxReturn {
  currency: string;
  country: string;
  from: string | null;
  to: string;
  /** Per code and kind: sales positive as credits, purchases as debits. */
  amounts: CodedAmount[];
  /** Box of the return → what it came to, exact. */
  boxes: Map<string, bigint>;
  /** The British form of it. */
  gb: VatReturn | null;
}

/**
 * Tax return of the entries posted in a period: what is late counts where it is posted (accounting.md G6). A line with
 * several taxes counts under each of their codes. Throws when the company does not exist.
 */
export async function taxReturn(sql: Queryable, companyId: string, scope: Scope): Promise<TaxReturn> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const [company] = await sql<{ country: string }[]>`select country from companies where id = ${companyId}`;
  const country = company?.country ?? '';
  const codes = await sql<{ code: string; boxes: TaxBoxes | null }[]>`
    select code, boxes from tax_codes where company_id = ${companyId}`;
  const rows = await sql<CodedAmount[]>`
    select code, tax_kind as kind,
      sum(case when tax_kind in ('net_out', 'tax_out') then credit - debit else debit - credit end)::bigint as amount
    from (${movements(sql, companyId, { ...scope, flow: true })}) m
      cross join lateral regexp_split_to_table(m.tax_code, '\\+') as code
    where tax_kind <> '' and (${from}::date is null or day >= ${from}::date)
    group by 1, 2 order by 1, 2`;
  const own = codes.map(({ code, boxes }) => ({ code, ...(boxes && { boxes }) }));
  const boxes = boxTotals(rows, own, country);
  return { currency, country, from, to, amounts: [...rows], boxes, gb: country === 'GB' ? vatReturn(boxes) : null };
}
