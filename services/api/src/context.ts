import type { AccountingConnector, Connector, OAuthApp, SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import type { Queues } from '@daybook/platform/queue';
import type { Access, Sealer } from '@daybook/workers/access';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { MoneyProof } from './proof.ts';

/** What the routes are handed. */
export interface ApiContext {
  sql: Sql;
  queues: Queues;
  deps: WorkerDeps;
  access: Access;
  sealer: Sealer;
  sales: ReadonlyMap<string, SalesConnector>;
  books: ReadonlyMap<string, AccountingConnector>;
  apps: Readonly<Record<string, OAuthApp | undefined>>;
  /** Our own base URL as the outside sees it, no slash at the end. */
  publicUrl(): string;
  /** Key that opens the API; null in the sandbox, where requests from this machine need none. */
  apiKey: string | null;
  clock(): Date;
  /** Random bytes as URL-safe text. */
  token(bytes: number): string;
  /** What `/metrics` answers, and how it is to be labelled. */
  metrics(): Promise<string>;
  metricsType: string;
  /** Proofs that ask shop and books themselves: the sandbox has them. */
  proofs?: (() => Promise<MoneyProof[]>) | undefined;
}

/** The connector of either kind by its id. */
export function connectorOf(context: Pick<ApiContext, 'sales' | 'books'>, id: string): Connector | undefined {
  return context.sales.get(id) ?? context.books.get(id);
}
