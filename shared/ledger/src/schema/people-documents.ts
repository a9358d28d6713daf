import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import { check, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';

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
