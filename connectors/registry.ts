// Generated from the folders by `pnpm generate`; never edited.
import type { AccountingConnector, Connector, SalesConnector } from './kit/contract.ts';

/** Every sales channel, in alphabetical order. */
export const salesConnectors: readonly SalesConnector[] = [];

/** Every system of books, in alphabetical order. */
export const accountingConnectors: readonly AccountingConnector[] = [];

const byId = new Map<string, Connector>([...salesConnectors, ...accountingConnectors].map((each) => [each.id, each]));

/** The connector of that id, or undefined where there is no such folder. */
export function connectorById(id: string): Connector | undefined {
  return byId.get(id);
}
