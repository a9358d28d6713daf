import { exponentOf, isCurrency } from '@daybook/domain';
import { createCompany } from '@daybook/ledger/company';
import type { Sql } from '@daybook/platform/db';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { kept } from '../kept.ts';
import { givenDay, minorText, route } from './route.ts';

const counts = z.record(z.string(), z.number());

/** The id behind a slug; undefined when none was asked for. Throws ApiError 404. */
export async function companyIdOf(sql: Sql, slug: string | undefined): Promise<string | undefined> {
  return slug === undefined ? undefined : companyNamed(sql, slug);
}

/** The id behind a slug. Throws ApiError 404. */
export async function companyNamed(sql: Sql, slug: string): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select id from companies where slug = ${slug}`;
  if (!row) throw new ApiError(404, 'COMPANY_UNKNOWN', `There is no company "${slug}".`, 'See GET /api/v1/companies.');
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
    for (const { id, ...company } of rows)
      companies.push({ ...company, ...(await kept(sql, `company ${id}`, () => figures(sql, id))) });
    return { companies };
  },
});

async function figures(sql: Sql, companyId: string) {
  const byState = async (table: string): Promise<Record<string, number>> => {
    const rows = await sql<{ state: string; count: number }[]>`
      select state, count(*)::int as count from ${sql(table)} where company_id = ${companyId} group by state order by state`;
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
  body: z.strictObject({
    slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'is made of small letters, digits and hyphens'),
    name: z.string().min(1).max(200),
    country: z.string().regex(/^[A-Z]{2}$/, 'is the two-letter code of a country, such as GB'),
    currency: z.string().refine(isCurrency, 'is not an ISO 4217 currency code'),
    timeZone: z.string().refine(isTimeZone, 'is not an IANA time zone'),
    /** The first fiscal year: at most 18 months. */
    fiscalYear: z.strictObject({ label: z.string().min(1).max(40), startsOn: givenDay, endsOn: givenDay }).optional(),
  }),
  answer: z.object({ id: z.string(), slug: z.string() }),
  async handle({ body }, { sql, clock }) {
    const taken = () => new ApiError(409, 'COMPANY_EXISTS', `There is a company "${body.slug}" already.`);
    const [known] = await sql`select 1 from companies where slug = ${body.slug}`;
    if (known) throw taken();
    const { fiscalYear, ...rest } = body;
    const { id } = await sql
      .begin((tx) => createCompany(tx, { ...rest, ...(fiscalYear && { fiscalYear }), now: clock() }))
      .catch((error: unknown) => {
        // Somebody else made it between the look and the insert.
        throw isUniqueViolation(error) ? taken() : error;
      });
    return { id, slug: body.slug };
  },
});

function isUniqueViolation(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return code === '23505' || cause?.code === '23505';
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** How many digits of the minor units stand behind the decimal point. */
export const listCurrencies = route({
  method: 'get',
  path: '/currencies',
  summary: 'Currencies whose minor unit is not a hundredth: how many digits stand behind the decimal point',
  answer: z.object({ usual: z.number(), others: z.record(z.string(), z.number()) }),
  async handle() {
    const codes = Intl.supportedValuesOf('currency').filter((code) => isCurrency(code) && exponentOf(code) !== 2);
    return { usual: 2, others: Object.fromEntries(codes.map((code) => [code, exponentOf(code)])) };
  },
});
