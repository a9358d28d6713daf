import { setTimeout } from 'node:timers/promises';
import type { Connector, SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import type { Sealer } from '@daybook/platform/secrets';
import { heldSecrets } from '@daybook/platform/webhook-secrets';
import type { IntakeApplication, IntakeConnection } from './ingest.ts';

/** The application registered with a provider, as far as its webhooks are concerned. */
interface App {
  clientSecret: string;
  previousClientSecret?: string | undefined;
  /** Secrets of subscriptions made by hand. */
  webhookSecrets?: readonly string[] | undefined;
}

export interface ConnectionsOptions {
  sql: Sql;
  connectors: ReadonlyMap<string, Connector>;
  apps: Readonly<Record<string, App | undefined>>;
  sealer: Pick<Sealer, 'seal' | 'unseal'>;
  clock(): Date;
}

/**
 * Whom webhooks may be for. What is known from before is answered from memory; with `since`, only what was read after
 * that instant.
 */
export interface Connections {
  connection(id: string, since?: Date): Promise<IntakeConnection | null>;
  application(connector: string, since?: Date): Promise<IntakeApplication | null>;
  connectionsOf(connector: string, account: string): Promise<IntakeConnection[]>;
}

interface ConnectionRow {
  id: string;
  companyId: string;
  connector: string;
  account: string;
}

/** Milliseconds something is remembered. */
const REMEMBERED_MS = 2_000;

/**
 * Milliseconds between one reading in spite of memory and the next: strangers with wrong signatures cause no more than
 * this, however many they are, and wait for it together.
 */
const REREAD_GAP_MS = 250;

/** Looks connections up, remembering each for a moment because a busy shop sends hundreds of webhooks a second. */
export function connectionLookup(options: ConnectionsOptions): Connections {
  const { sql, connectors } = options;

  const toIntake = async (row: ConnectionRow): Promise<IntakeConnection[]> => {
    const connector = connectors.get(row.connector);
    if (connector?.kind !== 'sales') return [];
    const { id, companyId, account } = row;
    return [{ id, companyId, account, connector, secrets: await secretsOf(options, connector, id) }];
  };
  const connection = async (id: string): Promise<IntakeConnection | null> => {
    const [row] = await sql<ConnectionRow[]>`
      select id, company_id as "companyId", connector, account from connections where id = ${id} and kind = 'sales'`;
    return row ? ((await toIntake(row))[0] ?? null) : null;
  };
  const application = async (id: string): Promise<IntakeApplication | null> => {
    const connector = connectors.get(id);
    return connector ? { connector, secrets: await secretsOf(options, connector, null) } : null;
  };
  const connectionsOf = async (key: string): Promise<IntakeConnection[]> => {
    const [connector = '', account = ''] = key.split('\n');
    const rows = await sql<ConnectionRow[]>`
      select id, company_id as "companyId", connector, account from connections
      where connector = ${connector} and account = ${account} and kind = 'sales' and state <> 'disconnected'`;
    return (await Promise.all(rows.map(toIntake))).flat();
  };

  const remembered = {
    // A handshake may come while its secret is still being made: having none is not worth remembering either.
    connection: remembering(connection, (found) => found === null || found.secrets.length === 0, options.clock),
    application: remembering(application, (found) => found === null, options.clock),
    connectionsOf: remembering(connectionsOf, (found) => found.length === 0, options.clock),
  };
  return { ...remembered, connectionsOf: (connector, account) => remembered.connectionsOf(`${connector}\n${account}`) };
}

/**
 * Signing secrets that are valid now: of the application where it signs with its client secret, of the connection's
 * subscription, of the application's. During a rotation the old ones too.
 */
async function secretsOf(
  { sql, apps, sealer, clock }: ConnectionsOptions,
  connector: Connector,
  connectionId: string | null,
): Promise<string[]> {
  const app = apps[connector.id];
  const held = await heldSecrets(sql, sealer, connector.id, connectionId, clock());
  const signature = (connector as SalesConnector).signature ?? undefined;
  const own =
    signature?.secret === 'client' ? [app?.clientSecret, app?.previousClientSecret] : (app?.webhookSecrets ?? []);
  return [...own, ...held.connection, ...held.app].filter(
    (secret) => secret !== undefined && secret !== '',
  ) as string[];
}

/** Neither a failure nor something unknown is worth remembering: the one heals, strangers make up the other. */
function remembering<Found>(
  read: (key: string) => Promise<Found>,
  isUnknown: (found: Found) => boolean,
  clock: () => Date,
): (key: string, since?: Date) => Promise<Found> {
  const remembered = new Map<string, { readAt: number; found: Promise<Found> }>();
  const readNow = (key: string): Promise<Found> => {
    const found = read(key);
    const entry = { readAt: clock().getTime(), found };
    remembered.set(key, entry);
    const forget = () => remembered.get(key) === entry && remembered.delete(key);
    found.then((each) => isUnknown(each) && forget(), forget);
    return found;
  };
  const readAgain = spaced(readNow);
  return (key, since) => {
    const known = remembered.get(key);
    if (since) return known && known.readAt > since.getTime() ? known.found : readAgain(key);
    return known && clock().getTime() - known.readAt < REMEMBERED_MS ? known.found : readNow(key);
  };
}

/** Reads a key at most once per gap; whoever asks meanwhile shares the next reading. */
function spaced<Found>(read: (key: string) => Promise<Found>): (key: string) => Promise<Found> {
  const last = new Map<string, number>();
  const waiting = new Map<string, Promise<Found>>();
  const take = async (key: string): Promise<Found> => {
    const wait = (last.get(key) ?? Number.NEGATIVE_INFINITY) + REREAD_GAP_MS - performance.now();
    if (wait > 0) await setTimeout(wait);
    last.set(key, performance.now());
    waiting.delete(key);
    return read(key);
  };
  return (key) => {
    const found = waiting.get(key) ?? Promise.resolve(key).then(take);
    waiting.set(key, found);
    return found;
  };
}
