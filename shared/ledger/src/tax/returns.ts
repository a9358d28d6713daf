import type { Queryable } from '@daybook/platform/db';
import type { TaxBasis } from '../reports/tax-moved.ts';

/** A return of a company: drafted, filed or taken back. */
export interface ReturnRow {
  id: bigint;
  /** Country of the form, 'OSS', or 'generic'. */
  regime: string;
  startsOn: string;
  endsOn: string;
  /** Above 1 it corrects, or comes instead of, an earlier one of the period. */
  version: number;
  basis: TaxBasis;
  state: 'draft' | 'filed' | 'withdrawn';
  hash: string;
  /** Minor units; below zero = due from the authority. */
  due: bigint;
  madeAt: Date;
  filedAt: Date | null;
  filedBy: string | null;
  reason: string | null;
  withdrawnAt: Date | null;
  withdrawnBy: string | null;
  withdrawnReason: string | null;
  /** The entry that settled it. */
  entry: { sourceKey: string; fiscalYear: string; number: number; postingDate: string } | null;
  /** What it said, amounts in minor units. */
  figures: unknown;
}

/** Returns of a company in the order of their periods; only the one with `id` if given. */
export async function returnsOf(sql: Queryable, companyId: string, id: bigint | null = null): Promise<ReturnRow[]> {
  return sql<ReturnRow[]>`
    select t.id, t.regime, t.starts_on as "startsOn", t.ends_on as "endsOn", t.version, t.basis, t.state, t.hash, t.due,
      t.made_at as "madeAt", t.filed_at as "filedAt", t.filed_by as "filedBy", t.reason,
      t.withdrawn_at as "withdrawnAt", t.withdrawn_by as "withdrawnBy", t.withdrawn_reason as "withdrawnReason",
      case when e.id is not null then json_build_object('sourceKey', e.source_key, 'fiscalYear', e.fiscal_year,
        'number', e.number, 'postingDate', e.posting_date::text) end as entry, t.figures
    from tax_returns t left join journal_entries e on e.id = t.entry_id
    where t.company_id = ${companyId} and (${id}::bigint is null or t.id = ${id}::bigint)
    order by t.ends_on, t.regime, t.version, t.id`;
}
