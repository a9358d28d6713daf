import { planReplay, replay } from '@daybook/workers/replay';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyIdOf } from './companies.ts';
import { givenId, idText, instantText, minorText, ofCompany, route } from './route.ts';

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
  query: ofCompany.extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
  answer: z.object({ work: z.array(failedRow), more: z.boolean() }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const only = companyId ? sql`and company_id = ${companyId}` : sql``;
    const most = query.limit + 1;
    // Each part stops at the limit by itself, so that ten thousand failures of one cause cost no more than a hundred.
    const work = await sql<z.input<typeof failedRow>[]>`
      select w.stage, w.id, m.slug as company, w.what, w.amount, w.currency, w.state, w.code, w.reason, w.at, t.attempts,
             case when t.held is null then t.due_at end as "nextAttemptAt"
      from (
        (select 'delivery' as stage, 'normalize' as work, id, company_id, topic as what, null::bigint as amount, null as currency,
               state, code, reason, received_at as at
        from deliveries where state in ('failed', 'refused') ${only} order by id desc limit ${most})
        union all
        (select 'event', 'post', id, company_id, type || ' ' || coalesce(payload->'order'->>'number', source_id),
               (coalesce(payload->>'total', payload->>'amount'))::bigint, payload->>'currency', state, code, reason, recorded_at
        from events where state in ('waiting', 'failed', 'conflict') ${only} order by id desc limit ${most})
        union all
        (select 'document', 'push', id, company_id, replace(kind, '_', ' ') || ' ' || number, amount, currency, state, code, reason, created_at
        from documents where state <> 'pushed' and (state in ('held', 'rejected', 'unknown') or code is not null) ${only}
        order by id desc limit ${most})
      ) w join companies m on m.id = w.company_id left join todo t on t.stage = w.work and t.ref = w.id
      order by w.at desc, w.id desc limit ${most}`;
    return { work: work.slice(0, query.limit), more: work.length > query.limit };
  },
});

const replayRequest = z.strictObject({
  delivery: givenId.optional(),
  event: givenId.optional(),
  document: givenId.optional(),
  failed: z.boolean().optional(),
  code: z.string().min(1).max(100).optional(),
  company: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
});

/** Plans and starts a replay. `dryRun` answers the plan alone; an empty request is refused. */
export const startReplay = route({
  method: 'post',
  path: '/replays',
  summary: 'Do failed work again; what is booked or pushed already stays once',
  body: replayRequest,
  answer: z.object({
    deliveries: z.array(idText),
    events: z.array(idText),
    documents: z.array(idText),
    started: z.boolean(),
  }),
  async handle({ body }, context) {
    refuseEmpty(body);
    const plan = await planReplay(context.sql, {
      companyId: await companyIdOf(context.sql, body.company),
      deliveryId: asId(body.delivery),
      eventId: asId(body.event),
      documentId: asId(body.document),
      failed: body.failed === true || body.code !== undefined,
      code: body.code,
    });
    const count = plan.deliveries.length + plan.events.length + plan.documents.length;
    const named = body.delivery ?? body.event ?? body.document;
    if (count === 0 && named !== undefined)
      throw new ApiError(404, 'NOT_FOUND', `There is no such work: ${named}.`, 'See GET /api/v1/failed-work.');
    if (!body.dryRun) await replay(context.deps, plan);
    return { ...plan, started: !body.dryRun };
  },
});

function refuseEmpty(body: z.output<typeof replayRequest>): void {
  if (body.delivery || body.event || body.document || body.failed || body.code) return;
  throw new ApiError(
    400,
    'REPLAY_FILTER_EMPTY',
    'Say what to replay; an empty filter is not everything.',
    'Give delivery, event, document, failed or code.',
  );
}

function asId(text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : BigInt(text);
}
