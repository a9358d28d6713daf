import { sql } from 'drizzle-orm';
import {
  char,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, identity, instant, minorUnits, reference } from './columns.ts';
import { companies } from './companies.ts';
import { connections } from './connections.ts';

/** Documents owed to a set of books, written in the transaction that posts their event. */
export const documents = pgTable(
  'documents',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    /** The event that owes it; null for the documents of a summary of many. */
    eventId: reference('event_id'),
    summaryId: reference('summary_id'),
    kind: text('kind').notNull(),
    number: text('number').notNull(),
    date: date('date').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Total of an invoice, credit note or receipt, amount of a payment or allocation; minor units. */
    amount: minorUnits('amount').notNull(),
    tax: minorUnits('tax').notNull(),
    payload: jsonb('payload').notNull(),
    contentHash: text('content_hash').notNull(),
    state: text('state').notNull().default('pending'),
    remoteId: text('remote_id'),
    remoteUrl: text('remote_url'),
    reason: text('reason'),
    code: text('code'),
    attempts: integer('attempts').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    pushedAt: instant('pushed_at'),
    /** The undo it is part of, until it is pushed again. */
    undoId: uuid('undo_id'),
    /** When it was last read back from the books. */
    checkedAt: instant('checked_at'),
    /** Hash of what stands there and a person said is all right or not to be told again. */
    settledSnapshot: text('settled_snapshot'),
  },
  (table) => [
    unique('documents_once').on(table.connectionId, table.kind, table.number),
    index('documents_company').on(table.companyId, table.id),
    index('documents_event').on(table.eventId),
    index('documents_summary').on(table.summaryId).where(sql`summary_id is not null`),
    check('documents_origin', sql`(${table.eventId} is null) <> (${table.summaryId} is null)`),
    index('documents_unfinished').on(table.connectionId, table.state).where(sql`state <> 'pushed'`),
    index('documents_undo').on(table.undoId).where(sql`undo_id is not null`),
    index('documents_checked').on(table.connectionId, table.checkedAt).where(sql`state = 'pushed'`),
    check(
      'documents_kind',
      sql`${table.kind} in
    ('invoice', 'credit_note', 'sales_receipt', 'refund_receipt', 'payment', 'allocation', 'transfer', 'bank_entry',
     'journal')`,
    ),
    check(
      'documents_state',
      sql`${table.state} in
    ('pending', 'sending', 'unknown', 'pushed', 'held', 'rejected', 'undoing', 'undone')`,
    ),
  ],
);

/** Documents that are being taken out of the books again; goes on where it stopped, and keeps its scope from being pushed. */
export const undos = pgTable(
  'undos',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    /** Scope: documents dated in the range, or those of one event. */
    fromDate: date('from_date'),
    toDate: date('to_date'),
    eventId: reference('event_id'),
    state: text('state').notNull().default('running'),
    reason: text('reason'),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    /** When its documents were owed again; from then on the scope is pushed as always. */
    repostedAt: instant('reposted_at'),
  },
  (table) => [
    index('undos_company').on(table.companyId, table.startedAt),
    index('undos_connection').on(table.connectionId).where(sql`reposted_at is null`),
    check('undos_state', sql`${table.state} in ('running', 'done', 'failed')`),
    check('undos_scope', sql`(${table.eventId} is null) <> (${table.fromDate} is null and ${table.toDate} is null)`),
  ],
);

/** A pushed document that somebody changed in the books, side by side with ours. */
export const drifts = pgTable(
  'drifts',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id').notNull(),
    documentId: reference('document_id')
      .notNull()
      .references(() => documents.id),
    /** `edited`, `voided` or `deleted`. */
    kind: text('kind').notNull(),
    ours: jsonb('ours').notNull(),
    theirs: jsonb('theirs'),
    snapshot: text('snapshot').notNull(),
    state: text('state').notNull().default('open'),
    seenAt: instant('seen_at').notNull(),
    settledAt: instant('settled_at'),
  },
  (table) => [
    uniqueIndex('drifts_open').on(table.documentId).where(sql`state = 'open'`),
    index('drifts_company').on(table.companyId, table.seenAt),
    check('drifts_kind', sql`${table.kind} in ('edited', 'voided', 'deleted')`),
    check('drifts_state', sql`${table.state} in ('open', 'accepted', 'restored', 'ignored', 'healed')`),
  ],
);

/** What the books' own webhooks said has changed there; read by whoever compares, then deleted. */
export const bookChanges = pgTable(
  'book_changes',
  {
    id: identity(),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    remoteId: text('remote_id').notNull(),
    operation: text('operation').notNull(),
    toldAt: instant('told_at').notNull(),
  },
  (table) => [index('book_changes_connection').on(table.connectionId, table.id)],
);

/**
 * Requests to books, written before they are sent: the exact bytes, the idempotency key and the documents inside, so
 * that whoever comes after a crash knows what may have happened (design.md rule 5).
 */
export const pushAttempts = pgTable(
  'push_attempts',
  {
    id: identity(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    documentIds: reference('document_ids').array().notNull(),
    idempotencyKey: text('idempotency_key').notNull().unique(),
    method: text('method').notNull(),
    path: text('path').notNull(),
    body: bytea('body').notNull(),
    sentAt: instant('sent_at').notNull(),
    finishedAt: instant('finished_at'),
    outcome: text('outcome').notNull().default('sent'),
    detail: text('detail'),
  },
  (table) => [
    index('push_attempts_connection').on(table.connectionId, table.id),
    index('push_attempts_company').on(table.companyId),
    index('push_attempts_documents').using('gin', table.documentIds),
    check('push_attempts_outcome', sql`${table.outcome} in ('sent', 'answered', 'unknown', 'refused')`),
  ],
);
