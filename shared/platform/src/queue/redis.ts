import { Queue, Worker } from 'bullmq';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { type BullQueue, type BullWorker, EVENT_LOG_LENGTH, type QueueBackend, QueueUnreachable } from './backend.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';

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
