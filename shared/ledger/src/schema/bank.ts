import { identity, instant, minorUnits, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import {
  char,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/** Bank accounts whose statements are imported: the role of the ledger account, and how its CSV files are written. */
export const bankAccounts = pgTable(
  'bank_accounts',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    name: text('name').notNull(),
    role: text('role').notNull(),
    /** IBAN or number as statements show it; filled by the first statement where it is not given. */
    number: text('number'),
    currency: char('currency', { length: 3 }).notNull(),
    csvMap: jsonb('csv_map'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    unique('bank_accounts_role').on(table.companyId, table.role),
    unique('bank_accounts_name').on(table.companyId, table.name),
    unique('bank_accounts_number').on(table.companyId, table.number, table.currency),
  ],
);

/** Statements that were imported; the hash of the file and the place in it tell one that comes again. */
export const bankStatements = pgTable(
  'bank_statements',
  {
    id: identity(),
    bankAccountId: uuid('bank_account_id')
      .notNull()
      .references(() => bankAccounts.id),
    hash: text('hash').notNull(),
    format: text('format').notNull(),
    number: text('number'),
    opening: minorUnits('opening'),
    closing: minorUnits('closing'),
    opensOn: date('opens_on'),
    closesOn: date('closes_on'),
    importedAt: instant('imported_at').notNull(),
    importedBy: text('imported_by').notNull(),
  },
  (table) => [
    unique('bank_statements_hash').on(table.bankAccountId, table.hash),
    index('bank_statements_day').on(table.bankAccountId, table.closesOn),
    check('bank_statements_format', sql`${table.format} in ('camt', 'mt940', 'ofx', 'csv')`),
  ],
);

/** Lines of statements, each movement once: what tells them apart, and which of those that look alike it is. */
export const bankLines = pgTable(
  'bank_lines',
  {
    id: identity(),
    bankAccountId: uuid('bank_account_id')
      .notNull()
      .references(() => bankAccounts.id),
    companyId: uuid('company_id').notNull(),
    contentHash: text('content_hash').notNull(),
    occurrence: integer('occurrence').notNull(),
    bookedOn: date('booked_on').notNull(),
    valueOn: date('value_on'),
    amount: minorUnits('amount').notNull(),
    counterparty: text('counterparty'),
    counterpartyAccount: text('counterparty_account'),
    reference: text('reference'),
    text: text('text').notNull(),
    bankId: text('bank_id'),
    endToEndId: text('end_to_end_id'),
    state: text('state').notNull().default('unmatched'),
    /** Why it is ignored. */
    reason: text('reason'),
    /** How often something was booked for it or taken back: the revision of its fact. */
    revision: integer('revision').notNull().default(0),
  },
  (table) => [
    unique('bank_lines_once').on(table.bankAccountId, table.contentHash, table.occurrence),
    index('bank_lines_day').on(table.bankAccountId, table.bookedOn, table.id),
    index('bank_lines_open').on(table.companyId).where(sql`state in ('unmatched', 'suggested')`),
    check('bank_lines_state', sql`${table.state} in ('unmatched', 'suggested', 'matched', 'ignored')`),
    check('bank_lines_reason', sql`(${table.state} = 'ignored') = (${table.reason} is not null)`),
  ],
);

/** Where a statement shows a line: the balance before it, and at begin and end of its day. */
export const bankStatementLines = pgTable(
  'bank_statement_lines',
  {
    statementId: reference('statement_id')
      .notNull()
      .references(() => bankStatements.id),
    lineId: reference('line_id')
      .notNull()
      .references(() => bankLines.id),
    before: minorUnits('before'),
    dayOpens: minorUnits('day_opens'),
    dayCloses: minorUnits('day_closes'),
  },
  (table) => [
    primaryKey({ columns: [table.statementId, table.lineId] }),
    index('bank_statement_lines_line').on(table.lineId),
  ],
);

/**
 * What a bank line is, was taken to be, or may be. `subject` is what it claims in the books; a booked line or money
 * under way is claimed once. `entry_id` and `line_no` are the line on the bank account that it stands for.
 */
export const bankMatches = pgTable(
  'bank_matches',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    lineId: reference('line_id')
      .notNull()
      .references(() => bankLines.id),
    state: text('state').notNull(),
    subject: text('subject').notNull(),
    why: text('why').notNull(),
    score: smallint('score').notNull(),
    /** What is booked for it; null where it is linked to what was booked before. */
    post: jsonb('post'),
    entryId: reference('entry_id'),
    lineNo: smallint('line_no'),
    decidedBy: text('decided_by').notNull(),
    decidedAt: instant('decided_at').notNull(),
    reason: text('reason'),
  },
  (table) => [
    uniqueIndex('bank_matches_line').on(table.lineId).where(sql`state = 'matched'`),
    uniqueIndex('bank_matches_claim')
      .on(table.companyId, table.subject)
      .where(sql`state = 'matched' and (subject like 'entry %' or subject like 'clears %')`),
    uniqueIndex('bank_matches_entry').on(table.entryId, table.lineNo).where(sql`state = 'matched'`),
    index('bank_matches_of_line').on(table.lineId, table.id),
    check('bank_matches_state', sql`${table.state} in ('suggested', 'matched', 'rejected', 'undone')`),
  ],
);

/** What people decided for lines of a kind. */
export const bankRules = pgTable(
  'bank_rules',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    /** Only for this account; null = for all. */
    bankAccountId: uuid('bank_account_id').references(() => bankAccounts.id),
    contains: text('contains').notNull(),
    direction: text('direction').notNull().default('both'),
    account: text('account'),
    role: text('role'),
    taxCode: text('tax_code'),
    madeBy: text('made_by').notNull(),
    madeAt: instant('made_at').notNull(),
    /** Not applied any more. */
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('bank_rules_company').on(table.companyId),
    index('bank_rules_account').on(table.bankAccountId),
    check('bank_rules_direction', sql`${table.direction} in ('in', 'out', 'both')`),
    check('bank_rules_target', sql`(${table.account} is null) <> (${table.role} is null)`),
  ],
);
