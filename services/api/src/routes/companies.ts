import { isCurrency } from '@daybook/domain';
import { createCompany } from '@daybook/ledger/company';
import type { Sql } from '@daybook/platform/db';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { minorText, route } from './route.ts';

const counts = z.record(z.string(), z.number());

/** The id behind a slug; undefined when none was asked for. Throws ApiError 404. */
export async function companyIdOf(sql: Sql, slug: string | undefined): Promise<string | undefined> {
  if (slug === undefined || slug === '') return undefined;
  const [row] = await sql<{ id: string }[]>`select id from companies where slug = ${slug}`;
  if (!row) throw new ApiError(404, 'COMPANY_UNKNOWN', `There is no company "${slug}".`);
  return row.id;
}

/** All companies with their counts and the trial balance's difference, which is always zero. */
export const listCompanies = route({
  method: 'get',
  path: '/companies',
  summary: 'Companies with counts per state and the trial balance difference',
  answer: z.object({
    companies: z.array(
      z.object({
        slug: z.string(),
        name: z.string(),
        currency: z.string(),
        country: z.string(),
        deliveries: counts,
        events: counts,
        documents: counts,
        entries: z.number(),
        issues: z.number(),
        trialBalanceDifference: minorText,
      }),
    ),
  }),
  async handle(_request, { sql }) {
    const rows = await sql<{ id: string; slug: string; name: string; currency: string; country: string }[]>`
      select id, slug, name, currency, country from companies order by name`;
    const companies = [];
    for (const { id, ...company } of rows) companies.push({ ...company, ...(await figures(sql, id)) });
    return { companies };
  },
});

async function figures(sql: Sql, companyId: string) {
  const byState = async (table: string): Promise<Record<string, number>> => {
    const rows = await sql<{ state: string; count: number }[]>`
      select state, count(*)::int as count from ${sql(table)} where company_id = ${companyId} group by state`;
    return Object.fromEntries(rows.map((row) => [row.state, row.count]));
  };
  const [totals] = await sql<{ entries: number; issues: number; difference: bigint }[]>`
    select (select count(*)::int from journal_entries where company_id = ${companyId}) as entries,
           (select count(*)::int from issues where company_id = ${companyId} and state = 'open') as issues,
           (select coalesce(sum(debit) - sum(credit), 0)::bigint from journal_lines where company_id = ${companyId}) as difference`;
  return {
    deliveries: await byState('deliveries'),
    events: await byState('events'),
    documents: await byState('documents'),
    entries: totals?.entries ?? 0,
    issues: totals?.issues ?? 0,
    trialBalanceDifference: totals?.difference ?? 0n,
  };
}

/** Makes a company with the default chart of its country. */
export const addCompany = route({
  method: 'post',
  path: '/companies',
  summary: 'Create a company with the default chart of accounts, tax codes and fiscal years of its country',
  body: z.object({
    slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/),
    name: z.string().min(1).max(200),
    country: z.string().regex(/^[A-Z]{2}$/),
    currency: z.string().refine(isCurrency, 'is not an ISO 4217 currency code'),
    timeZone: z.string().refine(isTimeZone, 'is not an IANA time zone'),
  }),
  answer: z.object({ id: z.string(), slug: z.string() }),
  async handle({ body }, { sql, clock }) {
    const [taken] = await sql`select 1 from companies where slug = ${body.slug}`;
    if (taken) throw new ApiError(409, 'COMPANY_EXISTS', `There is a company "${body.slug}" already.`);
    const { id } = await sql.begin((tx) => createCompany(tx, { ...body, now: clock() }));
    return { id, slug: body.slug };
  },
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
