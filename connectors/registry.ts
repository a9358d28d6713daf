// Generated from the folders by `pnpm generate`; never edited.
import { connector as quickbooks } from './accounting/quickbooks/connector.ts';
import { connector as sage } from './accounting/sage/connector.ts';
import { connector as xero } from './accounting/xero/connector.ts';
import type { AccountingConnector, Connector, SalesConnector } from './kit/contract.ts';
import { connector as shopify } from './sales/shopify/connector.ts';
import { connector as square } from './sales/square/connector.ts';
import { connector as stripe } from './sales/stripe/connector.ts';
import { connector as woocommerce } from './sales/woocommerce/connector.ts';

/** Every sales channel, in alphabetical order. */
export const salesConnectors: readonly SalesConnector[] = [shopify, square, stripe, woocommerce];

/** Every system of books, in alphabetical order. */
export const accountingConnectors: readonly AccountingConnector[] = [quickbooks, sage, xero];

const byId = new Map<string, Connector>([...salesConnectors, ...accountingConnectors].map((each) => [each.id, each]));

/** The connector of that id, or undefined where there is no such folder. */
export function connectorById(id: string): Connector | undefined {
  return byId.get(id);
}
