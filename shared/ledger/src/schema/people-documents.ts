import { identity, instant, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import { char, check, date, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';

/** The last number that Daybook gave, per company, kind of document and prefix: numbers without a gap. */
export const numberSeries = pgTable(
  'number_series',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    kind: text('kind').notNull(),
    prefix: text('prefix').notNull(),
    last: integer('last').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.kind, table.prefix] }),
    check('number_series_last', sql`${table.last} > 0`),
  ],
);

/** What was offered to customers: nothing is booked for it (accounting.md C13) until it is invoiced, which is once. */
export const quotes = pgTable(
  'quotes',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    number: text('number').notNull(),
    date: date('date').notNull(),
    validUntil: date('valid_until').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    customer: jsonb('customer').notNull(),
    /** As typed: prices in major units without tax. */
    lines: jsonb('lines').notNull(),
    memo: text('memo'),
    state: text('state').notNull(),
    /** Event of the invoice that was made of it. */
    invoiceEvent: reference('invoice_event'),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [
    unique('quotes_number').on(table.companyId, table.number),
    unique('quotes_invoice').on(table.invoiceEvent),
    check('quotes_state', sql`${table.state} in ('draft', 'sent', 'accepted', 'declined', 'invoiced')`),
    check('quotes_valid', sql`${table.validUntil} >= ${table.date}`),
    check('quotes_invoiced', sql`(${table.state} = 'invoiced') = (${table.invoiceEvent} is not null)`),
  ],
);
