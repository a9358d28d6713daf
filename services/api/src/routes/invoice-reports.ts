import { BUCKETS, localDate } from '@daybook/domain';
import { controlAccounts } from '@daybook/ledger/invoice-ledger/control';
import { aged } from '@daybook/ledger/reports/aged';
import { overdue } from '@daybook/ledger/reports/overdue';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, idText, instantText, minorText, type Route, route } from './route.ts';

const asOf = z.object({ company: z.string().min(1), date: givenDay.optional() });

/** The day asked for, else today where the company is. */
async function placeOf({ company, date }: z.output<typeof asOf>, { sql, clock }: ApiContext) {
  const companyId = await companyNamed(sql, company);
  const [row] = await sql<
    { timeZone: string }[]
  >`select time_zone as "timeZone" from companies where id = ${companyId}`;
  return { companyId, date: date ?? localDate(clock().toISOString(), row?.timeZone ?? 'UTC') };
}

const agedItem = {
  id: idText,
  account: z.string(),
  party: z.string().nullable(),
  partyName: z.string().nullable(),
  document: z.string().nullable(),
  date: z.string(),
  dueDate: z.string(),
  currency: z.string(),
  openTc: minorText,
  open: minorText,
  daysOverdue: z.number(),
  bucket: z.enum(BUCKETS),
  pausedFor: z.string().nullable(),
};
const sums = { buckets: z.record(z.enum(BUCKETS), minorText), unallocated: minorText, total: minorText };

const agedReport = route({
  method: 'get',
  path: '/reports/aged',
  summary: 'Aged receivables or payables per party, with the balance of their control accounts',
  query: asOf.extend({ side: z.enum(['receivable', 'payable']).default('receivable'), party: z.string().optional() }),
  answer: z.object({
    currency: z.string(),
    date: z.string(),
    side: z.string(),
    parties: z.array(
      z.object({ party: z.string().nullable(), name: z.string(), items: z.array(z.object(agedItem)), ...sums }),
    ),
    ...sums,
    controlBalance: minorText,
    difference: minorText,
  }),
  async handle({ query }, context) {
    const { companyId, date } = await placeOf(query, context);
    return aged(context.sql, companyId, { side: query.side, party: query.party, date });
  },
});

const overdueReport = route({
  method: 'get',
  path: '/reports/overdue',
  summary: 'Overdue receivables per party, with days and reminder level',
  query: asOf,
  answer: z.object({
    currency: z.string(),
    date: z.string(),
    parties: z.array(
      z.object({
        party: z.string().nullable(),
        name: z.string(),
        items: z.array(
          z.object({ ...agedItem, level: z.number(), sentLevel: z.number(), sentAt: instantText.nullable() }),
        ),
        total: minorText,
      }),
    ),
    total: minorText,
  }),
  async handle({ query }, context) {
    const { companyId, date } = await placeOf(query, context);
    return overdue(context.sql, companyId, { date });
  },
});

const controlReport = route({
  method: 'get',
  path: '/reports/control-accounts',
  summary: 'Open items beside the balance of each sub-ledger account, per currency',
  query: asOf,
  answer: z.object({
    accounts: z.array(
      z.object({
        account: z.string(),
        name: z.string(),
        currency: z.string(),
        open: minorText,
        openTc: minorText,
        balance: minorText,
        balanceTc: minorText,
      }),
    ),
  }),
  async handle({ query }, context) {
    const { companyId, date } = await placeOf(query, context);
    return { accounts: await controlAccounts(context.sql, companyId, date) };
  },
});

/** Reports of the invoice ledger (accounting.md H8, H9, E6). */
export const invoiceReportRoutes: readonly Route[] = [agedReport, overdueReport, controlReport];
