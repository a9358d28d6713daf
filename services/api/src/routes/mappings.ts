import { readMappings } from '@daybook/workers/push/mapping-rows';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { toApiError } from '../connect.ts';
import { mappingTable, setMapping } from '../mappings.ts';
import { companyNamed } from './companies.ts';
import { givenDay, instantText, route } from './route.ts';

const ofConnection = z.object({ id: z.guid() });
const text = z.string().min(1).max(300);

/** What of ours goes to what of theirs, every version. */
export const listMappings = route({
  method: 'get',
  path: '/connections/{id}/mappings',
  summary: 'Mapped accounts and taxes of a books connection: every version, by channel and first document date',
  params: ofConnection,
  answer: z.object({
    mappings: z.array(
      z.object({
        kind: z.string(),
        ours: z.string(),
        theirs: z.string(),
        channel: z.string(),
        validFrom: z.string(),
      }),
    ),
  }),
  async handle({ params }, { sql }) {
    const [connection] = await sql`select 1 from connections where id = ${params.id}`;
    if (!connection)
      throw new ApiError(404, 'CONNECTION_UNKNOWN', 'There is no such connection.', 'See GET /api/v1/connections.');
    const rows = await readMappings(sql, params.id);
    return { mappings: rows.filter(({ kind }) => kind === 'account' || kind === 'tax') };
  },
});

/** Maps one role or tax code; documents that waited for it go on at once. */
export const putMapping = route({
  method: 'put',
  path: '/connections/{id}/mappings',
  summary:
    'Map one of our account roles or tax codes to theirs, for one channel (its connection id) or all, from a document date on; documents that waited for it go on',
  params: ofConnection,
  body: z.strictObject({
    kind: z.enum(['account', 'tax']),
    ours: z.string().max(300),
    theirs: text,
    channel: z.union([z.guid(), z.literal('')]).default(''),
    validFrom: givenDay.or(z.literal('0001-01-01')).default('0001-01-01'),
  }),
  answer: z.object({ resumed: z.number() }),
  handle: ({ params, body }, context) => setMapping(context, params.id, body),
});

/** The mapping as a person works on it. */
export const showMappingTable = route({
  method: 'get',
  path: '/connections/{id}/mapping-table',
  summary:
    'Every account role and tax code with its mapping, unmapped first, and the accounts and taxes to choose from',
  params: ofConnection,
  query: z.object({ channel: z.guid().optional(), date: givenDay.optional() }),
  answer: z.object({
    lines: z.array(
      z.object({
        kind: z.string(),
        ours: z.string(),
        label: z.string(),
        theirs: z.string().nullable(),
        theirsLabel: z.string().nullable(),
        suggested: z.string().nullable(),
        used: z.number(),
      }),
    ),
    accounts: z.array(z.object({ code: z.string(), name: z.string(), type: z.string(), isBank: z.boolean() })),
    taxRates: z.array(z.object({ code: z.string(), name: z.string(), rate: z.string() })),
  }),
  async handle({ params, query }, context) {
    const moment = { channel: query.channel ?? null, date: query.date ?? context.clock().toISOString().slice(0, 10) };
    const { lines, books } = await mappingTable(context, params.id, moment).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { lines, accounts: books.accounts, taxRates: books.taxRates };
  },
});

/** Who changed what. */
export const listMappingChanges = route({
  method: 'get',
  path: '/connections/{id}/mapping-changes',
  summary: 'Changes of the mapping, newest first',
  params: ofConnection,
  answer: z.object({
    changes: z.array(
      z.object({
        kind: z.string(),
        ours: z.string(),
        channel: z.string(),
        validFrom: z.string(),
        before: z.string().nullable(),
        after: z.string(),
        changedAt: instantText,
      }),
    ),
  }),
  async handle({ params }, { sql }) {
    const changes = await sql<
      {
        kind: string;
        ours: string;
        channel: string;
        validFrom: string;
        before: string | null;
        after: string;
        changedAt: Date;
      }[]
    >`
      select kind, ours, channel, valid_from::text as "validFrom", before, after, changed_at as "changedAt"
      from mapping_changes where connection_id = ${params.id} order by id desc limit 500`;
    return { changes: [...changes] };
  },
});

/** How buyers paid, and where that money sits in our books. */
export const listPaymentMethods = route({
  method: 'get',
  path: '/companies/{slug}/payment-methods',
  summary: 'Payment methods seen in the last 20,000 events, with the clearing account of each; those without one first',
  params: z.object({ slug: text }),
  answer: z.object({
    methods: z.array(
      z.object({
        connection: z.string(),
        kind: z.string(),
        processor: z.string().nullable(),
        seen: z.number(),
        role: z.string(),
        account: z.string().nullable(),
      }),
    ),
  }),
  async handle({ params }, { sql }) {
    const companyId = await companyNamed(sql, params.slug);
    const methods = await sql<
      {
        connection: string;
        kind: string;
        processor: string | null;
        seen: number;
        role: string;
        account: string | null;
      }[]
    >`
      with tenders as (
        select e.connection_id, tender->>'kind' as kind, tender->>'processor' as processor
        from (select * from events where company_id = ${companyId} and type in ('sale', 'refund') order by id desc limit 20000) e
          cross join lateral jsonb_array_elements(e.payload->'tenders') as tender
      ), methods as (
        select connection_id, kind, processor, count(*)::int as seen,
          case kind when 'cash' then 'cash.drawer' when 'gift_card' then 'giftcard.liability'
            when 'store_credit' then 'storecredit.liability' when 'bank_transfer' then 'clearing.bank_transfer'
            when 'cash_on_delivery' then 'clearing.cash_on_delivery' else 'clearing.' || coalesce(processor, kind) end as role
        from tenders group by 1, 2, 3
      )
      select c.label as connection, m.kind, m.processor, m.seen, m.role, r.account
      from methods m join connections c on c.id = m.connection_id
      left join account_roles r on r.company_id = ${companyId} and r.role = m.role
      order by (r.account is not null), m.seen desc`;
    return { methods: [...methods] };
  },
});
