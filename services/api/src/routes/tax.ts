import { type Span, taxPeriod } from '@daybook/domain';
import { ossReport, taxReturn } from '@daybook/ledger/reports';
import { putTaxCode, taxCodeRow, taxCodeRows } from '@daybook/ledger/tax/codes';
import { draftReturn, fileReturn } from '@daybook/ledger/tax/filing';
import { TAX_FORMS } from '@daybook/ledger/tax/prepared';
import { returnsOf } from '@daybook/ledger/tax/returns';
import { withdrawReturn } from '@daybook/ledger/tax/withdraw';
import { mend } from '@daybook/workers/mend';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { act } from './periods.ts';
import { givenId, idText, instantText, minorText, type Route, route } from './route.ts';
import { reportScope } from './statements.ts';

const ofSlug = z.object({ slug: z.string() });
const short = z.string().min(1).max(200);
const KINDS = ['net_out', 'tax_out', 'net_in', 'tax_in'] as const;
const boxes = z.partialRecord(z.enum(KINDS), z.array(short).max(20));

const taxCode = z.object({
  code: z.string(),
  rate: z.string().nullable(),
  label: z.string(),
  revenue: z.string(),
  reverseCharge: z.boolean(),
  boxes: z.record(z.string(), z.array(z.string()).readonly()).nullable(),
  ownBoxes: z.boolean(),
  accounts: z.object({ output: z.string().nullable(), input: z.string().nullable(), revenue: z.string().nullable() }),
});

const listTaxCodes = route({
  method: 'get',
  path: '/companies/{slug}/tax-codes',
  summary: 'Tax codes with the boxes of the return and the accounts their lines go to',
  params: ofSlug,
  answer: z.object({ codes: z.array(taxCode) }),
  handle: async ({ params }, { sql }) => ({ codes: await taxCodeRows(sql, await companyNamed(sql, params.slug)) }),
});

const putCode = route({
  method: 'put',
  path: '/companies/{slug}/tax-codes',
  summary: 'Add a tax code or change it, with its boxes and accounts; events that waited for a tax code go on',
  params: ofSlug,
  body: z.strictObject({
    code: z.string(),
    rate: z
      .string()
      .regex(/^\d{1,5}(\.\d{1,4})?$/, 'is not a rate in percent such as 19 or 8.875')
      .optional(),
    label: short.optional(),
    revenue: short.optional(),
    reverseCharge: z.boolean().optional(),
    boxes: boxes.nullable().optional(),
    accounts: z
      .strictObject({ output: short.optional(), input: short.optional(), revenue: short.optional() })
      .optional(),
  }),
  answer: taxCode.extend({ resumed: z.number() }),
  async handle({ params, body }, { sql, deps }) {
    const companyId = await companyNamed(sql, params.slug);
    const { resumed } = await mend(companyId, 'TAX_UNRESOLVED', (tx) => putTaxCode(tx, companyId, body), deps);
    return { ...(await taxCodeRow(sql, companyId, body.code)), resumed };
  },
});

const boxAmount = z.object({ box: z.string(), amount: minorText });
const problem = z.object({ check: z.string(), blocks: z.boolean(), message: z.string() });
const figures = z.record(z.string(), z.unknown());

const returnReport = route({
  method: 'get',
  path: '/reports/tax-return',
  summary: 'Tax return of the days asked for: boxes, the form of the country, its accounts and late items; minor units',
  query: reportScope.extend({ basis: z.enum(['posting_period', 'original_period']).optional() }),
  answer: z.object({
    currency: z.string(),
    country: z.string(),
    regime: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    basis: z.string(),
    amounts: z.array(z.object({ code: z.string(), kind: z.string(), amount: minorText })),
    boxes: z.array(boxAmount),
    unboxed: z.array(z.string()),
    balances: z.array(z.object({ account: z.string(), role: z.string(), amount: minorText })),
    codes: z.array(z.string()),
    due: minorText,
    ledger: minorText,
    difference: minorText,
    uncoded: minorText,
    form: figures,
    late: z.array(z.object({ sourceKey: z.string(), postingDate: z.string(), taxPoint: z.string(), memo: z.string() })),
  }),
  async handle({ query }, { sql }) {
    const { gb, de, us, ...told } = await taxReturn(sql, await companyNamed(sql, query.company), query);
    return { ...told, form: asText({ gb, de, us }) };
  },
});

const oss = route({
  method: 'get',
  path: '/reports/oss',
  summary: 'Distance sales taxed in other EU states (One-Stop-Shop), per country and rate; what says neither is listed',
  query: reportScope,
  answer: z.object({
    currency: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    rows: z.array(
      z.object({ country: z.string().nullable(), rate: z.string().nullable(), net: minorText, tax: minorText }),
    ),
    net: minorText,
    tax: minorText,
    incomplete: z.array(z.string()),
  }),
  handle: async ({ query }, { sql }) => ossReport(sql, await companyNamed(sql, query.company), query),
});

/** Amounts of a form as text, so that no reader rounds them. */
function asText(form: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(form, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));
}

const taxReturnRow = z.object({
  id: idText,
  regime: z.string(),
  startsOn: z.string(),
  endsOn: z.string(),
  version: z.number(),
  basis: z.string(),
  state: z.string(),
  hash: z.string(),
  due: minorText,
  madeAt: instantText,
  filedAt: instantText.nullable(),
  filedBy: z.string().nullable(),
  reason: z.string().nullable(),
  withdrawnAt: instantText.nullable(),
  withdrawnBy: z.string().nullable(),
  withdrawnReason: z.string().nullable(),
  entry: z
    .object({ sourceKey: z.string(), fiscalYear: z.string(), number: z.number(), postingDate: z.string() })
    .nullable(),
  figures: z.unknown(),
});

const listReturns = route({
  method: 'get',
  path: '/tax-returns',
  summary: 'Tax returns of a company: drafts, filed ones with the entries that settled them, and those taken back',
  query: z.object({ company: z.string().min(1) }),
  answer: z.object({ returns: z.array(taxReturnRow) }),
  handle: async ({ query }, { sql }) => ({ returns: await returnsOf(sql, await companyNamed(sql, query.company)) }),
});

const period = z.string().transform((text, context): Span => {
  try {
    return taxPeriod(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no period' });
    return z.NEVER;
  }
});

const addReturn = route({
  method: 'post',
  path: '/tax-returns',
  summary: 'Draft a tax return, or file it: its taxes are settled by one entry, and its days are locked for taxes',
  body: z.strictObject({
    company: z.string().min(1),
    /** 2026-03, 2026-Q1, 2026 or 2026-02-01..2026-04-30. */
    period,
    form: z.enum(TAX_FORMS).default('national'),
    state: z.enum(['draft', 'filed']),
    /** Hash of the draft that was looked at. */
    hash: z.string().optional(),
    ...act,
  }),
  answer: taxReturnRow.extend({ problems: z.array(problem) }),
  async handle({ body }, { sql, clock }) {
    const companyId = await companyNamed(sql, body.company);
    const { by, reason, state, ...wish } = body;
    if (state === 'filed') {
      return { ...(await fileReturn(sql, companyId, wish, { by, reason, now: clock() })), problems: [] };
    }
    const { draft, problems } = await draftReturn(sql, companyId, wish, { now: clock() });
    return { ...draft, problems };
  },
});

const withdraw = route({
  method: 'post',
  path: '/tax-returns/{id}/withdraw',
  summary: 'Take a filed tax return back with a reason: its entry is reversed, and the lock date goes back',
  params: z.object({ id: givenId }),
  body: z.strictObject({ company: z.string().min(1), ...act }),
  answer: taxReturnRow,
  async handle({ params, body }, { sql, clock }) {
    const { company, by, reason } = body;
    return withdrawReturn(sql, await companyNamed(sql, company), BigInt(params.id), { by, reason, now: clock() });
  },
});

/** Tax codes, returns and what they are made of. */
export const taxRoutes: readonly Route[] = [listTaxCodes, putCode, returnReport, oss, listReturns, addReturn, withdraw];
