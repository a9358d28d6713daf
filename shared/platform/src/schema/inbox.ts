import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, smallint, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytea, identity, instant, reference } from './columns.ts';

/**
 * What providers sent, byte for byte. Company and connection are checked by the route, not by foreign keys: this is the
 * hottest insert (performance.md 7.6). The same event id with other bytes is another row, so nothing sent is ever lost.
 */
export const deliveries = pgTable(
  'deliveries',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id').notNull(),
    topic: text('topic').notNull(),
    /** The provider's id of the event. */
    eventId: text('event_id').notNull(),
    bodyHash: bytea('body_hash').notNull(),
    headers: jsonb('headers').notNull(),
    body: bytea('body').notNull(),
    via: text('via').notNull().default('webhook'),
    receivedAt: instant('received_at').notNull(),
    state: text('state').notNull().default('received'),
    /** Why it was ignored or refused, for people. */
    reason: text('reason'),
    code: text('code'),
  },
  (table) => [
    unique('deliveries_once').on(table.connectionId, table.topic, table.eventId, table.bodyHash),
    index('deliveries_company').on(table.companyId, table.id),
    index('deliveries_unfinished').on(table.companyId, table.state).where(sql`state not in ('normalized', 'ignored')`),
    check('deliveries_state', sql`${table.state} in ('received', 'normalized', 'ignored', 'refused', 'failed')`),
    check('deliveries_via', sql`${table.via} in ('webhook', 'poll', 'backfill', 'entered')`),
  ],
);

/** Canonical events. One row per revision of a fact; the newest one counts. */
export const events = pgTable(
  'events',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id').notNull(),
    deliveryId: reference('delivery_id').notNull(),
    type: text('type').notNull(),
    /** The provider's id of the object. */
    sourceId: text('source_id').notNull(),
    revision: text('revision').notNull(),
    contentHash: text('content_hash').notNull(),
    /** Canonical event in wire form. */
    payload: jsonb('payload').notNull(),
    /** The sale a refund, payment or void belongs to. */
    saleId: text('sale_id'),
    occurredAt: instant('occurred_at').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    state: text('state').notNull().default('pending'),
    reason: text('reason'),
    code: text('code'),
    postedAt: instant('posted_at'),
    /** When a webhook, and when a poll or backfill, first told of it; what only polling told was a gap. */
    toldByWebhook: instant('told_by_webhook'),
    toldByPoll: instant('told_by_poll'),
  },
  (table) => [
    unique('events_once').on(table.connectionId, table.type, table.sourceId, table.revision),
    index('events_company').on(table.companyId, table.id),
    index('events_delivery').on(table.deliveryId),
    // Support looks sales up by the number on the customer's receipt.
    index('events_order').on(table.companyId, sql`(payload->'order'->>'number')`),
    index('events_source').on(table.companyId, table.sourceId),
    index('events_sale').on(table.connectionId, table.saleId).where(sql`sale_id is not null`),
    // Days of a till, which know the day before.
    index('events_register')
      .on(table.companyId, sql`(payload->>'register')`, table.type)
      .where(sql`type in ('cash_day', 'register_close')`),
    index('events_unfinished')
      .on(table.companyId, table.state)
      .where(sql`state not in ('posted', 'unchanged', 'superseded')`),
    check(
      'events_state',
      sql`${table.state} in
    ('pending', 'posted', 'unchanged', 'superseded', 'waiting', 'conflict', 'failed', 'test')`,
    ),
  ],
);

/** Imports of a range that a person asked for; each goes on page by page until done or cancelled, over any crash. */
export const backfills = pgTable(
  'backfills',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id').notNull(),
    connectionId: uuid('connection_id').notNull(),
    rangeFrom: instant('range_from').notNull(),
    rangeTo: instant('range_to').notNull(),
    state: text('state').notNull().default('running'),
    /** Feeds of the connector, in order; those before this one are read. */
    feedsDone: integer('feeds_done').notNull().default(0),
    cursor: text('cursor'),
    /** Objects read, and deliveries among them that were new. */
    read: integer('read').notNull().default(0),
    stored: integer('stored').notNull().default(0),
    /** Nobody reads on before this instant: a page is being read, or the provider asked to wait. */
    dueAt: instant('due_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Why it stopped, for people. */
    reason: text('reason'),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (table) => [
    index('backfills_company').on(table.companyId, table.startedAt),
    // One at a time per channel: two over the same range would only read everything twice.
    uniqueIndex('backfills_running').on(table.connectionId).where(sql`state = 'running'`),
    check('backfills_state', sql`${table.state} in ('running', 'done', 'cancelled', 'failed')`),
    check('backfills_range', sql`${table.rangeFrom} < ${table.rangeTo}`),
  ],
);

/**
 * The queue of record: a row is work that is owed. A stage claims rows with DELETE … FOR UPDATE SKIP LOCKED in the
 * transaction that does the work, so work is done exactly once whatever the queue says (performance.md 4).
 * No foreign keys: rows come and go with every event, and only ever copy ids of the row they stand for.
 */
export const todo = pgTable(
  'todo',
  {
    id: identity(),
    companyId: uuid('company_id').notNull(),
    stage: text('stage').notNull(),
    /** Delivery, event or document id. */
    ref: reference('ref').notNull(),
    /** For `push`: the books connection. */
    connectionId: uuid('connection_id'),
    attempts: integer('attempts').notNull().default(0),
    /** 0 = live traffic, 1 = a backfill's, which waits for it. */
    priority: smallint('priority').notNull().default(0),
    dueAt: instant('due_at').notNull(),
    /** Fingerprint of the issue that has to be solved first; while it is set the sweeper leaves the row alone. */
    held: text('held'),
  },
  (table) => [
    unique('todo_once').on(table.stage, table.ref),
    index('todo_due').on(table.stage, table.dueAt).where(sql`held is null`),
    index('todo_connection').on(table.connectionId).where(sql`connection_id is not null`),
    check('todo_stage', sql`${table.stage} in ('normalize', 'post', 'push')`),
  ],
);
