import { ACCOUNT_SECTIONS, type DomainErrorCode, isCurrency } from '@daybook/domain';
import { activateSubledger } from '@daybook/ledger/invoice-ledger/activate';
import type { Tx } from '@daybook/platform/db';
import { mend as mendWaiting } from '@daybook/workers/mend';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, route } from './route.ts';

const ofSlug = z.object({ slug: z.string() });
const resumed = z.object({ resumed: z.number() });
const short = z.string().min(1).max(200);
const signedMinor = z
  .string()
  .regex(/^-?\d{1,18}$/, 'is not an amount in minor units')
  .transform(BigInt);

export const listAccounts = route({
  method: 'get',
  path: '/companies/{slug}/accounts',
  summary: 'Chart of accounts with the roles each account plays',
  params: ofSlug,
  answer: z.object({
    accounts: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        type: z.string(),
        subledger: z.string().nullable(),
        roles: z.array(z.string()),
      }),
    ),
  }),
  async handle({ params }, { sql }) {
    const companyId = await companyNamed(sql, params.slug);
    const accounts = await sql<
      { code: string; name: string; type: string; subledger: string | null; roles: string[] }[]
    >`
      select a.code, a.name, a.type, a.subledger, coalesce(array_agg(r.role order by r.role) filter (where r.role is not null), '{}') as roles
      from accounts a left join account_roles r on r.company_id = a.company_id and r.account = a.code
      where a.company_id = ${companyId} group by a.code, a.name, a.type, a.subledger order by a.code`;
    return { accounts };
  },
});

/** Which account plays a role; events that waited for it are posted. */
export const putRole = route({
  method: 'put',
  path: '/companies/{slug}/roles',
  summary: 'Choose the account that plays a role; events that waited for one go on',
  params: ofSlug,
  body: z.strictObject({ role: short, account: short }),
  answer: resumed,
  handle: ({ params, body }, context) =>
    mend(context, params.slug, 'ACCOUNT_UNRESOLVED', async (tx, companyId) => {
      const [account] = await tx`select 1 from accounts where company_id = ${companyId} and code = ${body.account}`;
      if (!account)
        throw new ApiError(
          404,
          'ACCOUNT_UNKNOWN',
          `The chart has no account ${body.account}.`,
          `See GET /api/v1/companies/${params.slug}/accounts.`,
        );
      await tx`
        insert into account_roles (company_id, role, account) values (${companyId}, ${body.role}, ${body.account})
        on conflict (company_id, role) do update set account = excluded.account`;
      // What customers owe and suppliers are owed is followed item by item (accounting.md E1).
      if (body.role === 'ar.control' || body.role === 'ap.control') await followItems(tx, companyId, body.account);
    }),
});

async function followItems(tx: Tx, companyId: string, account: string): Promise<void> {
  const [plain] = await tx`
    select 1 from accounts where company_id = ${companyId} and code = ${account} and subledger is null`;
  if (plain) await activateSubledger(tx, companyId, { account, basis: 'gross' });
}

/** Whether what is on an account is followed item by item; on from the moment its items come to its balance. */
export const putSubledger = route({
  method: 'put',
  path: '/companies/{slug}/accounts/{code}/subledger',
  summary:
    'Make an account a sub-ledger account, with the items behind its opening balance; refused unless they come to it',
  params: ofSlug.extend({ code: short }),
  body: z.strictObject({
    basis: z.enum(['gross', 'net']).nullable(),
    items: z
      .array(
        z.strictObject({
          party: short,
          partyName: short.optional(),
          document: short,
          documentDate: givenDay.optional(),
          dueDate: givenDay.optional(),
          currency: z.string().refine(isCurrency, 'is not a currency'),
          /** Debit positive, minor units of its currency and of the company's. */
          amountTc: signedMinor,
          amount: signedMinor,
        }),
      )
      .default([]),
  }),
  answer: z.object({ code: z.string(), subledger: z.string().nullable() }),
  async handle({ params: { slug, code }, body: { basis, items } }, { sql }) {
    const companyId = await companyNamed(sql, slug);
    const own = items.map((item) => ({ ...item, account: code }));
    await sql.begin((tx) => activateSubledger(tx, companyId, { account: code, basis, items: own }));
    return { code, subledger: basis };
  },
});

/** Adds an account to our chart, e.g. the clearing account of one more currency; events that waited for its roles go on. */
export const addAccount = route({
  method: 'post',
  path: '/companies/{slug}/accounts',
  summary: 'Add an account to our chart, with the roles it plays; events that waited for one of them go on',
  params: ofSlug,
  body: z.strictObject({
    code: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$/, 'is not an account code such as 1104'),
    name: short,
    type: z.enum(['asset', 'liability', 'equity', 'income', 'expense']),
    normalSide: z.enum(['debit', 'credit']),
    roles: z.array(short).max(20).default([]),
    section: z.enum(ACCOUNT_SECTIONS).nullable().default(null),
  }),
  answer: resumed,
  handle: ({ params, body }, context) =>
    mend(context, params.slug, 'ACCOUNT_UNRESOLVED', async (tx, companyId) => {
      const [made] = await tx`
        insert into accounts (company_id, code, name, type, normal_side, section)
        values (${companyId}, ${body.code}, ${body.name}, ${body.type}, ${body.normalSide}, ${body.section})
        on conflict (company_id, code) do nothing returning code`;
      if (!made)
        throw new ApiError(
          409,
          'ACCOUNT_EXISTS',
          `The chart has an account ${body.code} already.`,
          'Choose another code.',
        );
      for (const role of body.roles) {
        await tx`
          insert into account_roles (company_id, role, account) values (${companyId}, ${role}, ${body.code})
          on conflict (company_id, role) do update set account = excluded.account`;
      }
      if (body.roles.some((role) => role === 'ar.control' || role === 'ap.control'))
        await followItems(tx, companyId, body.code);
    }),
});

/** Maps a channel's tax to a code of ours; events that waited for it are posted. */
export const addTaxRule = route({
  method: 'post',
  path: '/companies/{slug}/tax-rules',
  summary: "Map a channel's tax (name, rate in percent) to one of our tax codes; events that waited for one go on",
  params: ofSlug,
  body: z.strictObject({
    channel: short.nullable().default(null),
    name: short.nullable().default(null),
    rate: z
      .string()
      .regex(/^\d{1,5}(\.\d{1,4})?$/, 'is not a rate in percent such as 19 or 8.875')
      .nullable()
      .default(null),
    code: short,
  }),
  answer: resumed,
  handle: ({ params, body }, context) =>
    mend(context, params.slug, 'TAX_UNRESOLVED', async (tx, companyId) => {
      const [code] = await tx`select 1 from tax_codes where company_id = ${companyId} and code = ${body.code}`;
      if (!code) throw new ApiError(404, 'TAX_CODE_UNKNOWN', `There is no tax code ${body.code}.`);
      await tx`
        insert into tax_rules (company_id, channel, name, rate, code)
        values (${companyId}, ${body.channel}, ${body.name}, ${body.rate}, ${body.code})
        on conflict (company_id, channel, name, rate) do update set code = excluded.code`;
    }),
});

/** A rate of the company's table; events that waited for it are posted. */
export const putRate = route({
  method: 'put',
  path: '/companies/{slug}/fx-rates',
  summary: 'Company currency per unit of a foreign currency on a day; events that waited for one go on',
  params: ofSlug,
  body: z.strictObject({
    currency: z.string().refine(isCurrency, 'is not an ISO 4217 currency code'),
    day: givenDay,
    rate: z
      .string()
      .regex(/^\d{1,10}(\.\d{1,10})?$/, 'is not a rate such as 1.0837')
      .refine((rate) => /[1-9]/.test(rate), 'is zero'),
    source: short.default('entered by hand'),
  }),
  answer: resumed,
  handle: ({ params, body }, context) =>
    mend(context, params.slug, 'RATE_MISSING', async (tx, companyId) => {
      await tx`
        insert into fx_rates (company_id, currency, day, rate, source)
        values (${companyId}, ${body.currency}, ${body.day}, ${body.rate}, ${body.source})
        on conflict (company_id, currency, day) do update set rate = excluded.rate, source = excluded.source`;
    }),
});

/** Makes the change to a company's books; events that waited for it go on. */
async function mend(
  context: ApiContext,
  slug: string,
  code: DomainErrorCode,
  change: (tx: Tx, companyId: string) => Promise<void>,
): Promise<{ resumed: number }> {
  const companyId = await companyNamed(context.sql, slug);
  return mendWaiting(companyId, code, (tx) => change(tx, companyId), context.deps);
}
