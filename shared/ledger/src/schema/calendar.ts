import { identity, instant, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { fiscalYears } from '../schema.ts';

/**
 * Days up to which nothing of a kind is posted any more (accounting.md G2); null is no lock. Which entries each
 * concerns: docs/ledger.md. `hard` only moves forward.
 */
export const lockDates = pgTable('lock_dates', {
  companyId: uuid('company_id')
    .primaryKey()
    .references(() => companies.id),
  sales: date('sales'),
  purchases: date('purchases'),
  tax: date('tax'),
  everything: date('everything'),
  hard: date('hard'),
});

/** Who opened, locked, closed or reopened what, and why. Rows are never changed. */
export const calendarChanges = pgTable(
  'calendar_changes',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    changedAt: instant('changed_at').notNull(),
    changedBy: text('changed_by').notNull(),
    /** 'year', 'period', 'lock_date', 'late_event' or 'entry'. */
    kind: text('kind').notNull(),
    /** The year's label, the period's first day, the lock date's name, the event or the entry. */
    subject: text('subject').notNull(),
    before: text('before'),
    after: text('after'),
    reason: text('reason'),
  },
  (table) => [index('calendar_changes_company').on(table.companyId, table.id)],
);

/** Entries of year-end closings and of their reversals: what reports leave out (accounting.md G4). */
export const closingEntries = pgTable(
  'closing_entries',
  {
    entryId: reference('entry_id').primaryKey(),
    companyId: uuid('company_id').notNull(),
    /** The year that is closed; the entry of step OPN lies in the next one. */
    fiscalYear: text('fiscal_year').notNull(),
    /** 1 for the first closing of the year, 2 after it was reopened once. */
    run: integer('run').notNull(),
    step: text('step').notNull(),
    /** Whether it takes the step back again. */
    reversal: boolean('reversal').notNull(),
  },
  (table) => [
    unique('closing_entries_once').on(table.companyId, table.fiscalYear, table.run, table.step, table.reversal),
    foreignKey({
      columns: [table.companyId, table.fiscalYear],
      foreignColumns: [fiscalYears.companyId, fiscalYears.label],
    }),
    check('closing_entries_step', sql`${table.step} in ('CLS-1', 'CLS-2', 'CLS-3', 'OPN')`),
  ],
);

/** Late facts that a person let into the first open period, where the company holds them (accounting.md G6). */
export const lateApprovals = pgTable(
  'late_approvals',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    eventId: reference('event_id').notNull(),
    approvedAt: instant('approved_at').notNull(),
    approvedBy: text('approved_by').notNull(),
    reason: text('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.eventId] }), index('late_approvals_company').on(table.companyId)],
);
