import {
  type Backfill,
  BackfillRefused,
  cancelBackfill,
  listBackfills as readBackfills,
  resumeBackfill,
  startBackfill,
} from '@daybook/workers/backfill';
import { coverage } from '@daybook/workers/coverage';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyIdOf } from './companies.ts';
import { instantText, ofCompany, route } from './route.ts';

const instant = z.iso.datetime({ error: 'must be a UTC instant ending in Z' }).transform((text) => new Date(text));
const ofBackfill = z.object({ id: z.guid() });
const backfillAnswer = z.object({
  id: z.string(),
  connectionId: z.string(),
  from: instantText,
  to: instantText,
  state: z.string(),
  read: z.number(),
  stored: z.number(),
  reason: z.string().nullable(),
  startedAt: instantText,
  finishedAt: instantText.nullable(),
});

/** Starts importing a range of a channel again. */
export const addBackfill = route({
  method: 'post',
  path: '/backfills',
  summary: 'Import a range of a channel again; safe to repeat, beside live traffic',
  body: z.strictObject({ connection: z.guid(), from: instant, to: instant }),
  answer: backfillAnswer,
  handle: ({ body }, { deps }) =>
    refusing(startBackfill({ connectionId: body.connection, from: body.from, to: body.to }, deps)),
});

/** Imports and how far they are. */
export const listBackfills = route({
  method: 'get',
  path: '/backfills',
  summary: 'Imports of ranges, newest first, with their progress',
  query: ofCompany,
  answer: z.object({ backfills: z.array(backfillAnswer) }),
  async handle({ query }, { sql }) {
    return { backfills: await readBackfills(sql, await companyIdOf(sql, query.company)) };
  },
});

/** Stops an import after the page being read. */
export const stopBackfill = route({
  method: 'post',
  path: '/backfills/{id}/cancel',
  summary: 'Cancel an import; what came in stays',
  params: ofBackfill,
  answer: backfillAnswer,
  handle: ({ params }, { deps }) => refusing(cancelBackfill(params.id, deps)),
});

/** Goes on where it stopped. */
export const continueBackfill = route({
  method: 'post',
  path: '/backfills/{id}/resume',
  summary: 'Resume a cancelled or failed import where it stopped',
  params: ofBackfill,
  answer: backfillAnswer,
  handle: ({ params }, { deps }) => refusing(resumeBackfill(params.id, deps)),
});

async function refusing(work: Promise<Backfill>): Promise<Backfill> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BackfillRefused)
      throw new ApiError(409, 'BACKFILL_REFUSED', error.message, 'See GET /api/v1/backfills.');
    throw error;
  }
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Who told of what happened, hour by hour. */
export const showCoverage = route({
  method: 'get',
  path: '/connections/{id}/coverage',
  summary: 'Per hour (UTC): facts told by webhook, by polling, by both, and gaps that polling healed; last 7 days',
  params: z.object({ id: z.guid() }),
  query: z.object({ from: instant.optional(), to: instant.optional() }),
  answer: z.object({
    hours: z.array(
      z.object({
        hour: instantText,
        both: z.number(),
        webhookOnly: z.number(),
        healed: z.number(),
        polled: z.number(),
      }),
    ),
    healed: z.number(),
  }),
  async handle({ params, query }, { sql, sales, clock }) {
    const [connection] = await sql<{ connector: string }[]>`
      select connector from connections where id = ${params.id} and kind = 'sales'`;
    if (!connection)
      throw new ApiError(404, 'CONNECTION_UNKNOWN', 'There is no such channel.', 'See GET /api/v1/connections.');
    const { to = clock(), from = new Date(to.getTime() - WEEK_MS) } = query;
    const polledOnly = sales.get(connection.connector)?.polledOnly ?? [];
    const hours = await coverage(sql, { connectionId: params.id, from, to, polledOnly });
    return { hours, healed: hours.reduce((total, { healed }) => total + healed, 0) };
  },
});
