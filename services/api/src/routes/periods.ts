import { localDate } from '@daybook/domain';
import { createFiscalYear } from '@daybook/ledger/calendar';
import { calendarChanges } from '@daybook/ledger/calendar-changes';
import { changeFiscalYear } from '@daybook/ledger/change-year';
import { closingPreview } from '@daybook/ledger/closing-balances';
import { calendarOf, checkBeforeLock, LOCK_KINDS, setLockDate, setPeriodState } from '@daybook/ledger/periods';
import { closeYear, reopenYear } from '@daybook/ledger/year-end';
import { resumeClosed } from '@daybook/workers/late-events';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, instantText, minorText, route } from './route.ts';

export const ofSlug = z.object({ slug: z.string() });
/** Who does it and why; what that is needed for says so with REASON_REQUIRED. */
export const act = { by: z.string().min(1).max(200).default('api'), reason: z.string().min(1).max(2000).optional() };

const lockDates = z.object({
  sales: z.string().nullable(),
  purchases: z.string().nullable(),
  tax: z.string().nullable(),
  everything: z.string().nullable(),
  hard: z.string().nullable(),
});
const period = z.object({ startsOn: z.string(), endsOn: z.string(), kind: z.string(), state: z.string() });
const calendar = z.object({
  years: z.array(
    z.object({
      label: z.string(),
      startsOn: z.string(),
      endsOn: z.string(),
      state: z.string(),
      closings: z.number(),
      lastNumber: z.number(),
      periods: z.array(period),
    }),
  ),
  locks: lockDates,
});
const steps = z.array(z.object({ step: z.string(), fiscalYear: z.string(), number: z.number() }));

/** Today where the company is. */
export async function todayOf({ sql, clock }: ApiContext, companyId: string): Promise<string> {
  const [row] = await sql<
    { timeZone: string }[]
  >`select time_zone as "timeZone" from companies where id = ${companyId}`;
  return localDate(clock().toISOString(), row?.timeZone ?? 'UTC');
}

export const listPeriods = route({
  method: 'get',
  path: '/companies/{slug}/periods',
  summary: 'Fiscal years with their periods and states, and the lock dates',
  params: ofSlug,
  answer: calendar,
  handle: async ({ params }, { sql }) => calendarOf(sql, await companyNamed(sql, params.slug)),
});

export const listCalendarChanges = route({
  method: 'get',
  path: '/companies/{slug}/calendar-changes',
  summary: 'Who opened, locked, closed, reopened, approved or reversed what, when and why; newest first',
  params: ofSlug,
  answer: z.object({
    changes: z.array(
      z.object({
        kind: z.string(),
        subject: z.string(),
        before: z.string().nullable(),
        after: z.string().nullable(),
        changedAt: instantText,
        changedBy: z.string(),
        reason: z.string().nullable(),
      }),
    ),
  }),
  handle: async ({ params }, { sql }) => ({
    changes: await calendarChanges(sql, await companyNamed(sql, params.slug)),
  }),
});

export const showLockChecks = route({
  method: 'get',
  path: '/companies/{slug}/lock-checks',
  summary: 'What is unfinished up to the end of the period of a day: the check list before it is locked',
  params: ofSlug,
  query: z.object({ day: givenDay.optional() }),
  answer: z.object({
    problems: z.array(z.object({ check: z.string(), blocks: z.boolean(), amount: minorText, message: z.string() })),
  }),
  async handle({ params, query }, context) {
    const company = await companyNamed(context.sql, params.slug);
    const day = query.day ?? (await todayOf(context, company));
    return { problems: await checkBeforeLock(context.sql, company, day) };
  },
});

export const putPeriod = route({
  method: 'put',
  path: '/companies/{slug}/periods',
  summary: 'Open, softly close or lock the period of a day; opening needs a reason, locking asks the check list',
  params: ofSlug,
  body: z.strictObject({ day: givenDay, state: z.enum(['open', 'soft_closed', 'locked']), ...act }),
  answer: period,
  async handle({ params, body }, { sql, clock, deps }) {
    const { by, reason, ...wish } = body;
    const company = await companyNamed(sql, params.slug);
    const period = await setPeriodState(sql, company, wish, { by, reason, now: clock() });
    await resumeClosed(company, deps);
    return period;
  },
});

export const putLockDate = route({
  method: 'put',
  path: '/companies/{slug}/lock-dates',
  summary: 'Set a lock date, or take it off with null; the hard one only moves forward',
  params: ofSlug,
  body: z.strictObject({ kind: z.enum(LOCK_KINDS), day: givenDay.nullable(), ...act }),
  answer: lockDates,
  async handle({ params, body }, { sql, clock, deps }) {
    const { by, reason, ...wish } = body;
    const company = await companyNamed(sql, params.slug);
    const locks = await setLockDate(sql, company, wish, { by, reason, now: clock() });
    await resumeClosed(company, deps);
    return locks;
  },
});

export const addFiscalYear = route({
  method: 'post',
  path: '/companies/{slug}/fiscal-years',
  summary: 'Add a fiscal year of at most 18 months beside those there are, divided into months',
  params: ofSlug,
  body: z.strictObject({ label: z.string().min(1).max(40), startsOn: givenDay, endsOn: givenDay }),
  answer: calendar,
  async handle({ params, body }, { sql, deps }) {
    const company = await companyNamed(sql, params.slug);
    await sql.begin((tx) => createFiscalYear(tx, company, body));
    await resumeClosed(company, deps);
    return calendarOf(sql, company);
  },
});

export const putFiscalYear = route({
  method: 'put',
  path: '/companies/{slug}/fiscal-years',
  summary: 'Let an open fiscal year begin or end on other days; neighbours without entries give way',
  params: ofSlug,
  body: z.strictObject({ label: z.string().min(1).max(40), startsOn: givenDay, endsOn: givenDay, ...act }),
  answer: calendar,
  async handle({ params, body }, { sql, clock }) {
    const { by, reason, ...year } = body;
    const company = await companyNamed(sql, params.slug);
    await sql.begin((tx) => changeFiscalYear(tx, company, year, { by, reason, now: clock() }));
    return calendarOf(sql, company);
  },
});

export const showClosingPreview = route({
  method: 'get',
  path: '/companies/{slug}/closing-preview',
  summary: 'What closing the year on a day would make: result, retained earnings, opening balances; nothing is posted',
  params: ofSlug,
  query: z.object({ date: givenDay.optional() }),
  answer: z.object({
    date: z.string(),
    result: minorText,
    retainedBefore: minorText,
    retainedAfter: minorText,
    opening: z.array(z.object({ account: z.string(), balance: minorText })),
  }),
  async handle({ params, query }, context) {
    const company = await companyNamed(context.sql, params.slug);
    return closingPreview(context.sql, company, query.date ?? (await todayOf(context, company)));
  },
});

export const addClosing = route({
  method: 'post',
  path: '/companies/{slug}/closings',
  summary: 'Close a fiscal year whose periods are locked: posts CLS-1 to CLS-3 and the opening of the next year',
  params: ofSlug,
  body: z.strictObject({ fiscalYear: z.string().min(1), ...act }),
  answer: z.object({ label: z.string(), outcome: z.string(), run: z.number(), entries: steps }),
  async handle({ params, body }, { sql, clock }) {
    const { fiscalYear, ...who } = body;
    return closeYear(sql, await companyNamed(sql, params.slug), fiscalYear, { ...who, now: clock() });
  },
});

export const addReopening = route({
  method: 'post',
  path: '/companies/{slug}/reopenings',
  summary: 'Reopen the latest closed fiscal year by reversals of its closing; needs a reason, its periods stay locked',
  params: ofSlug,
  body: z.strictObject({ fiscalYear: z.string().min(1), ...act }),
  answer: z.object({ entries: steps }),
  async handle({ params, body }, { sql, clock }) {
    const { fiscalYear, ...who } = body;
    const company = await companyNamed(sql, params.slug);
    return { entries: await reopenYear(sql, company, fiscalYear, { ...who, now: clock() }) };
  },
});
