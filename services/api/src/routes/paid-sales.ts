import { paidSalesOf, setPaidSales } from '@daybook/workers/paid-sales';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { type ApiContext, connectorOf } from '../context.ts';
import { route } from './route.ts';

const ofConnection = z.object({ id: z.guid() });
const choice = z.object({ paidSales: z.enum(['receipts', 'invoices']) });
type Choice = z.infer<typeof choice>;

/** What paid sales and refunds are in a set of books. */
export const showPaidSales = route({
  method: 'get',
  path: '/connections/{id}/paid-sales',
  summary: 'Whether paid sales and refunds go to these books as receipts or as invoices and credit notes with payments',
  params: ofConnection,
  answer: choice,
  async handle({ params }, context) {
    return { paidSales: (await booksNamed(context, params.id)).paidSales };
  },
});

/** Switches for events posted from now on. */
export const putPaidSales = route({
  method: 'put',
  path: '/connections/{id}/paid-sales',
  summary: 'Send paid sales and refunds posted from now on as receipts, or as invoices and credit notes with payments',
  params: ofConnection,
  body: z.strictObject(choice.shape),
  answer: choice,
  async handle({ params, body }, context) {
    const { connector } = await booksNamed(context, params.id);
    if (body.paidSales === 'receipts' && !(connector.kind === 'accounting' && connector.receipts)) {
      const hint = 'Leave it at "invoices".';
      throw new ApiError(400, 'INPUT_INVALID', `${connector.label} takes no receipts from Daybook.`, hint);
    }
    await setPaidSales(context.sql, params.id, body.paidSales);
    return body;
  },
});

async function booksNamed(context: ApiContext, id: string) {
  const [row] = await context.sql<(Choice & { connector: string })[]>`
    select connector, ${paidSalesOf(context.sql)} as "paidSales" from connections where id = ${id} and kind = 'accounting'`;
  const connector = row && connectorOf(context, row.connector);
  if (!row || !connector)
    throw new ApiError(404, 'CONNECTION_UNKNOWN', 'There are no such books.', 'See GET /api/v1/connections.');
  return { paidSales: row.paidSales, connector };
}
