import type { AccountingConnector } from './contract-books.ts';
import type { SalesConnector } from './contract-sales.ts';

/** The contract of connectors: what both kinds share, what channels do, what books do. */
export type * from './contract-books.ts';
export type * from './contract-common.ts';
export type * from './contract-sales.ts';

export type Connector = SalesConnector | AccountingConnector;
