import { sql } from 'drizzle-orm';
import {
  char,
  check,
  date,
  index,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/** A merchant whose books Daybook keeps: the tenant. */
export const companies = pgTable(
  'companies',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    slug: text('slug').notNull().unique(),
    name: text('name').notNull(),
    country: char('country', { length: 2 }).notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    timeZone: text('time_zone').notNull(),
    settings: jsonb('settings').notNull().default({}),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [check('companies_slug_form', sql`${table.slug} ~ '^[a-z0-9][a-z0-9-]*$'`)],
);

/** Company currency per unit of a foreign currency, by day (accounting.md A6). */
export const fxRates = pgTable(
  'fx_rates',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    currency: char('currency', { length: 3 }).notNull(),
    day: date('day').notNull(),
    rate: numeric('rate', { precision: 20, scale: 10 }).notNull(),
    source: text('source').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.currency, table.day] }),
    check('fx_rates_positive', sql`${table.rate} > 0`),
  ],
);

/** What a person has to look at: one open row per cause. */
export const issues = pgTable(
  'issues',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    connectionId: uuid('connection_id'),
    /** Code of docs/errors.md. */
    code: text('code').notNull(),
    /** Equal fingerprints are one cause: code, connection and what has to be mended. */
    fingerprint: text('fingerprint').notNull(),
    /** What happened, why, and what to do. */
    message: text('message').notNull(),
    /** The mapping, field or key to mend, machine readable. */
    subject: text('subject'),
    state: text('state').notNull().default('open'),
    openedAt: instant('opened_at').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
    resolvedAt: instant('resolved_at'),
  },
  (table) => [
    uniqueIndex('issues_open').on(table.companyId, table.fingerprint).where(sql`state = 'open'`),
    index('issues_company').on(table.companyId, table.state),
    check('issues_state', sql`${table.state} in ('open', 'resolved', 'ignored')`),
  ],
);
