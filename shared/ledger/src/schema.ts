import type { TaxBoxes } from '@daybook/domain';
import { bytea, identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import {
  boolean,
  char,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/** Chart of accounts of a company. */
export const accounts = pgTable(
  'accounts',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    code: text('code').notNull(),
    name: text('name').notNull(),
    type: text('type').notNull(),
    normalSide: text('normal_side').notNull(),
    /** Control, bank, inventory or tax account: manual lines need detail (accounting.md I9). */
    guarded: boolean('guarded').notNull().default(false),
    /** Where the statements show it; null = where its type and roles say (accounting.md H4–H6). */
    section: text('section'),
    /** Control account of the invoice ledger (accounting.md E1), and whether its items are gross or net of tax. */
    subledger: text('subledger'),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.code] }),
    check('accounts_subledger', sql`${table.subledger} in ('gross', 'net')`),
    check('accounts_type', sql`${table.type} in ('asset', 'liability', 'equity', 'income', 'expense')`),
    check('accounts_side', sql`${table.normalSide} in ('debit', 'credit')`),
    check(
      'accounts_section',
      sql`${table.section} in ('revenue', 'cost_of_sales', 'other_income', 'other_expenses', 'cash', 'fixed_assets', 'loans')`,
    ),
  ],
);

/** Which account plays a role of accounting.md B. Remapping affects future postings only. */
export const accountRoles = pgTable(
  'account_roles',
  {
    companyId: uuid('company_id').notNull(),
    role: text('role').notNull(),
    account: text('account').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.role] }),
    foreignKey({ columns: [table.companyId, table.account], foreignColumns: [accounts.companyId, accounts.code] }),
    index('account_roles_account').on(table.companyId, table.account),
  ],
);

export const taxCodes = pgTable(
  'tax_codes',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    code: text('code').notNull(),
    /** Percent; null for the code of a jurisdiction that was made of a tax's name when it was first posted. */
    rate: numeric('rate', { precision: 9, scale: 4 }),
    label: text('label').notNull(),
    /** Suffix of `sales.revenue.*` for lines of this code. */
    revenue: text('revenue').notNull(),
    /** The customer owes the tax; null = as the code's name says. */
    reverseCharge: boolean('reverse_charge'),
    /** Boxes of the tax return by tax kind; null = those of the country's return for a code of this name. */
    boxes: jsonb('boxes').$type<TaxBoxes>(),
  },
  (table) => [primaryKey({ columns: [table.companyId, table.code] })],
);

/** How a channel's tax finds its code; null matches everything, the most specific rule wins. */
export const taxRules = pgTable(
  'tax_rules',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    channel: text('channel'),
    name: text('name'),
    rate: numeric('rate', { precision: 9, scale: 4 }),
    code: text('code').notNull(),
  },
  (table) => [
    unique('tax_rules_once').on(table.companyId, table.channel, table.name, table.rate).nullsNotDistinct(),
    foreignKey({ columns: [table.companyId, table.code], foreignColumns: [taxCodes.companyId, taxCodes.code] }),
    index('tax_rules_code').on(table.companyId, table.code),
  ],
);

/** A fiscal year and its journal counter: the row locked to number entries without a gap (accounting.md I5). */
export const fiscalYears = pgTable(
  'fiscal_years',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    label: text('label').notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on').notNull(),
    lastNumber: integer('last_number').notNull().default(0),
    /** `closing` and `reopening` last while the system posts what belongs to it (accounting.md G3, G5). */
    state: text('state').notNull().default('open'),
    /** How often it was closed. */
    closings: integer('closings').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.label] }),
    unique('fiscal_years_start').on(table.companyId, table.startsOn),
    check('fiscal_years_order', sql`${table.endsOn} > ${table.startsOn}`),
    check('fiscal_years_state', sql`${table.state} in ('open', 'closing', 'closed', 'reopening')`),
    check('fiscal_years_length', sql`${table.endsOn} < ${table.startsOn} + interval '18 months'`),
  ],
);

export const periods = pgTable(
  'periods',
  {
    companyId: uuid('company_id').notNull(),
    fiscalYear: text('fiscal_year').notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on').notNull(),
    state: text('state').notNull().default('open'),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.startsOn] }),
    foreignKey({
      columns: [table.companyId, table.fiscalYear],
      foreignColumns: [fiscalYears.companyId, fiscalYears.label],
    }),
    index('periods_year').on(table.companyId, table.fiscalYear),
    check('periods_order', sql`${table.endsOn} >= ${table.startsOn}`),
    check('periods_state', sql`${table.state} in ('open', 'soft_closed', 'locked', 'closed')`),
  ],
);

/**
 * Head of the company's journal: locked while entries are appended, advanced by the database itself, and the lock that
 * closing a period or deleting an account waits for. The first hash of the chain is the SHA-256 of the company's id.
 */
export const journalHeads = pgTable('journal_heads', {
  companyId: uuid('company_id')
    .primaryKey()
    .references(() => companies.id),
  lastHash: bytea('last_hash').notNull(),
  entries: reference('entries').notNull(),
});

/** Journal entries: immutable, numbered without a gap, chained. Set checks guard them instead of foreign keys. */
export const journalEntries = pgTable(
  'journal_entries',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    /** 1..N over all years of the company: the order of the hash chain. */
    sequence: reference('sequence').notNull(),
    fiscalYear: text('fiscal_year').notNull(),
    /** 1..N without gap per company and fiscal year, in commit order. */
    number: integer('number').notNull(),
    entryType: char('entry_type', { length: 3 }).notNull(),
    postingDate: date('posting_date').notNull(),
    taxPoint: date('tax_point').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    sourceKey: text('source_key').notNull(),
    contentHash: text('content_hash').notNull(),
    memo: text('memo').notNull(),
    /** Lines of the entry: all arrive in the statement that makes it, and none can be added later. */
    lineCount: smallint('line_count').notNull(),
    channel: text('channel'),
    eventId: reference('event_id'),
    reverses: reference('reverses'),
    reversedBy: reference('reversed_by'),
    previousHash: bytea('previous_hash').notNull(),
    hash: bytea('hash').notNull(),
  },
  (table) => [
    unique('journal_entries_number').on(table.companyId, table.fiscalYear, table.number),
    unique('journal_entries_sequence').on(table.companyId, table.sequence),
    unique('journal_entries_source').on(table.companyId, table.sourceKey),
    uniqueIndex('journal_entries_reverses').on(table.reverses).where(sql`reverses is not null`),
    index('journal_entries_event').on(table.eventId).where(sql`event_id is not null`),
    index('journal_entries_date').on(table.companyId, table.postingDate),
    check(
      'journal_entries_type',
      sql`${table.entryType} in ('OPN', 'SAL', 'RFD', 'DEP', 'RCT', 'PYT', 'FEE', 'FXC', 'FXR', 'DSP', 'INV', 'PUR', 'CSH',
      'BNK', 'GEN', 'CLS')`,
    ),
    check('journal_entries_hash', sql`octet_length(${table.hash}) = 32`),
  ],
);

/** Lines of entries. Exactly one of debit and credit is above zero, in minor units of the company's currency. */
export const journalLines = pgTable(
  'journal_lines',
  {
    entryId: reference('entry_id').notNull(),
    lineNo: smallint('line_no').notNull(),
    companyId: uuid('company_id').notNull(),
    account: text('account').notNull(),
    postingDate: date('posting_date').notNull(),
    debit: minorUnits('debit').notNull(),
    credit: minorUnits('credit').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Amount in the transaction currency, on the same side, ≥ 0. */
    amountTc: minorUnits('amount_tc').notNull(),
    role: text('role').notNull(),
    taxCode: text('tax_code'),
    taxKind: text('tax_kind'),
    party: text('party'),
    document: text('document'),
  },
  (table) => [
    primaryKey({ columns: [table.entryId, table.lineNo] }),
    index('journal_lines_account').on(table.companyId, table.account, table.postingDate, table.debit, table.credit),
    check(
      'journal_lines_side',
      sql`(${table.debit} > 0 and ${table.credit} = 0) or (${table.credit} > 0 and ${table.debit} = 0)`,
    ),
    check('journal_lines_tc', sql`${table.amountTc} >= 0`),
  ],
);
