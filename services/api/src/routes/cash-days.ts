import { cashDraft } from '@daybook/domain';
import { approveDay, type CashDayView, cashDay, putDraft, rejectDay } from '@daybook/ledger/cash-book/days';
import { nextDay } from '@daybook/ledger/cash-book/prefill';
import { cashTenders } from '@daybook/ledger/cash-book/registers';
import { cashPlace, enterCashDay } from '@daybook/workers/cash-days';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, idText, minorText, route } from './route.ts';

const ofCompany = z.object({ company: z.string().min(1) });
const ofDay = z.object({ book: z.string().min(1), register: z.string().min(1), date: givenDay });
/** Who does it: a person's name, as in the cash book. */
const by = z.string().trim().min(1).max(200);
const amount = minorText.optional();

/** How far a day of a register has come. */
export const dayState = z.object({
  book: z.string(),
  register: z.string(),
  date: z.string(),
  entryStatus: z.string(),
  checkStatus: z.string(),
  clerk: z.string(),
  comment: z.string().nullable(),
  eventId: idText.nullable(),
});

const dayAnswer = dayState.extend({
  /** What the channels' sales took in cash at the register that day. */
  cashTenders: minorText,
  draft: z.object({
    receiptNumber: z.string().optional(),
    openingBalance: amount,
    revenueShould: amount,
    revenueActual: amount,
    salesNonCash: amount,
    revaluation: amount,
    devaluation: amount,
    bankDeposit: amount,
    withdrawal: amount,
    withdrawalIntoDrawer: z.boolean().optional(),
    expenditures: z
      .array(
        z.object({
          account: z.string().optional(),
          role: z.string().optional(),
          amount: minorText,
          taxCode: z.string().optional(),
          tax: amount,
          note: z.string().optional(),
          receipt: z.string().optional(),
        }),
      )
      .optional(),
    reason: z.string().nullable().optional(),
    openingReason: z.string().nullable().optional(),
  }),
});

type Params = z.output<typeof ofDay>;

async function placeOf(params: Params, company: string, { sql, clock }: ApiContext) {
  return cashPlace(sql, await companyNamed(sql, company), params, clock());
}

async function shown(params: Params, company: string, context: ApiContext) {
  const place = await placeOf(params, company, context);
  const { book, register, date } = place;
  const view: CashDayView = await cashDay(context.sql, place);
  const tenders = await cashTenders(context.sql, book.companyId, { register, date, currency: book.currency });
  return { ...view, cashTenders: tenders };
}

const DAY = '/cash-books/{book}/registers/{register}/days/{date}';

export const showCashDay = route({
  method: 'get',
  path: DAY,
  summary: "A day of a register: what was entered, else what the day before and the till's own closing say",
  params: ofDay,
  query: ofCompany,
  answer: dayAnswer,
  handle: ({ params, query }, context) => shown(params, query.company, context),
});

export const showNextCashDay = route({
  method: 'get',
  path: '/cash-books/{book}/registers/{register}/next-day',
  summary: 'The day after the last one of a register, filled in as far as it is known',
  params: ofDay.omit({ date: true }),
  query: ofCompany,
  answer: dayAnswer,
  async handle({ params, query }, context) {
    const place = await placeOf({ ...params, date: '' }, query.company, context);
    return shown({ ...params, date: await nextDay(context.sql, place) }, query.company, context);
  },
});

export const putCashDay = route({
  method: 'put',
  path: DAY,
  summary: 'Keep the draft of a day; it is booked when it is submitted',
  params: ofDay,
  query: ofCompany,
  body: z.strictObject({ by: by.optional(), draft: cashDraft }),
  answer: dayAnswer,
  async handle({ params, query, body }, context) {
    const { sql, clock } = context;
    const place = await placeOf(params, query.company, context);
    const change = { draft: body.draft, clerk: body.by ?? place.book.clerk, now: clock() };
    await sql.begin((tx) => putDraft(tx, place, change));
    return shown(params, query.company, context);
  },
});

export const submitCashDay = route({
  method: 'post',
  path: `${DAY}/submit`,
  summary: 'Submit the draft of a day: it is booked and waits for the auditor',
  params: ofDay,
  query: ofCompany,
  body: z.strictObject({ by: by.optional() }),
  answer: dayAnswer,
  async handle({ params, query, body }, context) {
    const place = await placeOf(params, query.company, context);
    await enterCashDay(place, { step: 'submitted', by: body.by ?? place.book.clerk }, context.deps);
    return shown(params, query.company, context);
  },
});

export const correctCashDay = route({
  method: 'post',
  path: `${DAY}/correct`,
  summary: 'Correct a submitted day: what was booked is reversed, booked anew and has to be checked again',
  params: ofDay,
  query: ofCompany,
  body: z.strictObject({ by: by.optional(), draft: cashDraft }),
  answer: dayAnswer,
  async handle({ params, query, body }, context) {
    const place = await placeOf(params, query.company, context);
    const step = { step: 'corrected', draft: body.draft, by: body.by ?? place.book.clerk } as const;
    await enterCashDay(place, step, context.deps);
    return shown(params, query.company, context);
  },
});

export const approveCashDay = route({
  method: 'post',
  path: `${DAY}/approve`,
  summary: "Approve a submitted day, as the cash book's auditor",
  params: ofDay,
  query: ofCompany,
  body: z.strictObject({ by, comment: z.string().optional() }),
  answer: dayAnswer,
  async handle({ params, query, body }, context) {
    const { sql, clock } = context;
    const place = await placeOf(params, query.company, context);
    await sql.begin((tx) => approveDay(tx, place, { ...body, now: clock() }));
    return shown(params, query.company, context);
  },
});

export const rejectCashDay = route({
  method: 'post',
  path: `${DAY}/reject`,
  summary: 'Give a submitted day back to the clerk with a comment',
  params: ofDay,
  query: ofCompany,
  body: z.strictObject({ by, comment: z.string() }),
  answer: dayAnswer,
  async handle({ params, query, body }, context) {
    const { sql, clock } = context;
    const place = await placeOf(params, query.company, context);
    await sql.begin((tx) => rejectDay(tx, place, { ...body, now: clock() }));
    return shown(params, query.company, context);
  },
});
