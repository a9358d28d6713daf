import { planReplay, replay } from '@daybook/workers/replay';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyIdOf } from './companies.ts';
import { idText, instantText, minorText, route } from './route.ts';

const failedRow = z.object({
  stage: z.enum(['delivery', 'event', 'document']),
  id: idText,
  company: z.string(),
  what: z.string(),
  amount: minorText.nullable(),
  currency: z.string().nullable(),
  state: z.string(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  at: instantText,
  attempts: z.number().nullable(),
  nextAttemptAt: instantText.nullable(),
});

/** Everything that did not go through, with its reason and what happens next. */
export const listFailedWork = route({
  method: 'get',
  path: '/failed-work',
  summary: 'Deliveries, events and documents that failed or wait for somebody, newest first',
  query: z.object({ company: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
  answer: z.object({ work: z.array(failedRow) }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const only = companyId ? sql`and w.company_id = ${companyId}` : sql``;
    const work = await sql<z.input<typeof failedRow>[]>`
      select w.stage, w.id, m.slug as company, w.what, w.amount, w.currency, w.state, w.code, w.reason, w.at, t.attempts,
             case when t.held is null then t.due_at end as "nextAttemptAt"
      from (
        select 'delivery' as stage, 'normalize' as work, id, company_id, topic as what, null::bigint as amount, null as currency,
               state, code, reason, received_at as at
        from deliveries where state in ('failed', 'refused')
        union all
        select 'event', 'post', id, company_id, type || ' ' || coalesce(payload->'order'->>'number', source_id),
               (coalesce(payload->>'total', payload->>'amount'))::bigint, payload->>'currency', state, code, reason, occurred_at
        from events where state in ('waiting', 'failed', 'conflict')
        union all
        select 'document', 'push', id, company_id, kind || ' ' || number, amount, currency, state, code, reason, created_at
        from documents where state in ('held', 'rejected', 'unknown') or (state = 'pending' and code is not null)
      ) w join companies m on m.id = w.company_id left join todo t on t.stage = w.work and t.ref = w.id
      where true ${only} order by w.at desc limit ${query.limit}`;
    return { work };
  },
});

/** Plans and starts a replay. `dryRun` answers the plan alone; an empty request is refused. */
export const startReplay = route({
  method: 'post',
  path: '/replays',
  summary: 'Do failed work again; what is booked or pushed already stays once',
  body: z.object({
    delivery: z.string().regex(/^\d+$/).optional(),
    event: z.string().regex(/^\d+$/).optional(),
    document: z.string().regex(/^\d+$/).optional(),
    failed: z.boolean().optional(),
    code: z.string().optional(),
    company: z.string().optional(),
    dryRun: z.boolean().default(false),
  }),
  answer: z.object({
    deliveries: z.array(idText),
    events: z.array(idText),
    documents: z.array(idText),
    started: z.boolean(),
  }),
  async handle({ body }, context) {
    if (!body.delivery && !body.event && !body.document && !body.failed && !body.code) {
      throw new ApiError(
        400,
        'REPLAY_FILTER_EMPTY',
        'Say what to replay; an empty filter is not everything.',
        'Give delivery, event, document, failed or code.',
      );
    }
    const plan = await planReplay(context.sql, {
      companyId: await companyIdOf(context.sql, body.company),
      deliveryId: asId(body.delivery),
      eventId: asId(body.event),
      documentId: asId(body.document),
      failed: body.failed === true || body.code !== undefined,
      code: body.code,
    });
    if (!body.dryRun) await replay(context.deps, plan);
    return { ...plan, started: !body.dryRun };
  },
});

function asId(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}

/** Open issues: one row per cause. */
export const listIssues = route({
  method: 'get',
  path: '/issues',
  summary: 'Open issues, one per cause, with what to do',
  query: z.object({ company: z.string().optional() }),
  answer: z.object({
    issues: z.array(
      z.object({
        id: z.string(),
        company: z.string(),
        connectionId: z.string().nullable(),
        code: z.string(),
        message: z.string(),
        subject: z.string().nullable(),
        openedAt: instantText,
        lastSeenAt: instantText,
      }),
    ),
  }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const issues = await sql<
      {
        id: string;
        company: string;
        connectionId: string | null;
        code: string;
        message: string;
        subject: string | null;
        openedAt: Date;
        lastSeenAt: Date;
      }[]
    >`
      select i.id, m.slug as company, i.connection_id as "connectionId", i.code, i.message, i.subject, i.opened_at as "openedAt", i.last_seen_at as "lastSeenAt"
      from issues i join companies m on m.id = i.company_id
      where i.state = 'open' ${companyId ? sql`and i.company_id = ${companyId}` : sql``} order by i.last_seen_at desc limit 500`;
    return { issues };
  },
});
