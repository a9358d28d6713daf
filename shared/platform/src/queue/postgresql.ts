import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Queue,
  runMigrations,
  Worker,
} from 'bullmq';
import pg from 'pg';
import { type BullQueue, type BullWorker, EVENT_LOG_LENGTH, type QueueBackend, QueueUnreachable } from './backend.ts';

/** A worker that missed a notification looks again after so many seconds; BullMQ itself would wait up to an hour. */
const LONGEST_WAIT_S = 10;

/**
 * BullMQ on PostgreSQL, in a schema of its own named after the prefix (`daybook` → `daybook_queue`).
 * Throws QueueUnreachable when the database does not answer or is older than BullMQ needs.
 */
export async function openPostgresBackend(databaseUrl: string, prefix: string): Promise<QueueBackend> {
  const schema = `${prefix.toLowerCase().replace(/[^a-z0-9_]/g, '_')}_queue`;
  await migrateSchema(databaseUrl, schema);
  const connection = (max: number, name: string): PostgresConnectionOptions => ({
    connectionString: databaseUrl,
    schema,
    max,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  return {
    name: 'postgresql',
    openQueue(name) {
      const options = {
        connection: connection(2, `daybook queue ${name}`),
        streams: { events: { maxLen: EVENT_LOG_LENGTH } },
      };
      return new Queue(name, options, createPostgresBackend) as unknown as BullQueue;
    },
    openWorker(name, processor, limits) {
      const options = { ...limits, connection: connection(4, `daybook worker ${name}`) };
      return new Worker(name, processor, options, waitingBackend) as unknown as BullWorker;
    },
    async close() {},
  };
}

const waitingBackend: typeof createPostgresBackend = (name, options, factoryOptions) => {
  const backend: PostgresQueueBackend = createPostgresBackend(name, options, factoryOptions);
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: LONGEST_WAIT_S });
  return backend;
};

async function migrateSchema(databaseUrl: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await runMigrations(client, schema);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new QueueUnreachable(`The queue could not be opened on PostgreSQL: ${said}. Check DATABASE_URL.`, { cause });
  } finally {
    await client.end().catch(() => {});
  }
}
