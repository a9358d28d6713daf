import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type ArrayOptions, addArrayTypes } from './db-arrays.ts';

interface Types extends Record<string, unknown> {
  bigint: bigint;
}
export type Sql = postgres.Sql<Types>;
export type Tx = postgres.TransactionSql<Types>;
/** Anything a statement can be run on: the pool or a transaction. */
export type Queryable = Sql | Tx;
export type Orm = ReturnType<typeof ormOver>;

export interface Database {
  sql: Sql;
  /** Drizzle over the same pool. */
  orm: Orm;
  /** Lets running statements end (5 s), then closes all connections. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections at most. */
  max?: number;
  /** Shown in pg_stat_activity. */
  name?: string;
}

const BIGINT = 20;
const DATE = 1082;
const JSON_TYPES = [114, 3802];

/**
 * A plan kept for the life of a connection may have been made when its tables were empty, and then reads them whole for
 * ever (performance.md 3); planning anew costs 0.1 ms. Compiling plans costs more than it saves on statements so small.
 */
const PLANNER = { plan_cache_mode: 'force_custom_plan', jit: false };

/**
 * How values cross the wire, whichever way a statement is written: `bigint` is a JavaScript bigint, `date` stays the
 * text YYYY-MM-DD (a Date would shift it by the time zone), `timestamptz` is a Date, and a string given for JSON is
 * taken as JSON text that is encoded already. An array of bigints must be given as `sql.array(ids)`; a bare one is
 * announced as a single bigint by postgres.js and refused by the server.
 */
const types = {
  bigint: { to: BIGINT, from: [BIGINT], serialize: (value: bigint) => value.toString(), parse: BigInt },
  day: { to: DATE, from: [DATE], serialize: (value: string) => value, parse: (text: string) => text },
  json: {
    to: 114,
    from: JSON_TYPES,
    serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    parse: (text: string) => JSON.parse(text) as unknown,
  },
};

/** Opens a pool. Nothing is sent before the first statement; a server that is away is retried by the next statement. */
export function openDatabase(url: string, { max = 10, name = 'daybook' }: DatabaseOptions = {}): Database {
  const sql = postgres(url, {
    max,
    types,
    connection: { application_name: name, ...PLANNER },
    connect_timeout: 10,
    fetch_types: false,
    onnotice: () => {},
  }) as unknown as Sql;
  addArrayTypes(sql.options as unknown as ArrayOptions);
  return { sql, orm: ormOver(sql), close: () => sql.end({ timeout: 5 }) };
}

/** Drizzle replaces the pool's types when it is put over it; they are put back, so that both give the same values. */
function ormOver(sql: Sql) {
  const parsers = { ...sql.options.parsers };
  const serializers = { ...sql.options.serializers };
  const orm = drizzle(sql as unknown as postgres.Sql);
  Object.assign(sql.options.parsers, parsers);
  Object.assign(sql.options.serializers, serializers);
  return orm;
}

/** Drizzle's builder inside a transaction that postgres.js began. */
export function ormIn(tx: Tx): Orm {
  // Drizzle wants to replace type parsers on its client; the transaction's belong to the pool and stay as they are.
  const client = Object.assign(tx, { options: { parsers: {}, serializers: {} } });
  return drizzle(client as unknown as postgres.Sql) as Orm;
}
