import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '@daybook/api/app';
import type { ApiContext } from '@daybook/api/context';
import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Connector, Hosts, HttpRequest, OAuthApp } from '@daybook/connectors/kit/contract';
import { accountingConnectors, salesConnectors } from '@daybook/connectors/registry';
import { createIngest, type Ingest } from '@daybook/ingest/app';
import { connectionLookup } from '@daybook/ingest/connections';
import { systemClock } from '@daybook/platform/clock';
import type { Config } from '@daybook/platform/config';
import type { Database } from '@daybook/platform/db';
import { createHttpClient } from '@daybook/platform/http-client';
import type { Log } from '@daybook/platform/logger';
import type { Queues } from '@daybook/platform/queue';
import type { Sealer } from '@daybook/platform/secrets';
import { createTelemetry } from '@daybook/platform/telemetry';
import { createAccess } from '@daybook/workers/access';
import type { WorkerDeps } from '@daybook/workers/deps';
import { ring } from '@daybook/workers/doorbell';
import type { JobObserver } from '@daybook/workers/run-workers';

/** Everything a hub is made of before it is told which parts to run. */
export interface HubOptions {
  config: Config;
  database: Database;
  queues: Queues;
  sealer: Sealer;
  log: Log;
  /** OAuth applications and hosts: from configuration, or of the simulators in the sandbox. */
  apps: Readonly<Record<string, HubApp | undefined>>;
  hosts: Readonly<Record<string, Partial<Hosts> | undefined>>;
  apiKey: string | null;
  publicUrl(): string;
  /** Milliseconds an outside system has to answer at most, whatever its connector grants it. */
  httpTimeoutMs?: number;
  /** The machine's clock unless a test drives time, and how to wait by it. */
  clock?: () => Date;
  wait?: (ms: number) => Promise<unknown>;
  /** Proofs that ask shops and books themselves: the sandbox has them. */
  proofs?: ApiContext['proofs'];
}

/** An application registered with a provider; see the configuration. */
export type HubApp = OAuthApp & { previousClientSecret?: string | undefined; webhookSecrets?: readonly string[] };

export interface Hub {
  deps: WorkerDeps;
  api: ApiContext;
  ingest: Ingest;
  /** Counts and times the workers' jobs for `/metrics`. */
  observe: JobObserver;
}

const bySalesId = new Map(salesConnectors.map((each) => [each.id, each]));
const byBooksId = new Map(accountingConnectors.map((each) => [each.id, each]));
const byId = new Map<string, Connector>([...bySalesId, ...byBooksId]);

/** Wires the parts together; nothing runs yet. */
export function assembleHub(options: HubOptions): Hub {
  const { database, queues, log, apps, sealer, clock = systemClock } = options;
  const { sql } = database;
  const telemetry = createTelemetry({ queueDepth: () => queues.depth() });
  const access = createAccess({
    sql,
    connectors: byId,
    sealer,
    apps,
    hosts: options.hosts,
    network: network(options),
    clock,
    wait: options.wait,
    log,
  });
  const deps: WorkerDeps = {
    sql,
    queues,
    sales: bySalesId,
    books: byBooksId,
    access,
    sealer,
    knownBooks: new Map(),
    publicUrl: options.publicUrl,
    clock,
    random: Math.random,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    log,
  };
  const ingest = createIngest({
    sql,
    connections: connectionLookup({ sql, connectors: byId, apps, sealer, clock }),
    publicUrl: options.publicUrl,
    wake: (companyId, ids) => ring(deps, 'normalize', companyId, ids),
    clock,
    log: (fields) => {
      telemetry.delivered('all', fields.outcome);
      const level = fields.outcome === 'unavailable' ? 'error' : fields.outcome === 'stored' ? 'debug' : 'info';
      log[level](fields, 'webhook.received');
    },
  });
  const api: ApiContext = {
    sql,
    queues,
    deps,
    access,
    sealer,
    sales: bySalesId,
    books: byBooksId,
    apps,
    publicUrl: options.publicUrl,
    apiKey: options.apiKey,
    clock,
    token: (bytes) => randomBytes(bytes).toString('base64url'),
    metrics: () => telemetry.metricsText(),
    metricsType: telemetry.contentType,
    proofs: options.proofs,
  };
  const observe: JobObserver = ({ name, outcome, durationMs }) =>
    telemetry.worked({ stage: name, connector: 'none', outcome, seconds: durationMs / 1_000 });
  return { deps, api, ingest, observe };
}

/**
 * A client that may call the connector's own hosts and nothing else; only configured ones may lie in a private network.
 */
function network(options: HubOptions) {
  return (connector: Connector, hosts: Hosts) => {
    const originOf = (which: 'api' | 'auth') => new URL(hosts[which]).origin;
    const configured = options.hosts[connector.id];
    const configuredOrigins = (['api', 'auth'] as const)
      .filter((which) => configured?.[which] !== undefined)
      .map(originOf);
    const client = createHttpClient({
      allowedOrigins: [originOf('api'), originOf('auth')],
      configuredOrigins,
      timeoutMs: options.httpTimeoutMs ?? 30_000,
      fail: (message, { ambiguous, cause, code }) =>
        new ConnectorError('retryable', message, { code, ambiguous, cause }),
    });
    const longest = options.httpTimeoutMs;
    if (longest === undefined) return client;
    const capped = (request: HttpRequest) => ({
      ...request,
      timeoutMs: Math.min(request.timeoutMs ?? longest, longest),
    });
    return { request: (request: HttpRequest) => client.request(capped(request)) };
  };
}

export interface Listening {
  url: string;
  server: Server;
  close(): Promise<void>;
}

/** Serves the webhook route on node:http and everything else through Express, on one port. */
export async function listen(
  hub: Hub,
  parts: { ingest: boolean; api: boolean },
  config: Pick<Config, 'host' | 'port'>,
): Promise<Listening> {
  const app = parts.api ? createApi(hub.api) : null;
  const server = createServer((request, response) => {
    if (parts.ingest && hub.ingest.handle(request, response)) return;
    if (app) app(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = ['0.0.0.0', '::'].includes(config.host) ? '127.0.0.1' : config.host;
  return { url: `http://${host}:${port}`, server, close: () => closeServer(server, hub.ingest) };
}

async function closeServer(server: Server, ingest: Ingest): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await ingest.close();
  const timer = setTimeout(() => server.closeAllConnections(), 3_000);
  await closed;
  clearTimeout(timer);
}
