import { lateItems } from '@daybook/ledger/late';
import { revalue } from '@daybook/ledger/revaluation';
import { reverseEntry } from '@daybook/ledger/reversal';
import { approveLate, heldEvents, setLatePolicy } from '@daybook/workers/late-events';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { act, ofSlug } from './periods.ts';
import { givenDay, givenId, idText, instantText, minorText, route } from './route.ts';

export const listLateItems = route({
  method: 'get',
  path: '/companies/{slug}/late-items',
  summary: 'Entries booked after the closed day they belong to; with taxed=true only those that a tax return counts',
  params: ofSlug,
  query: z.object({
    from: givenDay.default('1900-01-01'),
    to: givenDay.default('9999-12-31'),
    taxed: z.stringbool().default(false),
  }),
  answer: z.object({
    items: z.array(
      z.object({
        entryId: idText,
        fiscalYear: z.string(),
        number: z.number(),
        entryType: z.string(),
        postingDate: z.string(),
        taxPoint: z.string(),
        occurredAt: instantText,
        sourceKey: z.string(),
        memo: z.string(),
        channel: z.string().nullable(),
        eventId: idText.nullable(),
        lines: z.array(
          z.object({
            account: z.string(),
            debit: minorText,
            credit: minorText,
            taxCode: z.string().nullable(),
            taxKind: z.string().nullable(),
          }),
        ),
      }),
    ),
  }),
  handle: async ({ params, query }, { sql }) => ({
    items: await lateItems(sql, await companyNamed(sql, params.slug), query),
  }),
});

export const listHeldEvents = route({
  method: 'get',
  path: '/companies/{slug}/late-events',
  summary: 'Late facts that are held until a person approves them',
  params: ofSlug,
  answer: z.object({
    events: z.array(
      z.object({
        id: idText,
        type: z.string(),
        sourceId: z.string(),
        occurredAt: instantText,
        reason: z.string(),
      }),
    ),
  }),
  handle: async ({ params }, { sql }) => ({ events: await heldEvents(sql, await companyNamed(sql, params.slug)) }),
});

const done = z.object({ done: z.literal(true) });

export const addLateApproval = route({
  method: 'post',
  path: '/companies/{slug}/late-events/{id}/approve',
  summary: 'Let a held late fact into the first open period; needs a reason',
  params: ofSlug.extend({ id: givenId }),
  body: z.strictObject(act),
  answer: done,
  async handle({ params, body }, { deps, sql }) {
    const wish = { eventId: BigInt(params.id), by: body.by, reason: body.reason };
    await approveLate(await companyNamed(sql, params.slug), wish, deps);
    return { done: true as const };
  },
});

export const putLatePolicy = route({
  method: 'put',
  path: '/companies/{slug}/late-event-policy',
  summary: 'What becomes of facts of channels whose day is closed',
  params: ofSlug,
  body: z.strictObject({ policy: z.enum(['post_in_first_open_period', 'hold_for_approval', 'reject']) }),
  answer: done,
  async handle({ params, body }, { sql }) {
    await setLatePolicy(sql, await companyNamed(sql, params.slug), body.policy);
    return { done: true as const };
  },
});

export const addRevaluation = route({
  method: 'post',
  path: '/companies/{slug}/revaluations',
  summary: 'Put foreign balances to the closing rate of the period of a day, and back on the first day of the next one',
  params: ofSlug,
  body: z.strictObject({ day: givenDay }),
  answer: z.object({
    date: z.string(),
    posted: z
      .object({
        sourceKey: z.string(),
        number: z.number(),
        fiscalYear: z.string(),
        reversalNumber: z.number(),
      })
      .nullable(),
    balances: z.array(
      z.object({
        account: z.string(),
        currency: z.string(),
        party: z.string().nullable(),
        document: z.string().nullable(),
        amountTc: minorText,
        amount: minorText,
        worth: minorText,
      }),
    ),
  }),
  handle: async ({ params, body }, { sql, clock }) =>
    revalue(sql, await companyNamed(sql, params.slug), body.day, { now: clock() }),
});

export const addReversal = route({
  method: 'post',
  path: '/companies/{slug}/reversals',
  summary: 'Take an entry back by one with debits and credits turned; names it by source key or as "2026/12"',
  params: ofSlug,
  body: z.strictObject({ entry: z.string().min(1), date: givenDay.optional(), ...act }),
  answer: z.object({
    sourceKey: z.string(),
    postingDate: z.string(),
    fiscalYear: z.string(),
    number: z.number(),
    reverses: z.object({ fiscalYear: z.string(), number: z.number() }),
  }),
  async handle({ params, body }, { sql, clock }) {
    const { by, reason, ...wish } = body;
    return reverseEntry(sql, await companyNamed(sql, params.slug), wish, { by, reason, now: clock() });
  },
});
