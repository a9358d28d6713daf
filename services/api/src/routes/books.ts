import type { DomainErrorCode } from '@daybook/domain';
import { journal, trialBalance } from '@daybook/ledger/reports';
import { ring } from '@daybook/workers/doorbell';
import { fingerprint, resolveIssue } from '@daybook/workers/issues';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { ApiContext } from '../context.ts';
import { companyIdOf } from './companies.ts';
import { minorText, route } from './route.ts';

const date = z.iso.date();
const range = z.object({ company: z.string(), from: date.optional(), to: date.default('9999-12-31') });
async function companyOrRefuse(context: ApiContext, slug: string): Promise<string> {
  const id = await companyIdOf(context.sql, slug);
  if (id === undefined) throw new ApiError(400, 'INPUT_INVALID', 'Name a company.');
  return id;
}

export const trialBalanceReport = route({
  method: 'get',
  path: '/reports/trial-balance',
  summary: 'Trial balance: opening, debits, credits, closing per account, minor units as text',
  query: range,
  answer: z.unknown(),
  handle: async ({ query }, context) => trialBalance(context.sql, await companyOrRefuse(context, query.company), query),
});

export const journalReport = route({
  method: 'get',
  path: '/journal-entries',
  summary: 'Journal entries in number order with their lines',
  query: range,
  answer: z.unknown(),
  handle: async ({ query }, context) => journal(context.sql, await companyOrRefuse(context, query.company), query),
});

/** Which account plays a role; events that waited for it are posted. */
export const putRole = route({
  method: 'put',
  path: '/companies/{slug}/roles',
  summary: 'Choose the account that plays a role; events that waited for it go on',
  body: z.object({ role: z.string().min(1), account: z.string().min(1) }),
  answer: z.object({ resumed: z.number() }),
  async handle({ params, body }, context) {
    const companyId = await companyOrRefuse(context, params.slug ?? '');
    const [account] =
      await context.sql`select 1 from accounts where company_id = ${companyId} and code = ${body.account}`;
    if (!account)
      throw new ApiError(
        404,
        'ACCOUNT_UNKNOWN',
        `The chart has no account ${body.account}.`,
        'See GET /api/v1/companies/{slug}/accounts.',
      );
    await context.sql`
      insert into account_roles (company_id, role, account) values (${companyId}, ${body.role}, ${body.account})
      on conflict (company_id, role) do update set account = excluded.account`;
    return resume(context, companyId, 'ACCOUNT_UNRESOLVED', body.role);
  },
});

export const listAccounts = route({
  method: 'get',
  path: '/companies/{slug}/accounts',
  summary: 'Chart of accounts with the roles each account plays',
  answer: z.object({
    accounts: z.array(z.object({ code: z.string(), name: z.string(), type: z.string(), roles: z.array(z.string()) })),
  }),
  async handle({ params }, context) {
    const companyId = await companyOrRefuse(context, params.slug ?? '');
    const accounts = await context.sql<{ code: string; name: string; type: string; roles: string[] }[]>`
      select a.code, a.name, a.type, coalesce(array_agg(r.role order by r.role) filter (where r.role is not null), '{}') as roles
      from accounts a left join account_roles r on r.company_id = a.company_id and r.account = a.code
      where a.company_id = ${companyId} group by a.code, a.name, a.type order by a.code`;
    return { accounts };
  },
});

/** Maps a channel's tax to a code of ours; events that waited for it are posted. */
export const addTaxRule = route({
  method: 'post',
  path: '/companies/{slug}/tax-rules',
  summary: "Map a channel's tax (name, rate in percent) to one of our tax codes; events that waited for it go on",
  body: z.object({
    channel: z.string().nullable().default(null),
    name: z.string().nullable().default(null),
    rate: z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .nullable()
      .default(null),
    code: z.string(),
    subject: z.string().optional(),
  }),
  answer: z.object({ resumed: z.number() }),
  async handle({ params, body }, context) {
    const companyId = await companyOrRefuse(context, params.slug ?? '');
    const [code] = await context.sql`select 1 from tax_codes where company_id = ${companyId} and code = ${body.code}`;
    if (!code) throw new ApiError(404, 'TAX_CODE_UNKNOWN', `There is no tax code ${body.code}.`);
    await context.sql`
      insert into tax_rules (company_id, channel, name, rate, code) values (${companyId}, ${body.channel}, ${body.name}, ${body.rate}, ${body.code})
      on conflict (company_id, channel, name, rate) do update set code = excluded.code`;
    return resume(context, companyId, 'TAX_UNRESOLVED', body.subject);
  },
});

/** A rate of the company's table; events that waited for it are posted. */
export const putRate = route({
  method: 'put',
  path: '/companies/{slug}/fx-rates',
  summary: 'Company currency per unit of a foreign currency on a day; events that waited for it go on',
  body: z.object({
    currency: z.string().length(3),
    day: date,
    rate: z.string().regex(/^\d+(\.\d{1,10})?$/),
    source: z.string().default('entered by hand'),
  }),
  answer: z.object({ resumed: z.number() }),
  async handle({ params, body }, context) {
    const companyId = await companyOrRefuse(context, params.slug ?? '');
    await context.sql`
      insert into fx_rates (company_id, currency, day, rate, source) values (${companyId}, ${body.currency}, ${body.day}, ${body.rate}, ${body.source})
      on conflict (company_id, currency, day) do update set rate = excluded.rate, source = excluded.source`;
    return resume(context, companyId, 'RATE_MISSING', undefined);
  },
});

/** Sets free what waited for a mapping: the subject's issue, or every issue of the kind, each then tried anew. */
async function resume(
  context: ApiContext,
  companyId: string,
  code: DomainErrorCode,
  subject: string | undefined,
): Promise<{ resumed: number }> {
  const now = context.clock();
  const prints =
    subject === undefined
      ? (
          await context.sql<
            { fingerprint: string }[]
          >`select fingerprint from issues where company_id = ${companyId} and code = ${code} and state = 'open'`
        ).map((row) => row.fingerprint)
      : [fingerprint({ code, connectionId: null, subject })];
  const refs = await context.sql<
    { ref: bigint }[]
  >`select ref from todo where company_id = ${companyId} and stage = 'post' and held = any(${prints}::text[])`;
  for (const print of prints) await resolveIssue(context.sql, companyId, print, now);
  await ring(
    context.deps,
    'post',
    companyId,
    refs.map((row) => row.ref),
  );
  return { resumed: refs.length };
}

/** Documents of a company as owed and as pushed. */
export const listDocuments = route({
  method: 'get',
  path: '/documents',
  summary: 'Documents owed to the books and what became of them, newest first',
  query: z.object({
    company: z.string().optional(),
    state: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  answer: z.object({
    documents: z.array(
      z.object({
        id: minorText,
        company: z.string(),
        kind: z.string(),
        number: z.string(),
        date: z.string(),
        currency: z.string(),
        amount: minorText,
        tax: minorText,
        state: z.string(),
        reason: z.string().nullable(),
        remoteId: z.string().nullable(),
      }),
    ),
  }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const documents = await sql<
      {
        id: bigint;
        company: string;
        kind: string;
        number: string;
        date: string;
        currency: string;
        amount: bigint;
        tax: bigint;
        state: string;
        reason: string | null;
        remoteId: string | null;
      }[]
    >`
      select d.id, m.slug as company, d.kind, d.number, d.date, d.currency, d.amount, d.tax, d.state, d.reason, d.remote_id as "remoteId"
      from documents d join companies m on m.id = d.company_id
      where true ${companyId ? sql`and d.company_id = ${companyId}` : sql``} ${query.state ? sql`and d.state = ${query.state}` : sql``}
      order by d.id desc limit ${query.limit}`;
    return { documents };
  },
});
