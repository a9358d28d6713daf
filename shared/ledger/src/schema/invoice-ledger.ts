import { identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { sql } from 'drizzle-orm';
import {
  boolean,
  char,
  check,
  date,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * Events of the invoice ledger (accounting.md E1): exactly one per journal line on a sub-ledger account, made by the
 * database with the line; only opening items have no line. What names it to people may be edited, amounts never.
 */
export const invoiceEvents = pgTable(
  'invoice_events',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    account: text('account').notNull(),
    /** 0 invoice, credit note or opening item; 1 payment. */
    kind: smallint('kind').notNull(),
    opening: boolean('opening').notNull().default(false),
    postingDate: date('posting_date').notNull(),
    /** Its entry tells voucher type and number; an opening item belongs to the entry of the opening balances. */
    entryId: reference('entry_id').notNull(),
    lineNo: smallint('line_no'),
    /** Debit positive: the company's currency, and the item's. */
    amount: minorUnits('amount').notNull(),
    amountTc: minorUnits('amount_tc').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    party: text('party'),
    document: text('document'),
    /** The event that this one takes back, or corrects after it was taken back. */
    reverses: reference('reverses'),
    supersedes: reference('supersedes'),
    partyName: text('party_name'),
    /** The party stands for many people: only what names the item settles it. */
    sharedParty: boolean('shared_party').notNull().default(false),
    reference: text('reference'),
    description: text('description').notNull(),
    additional: text('additional'),
    documentDate: date('document_date'),
    dueDate: date('due_date'),
    /** Why nobody is to be reminded of it. */
    pausedFor: text('paused_for'),
    /** What allocations have left, kept by the database; a check compares. */
    open: minorUnits('open').notNull(),
    openTc: minorUnits('open_tc').notNull(),
  },
  (table) => [
    uniqueIndex('invoice_events_line').on(table.entryId, table.lineNo),
    index('invoice_events_open').on(table.companyId, table.account, table.party).where(sql`open <> 0 or open_tc <> 0`),
    index('invoice_events_open_document').on(table.companyId, table.document).where(sql`open <> 0 or open_tc <> 0`),
    index('invoice_events_open_reference').on(table.companyId, table.reference).where(sql`open <> 0 or open_tc <> 0`),
    index('invoice_events_date').on(table.companyId, table.account, table.postingDate),
    index('invoice_events_document').on(table.companyId, table.document),
    index('invoice_events_party').on(table.companyId, table.party, table.id),
    index('invoice_events_reverses').on(table.reverses).where(sql`reverses is not null`),
    check('invoice_events_kind', sql`${table.kind} in (0, 1)`),
    check(
      'invoice_events_line_or_opening',
      sql`${table.lineNo} is not null or (${table.opening} and ${table.kind} = 0)`,
    ),
  ],
);

/**
 * Parts of debit items set against credit items (accounting.md E3); appended only, an undo is a row with the amounts
 * negative. `fx` is the event of the exchange difference between both sides' book values.
 */
export const invoiceAllocations = pgTable(
  'invoice_allocations',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    debit: reference('debit').notNull(),
    credit: reference('credit').notNull(),
    fx: reference('fx'),
    date: date('date').notNull(),
    amountTc: minorUnits('amount_tc').notNull(),
    debitAmount: minorUnits('debit_amount').notNull(),
    creditAmount: minorUnits('credit_amount').notNull(),
    undoes: reference('undoes'),
    undoneBy: reference('undone_by'),
    /** Who did it; null where it followed from a posting. */
    madeBy: text('made_by'),
    madeAt: instant('made_at').notNull(),
  },
  (table) => [
    index('invoice_allocations_debit').on(table.debit),
    index('invoice_allocations_credit').on(table.credit),
    index('invoice_allocations_fx').on(table.fx).where(sql`fx is not null`),
    index('invoice_allocations_date').on(table.companyId, table.date),
    uniqueIndex('invoice_allocations_undoes').on(table.undoes).where(sql`undoes is not null`),
    check('invoice_allocations_fx', sql`(${table.fx} is null) = (${table.debitAmount} = ${table.creditAmount})`),
    check(
      'invoice_allocations_undo',
      sql`(${table.undoes} is null) = (${table.amountTc} > 0 or (${table.amountTc} = 0 and ${table.debitAmount} + ${table.creditAmount} > 0))`,
    ),
  ],
);

/** What people changed on events: the audit trail of names, references, descriptions, due dates and pauses (E5). */
export const invoiceEventChanges = pgTable(
  'invoice_event_changes',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    invoiceEvent: reference('invoice_event').notNull(),
    field: text('field').notNull(),
    before: text('before'),
    after: text('after'),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
  },
  (table) => [index('invoice_event_changes_event').on(table.invoiceEvent)],
);

/** Reminders that an overdue invoice has reached (accounting.md E7); they never post. */
export const invoiceReminders = pgTable(
  'invoice_reminders',
  {
    invoiceEvent: reference('invoice_event').notNull(),
    level: smallint('level').notNull(),
    companyId: uuid('company_id').notNull(),
    reachedOn: date('reached_on').notNull(),
    sentAt: instant('sent_at'),
    sentBy: text('sent_by'),
  },
  (table) => [
    primaryKey({ columns: [table.invoiceEvent, table.level] }),
    index('invoice_reminders_unsent').on(table.companyId).where(sql`sent_at is null`),
    check('invoice_reminders_level', sql`${table.level} between 1 and 3`),
  ],
);
