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
