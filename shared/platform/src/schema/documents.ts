import { sql } from 'drizzle-orm';
import { char, check, date, index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
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
    /** Total of an invoice or credit note, amount of a payment or allocation; minor units. */
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
  },
  (table) => [
    unique('documents_once').on(table.connectionId, table.kind, table.number),
    index('documents_company').on(table.companyId, table.id),
    index('documents_event').on(table.eventId),
    index('documents_summary').on(table.summaryId).where(sql`summary_id is not null`),
    check('documents_origin', sql`(${table.eventId} is null) <> (${table.summaryId} is null)`),
    index('documents_unfinished').on(table.connectionId, table.state).where(sql`state <> 'pushed'`),
    check(
      'documents_kind',
      sql`${table.kind} in
    ('invoice', 'credit_note', 'payment', 'allocation', 'transfer', 'bank_entry', 'journal')`,
    ),
    check('documents_state', sql`${table.state} in ('pending', 'sending', 'unknown', 'pushed', 'held', 'rejected')`),
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
