import { z } from 'zod';
import { LOG_LEVELS } from './logger.ts';
import { parseRedisUrl } from './queue/redis-url.ts';
import { parseKeys } from './secrets.ts';

/** Something in the environment is wrong. The message names every problem, one a line, and never a secret's value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${list(problems)}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const list = (problems: readonly string[]) => problems.map((problem) => `- ${problem}`).join('\n');

/** One setting: where it comes from, what it means, and how it is checked, side by side. */
interface Setting<S extends z.ZodType = z.ZodType> {
  env: string;
  about: string;
  /** Never printed, not even when it is wrong. */
  secret: boolean;
  example: string;
  schema: S;
}

const setting = <S extends z.ZodType>(env: string, parts: Omit<Setting<S>, 'env'>): Setting<S> => ({ env, ...parts });

const baseUrl = z
  .string()
  .refine((text) => URL.canParse(text.replace('{account}', 'account')) && /^https?:\/\//.test(text), {
    error: 'must be an address like https://daybook.example.com',
  })
  .refine((text) => !/[?#]/.test(text), { error: 'must not carry a query or a fragment' })
  .transform((text) => text.replace(/\/+$/, ''));

const databaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/[^/]+\/.+/, { error: 'must look like postgres://user:password@host:5432/daybook' });

const understood = (check: (text: string) => unknown) =>
  z.string().superRefine((text, context) => {
    try {
      check(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `must be a whole number from ${from} to ${to}` })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error: `must be a whole number from ${from} to ${to}` });

const SETTINGS = {
  databaseUrl: setting('DATABASE_URL', {
    about: 'PostgreSQL 15 or newer. Not set: Daybook starts its own PostgreSQL in the data folder.',
    secret: true,
    example: 'postgres://daybook:password@db.example.com:5432/daybook',
    schema: databaseUrl.optional(),
  }),
  redisUrl: setting('REDIS_URL', {
    about:
      'Redis 6.2 or newer for the queue (redis://, rediss://, redis+sentinel://, redis+cluster://), with ' +
      'maxmemory-policy noeviction. Not set: the queue lives in PostgreSQL.',
    secret: true,
    example: 'redis://:password@redis.example.com:6379/0',
    schema: understood(parseRedisUrl).optional(),
  }),
  dataDir: setting('DAYBOOK_DATA_DIR', {
    about: 'Folder for the embedded database, the generated encryption key and what the hub writes about itself.',
    secret: false,
    example: '/var/lib/daybook',
    schema: z.string().default('.daybook'),
  }),
  host: setting('DAYBOOK_HOST', {
    about: 'Address to listen on. 0.0.0.0 for all, for example in a container.',
    secret: false,
    example: '0.0.0.0',
    schema: z.string().default('127.0.0.1'),
  }),
  port: setting('DAYBOOK_PORT', {
    about: 'Port to listen on; 0 takes a free one.',
    secret: false,
    example: '4000',
    schema: wholeNumber(0, 65_535).default(4000),
  }),
  publicUrl: setting('DAYBOOK_PUBLIC_URL', {
    about:
      'Address under which the world reaches this hub: webhooks, OAuth and some signatures depend on it. ' +
      'Not set: http://<host>:<port>.',
    secret: false,
    example: 'https://daybook.example.com',
    schema: baseUrl.optional(),
  }),
  apiKey: setting('DAYBOOK_API_KEY', {
    about:
      'Key for the REST API (Authorization: Bearer …), at least 24 characters. Not set: keys are made in the dashboard.',
    secret: true,
    example: 'output of: openssl rand -base64 32',
    schema: z.string().min(24, { error: 'must have at least 24 characters' }).optional(),
  }),
  encryptionKeys: setting('DAYBOOK_ENCRYPTION_KEYS', {
    about:
      'Keys that seal stored secrets: id:base64 of 32 bytes, several separated by commas, the first is used for new ' +
      'ones. Not set: a key is made in the data folder.',
    secret: true,
    example: '2026a:<openssl rand -base64 32>',
    schema: understood(parseKeys).optional(),
  }),
  logLevel: setting('DAYBOOK_LOG_LEVEL', {
    about: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    secret: false,
    example: 'info',
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  }),
  queuePrefix: setting('DAYBOOK_QUEUE_PREFIX', {
    about: 'Name under which the queue keeps its jobs, when several hubs share one Redis or database.',
    secret: false,
    example: 'daybook',
    schema: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,30}$/, { error: 'must be lower-case letters, digits, "-" or "_", at most 31' })
      .default('daybook'),
  }),
  pollSeconds: setting('DAYBOOK_POLL_SECONDS', {
    about: 'Seconds between two looks at every channel for what its webhooks missed: payouts, fees, lost deliveries.',
    secret: false,
    example: '300',
    schema: wholeNumber(5, 86_400).default(300),
  }),
  outboundTimeoutMs: setting('DAYBOOK_OUTBOUND_TIMEOUT_MS', {
    about: 'Milliseconds to wait for a provider to answer.',
    secret: false,
    example: '30000',
    schema: wholeNumber(100, 600_000).default(30_000),
  }),
} as const;

const APP_PART = /^DAYBOOK_APP_([A-Z0-9_]+?)_(ID|SECRET|SECRET_PREVIOUS|TOKEN|WEBHOOK_SECRET|WEBHOOK_SECRET_PREVIOUS)$/;

/** Settings there is one of per connector. `<CONNECTOR>` is its id in capitals, with "-" as "_". */
const PATTERNS = [
  {
    env: 'DAYBOOK_HOST_<CONNECTOR>_API',
    pattern: /^DAYBOOK_HOST_([A-Z0-9_]+)_(API|AUTH)$/,
    about: 'Base address of the API of a connector, in place of the real one: a sandbox, a stub, a proxy.',
    secret: false,
    example: 'http://127.0.0.1:9001',
  },
  {
    env: 'DAYBOOK_HOST_<CONNECTOR>_AUTH',
    pattern: /^DAYBOOK_HOST_([A-Z0-9_]+)_(API|AUTH)$/,
    about: 'Base address of its log-in and token pages.',
    secret: false,
    example: 'http://127.0.0.1:9001',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_ID',
    pattern: APP_PART,
    about: 'Client id of the OAuth application registered with the provider.',
    secret: false,
    example: '',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_SECRET',
    pattern: APP_PART,
    about: 'Client secret of that application.',
    secret: true,
    example: '',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_SECRET_PREVIOUS',
    pattern: APP_PART,
    about: 'The secret before, still accepted for webhooks while the provider changes over.',
    secret: true,
    example: '',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_TOKEN',
    pattern: APP_PART,
    about: "The application's own access token, where the provider wants one for managing webhook subscriptions.",
    secret: true,
    example: '',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_WEBHOOK_SECRET',
    pattern: APP_PART,
    about:
      'Secret of a webhook subscription made by hand in the provider’s developer pages (signature key, verifier token).',
    secret: true,
    example: '',
  },
  {
    env: 'DAYBOOK_APP_<CONNECTOR>_WEBHOOK_SECRET_PREVIOUS',
    pattern: APP_PART,
    about: 'The one before, still accepted.',
    secret: true,
    example: '',
  },
] as const;

type Settings = { [K in keyof typeof SETTINGS]: z.infer<(typeof SETTINGS)[K]['schema']> };

export interface ConnectorApp {
  clientId: string;
  clientSecret: string;
  previousClientSecret?: string;
  token?: string;
  /** Secrets of webhook subscriptions that were made by hand, the newer one first. */
  webhookSecrets?: string[];
}

/** What the environment says, checked and complete. Keys of `hosts` and `apps` are connector ids. */
export interface Config extends Readonly<Settings> {
  readonly hosts: Readonly<Record<string, { api?: string; auth?: string }>>;
  readonly apps: Readonly<Record<string, ConnectorApp>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment. An empty variable counts as not set. With the ids of the connectors it can also tell a
 * misspelt one. Throws ConfigError naming every problem at once.
 */
export function loadConfig(env: Environment, options: { connectors?: readonly string[] } = {}): Config {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  ) as Record<string, string>;
  const problems: string[] = [];
  const settings = Object.entries(SETTINGS).map(([key, { env: name, schema, secret }]) => {
    const parsed = schema.safeParse(given[name]);
    if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => complaint(name, given, secret, issue)));
    return [key, parsed.data];
  });
  const hosts = readHosts(given, problems);
  const apps = readApps(given, problems);
  problems.push(...unknownNames(given), ...unknownConnectors(given, options.connectors));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze({ ...(Object.fromEntries(settings) as Settings), hosts, apps });
}

function complaint(name: string, given: Record<string, string>, secret: boolean, issue: { message: string }): string {
  const { message } = issue;
  if (message.startsWith(name)) return message;
  const sentence = /^[A-Z]/.test(message) ? `${name}: ${message}` : `${name} ${message}`;
  return secret ? sentence : `${sentence}; it is "${given[name]}"`;
}

const connectorId = (capitals: string) => capitals.toLowerCase().replaceAll('_', '-');

function readHosts(given: Record<string, string>, problems: string[]): Config['hosts'] {
  const hosts: Record<string, { api?: string; auth?: string }> = {};
  for (const [name, value] of Object.entries(given)) {
    const [, connector, side] = PATTERNS[0].pattern.exec(name) ?? [];
    if (!connector || !side) continue;
    const parsed = baseUrl.safeParse(value);
    if (parsed.success) {
      const id = connectorId(connector);
      hosts[id] = { ...hosts[id], [side.toLowerCase()]: parsed.data };
    } else problems.push(...parsed.error.issues.map((issue) => complaint(name, given, false, issue)));
  }
  return hosts;
}

function readApps(given: Record<string, string>, problems: string[]): Config['apps'] {
  const parts: Record<string, Record<string, string>> = {};
  for (const [name, value] of Object.entries(given)) {
    const [, connector, part] = PATTERNS[2].pattern.exec(name) ?? [];
    if (connector && part) parts[connector] = { ...parts[connector], [part]: value };
  }
  const apps: Record<string, ConnectorApp> = {};
  for (const [connector, { ID, SECRET, SECRET_PREVIOUS, TOKEN, ...rest }] of Object.entries(parts)) {
    if (!ID) problems.push(`DAYBOOK_APP_${connector}_ID is missing, while other parts of this application are set`);
    if (!SECRET)
      problems.push(`DAYBOOK_APP_${connector}_SECRET is missing, while other parts of this application are set`);
    if (!ID || !SECRET) continue;
    apps[connectorId(connector)] = {
      clientId: ID,
      clientSecret: SECRET,
      ...(SECRET_PREVIOUS ? { previousClientSecret: SECRET_PREVIOUS } : {}),
      ...(TOKEN ? { token: TOKEN } : {}),
      ...(rest.WEBHOOK_SECRET ? { webhookSecrets: [rest.WEBHOOK_SECRET, ...earlier(rest)] } : {}),
    };
  }
  return apps;
}

function earlier({ WEBHOOK_SECRET_PREVIOUS }: Record<string, string>): string[] {
  return WEBHOOK_SECRET_PREVIOUS === undefined ? [] : [WEBHOOK_SECRET_PREVIOUS];
}

function unknownNames(given: Record<string, string>): string[] {
  const single: string[] = Object.values(SETTINGS).map(({ env }) => env);
  return Object.keys(given)
    .filter((name) => name.startsWith('DAYBOOK_') && !single.includes(name))
    .filter((name) => !PATTERNS.some(({ pattern }) => pattern.test(name)))
    .map((name) => {
      const connector = /^DAYBOOK_[A-Z]+_(.+)_[^_]+$/.exec(name)?.[1] ?? '<CONNECTOR>';
      const repeated = PATTERNS.map(({ env }) => env.replace('<CONNECTOR>', connector));
      return `${name} is not a setting; did you mean ${nearest(name, [...single, ...repeated])}?`;
    });
}

function unknownConnectors(given: Record<string, string>, connectors: readonly string[] | undefined): string[] {
  if (!connectors) return [];
  return Object.keys(given).flatMap((name) => {
    const connector = PATTERNS.map(({ pattern }) => pattern.exec(name)?.[1]).find(Boolean);
    if (!connector || connectors.includes(connectorId(connector))) return [];
    return [`${name} names no connector; did you mean "${nearest(connectorId(connector), connectors)}"?`];
  });
}

function nearest(name: string, known: readonly string[]): string | undefined {
  return known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
}

/** How many letters must be added, removed or replaced to make one word the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (inner && typeof inner === 'object') deepFreeze(inner);
  return Object.freeze(value);
}

export interface SettingDescription {
  name: string;
  about: string;
  /** As written in the environment; null when there is none. */
  default: string | null;
  secret: boolean;
  example: string;
}

/** Every setting there is, for the documentation. */
export function describeConfig(): SettingDescription[] {
  const single = Object.values(SETTINGS).map(({ env, about, secret, example, schema }) => {
    const value: unknown = schema.parse(undefined);
    return { name: env, about, default: value === undefined ? null : String(value), secret, example };
  });
  const repeated = PATTERNS.map(({ env, about, secret, example }) => ({
    name: env,
    about,
    default: null,
    secret,
    example,
  }));
  return [...single, ...repeated];
}

/** Every setting with its value in words that may be printed: of a secret only whether it is there. */
export function printableConfig(config: Config): { name: string; value: string }[] {
  const single = (Object.keys(SETTINGS) as (keyof Settings)[]).map((key) => {
    const value = config[key];
    const shown = SETTINGS[key].secret && value !== undefined ? 'configured' : value;
    return { name: SETTINGS[key].env as string, value: shown === undefined ? 'not set' : String(shown) };
  });
  const capitals = (id: string) => id.toUpperCase().replaceAll('-', '_');
  const hosts = Object.entries(config.hosts).flatMap(([id, sides]) =>
    Object.entries(sides).map(([side, value]) => ({
      name: `DAYBOOK_HOST_${capitals(id)}_${side.toUpperCase()}`,
      value,
    })),
  );
  const apps = Object.entries(config.apps).flatMap(([id, app]) => [
    { name: `DAYBOOK_APP_${capitals(id)}_ID`, value: app.clientId },
    { name: `DAYBOOK_APP_${capitals(id)}_SECRET`, value: 'configured' },
    ...(app.previousClientSecret ? [{ name: `DAYBOOK_APP_${capitals(id)}_SECRET_PREVIOUS`, value: 'configured' }] : []),
    ...(app.token ? [{ name: `DAYBOOK_APP_${capitals(id)}_TOKEN`, value: 'configured' }] : []),
    ...(app.webhookSecrets ? [{ name: `DAYBOOK_APP_${capitals(id)}_WEBHOOK_SECRET`, value: 'configured' }] : []),
  ]);
  return [...single, ...hosts, ...apps];
}
