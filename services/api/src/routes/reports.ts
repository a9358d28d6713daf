import { ENTRY_TYPES } from '@daybook/domain';
import { journal, trialBalance } from '@daybook/ledger/reports';
import { z } from 'zod';
import { companyNamed } from './companies.ts';
import { givenId, idText, instantText, minorText, route } from './route.ts';
import { reportScope } from './statements.ts';

export const trialBalanceReport = route({
  method: 'get',
  path: '/reports/trial-balance',
  summary: 'Trial balance: opening, debits, credits and closing per account, minor units of the company currency',
  query: reportScope.extend({ zeros: z.stringbool().default(false) }),
  answer: z.object({
    currency: z.string(),
    from: z.string().nullable(),
    to: z.string(),
    rows: z.array(
      z.object({
        account: z.string(),
        name: z.string(),
        type: z.string(),
        opening: minorText,
        debits: minorText,
        credits: minorText,
        closing: minorText,
      }),
    ),
    totals: z.object({ debits: minorText, credits: minorText, closingDebit: minorText, closingCredit: minorText }),
    difference: minorText,
  }),
  handle: async ({ query }, { sql }) => trialBalance(sql, await companyNamed(sql, query.company), query),
});

const journalLine = z.object({
  account: z.string(),
  name: z.string(),
  debit: minorText,
  credit: minorText,
  currency: z.string(),
  amountTc: minorText,
  role: z.string(),
  taxCode: z.string().nullable(),
  taxKind: z.string().nullable(),
  party: z.string().nullable(),
  document: z.string().nullable(),
});

export const listJournalEntries = route({
  method: 'get',
  path: '/journal-entries',
  summary: 'Journal entries with their lines in the order they were recorded, and missing numbers per fiscal year',
  query: reportScope.extend({
    type: z.enum(ENTRY_TYPES).optional(),
    cursor: givenId.optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  answer: z.object({
    currency: z.string(),
    entries: z.array(
      z.object({
        id: idText,
        sequence: idText,
        fiscalYear: z.string(),
        number: z.number(),
        entryType: z.string(),
        postingDate: z.string(),
        taxPoint: z.string(),
        recordedAt: instantText,
        sourceKey: z.string(),
        memo: z.string(),
        channel: z.string().nullable(),
        eventId: idText.nullable(),
        reverses: z.string().nullable(),
        reversedBy: z.string().nullable(),
        lines: z.array(journalLine),
      }),
    ),
    totals: z.object({ entries: z.number(), debits: minorText, credits: minorText }),
    gaps: z.array(z.object({ fiscalYear: z.string(), entries: z.number(), firstMissing: z.number().nullable() })),
    cursor: z.string().nullable(),
  }),
  async handle({ query }, { sql }) {
    const { company, cursor, limit, from, to, channel, type } = query;
    const range = { from: from ?? null, to, channel, entryType: type, limit, afterSequence: BigInt(cursor ?? '0') };
    const found = await journal(sql, await companyNamed(sql, company), range);
    const last = found.entries.at(-1);
    return { ...found, cursor: last && found.entries.length === limit ? String(last.sequence) : null };
  },
});
