/**
 * GraphQL Admin 2026-10 (https://shopify.dev/docs/api/admin-graphql/2026-10). A query may cost 1000 points: an object
 * 1, a connection its page size times its node, and every amount is two objects. So only shop money is asked for where
 * that is enough, and longer lists are read page by page.
 */
export const API_VERSION = '2026-10';

/** An order with its first lines asks for some 750 points, a further page of lines for as many. */
const PAGE = { lines: 25, moreLines: 50, refunds: 50, refundLines: 20, moreRefundLines: 100, orders: 100 } as const;

const MONEY = 'shopMoney { amount currencyCode }';
const BOTH = 'shopMoney { amount currencyCode } presentmentMoney { amount currencyCode }';
const TAXES = `taxLines { title rate channelLiable priceSet { ${MONEY} } }`;
const DISCOUNTS = `discountAllocations { allocatedAmountSet { ${MONEY} } }`;
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const ADDRESS = 'name company countryCodeV2';

const LINES = `nodes {
  id title sku quantity currentQuantity isGiftCard taxable originalUnitPriceSet { ${MONEY} }
  ${DISCOUNTS} ${TAXES} duties { id price { ${MONEY} } ${TAXES} }
} ${PAGE_INFO}`;

const SHIPPING = `id title isRemoved originalPriceSet { ${MONEY} } discountedPriceSet { ${MONEY} } ${DISCOUNTS} ${TAXES}`;

const MOVEMENT = `id kind status gateway manualPaymentGateway test createdAt processedAt
  amountSet { ${BOTH} } amountRoundingSet { ${BOTH} }`;

const REFUND_LINES = `nodes {
  quantity restockType lineItem { id } subtotalSet { ${BOTH} } totalTaxSet { ${BOTH} }
} ${PAGE_INFO}`;

const REFUND = `id createdAt processedAt updatedAt duties { amountSet { ${BOTH} } }
  refundLineItems(first: ${PAGE.refundLines}) { ${REFUND_LINES} }
  refundShippingLines(first: 5) { nodes {
    subtotalAmountSet { ${BOTH} } taxAmountSet { ${BOTH} } shippingLine { id title ${TAXES} }
  } }
  orderAdjustments(first: 10) { nodes { reason amountSet { ${BOTH} } taxAmountSet { ${BOTH} } } }
  transactions(first: 10) { nodes { ${MOVEMENT} } }`;

/** All that a sale and its refunds are made from. */
export const ORDER_QUERY = `query DaybookOrder($id: ID!) { order(id: $id) {
  id name createdAt processedAt updatedAt cancelledAt closedAt edited test sourceName email
  currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded displayFinancialStatus paymentGatewayNames
  merchantOfRecordApp { id } retailLocation { id }
  customer { id firstName lastName } billingAddress { ${ADDRESS} } shippingAddress { ${ADDRESS} }
  ${TAXES} totalPriceSet { ${BOTH} } totalTaxSet { ${MONEY} } totalTipReceivedSet { ${MONEY} }
  totalShippingPriceSet { ${MONEY} } totalOutstandingSet { ${MONEY} } currentTotalPriceSet { ${MONEY} }
  originalTotalDutiesSet { ${MONEY} } originalTotalAdditionalFeesSet { ${MONEY} }
  totalCashRoundingAdjustment { paymentSet { ${MONEY} } }
  lineItems(first: ${PAGE.lines}) { ${LINES} }
  shippingLines(first: 5, includeRemovals: true) { nodes { ${SHIPPING} } }
  refunds(first: ${PAGE.refunds}) { ${REFUND} }
  transactions(first: 100) { ${MOVEMENT} }
} }`;

/** Further lines of a long order. */
export const LINES_QUERY = `query DaybookOrderLines($id: ID!, $after: String) { order(id: $id) {
  lineItems(first: ${PAGE.moreLines}, after: $after) { ${LINES} }
} }`;

/** Further lines of a long refund. */
export const REFUND_LINES_QUERY = `query DaybookRefundLines($id: ID!, $after: String) { refund(id: $id) {
  refundLineItems(first: ${PAGE.moreRefundLines}, after: $after) { ${REFUND_LINES} }
} }`;

/** Money movements of an order. */
export const MOVEMENTS_QUERY = `query DaybookTransactions($id: ID!) { order(id: $id) {
  id transactions(first: 100) { ${MOVEMENT} }
} }`;

/** Orders changed in a window, oldest first; each is then read by itself. */
export const CHANGES_QUERY = `query DaybookChanges($query: String!, $after: String) {
  orders(first: ${PAGE.orders}, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id updatedAt } ${PAGE_INFO}
  }
}`;

/** The shop behind a token. */
export const SHOP_QUERY = `query DaybookShop { shop {
  name myshopifyDomain currencyCode ianaTimezone taxesIncluded shopAddress { countryCodeV2 }
} }`;

/** Webhook subscriptions of this app in the shop. */
export const SUBSCRIPTIONS_QUERY = `query DaybookSubscriptions($after: String) {
  webhookSubscriptions(first: 100, after: $after) { nodes { id topic uri } ${PAGE_INFO} }
}`;

/** Subscribes to one topic. */
export const SUBSCRIBE = `mutation DaybookSubscribe($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) {
    webhookSubscription { id } userErrors { field message }
  }
}`;
