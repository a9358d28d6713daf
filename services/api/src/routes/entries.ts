import { enterDocuments } from '@daybook/workers/documents/enter-documents';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { idText, minorText, route } from './route.ts';

/** The outcome of one document. */
const report = z.object({
  at: z.string(),
  type: z.string(),
  number: z.string().nullable(),
  outcome: z.enum(['entered', 'changed', 'exists', 'waiting', 'refused']),
  eventId: idText.nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  entries: z.array(
    z.object({
      sourceKey: z.string(),
      type: z.string(),
      date: z.string(),
      lines: z.array(
        z.object({
          account: z.string(),
          name: z.string(),
          debit: minorText,
          credit: minorText,
          taxCode: z.string().nullable(),
        }),
      ),
    }),
  ),
});

/** Documents that people enter; each is booked whole or refused with its reason. */
export const addEntries = route({
  method: 'post',
  path: '/entries',
  summary: 'Enter invoices, credit notes, bills, goods, counts, journals and bank lines, or see what that would book',
  body: z.strictObject({
    company: z.string().min(1),
    dryRun: z.boolean().default(false),
    /** Forms of docs/ledger.md, each checked by itself: one that is wrong hinders no other. */
    documents: z.array(z.record(z.string(), z.unknown())).min(1).max(500),
  }),
  answer: z.object({ dryRun: z.boolean(), accepted: z.int(), refused: z.int(), documents: z.array(report) }),
  async handle({ body: { company, dryRun, documents } }, { sql, deps }) {
    const given = documents.map((input, index) => ({ at: String(index + 1), input }));
    const reports = await enterDocuments(await companyNamed(sql, company), given, { dryRun }, deps);
    const refused = reports.filter(({ outcome }) => outcome === 'refused').length;
    return { dryRun, accepted: reports.length - refused, refused, documents: reports };
  },
});
