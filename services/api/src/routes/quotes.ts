import { quoteForm } from '@daybook/domain';
import { invoiceQuote, markQuote, quotesOf, writeQuote } from '@daybook/workers/documents/quotes';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { givenDay, idText, minorText, type Route, route } from './route.ts';

const ofCompany = z.object({ company: z.string().min(1) });
const ofQuote = z.object({ number: z.string().min(1) });

const listQuotes = route({
  method: 'get',
  path: '/quotes',
  summary: 'Quotes with how far they have come, newest first; the newest thousand',
  query: ofCompany,
  answer: z.object({
    quotes: z.array(
      z.object({
        number: z.string(),
        date: z.string(),
        validUntil: z.string(),
        currency: z.string(),
        customer: z.record(z.string(), z.unknown()),
        lines: z.array(z.record(z.string(), z.unknown())),
        memo: z.string().nullable(),
        state: z.string(),
        invoiceEvent: idText.nullable(),
      }),
    ),
  }),
  async handle({ query }, { sql }) {
    return { quotes: await quotesOf(sql, await companyNamed(sql, query.company)) };
  },
});

const addQuote = route({
  method: 'post',
  path: '/quotes',
  summary: 'Write a quote; nothing is booked for it',
  query: ofCompany,
  body: quoteForm,
  answer: z.object({ number: z.string(), net: minorText, total: minorText }),
  async handle({ query, body }, { sql, clock }) {
    return writeQuote(await companyNamed(sql, query.company), body, { sql, clock });
  },
});

const putQuoteState = route({
  method: 'put',
  path: '/quotes/{number}/state',
  summary: 'Note that a quote was sent, accepted or declined, or is a draft again',
  params: ofQuote,
  query: ofCompany,
  body: z.strictObject({ state: z.enum(['draft', 'sent', 'accepted', 'declined']) }),
  answer: z.object({ number: z.string(), state: z.string() }),
  async handle({ params: { number }, query, body: { state } }, { sql, clock }) {
    await markQuote(await companyNamed(sql, query.company), number, state, { sql, clock });
    return { number, state };
  },
});

const addQuoteInvoice = route({
  method: 'post',
  path: '/quotes/{number}/invoice',
  summary: 'Book the invoice of a quote, once',
  params: ofQuote,
  query: ofCompany,
  body: z
    .strictObject({ date: givenDay, dueDate: givenDay.optional(), termsDays: z.int().min(0).max(3650).optional() })
    .refine((given) => (given.dueDate === undefined) !== (given.termsDays === undefined), {
      error: 'needs dueDate or termsDays, not both',
    }),
  answer: z.object({ number: z.string(), eventId: idText, outcome: z.string() }),
  async handle({ params, query, body }, { sql, deps }) {
    const { number, eventId, outcome } = await invoiceQuote(
      await companyNamed(sql, query.company),
      params.number,
      body,
      deps,
    );
    return { number, eventId, outcome };
  },
});

/** Quotes and the invoices made of them. */
export const quoteRoutes: readonly Route[] = [listQuotes, addQuote, putQuoteState, addQuoteInvoice];
