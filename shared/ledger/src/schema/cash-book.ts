import { identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import {
  char,
  check,
  date,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';

/** Cash books (accounting.md F1): who keeps and who checks which tills, from when to when. */
export const cashBooks = pgTable(
  'cash_books',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    name: text('name').notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Absolute cash difference up to which no reason is needed; minor units of the currency. */
    tolerance: minorUnits('tolerance').notNull(),
    companyCode: text('company_code').notNull(),
    site: text('site').notNull(),
    auditor: text('auditor').notNull(),
    clerk: text('clerk').notNull(),
    costCentre: text('cost_centre'),
    /** From then on it is only read. */
    archivedAt: instant('archived_at'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('cash_books_name').on(table.companyId, table.name),
    check('cash_books_order', sql`${table.endsOn} >= ${table.startsOn}`),
    check('cash_books_tolerance', sql`${table.tolerance} >= 0`),
  ],
);

/** Registers of a cash book; a trigger keeps a register in one book per day. Their cash account is a role's. */
export const cashBookRegisters = pgTable(
  'cash_book_registers',
  {
    bookId: uuid('book_id')
      .notNull()
      .references(() => cashBooks.id),
    companyId: uuid('company_id').notNull(),
    register: text('register').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.bookId, table.register] }),
    index('cash_book_registers_register').on(table.companyId, table.register),
  ],
);

/**
 * How far a day of a register has come (accounting.md F3). What was submitted is the event `event_id`; `draft` is what
 * the clerk works on. An approval counts for that event only.
 */
export const cashDays = pgTable(
  'cash_days',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    bookId: uuid('book_id').notNull(),
    register: text('register').notNull(),
    date: date('date').notNull(),
    draft: jsonb('draft').notNull(),
    entryStatus: text('entry_status').notNull().default('draft'),
    checkStatus: text('check_status').notNull().default('unchecked'),
    clerk: text('clerk').notNull(),
    comment: text('comment'),
    eventId: reference('event_id'),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    unique('cash_days_once').on(table.companyId, table.register, table.date),
    index('cash_days_book').on(table.bookId, table.register, table.date),
    foreignKey({
      name: 'cash_days_register',
      columns: [table.bookId, table.register],
      foreignColumns: [cashBookRegisters.bookId, cashBookRegisters.register],
    }),
    check('cash_days_entry', sql`${table.entryStatus} in ('draft', 'submitted', 'corrected')`),
    check('cash_days_check', sql`${table.checkStatus} in ('unchecked', 'approved', 'rejected')`),
    check('cash_days_submitted', sql`${table.entryStatus} = 'draft' or ${table.eventId} is not null`),
    check('cash_days_approved', sql`${table.checkStatus} <> 'approved' or ${table.entryStatus} <> 'draft'`),
  ],
);

/** Who did what to a day, and why. */
export const cashDaySteps = pgTable(
  'cash_day_steps',
  {
    id: identity(),
    dayId: reference('day_id')
      .notNull()
      .references(() => cashDays.id),
    step: text('step').notNull(),
    by: text('by').notNull(),
    comment: text('comment'),
    eventId: reference('event_id'),
    at: instant('at').notNull(),
  },
  (table) => [
    index('cash_day_steps_day').on(table.dayId, table.id),
    check('cash_day_steps_step', sql`${table.step} in ('submitted', 'corrected', 'approved', 'rejected')`),
  ],
);
