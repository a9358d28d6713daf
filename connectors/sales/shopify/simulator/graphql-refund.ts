import { type Bag, moneyBag, nothing, opposite, total } from './bag.ts';
import { lineNode, shippingNode } from './graphql-lines.ts';
import { orderNode } from './graphql-order.ts';
import type { Order, Payment, Refund } from './order.ts';
import { inner, type PageArguments } from './pages.ts';
import type { Shop } from './shops.ts';

/** A refund of the GraphQL API. */
export function refundNode(refund: Refund, order: Order, shop: Shop) {
  const bag = (amount: Bag) => moneyBag(amount, order.currencies);
  const payments = order.payments.filter((payment) => refund.paymentIds.includes(payment.id));
  const adjustments = refund.discrepancy === null ? [] : [refund.discrepancy];
  return {
    id: `gid://shopify/Refund/${refund.id}`,
    legacyResourceId: refund.id,
    createdAt: refund.at,
    processedAt: refund.at,
    updatedAt: refund.at,
    note: refund.note,
    order: () => orderNode(order, shop),
    duties: [],
    totalRefundedSet: bag(total(payments.map((payment) => payment.amount))),
    orderAdjustments: (asked: PageArguments) =>
      inner(adjustments, asked, ({ id, amount }) => ({
        id: `gid://shopify/OrderAdjustment/${id}`,
        amountSet: bag(opposite(amount)),
        taxAmountSet: bag(nothing),
        reason: 'REFUND_DISCREPANCY',
      })),
    refundLineItems: (asked: PageArguments) => inner(refund.lines, asked, (line) => refundLineNode(line, order, shop)),
    refundShippingLines: (asked: PageArguments) =>
      inner(refund.shipping, asked, (back) => ({
        id: `gid://shopify/RefundShippingLine/${back.id}`,
        shippingLine: shippingNode(order.shipping.find((line) => line.id === back.shippingId)!, order),
        subtotalAmountSet: bag(back.subtotal),
        taxAmountSet: bag(back.tax),
      })),
    transactions: (asked: PageArguments) => inner(payments, asked, (payment) => transactionNode(payment, order, shop)),
  };
}

function refundLineNode(back: Refund['lines'][number], order: Order, shop: Shop) {
  const line = order.lines.find((candidate) => candidate.id === back.lineId)!;
  const returned = back.restock === 'return';
  return {
    id: `gid://shopify/RefundLineItem/${back.id}`,
    lineItem: lineNode(line, order),
    quantity: back.quantity,
    restockType: back.restock.toUpperCase(),
    restocked: back.restock !== 'no_restock',
    priceSet: moneyBag(line.unit, order.currencies),
    subtotalSet: moneyBag(back.subtotal, order.currencies),
    totalTaxSet: moneyBag(back.tax, order.currencies),
    location: returned
      ? { id: `gid://shopify/Location/${shop.locationId}`, legacyResourceId: shop.locationId, name: shop.name }
      : null,
  };
}

/** A transaction of the GraphQL API, with both currencies where REST gives the buyer's only. */
export function transactionNode(payment: Payment, order: Order, shop: Shop): Record<string, unknown> {
  const parent = order.payments.find((other) => other.id === payment.parentId);
  const open =
    payment.kind === 'authorization' && !order.payments.some((other) => other.parentId === payment.id)
      ? payment.amount
      : nothing;
  return {
    __typename: 'OrderTransaction',
    id: `gid://shopify/OrderTransaction/${payment.id}`,
    kind: payment.kind.toUpperCase(),
    status: payment.status.toUpperCase(),
    gateway: payment.gateway,
    formattedGateway: payment.gateway === 'shopify_payments' ? 'Shopify Payments' : payment.gateway,
    amountSet: moneyBag(payment.amount, order.currencies),
    amountRoundingSet: null,
    totalUnsettledSet: moneyBag(open, order.currencies),
    manualPaymentGateway: payment.gateway === 'Bank Deposit',
    manuallyCapturable: open !== nothing,
    multiCapturable: false,
    paymentId: `#${order.number}.${order.payments.indexOf(payment) + 1}`,
    accountNumber: payment.gateway === 'shopify_payments' ? '•••• •••• •••• 4242' : null,
    test: false,
    createdAt: payment.at,
    processedAt: payment.at,
    parentTransaction: parent === undefined ? null : () => transactionNode(parent, order, shop),
    order: () => orderNode(order, shop),
    receiptJson: '{}',
    settlementCurrency: null,
    settlementCurrencyRate: null,
  };
}
