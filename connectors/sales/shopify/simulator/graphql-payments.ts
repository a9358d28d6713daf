import { formatMinor } from '@daybook/domain';
import { GraphQLError } from 'graphql';
import { decimal } from './bag.ts';
import { type Balance, type Dispute, type Movement, netOf, type Payout } from './balance.ts';
import { orderNode } from './graphql-order.ts';
import { inShopTime } from './instants.ts';
import type { Order } from './order.ts';
import { compareKeys, connection, type PageArguments } from './pages.ts';
import { type Fields, search } from './search.ts';
import type { Shop } from './shops.ts';

/** What the account of Shopify Payments shows, to whom. */
export interface PaymentsContext {
  shop: Shop;
  scopes: readonly string[];
  balance: Balance;
  orders: ReadonlyMap<string, Order>;
}

type Asked = PageArguments & { query?: string | null; sortKey?: string };

const MOVEMENTS: Fields<Movement> = {
  instants: { processed_at: ({ at }) => at },
  words: {
    id: ({ id }, value) => id === value,
    payments_transfer_id: ({ payoutId }, value) => payoutId === value,
    transaction_type: ({ type }, value) => type.toLowerCase() === value.toLowerCase(),
  },
};
const PAYOUTS: Fields<Payout> = {
  instants: { issued_at: ({ issuedAt }) => issuedAt },
  words: {
    id: ({ id }, value) => id === value,
    status: ({ status }, value) => status.toLowerCase() === value.toLowerCase(),
  },
};
const DISPUTES: Fields<Dispute> = {
  instants: { initiated_at: ({ initiatedAt }) => initiatedAt },
  words: {
    id: ({ id }, value) => id === value,
    status: ({ status }, value) => status.toLowerCase() === value.toLowerCase(),
  },
};

const ACCOUNT_SCOPES = ['read_shopify_payments', 'read_shopify_payments_accounts'];

/** `shopifyPaymentsAccount`; its lists need scopes of their own. */
export function paymentsAccount(context: PaymentsContext) {
  const { shop, balance } = context;
  needOne(context, 'shopifyPaymentsAccount', ACCOUNT_SCOPES);
  return {
    id: `gid://shopify/ShopifyPaymentsAccount/${shop.id}`,
    activated: true,
    country: shop.country,
    defaultCurrency: shop.currency,
    balance: () => [
      moneyOf(
        [...balance.movements.values()].reduce((sum, each) => sum + netOf(each), 0n),
        shop,
      ),
    ],
    balanceTransactions: (asked: Asked & { hideTransfers: boolean }) => {
      needOne(context, 'balanceTransactions', ['read_shopify_payments', 'read_shopify_payments_payouts']);
      const shown = [...balance.movements.values()].filter(({ type }) => !asked.hideTransfers || type !== 'TRANSFER');
      return listed(
        shown,
        asked,
        MOVEMENTS,
        ({ at }) => at,
        (each) => movementNode(each, context),
      );
    },
    payouts: (asked: Asked) => {
      needOne(context, 'payouts', ['read_shopify_payments', 'read_shopify_payments_payouts']);
      return listed(
        balance.payouts.values(),
        asked,
        PAYOUTS,
        ({ issuedAt }) => issuedAt,
        (each) => payoutNode(each, shop),
      );
    },
    disputes: (asked: Asked) => {
      needOne(context, 'disputes', ['read_shopify_payments', 'read_shopify_payments_disputes']);
      const at = ({ initiatedAt }: Dispute) => initiatedAt;
      return listed(balance.disputes.values(), asked, DISPUTES, at, (each) => disputeNode(each, context));
    },
  };
}

function needOne({ scopes }: PaymentsContext, field: string, accepted: readonly string[]): void {
  if (accepted.some((scope) => scopes.includes(scope))) return;
  const requiredAccess = `${accepted.map((scope) => `\`${scope}\``).join(' or ')} access scope.`;
  throw new GraphQLError(`Access denied for ${field} field. Required access: ${requiredAccess}`, {
    extensions: { code: 'ACCESS_DENIED', requiredAccess },
  });
}

function listed<Item extends { id: string }, Node>(
  items: Iterable<Item>,
  asked: Asked,
  fields: Fields<Item>,
  timeOf: (item: Item) => string,
  make: (item: Item) => Node,
) {
  const { fits } = search(asked.query, fields);
  const keyOf = (item: Item) => ({ value: asked.sortKey === 'ID' ? '' : timeOf(item), id: item.id });
  const found = [...items].filter(fits).sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
  return connection(found, asked, keyOf, make);
}

function moneyOf(amount: bigint, { currency }: Shop) {
  return { amount: decimal(formatMinor(amount, currency)), currencyCode: currency };
}

function movementNode(movement: Movement, { shop, balance, orders }: PaymentsContext) {
  const { id, type, at, amount, fee, sourceId, sourceType, paymentId, orderId, payoutId, reason } = movement;
  const order = orderId === null ? undefined : orders.get(orderId);
  const payout = payoutId === null ? undefined : balance.payouts.get(payoutId);
  return {
    id: `gid://shopify/ShopifyPaymentsBalanceTransaction/${id}`,
    type,
    test: false,
    transactionDate: at,
    adjustmentReason: reason,
    amount: moneyOf(amount, shop),
    fee: moneyOf(fee, shop),
    net: moneyOf(netOf(movement), shop),
    sourceId,
    sourceType,
    sourceOrderTransactionId: paymentId,
    associatedOrder: order ? { id: `gid://shopify/Order/${order.id}`, name: `#${order.number}` } : null,
    associatedPayout: {
      id: payout ? `gid://shopify/ShopifyPaymentsPayout/${payout.id}` : null,
      status: payout?.status ?? 'PENDING',
    },
  };
}

function payoutNode({ id, issuedAt, status, amount }: Payout, shop: Shop) {
  return {
    id: `gid://shopify/ShopifyPaymentsPayout/${id}`,
    legacyResourceId: id,
    issuedAt,
    status,
    transactionType: amount < 0n ? 'WITHDRAWAL' : 'DEPOSIT',
    net: moneyOf(amount, shop),
    externalTraceId: null,
  };
}

function disputeNode(dispute: Dispute, { shop, orders }: PaymentsContext) {
  const order = orders.get(dispute.orderId);
  const dayOf = (instant: string) => inShopTime(instant, shop.timeZone).slice(0, 10);
  return {
    id: `gid://shopify/ShopifyPaymentsDispute/${dispute.id}`,
    legacyResourceId: dispute.id,
    initiatedAt: dispute.initiatedAt,
    finalizedOn: dispute.finalizedAt === null ? null : dayOf(dispute.finalizedAt),
    evidenceDueBy: null,
    status: dispute.status,
    type: dispute.type,
    amount: moneyOf(dispute.amount, shop),
    order: order ? orderNode(order, shop) : null,
    reasonDetails: { reason: dispute.reason.toUpperCase(), networkReasonCode: '4837' },
  };
}
