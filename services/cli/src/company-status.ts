import type { Sql } from '@daybook/platform/db';
import type { CompanyRow } from './database.ts';

/** Counts by state; money in minor units of the company's currency. */
export interface CompanyStatus {
  company: string;
  currency: string;
  deliveries: Record<string, number>;
  events: Record<string, number>;
  entries: number;
  documents: Record<string, number>;
  issues: number;
  trialBalanceDifference: bigint;
}

/** What `daybook status` and the live summary say of one company. */
export async function companyStatus(sql: Sql, company: CompanyRow): Promise<CompanyStatus> {
  const byState = async (table: 'deliveries' | 'events' | 'documents') => {
    const rows = await sql<{ state: string; count: bigint }[]>`
      select state, count(*) as count from ${sql(table)} where company_id = ${company.id} group by state order by state`;
    return Object.fromEntries(rows.map((row) => [row.state, Number(row.count)]));
  };
  const [totals] = await sql<{ entries: bigint; issues: bigint; difference: bigint }[]>`
    select (select count(*) from journal_entries where company_id = ${company.id}) as entries,
           (select count(*) from issues where company_id = ${company.id} and state = 'open') as issues,
           (select coalesce(sum(debit) - sum(credit), 0)::bigint from journal_lines where company_id = ${company.id}) as difference`;
  return {
    company: company.slug,
    currency: company.currency,
    deliveries: await byState('deliveries'),
    events: await byState('events'),
    entries: Number(totals?.entries ?? 0n),
    documents: await byState('documents'),
    issues: Number(totals?.issues ?? 0n),
    trialBalanceDifference: totals?.difference ?? 0n,
  };
}

/** Work of one stage that stands in the queue of record. */
export interface Owed {
  stage: string;
  /** To be done now. */
  due: number;
  /** Put off to a later attempt. */
  later: number;
  /** Until a person mends something. */
  held: number;
  /** How long the oldest due piece has been due; null when nothing is. */
  oldestAgeMs: number | null;
}

/** What a company is owed, by stage; stages without any are left out. */
export async function workOwed(sql: Sql, companyId: string, now: Date): Promise<Owed[]> {
  const rows = await sql<(Omit<Owed, 'oldestAgeMs'> & { oldest: Date | null })[]>`
    select stage,
      (count(*) filter (where held is null and due_at <= ${now}))::int as due,
      (count(*) filter (where held is null and due_at > ${now}))::int as later,
      (count(*) filter (where held is not null))::int as held,
      min(due_at) filter (where held is null and due_at <= ${now}) as oldest
    from todo where company_id = ${companyId} group by stage
    order by array_position(array['normalize', 'post', 'push'], stage)`;
  return rows.map(({ oldest, ...row }) => ({
    ...row,
    oldestAgeMs: oldest === null ? null : now.getTime() - oldest.getTime(),
  }));
}
