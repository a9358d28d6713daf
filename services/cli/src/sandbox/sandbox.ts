import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AccountingConnector, Hosts, OAuthApp, SalesConnector } from '@daybook/connectors/kit/contract';
import type { AccountingSimulator, SalesSimulator } from '@daybook/connectors/kit/simulator';
import { connectorById } from '@daybook/connectors/registry';
import { simulators } from '@daybook/connectors/simulators';
import type { Config } from '@daybook/platform/config';
import { readOrCreatePrivate } from '@daybook/platform/private-file';
import type { Hub } from '../hub.ts';
import type { Terminal } from '../terminal.ts';
import { connectEverything, type Pairing } from './connect.ts';
import { keepFormat } from './format.ts';
import { startTrading, type Trading } from './trade.ts';

export interface SandboxOptions {
  /** Same seed: the same shops do the same things. */
  seed: number;
  /** Milliseconds between two trades of one shop. */
  everyMs: number;
  /** Trades after which the shops fall silent; null = never. */
  trades: number | null;
  /** Ids of the connectors whose simulators run; all of them without it. */
  only?: readonly string[] | undefined;
  /** What simulators are started with besides, by id of their connector: other shops, books of another country. */
  startWith?: Readonly<Record<string, object>> | undefined;
  /** The simulators' clock; the machine's without it. */
  now?: (() => Date) | undefined;
}

export interface Channel {
  connector: SalesConnector;
  simulator: SalesSimulator;
}
export interface BooksSystem {
  connector: AccountingConnector;
  simulator: AccountingSimulator;
}

/** Simulated shops and books, and the demo companies between them. */
export interface Sandbox {
  apps: Record<string, OAuthApp>;
  hosts: Record<string, Hosts>;
  /** Which shop's sales arrive in which books, once connected. */
  pairings: Pairing[];
  /** Makes the companies and connects both sides by OAuth through the hub's own pages; what is connected stays. */
  connect(hub: Hub, url: string, say: (line: string) => void): Promise<void>;
  trade(hub: Hub, terminal: Terminal): Trading;
  close(): Promise<void>;
}

/**
 * Starts every simulator there is. Their memory lives beside the data, so a second start goes on where the first ended.
 * Throws UsageError where another version's memory lies there.
 */
export async function openSandbox(options: SandboxOptions, config: Pick<Config, 'dataDir'>): Promise<Sandbox> {
  const folder = join(config.dataDir, 'sandbox');
  await mkdir(folder, { recursive: true });
  await keepFormat(folder);
  const clientSecret = await readOrCreatePrivate(join(folder, 'app.secret'), () => randomBytes(24).toString('hex'));
  const app = { clientId: 'daybook-sandbox', clientSecret, token: `${clientSecret}-application` };
  const channels: Channel[] = [];
  const books: BooksSystem[] = [];
  for (const [id, load] of Object.entries(simulators)) {
    const connector = connectorById(id);
    if (!connector || options.only?.includes(id) === false) continue;
    const module = await load();
    const simulator = await module.start({
      seed: options.seed,
      app,
      stateFile: join(folder, `${id}.jsonl`),
      ...(options.now && { now: options.now }),
      ...options.startWith?.[id],
    });
    if (connector.kind === 'sales') channels.push({ connector, simulator: simulator as SalesSimulator });
    else books.push({ connector, simulator: simulator as AccountingSimulator });
  }
  const all = [...channels, ...books];
  const pairings: Pairing[] = [];
  return {
    apps: Object.fromEntries(all.map(({ connector }) => [connector.id, app])),
    hosts: Object.fromEntries(all.map(({ connector, simulator }) => [connector.id, simulator.hosts])),
    pairings,
    connect: async (hub, url, say) => {
      pairings.push(...(await connectEverything({ hub, url, say, channels, books })));
    },
    trade: (hub, terminal) => startTrading({ hub, terminal, pairings, options }),
    close: async () => {
      await Promise.all(all.map(({ simulator }) => simulator.close()));
    },
  };
}
