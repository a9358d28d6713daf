import { setGranularity } from '@daybook/workers/summaries/granularity';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { givenDay, route } from './route.ts';

const ofConnection = z.object({ id: z.guid() });
const choices = z.object({ choices: z.array(z.object({ fromDate: z.string(), mode: z.string() })) });

/** How finely a channel is booked, by business date. */
export const showGranularity = route({
  method: 'get',
  path: '/connections/{id}/granularity',
  summary: 'Whether a channel is booked per order or as daily summaries, and from which business date on',
  params: ofConnection,
  answer: choices,
  async handle({ params }, { sql }) {
    const rows = await sql<{ fromDate: string; mode: string }[]>`
      select from_date::text as "fromDate", mode from granularities where connection_id = ${params.id} order by from_date`;
    return { choices: [...rows] };
  },
});

/** Switches from a business date on; what is posted stays as it is. */
export const putGranularity = route({
  method: 'put',
  path: '/connections/{id}/granularity',
  summary: 'Book a channel per order or as one entry per day and register, from a business date on',
  params: ofConnection,
  body: z.strictObject({ fromDate: givenDay, mode: z.enum(['per_order', 'daily_summary']) }),
  answer: choices,
  async handle({ params, body }, context) {
    const [connection] = await context.sql`select 1 from connections where id = ${params.id} and kind = 'sales'`;
    if (!connection)
      throw new ApiError(404, 'CONNECTION_UNKNOWN', 'There is no such channel.', 'See GET /api/v1/connections.');
    await setGranularity(context.sql, { connectionId: params.id, ...body });
    return showGranularity.handle({ params, query: {}, body: undefined }, context) as Promise<z.input<typeof choices>>;
  },
});
