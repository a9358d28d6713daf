import { identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import { check, date, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

/**
 * Tax returns of a company: drafts, filed ones and those taken back (accounting.md H7). A filed one keeps what it said;
 * only taking it back changes the row. A corrected return is the next version of its period.
 */
export const taxReturns = pgTable(
  'tax_returns',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    /** Country of the form, 'OSS', or 'generic'. */
    regime: text('regime').notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on').notNull(),
    /** 1, and one more for each corrected return. */
    version: integer('version').notNull(),
    /** Whether late facts count where they are booked, or in the period they belong to (accounting.md G6). */
    basis: text('basis').notNull(),
    state: text('state').notNull(),
    /** The report as it was, amounts in minor units as text. */
    figures: jsonb('figures').notNull(),
    /** SHA-256 of the figures. */
    hash: text('hash').notNull(),
    /** What the form says is due; below zero = due from the authority. */
    due: minorUnits('due').notNull(),
    /** Tax codes whose taxes it settled. */
    codes: text('codes').array().notNull(),
    /** The entry that settled it; null for drafts and returns without tax. */
    entryId: reference('entry_id'),
    /** Lock date for taxes before it was filed. */
    lockedBefore: date('locked_before'),
    madeAt: instant('made_at').notNull(),
    filedAt: instant('filed_at'),
    filedBy: text('filed_by'),
    /** What was accepted when it was filed although a check found something. */
    reason: text('reason'),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnReason: text('withdrawn_reason'),
  },
  (table) => [
    uniqueIndex('tax_returns_once')
      .on(table.companyId, table.regime, table.startsOn, table.endsOn, table.version)
      .where(sql`state = 'filed'`),
    uniqueIndex('tax_returns_draft')
      .on(table.companyId, table.regime, table.startsOn, table.endsOn)
      .where(sql`state = 'draft'`),
    uniqueIndex('tax_returns_entry').on(table.entryId).where(sql`entry_id is not null`),
    index('tax_returns_company').on(table.companyId, table.endsOn),
    check('tax_returns_state', sql`${table.state} in ('draft', 'filed', 'withdrawn')`),
    check('tax_returns_basis', sql`${table.basis} in ('posting_period', 'original_period')`),
    check('tax_returns_order', sql`${table.endsOn} >= ${table.startsOn}`),
    check('tax_returns_filed', sql`(${table.state} = 'draft') = (${table.filedAt} is null)`),
    check(
      'tax_returns_withdrawn',
      sql`(${table.state} = 'withdrawn') = (${table.withdrawnAt} is not null and ${table.withdrawnReason} is not null)`,
    ),
  ],
);
