import { isCurrency } from '@daybook/domain';
import { archiveCashBook } from '@daybook/ledger/cash-book/archive';
import { createCashBook, findCashBook, searchCashBooks } from '@daybook/ledger/cash-book/books';
import { cashDayStates, unapprovedDays } from '@daybook/ledger/cash-book/day-states';
import { cashBookReport } from '@daybook/ledger/reports';
import { companyToday } from '@daybook/workers/cash-days';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { dayState } from './cash-days.ts';
import { companyNamed } from './companies.ts';
import { givenDay, idText, instantText, minorText, route } from './route.ts';

const text = z.string().trim().min(1).max(200);
const ofCompany = z.object({ company: z.string().min(1) });
const ofBook = z.object({ book: z.string().min(1) });

const bookAnswer = z.object({
  id: z.string(),
  name: z.string(),
  startsOn: z.string(),
  endsOn: z.string(),
  currency: z.string(),
  tolerance: minorText,
  companyCode: z.string(),
  site: z.string(),
  auditor: z.string(),
  clerk: z.string(),
  costCentre: z.string().nullable(),
  archivedAt: instantText.nullable(),
  status: z.string(),
  registers: z.array(z.object({ register: z.string(), account: z.string() })),
});

/** The company of a request and its date there. */
async function asked({ sql, clock }: ApiContext, slug: string) {
  const companyId = await companyNamed(sql, slug);
  return { companyId, today: await companyToday(sql, companyId, clock()) };
}

export const listCashBooks = route({
  method: 'get',
  path: '/cash-books',
  summary: 'Cash books by status and name; by part of a name, days, company code, site, cost centre, archived or not',
  query: ofCompany.extend({
    name: z.string().optional(),
    from: givenDay.optional(),
    to: givenDay.optional(),
    companyCode: z.string().optional(),
    site: z.string().optional(),
    costCentre: z.string().optional(),
    archived: z.stringbool().optional(),
  }),
  answer: z.object({ cashBooks: z.array(bookAnswer) }),
  async handle({ query: { company, ...filter } }, context) {
    const { companyId, today } = await asked(context, company);
    return { cashBooks: await searchCashBooks(context.sql, companyId, filter, today) };
  },
});

export const addCashBook = route({
  method: 'post',
  path: '/cash-books',
  summary: 'Open a cash book: its days, registers with their cash accounts, tolerance, clerk and auditor',
  query: ofCompany,
  body: z.strictObject({
    name: text,
    startsOn: givenDay,
    endsOn: givenDay,
    currency: z.string().refine(isCurrency, 'is not an ISO 4217 currency code').optional(),
    tolerance: z.union([z.int().min(0), z.string().regex(/^\d{1,18}$/)]).transform(BigInt),
    companyCode: text,
    site: text,
    registers: z.array(z.strictObject({ register: text, account: text.optional() })).min(1),
    auditor: text,
    clerk: text,
    costCentre: text.nullable().optional(),
  }),
  answer: bookAnswer,
  async handle({ query, body }, context) {
    const { sql, clock } = context;
    const { companyId, today } = await asked(context, query.company);
    const id = await sql.begin((tx) => createCashBook(tx, companyId, body, clock()));
    return findCashBook(sql, companyId, id, today);
  },
});

export const showCashBook = route({
  method: 'get',
  path: '/cash-books/{book}',
  summary: 'A cash book, by id or name',
  params: ofBook,
  query: ofCompany,
  answer: bookAnswer,
  async handle({ params, query }, context) {
    const { companyId, today } = await asked(context, query.company);
    return findCashBook(context.sql, companyId, params.book, today);
  },
});

export const archiveBook = route({
  method: 'post',
  path: '/cash-books/{book}/archive',
  summary: 'Archive a cash book whose last day is over and whose days are all approved: it is only read from then on',
  params: ofBook,
  query: ofCompany,
  answer: bookAnswer,
  async handle({ params, query }, context) {
    const { sql, clock } = context;
    const { companyId, today } = await asked(context, query.company);
    const book = await findCashBook(sql, companyId, params.book, today);
    await sql.begin((tx) => archiveCashBook(tx, book, today, clock()));
    return findCashBook(sql, companyId, book.id, today);
  },
});

const range = ofCompany.extend({ from: givenDay.optional(), to: givenDay.optional() });

export const listCashDays = route({
  method: 'get',
  path: '/cash-books/{book}/days',
  summary: "Days of a cash book and how far they have come; tills' own closings nobody has looked at are drafts",
  params: ofBook,
  query: range,
  answer: z.object({ days: z.array(dayState) }),
  async handle({ params, query }, context) {
    const { companyId, today } = await asked(context, query.company);
    const { id: bookId } = await findCashBook(context.sql, companyId, params.book, today);
    return { days: await cashDayStates(context.sql, companyId, { ...query, bookId }) };
  },
});

export const listUnapprovedCashDays = route({
  method: 'get',
  path: '/unapproved-cash-days',
  summary: 'Days of all cash books that keep a period from being locked',
  query: range.required(),
  answer: z.object({ days: z.array(dayState) }),
  async handle({ query: { company, from, to } }, { sql }) {
    return { days: await unapprovedDays(sql, await companyNamed(sql, company), from, to) };
  },
});

const row = z.object({
  date: z.string(),
  receiptNumber: z.string(),
  openingBalance: minorText,
  revenueShould: minorText,
  revenueActual: minorText,
  cashDifference: minorText,
  revaluation: minorText,
  devaluation: minorText,
  salesCash: minorText,
  salesNonCash: minorText,
  salesTotal: minorText,
  cashExpenditure: minorText,
  bankDeposit: minorText,
  withdrawal: minorText,
  closingBalance: minorText,
  change: minorText,
  openingGap: minorText,
  tolerance: minorText,
  reasonRequired: z.boolean(),
  reason: z.string().nullable(),
  openingReason: z.string().nullable(),
  entryStatus: z.string(),
  checkStatus: z.string(),
  comment: z.string().nullable(),
  clerk: z.string().nullable(),
  eventId: idText,
});
const totals = row.pick({
  openingBalance: true,
  revenueShould: true,
  revenueActual: true,
  cashDifference: true,
  revaluation: true,
  devaluation: true,
  salesCash: true,
  salesNonCash: true,
  salesTotal: true,
  cashExpenditure: true,
  bankDeposit: true,
  withdrawal: true,
  closingBalance: true,
  change: true,
});

export const cashBookRoute = route({
  method: 'get',
  path: '/reports/cash-book',
  summary: 'Cash book: booked days per book and register with all figures and totals, minor units of its currency',
  query: ofCompany.extend({
    from: givenDay.optional(),
    to: givenDay.default('9999-12-31'),
    book: z.string().optional(),
  }),
  answer: z.object({
    from: z.string().nullable(),
    to: z.string(),
    sections: z.array(
      z.object({ book: z.string(), register: z.string(), currency: z.string(), rows: z.array(row), totals }),
    ),
  }),
  handle: async ({ query }, { sql }) => cashBookReport(sql, await companyNamed(sql, query.company), query),
});
