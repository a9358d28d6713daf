import { sql } from 'drizzle-orm';
import { check, date, index, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, identity, instant } from './columns.ts';
import { companies } from './companies.ts';

/** Tokens of one consent, shared by every connection that came from it. Encrypted; refreshed under a row lock. */
export const tokenSets = pgTable('token_sets', {
  id: uuid('id').primaryKey().defaultRandom(),
  connector: text('connector').notNull(),
  keyId: text('key_id').notNull(),
  sealed: bytea('sealed').notNull(),
  accessExpiresAt: instant('access_expires_at'),
  refreshExpiresAt: instant('refresh_expires_at'),
  /** Set when the provider refused the grant: nobody tries again before a person reconnects. */
  revokedAt: instant('revoked_at'),
  updatedAt: instant('updated_at').notNull(),
});

/**
 * A channel or set of books connected to a company. What people and imports enter belongs to a connection too, the one
 * of kind `entered` that each company has of its own, so that keys, replay and custody are the same for everything.
 */
export const connections = pgTable(
  'connections',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    connector: text('connector').notNull(),
    kind: text('kind').notNull(),
    label: text('label').notNull(),
    /** The tenant at the provider: shop domain, organisation id. */
    account: text('account').notNull(),
    state: text('state').notNull().default('active'),
    settings: jsonb('settings').notNull().default({}),
    tokenSetId: uuid('token_set_id').references(() => tokenSets.id),
    /** Credentials entered by hand and per-connection webhook secrets, sealed like tokens. */
    keyId: text('key_id'),
    sealed: bytea('sealed'),
    /** Nothing is sent before this instant: the provider asked us to wait. */
    pausedUntil: instant('paused_until'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    unique('connections_account').on(table.companyId, table.connector, table.account),
    index('connections_token_set').on(table.tokenSetId),
    check('connections_kind', sql`${table.kind} in ('sales', 'accounting', 'entered')`),
    check('connections_state', sql`${table.state} in ('active', 'paused', 'reconnect', 'disconnected')`),
  ],
);

/**
 * Secrets that webhooks are signed with: of one connection's subscription, or (without a connection) of a subscription
 * that carries every tenant of our application. A retired one stays valid for a day, while the provider changes over.
 */
export const webhookSecrets = pgTable(
  'webhook_secrets',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    connector: text('connector').notNull(),
    connectionId: uuid('connection_id').references(() => connections.id),
    keyId: text('key_id').notNull(),
    sealed: bytea('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
    retiredAt: instant('retired_at'),
  },
  (table) => [
    index('webhook_secrets_connection').on(table.connectionId),
    index('webhook_secrets_connector').on(table.connector),
  ],
);

/** Authorization requests under way: single use, ten minutes. */
export const oauthStates = pgTable(
  'oauth_states',
  {
    /** SHA-256 of the state sent to the provider. */
    stateHash: text('state_hash').primaryKey(),
    /** SHA-256 of the cookie of the browser that started. */
    browserHash: text('browser_hash').notNull(),
    companyId: uuid('company_id')
      .notNull()
      .references(() => companies.id),
    connector: text('connector').notNull(),
    fields: jsonb('fields').notNull(),
    codeVerifier: text('code_verifier'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('oauth_states_company').on(table.companyId)],
);

/** Our word → their word, per books connection: `account` roles and `tax` codes; contacts and other records made there. */
export const mappings = pgTable(
  'mappings',
  {
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    kind: text('kind').notNull(),
    ours: text('ours').notNull(),
    /** Connection of the channel it is for, as text; empty = every channel without one of its own. */
    channel: text('channel').notNull().default(''),
    /** First document date it holds for; the newest one that has begun counts. */
    validFrom: date('valid_from').notNull().default('0001-01-01'),
    theirs: text('theirs').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.connectionId, table.kind, table.ours, table.channel, table.validFrom] }),
    check('mappings_kind', sql`${table.kind} in ('account', 'tax', 'party', 'record')`),
  ],
);

/** Every change of a mapping that a person made. */
export const mappingChanges = pgTable(
  'mapping_changes',
  {
    id: identity(),
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    kind: text('kind').notNull(),
    ours: text('ours').notNull(),
    channel: text('channel').notNull(),
    validFrom: date('valid_from').notNull(),
    before: text('before'),
    after: text('after').notNull(),
    changedAt: instant('changed_at').notNull(),
  },
  (table) => [index('mapping_changes_connection').on(table.connectionId, table.id)],
);

/** How far polling has read a resource. */
export const cursors = pgTable(
  'cursors',
  {
    connectionId: uuid('connection_id')
      .notNull()
      .references(() => connections.id),
    resource: text('resource').notNull(),
    cursor: text('cursor').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.connectionId, table.resource] })],
);
