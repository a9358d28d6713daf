import { bytea, identity, instant, reference } from '@daybook/platform/schema/columns';
import { companies } from '@daybook/platform/schema/companies';
import { sql } from 'drizzle-orm';
import { check, date, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';

/**
 * Files made of the journal (accounting.md I), never changed. A run has told the entries of its days recorded up to
 * `through` that no run of the format had told before; which those are follows from the runs alone.
 */
export const exportRuns = pgTable(
  'export_runs',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    format: text('format').notNull(),
    /** 1..N per company and format. */
    number: integer('number').notNull(),
    startsOn: date('starts_on').notNull(),
    endsOn: date('ends_on').notNull(),
    /** 'all' entries of the days, or only the 'new' ones. */
    scope: text('scope').notNull(),
    /** Sequence of the last entry of the journal when the run was made. */
    through: reference('through').notNull(),
    entries: integer('entries').notNull(),
    /** Name, bytes and SHA-256 of each file, in order. */
    files: jsonb('files').notNull(),
    /** SHA-256 over names and bytes of all files. */
    contentHash: text('content_hash').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [
    unique('export_runs_number').on(table.companyId, table.format, table.number),
    check('export_runs_days', sql`${table.endsOn} >= ${table.startsOn}`),
    check('export_runs_scope', sql`${table.scope} in ('all', 'new')`),
  ],
);

/** The files' bytes, compressed piece by piece. Written before the row of their run, in the same transaction. */
export const exportParts = pgTable(
  'export_parts',
  {
    companyId: uuid('company_id').notNull(),
    format: text('format').notNull(),
    number: integer('number').notNull(),
    file: text('file').notNull(),
    part: integer('part').notNull(),
    content: bytea('content').notNull(),
  },
  (table) => [primaryKey({ columns: [table.companyId, table.format, table.number, table.file, table.part] })],
);

/** Numbers that customers and suppliers have in exported books; given once, kept for ever. '' = everybody unnamed. */
export const exportPersons = pgTable(
  'export_persons',
  {
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    format: text('format').notNull(),
    kind: text('kind').notNull(),
    party: text('party').notNull(),
    number: integer('number').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.companyId, table.format, table.kind, table.party] }),
    unique('export_persons_number').on(table.companyId, table.format, table.number),
    check('export_persons_kind', sql`${table.kind} in ('debtor', 'creditor')`),
  ],
);
