import { GraphQLError } from 'graphql';
import { orderNode } from './graphql-order.ts';
import { paymentsAccount } from './graphql-payments.ts';
import { refundNode } from './graphql-refund.ts';
import type { Order } from './order.ts';
import { orderSearch, SORT_KEYS } from './order-search.ts';
import { compareKeys, connection, type PageArguments } from './pages.ts';
import { shopBody } from './rest-shop.ts';
import type { Shop } from './shops.ts';
import {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  oneSubscription,
  type SubscriptionContext,
  type SubscriptionInput,
  updateSubscription,
} from './subscriptions.ts';

export interface RootContext extends SubscriptionContext {
  shop: Shop;
  /** Scopes of the caller's token. */
  scopes: readonly string[];
}

/** `read_orders` alone shows orders of this many days; older ones need `read_all_orders`. */
const RECENT_DAYS = 60;

/** Root of queries and mutations for one shop and caller. */
export function graphqlRoot(context: RootContext) {
  return {
    shop: () => shopNode(context.shop),
    shopifyPaymentsAccount: () => {
      const { balance, orders } = context.store.shop(context.account)!;
      return paymentsAccount({ ...context, balance, orders });
    },
    order: ({ id }: { id: string }) => {
      needScope(context, 'order');
      const order = context.store.shop(context.account)!.orders.get(id.replace('gid://shopify/Order/', ''));
      return order === undefined || !visible(context)(order) ? null : orderNode(order, context.shop);
    },
    refund: ({ id }: { id: string }) => {
      needScope(context, 'refund');
      const own = id.replace('gid://shopify/Refund/', '');
      for (const order of context.store.shop(context.account)!.orders.values()) {
        const refund = order.refunds.find((candidate) => candidate.id === own);
        if (refund !== undefined) return visible(context)(order) ? refundNode(refund, order, context.shop) : null;
      }
      return null;
    },
    orders: (asked: PageArguments & { query?: string | null; sortKey: string }) => {
      needScope(context, 'orders');
      return listOrders(context, asked);
    },
    webhookSubscription: ({ id }: { id: string }) => oneSubscription(context, id),
    webhookSubscriptions: (asked: PageArguments) => listSubscriptions(context, asked),
    webhookSubscriptionCreate: (asked: { topic: string; webhookSubscription: SubscriptionInput }) => {
      if (/^(ORDER|REFUND)/.test(asked.topic)) needScope(context, 'webhookSubscriptionCreate');
      return createSubscription(context, asked.topic, asked.webhookSubscription);
    },
    webhookSubscriptionUpdate: (asked: { id: string; webhookSubscription: SubscriptionInput }) =>
      updateSubscription(context, asked.id, asked.webhookSubscription),
    webhookSubscriptionDelete: ({ id }: { id: string }) => deleteSubscription(context, id),
  };
}

function listOrders(context: RootContext, asked: PageArguments & { query?: string | null; sortKey: string }) {
  const value = SORT_KEYS[asked.sortKey]!;
  const keyOf = (order: Order) => ({ value: value(order), id: order.id });
  const { fits } = orderSearch(asked.query);
  const found = [...context.store.shop(context.account)!.orders.values()]
    .filter((order) => visible(context)(order) && fits(order))
    .sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  return connection(found, asked, keyOf, (order) => orderNode(order, context.shop));
}

function visible({ scopes, now }: RootContext): (order: Order) => boolean {
  if (scopes.includes('read_all_orders')) return () => true;
  const since = now().getTime() - RECENT_DAYS * 24 * 3600 * 1000;
  return (order) => Date.parse(order.createdAt) >= since;
}

function needScope({ scopes }: RootContext, field: string): void {
  if (scopes.includes('read_orders') || scopes.includes('write_orders')) return;
  throw new GraphQLError(`Access denied for ${field} field. Required access: \`read_orders\` access scope.`, {
    extensions: { code: 'ACCESS_DENIED', requiredAccess: '`read_orders` access scope.' },
  });
}

function shopNode(shop: Shop) {
  const body = shopBody(shop);
  return {
    id: `gid://shopify/Shop/${shop.id}`,
    name: shop.name,
    email: body.email,
    myshopifyDomain: shop.account,
    currencyCode: shop.currency,
    enabledPresentmentCurrencies: body.enabled_presentment_currencies,
    ianaTimezone: shop.timeZone,
    taxesIncluded: shop.taxesIncluded,
    taxShipping: true,
    shopAddress: {
      countryCodeV2: shop.country,
      country: shop.countryName,
      city: shop.city,
      zip: shop.zip,
      province: shop.province,
    },
    primaryDomain: { host: shop.account, url: `https://${shop.account}` },
    url: `https://${shop.account}`,
    createdAt: '2024-01-01T00:00:00Z',
  };
}
