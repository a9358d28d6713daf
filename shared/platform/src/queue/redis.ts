import { Queue, Worker } from 'bullmq';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { type BullQueue, type BullWorker, EVENT_LOG_LENGTH, type QueueBackend, QueueUnreachable } from './backend.ts';

/** Where REDIS_URL points to, one of the three ways Redis is run. */
export interface RedisAddress {
  mode: 'single' | 'sentinel' | 'cluster';
  hosts: { host: string; port: number }[];
  /** Sentinel only: the name of the watched primary. */
  primary?: string;
  db: number;
  tls: boolean;
  username?: string;
  password?: string;
}

const URL_SHAPE =
  /^(?<tls>rediss?)(?:\+(?<mode>sentinel|cluster))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?]+)(?<path>\/[^?]*)?$/;

/**
 * Reads REDIS_URL: `redis://host:6379/0`, `rediss://…` (TLS), `redis+sentinel://host1:26379,host2/primary/0`,
 * `redis+cluster://host1:6379,host2`. Throws QueueUnreachable naming the accepted forms.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = URL_SHAPE.exec(url)?.groups;
  const mode = (parts?.mode ?? 'single') as RedisAddress['mode'];
  const defaultPort = mode === 'sentinel' ? 26_379 : 6_379;
  const hosts = (parts?.hosts ?? '').split(',').map((host) => parseHost(host, defaultPort));
  const path = (parts?.path ?? '').split('/').filter(Boolean);
  const primary = mode === 'sentinel' ? path.shift() : undefined;
  const db = Number(path[0] ?? '0');
  const wrong =
    !parts ||
    hosts.includes(null) ||
    !Number.isInteger(db) ||
    path.length > 1 ||
    (mode === 'single' && hosts.length > 1) ||
    (mode === 'sentinel' && !primary) ||
    (mode === 'cluster' && db !== 0);
  if (wrong) {
    throw new QueueUnreachable(
      'REDIS_URL is not understood. Write redis://host:6379/0, rediss://… for TLS, ' +
        'redis+sentinel://host1:26379,host2:26379/primary-name/0 or redis+cluster://host1:6379,host2:6379.',
    );
  }
  return {
    mode,
    hosts: hosts as RedisAddress['hosts'],
    ...(primary ? { primary } : {}),
    db,
    tls: parts.tls === 'rediss',
    ...(parts.user ? { username: decodeURIComponent(parts.user) } : {}),
    ...(parts.password ? { password: decodeURIComponent(parts.password) } : {}),
  };
}

function parseHost(text: string, defaultPort: number): { host: string; port: number } | null {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  if (!match?.[1]) return null;
  return { host: match[1].replace(/^\[|\]$/g, ''), port: match[2] ? Number(match[2]) : defaultPort };
}

/** Producers must fail within seconds, so that a webhook is answered; the sweeper makes up for the lost wake-up. */
const PRODUCER: RedisOptions = { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 5_000 };
/** Consumers wait for Redis to come back, however long it takes. */
const CONSUMER: RedisOptions = { maxRetriesPerRequest: null };

/**
 * BullMQ on Redis. All keys lie under `{prefix}`: the braces make a Cluster keep them on one node, which BullMQ needs.
 * Throws QueueUnreachable when Redis does not answer.
 */
export async function openRedisBackend(
  redisUrl: string,
  prefix: string,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  const address = parseRedisUrl(redisUrl);
  const taggedPrefix = /^\{.+\}$/.test(prefix) ? prefix : `{${prefix}}`;
  const producer = await connect(address, PRODUCER, onError);
  const consumer = await connect(address, CONSUMER, onError).catch((error) => {
    producer.disconnect();
    throw error;
  });
  return {
    name: 'redis',
    openQueue(name) {
      const streams = { events: { maxLen: EVENT_LOG_LENGTH } };
      return new Queue(name, { connection: producer, prefix: taggedPrefix, streams }) as unknown as BullQueue;
    },
    openWorker(name, processor, limits) {
      return new Worker(name, processor, {
        ...limits,
        connection: consumer,
        prefix: taggedPrefix,
      }) as unknown as BullWorker;
    },
    async close() {
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

async function connect(
  address: RedisAddress,
  role: RedisOptions,
  onError: (error: Error) => void,
): Promise<Redis | Cluster> {
  const client = clientFor(address, role);
  let last: Error | undefined;
  client.on('error', (error: Error) => {
    last = error;
    onError(error);
  });
  try {
    await client.connect();
    await client.ping();
    return client;
  } catch (cause) {
    client.disconnect();
    const where = address.hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
    const said = last?.message || (cause instanceof Error ? cause.message : String(cause));
    throw new QueueUnreachable(
      `Redis at ${where} does not answer: ${said}. Start it, mend REDIS_URL, or unset REDIS_URL to keep the queue in ` +
        'PostgreSQL.',
      { cause },
    );
  }
}

function clientFor(address: RedisAddress, role: RedisOptions): Redis | Cluster {
  const common: RedisOptions = {
    ...role,
    db: address.db,
    connectTimeout: 5_000,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
    ...(address.tls ? { tls: {} } : {}),
    ...(address.username ? { username: address.username } : {}),
    ...(address.password ? { password: address.password } : {}),
  };
  if (address.mode === 'cluster') {
    const { enableOfflineQueue = true, ...redisOptions } = common;
    return new Cluster(address.hosts, { enableOfflineQueue, redisOptions, lazyConnect: true });
  }
  if (address.mode === 'sentinel') {
    return new Redis({ ...common, sentinels: address.hosts, name: address.primary ?? '' });
  }
  const [only] = address.hosts;
  return new Redis({ ...common, host: only?.host ?? '127.0.0.1', port: only?.port ?? 6_379 });
}
