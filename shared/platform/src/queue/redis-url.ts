import { QueueUnreachable } from './backend.ts';

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
