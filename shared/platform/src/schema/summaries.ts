import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { identity, instant, reference } from './columns.ts';
import { connections } from './connections.ts';

/** How finely a channel is booked, from a business date on (accounting.md, end of C); without a row: per order. */
export const granularities = pgTable(
  'granularities',
  {
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    fromDate: date('from_date').notNull(),
    mode: text('mode').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.fromDate] }),
    check('granularities_mode', sql`${table.mode} in ('per_order', 'daily_summary')`),
  ],
);

/**
 * One entry per business day, channel and register. Open until the day is over in the company's zone; what comes later
 * makes a further version, because a posted entry never changes.
 */
export const summaries = pgTable(
  'summaries',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id').notNull(),
    /** Journal of its receipts: SAL, RFD, FEE, DEP. */
    journal: text('journal').notNull(),
    day: date('day').notNull(),
    taxPoint: date('tax_point').notNull(),
    /** Empty where the channel names none. */
    register: text('register').notNull(),
    version: integer('version').notNull(),
    state: text('state').notNull().default('open'),
    dueAt: instant('due_at').notNull(),
    sourceKey: text('source_key'),
    postedAt: instant('posted_at'),
  },
  (table) => [
    unique('summaries_once').on(
      table.connectionId,
      table.journal,
      table.day,
      table.taxPoint,
      table.register,
      table.version,
    ),
    uniqueIndex('summaries_open')
      .on(table.connectionId, table.journal, table.day, table.taxPoint, table.register)
      .where(sql`state = 'open'`),
    index('summaries_due').on(table.companyId, table.dueAt).where(sql`state = 'open'`),
    check('summaries_state', sql`${table.state} in ('open', 'posted')`),
  ],
);

/** What would have been an entry of its own if its channel were booked per order. */
export const receipts = pgTable(
  'receipts',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    summaryId: reference('summary_id')
      .notNull()
      .references(() => summaries.id),
    eventId: reference('event_id').notNull(),
    sourceKey: text('source_key').notNull(),
    /** Key of the receipt it takes back. */
    reverses: text('reverses'),
    reversed: boolean('reversed').notNull().default(false),
    entry: jsonb('entry').notNull(),
  },
  (table) => [
    unique('receipts_once').on(table.companyId, table.sourceKey),
    index('receipts_summary').on(table.summaryId),
    index('receipts_event').on(table.eventId),
  ],
);

/** A document that goes to the books inside the document of a summary, and which one that became. */
export const receiptDocuments = pgTable(
  'receipt_documents',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    summaryId: reference('summary_id')
      .notNull()
      .references(() => summaries.id),
    eventId: reference('event_id').notNull(),
    kind: text('kind').notNull(),
    number: text('number').notNull(),
    payload: jsonb('payload').notNull(),
    /** Kind and number of the summary's document, once it is made. */
    withinKind: text('within_kind'),
    within: text('within'),
  },
  (table) => [
    unique('receipt_documents_once').on(table.companyId, table.kind, table.number),
    index('receipt_documents_summary').on(table.summaryId),
    index('receipt_documents_event').on(table.eventId),
  ],
);
