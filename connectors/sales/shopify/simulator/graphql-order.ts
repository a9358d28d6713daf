import { type Bag, each, less, moneyBag, nothing, total } from './bag.ts';
import { discountApplicationNode, lineNode, shippingNode, taxNodes } from './graphql-lines.ts';
import { refundNode, transactionNode } from './graphql-refund.ts';
import {
  currentFigures,
  discrepancies,
  type Figures,
  financialStatus,
  gateways,
  type Order,
  orderedFigures,
  outstanding,
  type Payment,
  received,
  repaid,
  returnedFigures,
  soldFigures,
} from './order.ts';
import { inner, type PageArguments } from './pages.ts';
import { emailOf, mergedTaxes } from './rest-order.ts';
import type { Shop } from './shops.ts';

/** An order as the GraphQL API gives it; connections are functions of their arguments. */
export function orderNode(order: Order, shop: Shop) {
  return {
    __typename: 'Order',
    ...headOf(order, shop),
    ...statesOf(order),
    ...peopleOf(order, shop),
    ...amountsOf(order),
    taxLines: taxNodes(mergedTaxes(order), order),
    currentTaxLines: taxNodes(mergedTaxes(soldOf(order)), order),
    discountApplications: (asked: PageArguments) =>
      inner(order.applications, asked, (application) => discountApplicationNode(application, order)),
    lineItems: (asked: PageArguments) => inner(order.lines, asked, (line) => lineNode(line, order)),
    shippingLine: order.shipping[0] === undefined ? null : shippingNode(order.shipping[0], order),
    shippingLines: (asked: PageArguments) => inner(order.shipping, asked, (line) => shippingNode(line, order)),
    refunds: ({ first }: PageArguments) =>
      order.refunds.slice(0, first ?? undefined).map((refund) => refundNode(refund, order, shop)),
    transactions: ({ first, capturable }: PageArguments & { capturable?: boolean }) =>
      order.payments
        .filter((payment) => capturable === undefined || isCapturable(payment, order) === capturable)
        .slice(0, first ?? undefined)
        .map((payment) => transactionNode(payment, order, shop)),
  };
}

/** Without what an edit took off. */
function soldOf(order: Order): Order {
  return { ...order, lines: order.lines.filter((line) => !line.removed) };
}

function isCapturable(payment: Payment, order: Order): boolean {
  return payment.kind === 'authorization' && !order.payments.some((other) => other.parentId === payment.id);
}

function headOf(order: Order, shop: Shop) {
  const codes = order.applications.filter((application) => application.kind === 'code').map(({ title }) => title);
  return {
    id: `gid://shopify/Order/${order.id}`,
    legacyResourceId: order.id,
    name: `#${order.number}`,
    number: order.number,
    confirmationNumber: `D${order.id.slice(0, 8)}`,
    confirmed: true,
    createdAt: order.createdAt,
    processedAt: order.createdAt,
    updatedAt: order.updatedAt,
    cancelledAt: order.cancelledAt,
    closedAt: null,
    cancelReason: order.cancelReason?.toUpperCase() ?? null,
    currencyCode: order.currencies.shop,
    presentmentCurrencyCode: order.currencies.presentment,
    customerLocale: 'en',
    note: order.note,
    tags: order.tags,
    poNumber: null,
    sourceName: 'web',
    sourceIdentifier: null,
    statusPageUrl: `https://${shop.account}/orders/${order.id}/authenticate`,
    customAttributes: [],
    app: { id: 'gid://shopify/App/580111', name: 'Online Store' },
    merchantOfRecordApp: null,
    retailLocation: null,
    discountCode: codes[0] ?? null,
    discountCodes: codes,
    paymentGatewayNames: gateways(order),
  };
}

function statesOf(order: Order) {
  return {
    closed: false,
    edited: order.edited,
    fullyPaid: order.cancelledAt === null && outstanding(order).shop <= 0n,
    unpaid: received(order).shop === 0n && soldFigures(order).total.shop > 0n,
    test: false,
    taxExempt: false,
    taxesIncluded: order.taxesIncluded,
    dutiesIncluded: false,
    estimatedTaxes: false,
    displayFinancialStatus: financialStatus(order).toUpperCase(),
    displayFulfillmentStatus: 'UNFULFILLED',
  };
}

function peopleOf(order: Order, shop: Shop) {
  const { id, firstName, lastName } = order.customer;
  const name = `${firstName} ${lastName}`;
  const address = {
    id: `gid://shopify/MailingAddress/${id}?model_name=Address`,
    firstName,
    lastName,
    name,
    company: null,
    address1: '1 Example Street',
    address2: null,
    city: shop.city,
    zip: shop.zip,
    province: shop.province,
    provinceCode: shop.provinceCode,
    country: shop.countryName,
    countryCodeV2: shop.country,
    phone: null,
  };
  return {
    email: emailOf(order),
    phone: null,
    customer: {
      id: `gid://shopify/Customer/${id}`,
      legacyResourceId: id,
      displayName: name,
      firstName,
      lastName,
      taxExempt: false,
    },
    billingAddress: address,
    shippingAddress: order.shipping.length > 0 ? address : null,
  };
}

function amountsOf(order: Order) {
  const bag = (amount: Bag) => moneyBag(amount, order.currencies);
  const ordered = orderedFigures(order);
  const capturable = order.payments.filter((payment) => isCapturable(payment, order));
  return {
    subtotalPriceSet: bag(ordered.subtotal),
    totalPriceSet: bag(ordered.total),
    totalTaxSet: bag(ordered.tax),
    totalDiscountsSet: bag(ordered.discounts),
    totalShippingPriceSet: bag(ordered.shipping),
    totalTipReceivedSet: bag(ordered.tips),
    originalTotalPriceSet: bag(orderedFigures(asPlaced(order)).total),
    originalTotalDutiesSet: null,
    originalTotalAdditionalFeesSet: null,
    ...currentAmounts(currentFigures(order), bag),
    totalReceivedSet: bag(received(order)),
    totalRefundedSet: bag(repaid(order)),
    totalRefundedShippingSet: bag(returnedFigures(order).shipping),
    totalOutstandingSet: bag(outstanding(order)),
    netPaymentSet: bag(less(received(order), repaid(order))),
    refundDiscrepancySet: bag(each((side) => -discrepancies(order)[side])),
    totalCapturableSet: bag(total(capturable.map((payment) => payment.amount))),
    totalCashRoundingAdjustment: { paymentSet: bag(nothing), refundSet: bag(nothing) },
  };
}

function currentAmounts(current: Figures, bag: (amount: Bag) => ReturnType<typeof moneyBag>) {
  return {
    currentSubtotalPriceSet: bag(current.subtotal),
    currentTotalPriceSet: bag(current.total),
    currentTotalTaxSet: bag(current.tax),
    currentTotalDiscountsSet: bag(current.discounts),
    currentShippingPriceSet: bag(current.shipping),
    currentTotalDutiesSet: null,
    currentTotalAdditionalFeesSet: null,
  };
}

/** Without lines that edits added. */
function asPlaced(order: Order): Order {
  return { ...order, lines: order.lines.filter((line) => !line.added) };
}
