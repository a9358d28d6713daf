import { z } from 'zod';
import { partyForm, soldLines } from './forms.ts';

/** What a person offers a customer: lines as on an invoice, prices in major units without tax. */
export const quoteForm = z
  .strictObject({
    number: z.string().trim().min(1).optional(),
    date: z.iso.date(),
    validUntil: z.iso.date(),
    currency: z.string().optional(),
    customer: partyForm,
    lines: soldLines,
    memo: z.string().trim().min(1).optional(),
  })
  .refine((form) => form.validUntil >= form.date, { error: 'is before date', path: ['validUntil'] });
export type QuoteForm = z.output<typeof quoteForm>;
