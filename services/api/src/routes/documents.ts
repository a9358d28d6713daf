import { z } from 'zod';
import { companyIdOf } from './companies.ts';
import { idText, minorText, nextCursor, page, route } from './route.ts';

const documentRow = z.object({
  id: idText,
  company: z.string(),
  kind: z.string(),
  number: z.string(),
  date: z.string(),
  currency: z.string(),
  amount: minorText,
  tax: minorText,
  state: z.string(),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  remoteId: z.string().nullable(),
});

/** Documents of a company as owed and as pushed. */
export const listDocuments = route({
  method: 'get',
  path: '/documents',
  summary: 'Documents owed to the books and what became of them, newest first',
  query: page.extend({
    state: z.enum(['pending', 'sending', 'unknown', 'pushed', 'held', 'rejected']).optional(),
  }),
  answer: z.object({ documents: z.array(documentRow), cursor: z.string().nullable() }),
  async handle({ query }, { sql }) {
    const companyId = await companyIdOf(sql, query.company);
    const documents = await sql<z.input<typeof documentRow>[]>`
      select d.id, m.slug as company, d.kind, d.number, d.date, d.currency, d.amount, d.tax, d.state, d.code, d.reason,
             d.remote_id as "remoteId"
      from documents d join companies m on m.id = d.company_id
      where true ${companyId ? sql`and d.company_id = ${companyId}` : sql``}
        ${query.state ? sql`and d.state = ${query.state}` : sql``}
        ${query.cursor ? sql`and d.id < ${query.cursor}` : sql``}
      order by d.id desc limit ${query.limit}`;
    return { documents, cursor: nextCursor(documents, query.limit) };
  },
});
