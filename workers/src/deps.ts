import type { AccountingConnector, SalesConnector } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import type { Queues } from '@daybook/platform/queue';
import type { Access, Sealer } from './access.ts';
import type { KnownBooks } from './push/remote-books.ts';

/** What every job is handed. Clock and random are injected so that tests can drive time. */
export interface WorkerDeps {
  sql: Sql;
  queues: Queues;
  sales: ReadonlyMap<string, SalesConnector>;
  books: ReadonlyMap<string, AccountingConnector>;
  access: Access;
  sealer: Sealer;
  knownBooks: KnownBooks;
  /** Our own base URL as providers see it, no slash at the end. */
  publicUrl(): string;
  clock(): Date;
  random(): number;
  randomHex(bytes: number): string;
  log: WorkLog;
}

/** One line per unit of work (exemplars.md, theme 10). */
export interface WorkLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
