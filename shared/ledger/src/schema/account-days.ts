import { minorUnits } from '@daybook/platform/schema/columns';
import { char, date, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';

/**
 * What the lines of a day come to, per account and everything that reports tell apart: balances, statements and tax
 * bases of years are sums over a few rows a day. Written by the statement that writes the lines, under the journal's
 * lock; `rebuild_account_days` makes it anew, `daybook verify` compares. Empty text stands for none.
 */
export const accountDays = pgTable(
  'account_days',
  {
    companyId: uuid('company_id').notNull(),
    account: text('account').notNull(),
    day: date('day').notNull(),
    channel: text('channel').notNull(),
    entryType: char('entry_type', { length: 3 }).notNull(),
    role: text('role').notNull(),
    taxCode: text('tax_code').notNull(),
    taxKind: text('tax_kind').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    debit: minorUnits('debit').notNull(),
    credit: minorUnits('credit').notNull(),
    /** In the currency, debit positive. */
    amountTc: minorUnits('amount_tc').notNull(),
    lines: integer('lines').notNull(),
  },
  (table) => [
    primaryKey({
      name: 'account_days_pkey',
      columns: [
        table.companyId,
        table.account,
        table.day,
        table.channel,
        table.entryType,
        table.role,
        table.taxCode,
        table.taxKind,
        table.currency,
      ],
    }),
  ],
);
