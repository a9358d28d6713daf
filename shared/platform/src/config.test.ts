import { expect, test } from 'vitest';
import { ConfigError, describeConfig, loadConfig, printableConfig } from './config.ts';

const key = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

function problemsOf(env: Record<string, string>, connectors?: string[]): readonly string[] {
  try {
    loadConfig(env, connectors ? { connectors } : {});
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('an empty environment is a complete configuration', () => {
  expect(loadConfig({ PATH: '/usr/bin' })).toEqual({
    dataDir: '.daybook',
    host: '127.0.0.1',
    port: 4000,
    logLevel: 'info',
    queuePrefix: 'daybook',
    outboundTimeoutMs: 30_000,
    pollSeconds: 300,
    hosts: {},
    apps: {},
  });
});

test('everything that can be set is read', () => {
  const config = loadConfig({
    DATABASE_URL: 'postgresql://u:p@db:5432/daybook',
    REDIS_URL: 'redis+sentinel://a:26379,b/main/2',
    DAYBOOK_DATA_DIR: ' /var/lib/daybook ',
    DAYBOOK_HOST: '0.0.0.0',
    DAYBOOK_PORT: '0',
    DAYBOOK_PUBLIC_URL: 'https://books.example.com/',
    DAYBOOK_API_KEY: 'a'.repeat(24),
    DAYBOOK_ENCRYPTION_KEYS: key,
    DAYBOOK_LOG_LEVEL: 'debug',
    DAYBOOK_QUEUE_PREFIX: 'shop-7',
    DAYBOOK_OUTBOUND_TIMEOUT_MS: '5000',
    DAYBOOK_POLL_SECONDS: '60',
    DAYBOOK_HOST_ODOO_POS_API: 'http://127.0.0.1:9001/',
    DAYBOOK_HOST_ODOO_POS_AUTH: 'http://127.0.0.1:9002',
    DAYBOOK_HOST_SHOPIFY_API: 'http://{account}.localhost:9003',
    DAYBOOK_APP_SHOPIFY_ID: 'id1',
    DAYBOOK_APP_SHOPIFY_SECRET: 'secret1',
    DAYBOOK_APP_SHOPIFY_SECRET_PREVIOUS: 'secret0',
    DAYBOOK_APP_SHOPIFY_TOKEN: 'token1',
    DAYBOOK_APP_SHOPIFY_WEBHOOK_SECRET: 'hook1',
    DAYBOOK_APP_SHOPIFY_WEBHOOK_SECRET_PREVIOUS: 'hook0',
  });
  expect(config).toEqual({
    databaseUrl: 'postgresql://u:p@db:5432/daybook',
    redisUrl: 'redis+sentinel://a:26379,b/main/2',
    dataDir: '/var/lib/daybook',
    host: '0.0.0.0',
    port: 0,
    publicUrl: 'https://books.example.com',
    apiKey: 'a'.repeat(24),
    encryptionKeys: key,
    logLevel: 'debug',
    queuePrefix: 'shop-7',
    outboundTimeoutMs: 5_000,
    pollSeconds: 60,
    hosts: {
      'odoo-pos': { api: 'http://127.0.0.1:9001', auth: 'http://127.0.0.1:9002' },
      shopify: { api: 'http://{account}.localhost:9003' },
    },
    apps: {
      shopify: {
        clientId: 'id1',
        clientSecret: 'secret1',
        previousClientSecret: 'secret0',
        token: 'token1',
        webhookSecrets: ['hook1', 'hook0'],
      },
    },
  });
});

test('an empty variable counts as not set', () => {
  expect(loadConfig({ DATABASE_URL: '', DAYBOOK_PORT: '  ', DAYBOOK_APP_XERO_SECRET: '' })).toEqual(loadConfig({}));
});

test('all problems are reported at once, by name, and secrets are not printed', () => {
  const problems = problemsOf({
    DATABASE_URL: 'mysql://u:hunter2@db/x',
    DAYBOOK_PORT: '70000',
    DAYBOOK_LOG_LEVEL: 'loud',
    DAYBOOK_API_KEY: 'hunter2',
    DAYBOOK_ENCRYPTION_KEYS: 'hunter2',
    DAYBOOK_PUBLIC_URL: 'books.example.com',
    REDIS_URL: 'hunter2://redis',
  });
  expect(problems).toEqual([
    'DATABASE_URL must look like postgres://user:password@host:5432/daybook',
    expect.stringMatching(/^REDIS_URL is not understood\. Write redis:/),
    'DAYBOOK_PORT must be a whole number from 0 to 65535; it is "70000"',
    'DAYBOOK_PUBLIC_URL must be an address like https://daybook.example.com; it is "books.example.com"',
    'DAYBOOK_API_KEY must have at least 24 characters',
    expect.stringMatching(/^DAYBOOK_ENCRYPTION_KEYS: Entry 1 /),
    'DAYBOOK_LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud"',
  ]);
  expect(problems.join()).not.toContain('hunter2');
});

test('a misspelt name is reported with the nearest one there is', () => {
  expect(problemsOf({ DAYBOOK_PROT: '4000', DAYBOOK_APP_XERO_SECERT: 'x' })).toEqual([
    'DAYBOOK_PROT is not a setting; did you mean DAYBOOK_PORT?',
    'DAYBOOK_APP_XERO_SECERT is not a setting; did you mean DAYBOOK_APP_XERO_SECRET?',
  ]);
});

test('a misspelt connector is reported where the connectors are known', () => {
  const env = { DAYBOOK_HOST_SHOPFY_API: 'http://127.0.0.1:1', DAYBOOK_HOST_ODOO_POS_API: 'http://127.0.0.1:2' };
  expect(problemsOf(env, ['shopify', 'odoo-pos'])).toEqual([
    'DAYBOOK_HOST_SHOPFY_API names no connector; did you mean "shopify"?',
  ]);
});

test('half an application is a problem', () => {
  expect(problemsOf({ DAYBOOK_APP_XERO_ID: 'id' })).toEqual([
    'DAYBOOK_APP_XERO_SECRET is missing, while other parts of this application are set',
  ]);
  expect(problemsOf({ DAYBOOK_APP_XERO_SECRET_PREVIOUS: 'old' })).toHaveLength(2);
});

test('nobody changes the configuration afterwards', () => {
  const config = loadConfig({ DAYBOOK_HOST_XERO_API: 'http://127.0.0.1:1' });
  expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
  expect(() => Object.assign(config.hosts, { evil: {} })).toThrow(TypeError);
  expect(() => Object.assign(config.hosts.xero ?? {}, { api: 'x' })).toThrow(TypeError);
});

test('a printed configuration says of a secret only whether it is there', () => {
  const printed = printableConfig(
    loadConfig({
      DATABASE_URL: 'postgres://u:hunter2@db/x',
      DAYBOOK_APP_XERO_ID: 'id',
      DAYBOOK_APP_XERO_SECRET: 'hunter2',
      DAYBOOK_HOST_XERO_API: 'http://127.0.0.1:1',
    }),
  );
  expect(printed).toContainEqual({ name: 'DATABASE_URL', value: 'configured' });
  expect(printed).toContainEqual({ name: 'REDIS_URL', value: 'not set' });
  expect(printed).toContainEqual({ name: 'DAYBOOK_PORT', value: '4000' });
  expect(printed).toContainEqual({ name: 'DAYBOOK_HOST_XERO_API', value: 'http://127.0.0.1:1' });
  expect(printed).toContainEqual({ name: 'DAYBOOK_APP_XERO_SECRET', value: 'configured' });
  expect(JSON.stringify(printed)).not.toContain('hunter2');
});

test('every setting is described, with its default as one would write it', () => {
  const rows = describeConfig();
  expect(rows.find(({ name }) => name === 'DAYBOOK_PORT')).toMatchObject({ default: '4000', secret: false });
  expect(rows.find(({ name }) => name === 'DATABASE_URL')).toMatchObject({ default: null, secret: true });
  expect(rows.map(({ name }) => name)).toContain('DAYBOOK_APP_<CONNECTOR>_SECRET_PREVIOUS');
  expect(rows.filter(({ about }) => !/\.$/.test(about))).toEqual([]);
});
