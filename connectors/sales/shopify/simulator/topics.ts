/** Webhook topics the simulated API knows, by their GraphQL name. The compliance topics are not among them: those can
 * only be set in the app's configuration. */
export const TOPICS: Readonly<Record<string, string>> = {
  APP_SCOPES_UPDATE: 'app/scopes_update',
  APP_UNINSTALLED: 'app/uninstalled',
  DISPUTES_CREATE: 'disputes/create',
  DISPUTES_UPDATE: 'disputes/update',
  INVENTORY_ITEMS_UPDATE: 'inventory_items/update',
  LOCATIONS_CREATE: 'locations/create',
  LOCATIONS_DELETE: 'locations/delete',
  LOCATIONS_UPDATE: 'locations/update',
  ORDERS_CANCELLED: 'orders/cancelled',
  ORDERS_CREATE: 'orders/create',
  ORDERS_DELETE: 'orders/delete',
  ORDERS_EDITED: 'orders/edited',
  ORDERS_FULFILLED: 'orders/fulfilled',
  ORDERS_PAID: 'orders/paid',
  ORDERS_PARTIALLY_FULFILLED: 'orders/partially_fulfilled',
  ORDERS_UPDATED: 'orders/updated',
  ORDER_TRANSACTIONS_CREATE: 'order_transactions/create',
  PAYMENT_SCHEDULES_DUE: 'payment_schedules/due',
  PRODUCTS_UPDATE: 'products/update',
  REFUNDS_CREATE: 'refunds/create',
  RETURNS_APPROVE: 'returns/approve',
  RETURNS_CLOSE: 'returns/close',
  RETURNS_REQUEST: 'returns/request',
  SHOP_UPDATE: 'shop/update',
  TENDER_TRANSACTIONS_CREATE: 'tender_transactions/create',
};

/** The GraphQL name of a header topic, or undefined. */
export function topicName(topic: string): string | undefined {
  return Object.keys(TOPICS).find((name) => TOPICS[name] === topic);
}
