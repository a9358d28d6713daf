/**
 * Shopify Payments by GraphQL (https://shopify.dev/docs/api/admin-graphql/2026-10/objects/ShopifyPaymentsAccount). The
 * account is null in a shop that does not use it. A movement costs 6 points, a payout 2, a dispute 3.
 */
const PAGE = { movements: 50, payouts: 50, disputes: 50, refunds: 50 } as const;

const MONEY = 'amount currencyCode';
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** Movements on the balance that a search finds, by the time they were processed, oldest first. */
export const MOVEMENTS_OF_BALANCE_QUERY = `query DaybookBalance($query: String!, $after: String) {
  shopifyPaymentsAccount {
    balanceTransactions(first: ${PAGE.movements}, after: $after, sortKey: PROCESSED_AT, query: $query) {
      nodes {
        id type test transactionDate sourceId sourceType sourceOrderTransactionId adjustmentReason
        amount { ${MONEY} } fee { ${MONEY} } net { ${MONEY} } associatedOrder { id } associatedPayout { id }
      } ${PAGE_INFO}
    }
  }
}`;

/** Payouts that a search finds, oldest first. */
export const PAYOUTS_QUERY = `query DaybookPayouts($query: String!, $after: String) {
  shopifyPaymentsAccount {
    payouts(first: ${PAGE.payouts}, after: $after, sortKey: ISSUED_AT, query: $query) {
      nodes { id legacyResourceId issuedAt status transactionType net { ${MONEY} } } ${PAGE_INFO}
    }
  }
}`;

/** Disputes that a search finds. */
export const DISPUTES_QUERY = `query DaybookDisputes($query: String!, $after: String) {
  shopifyPaymentsAccount {
    disputes(first: ${PAGE.disputes}, after: $after, query: $query) {
      nodes { id initiatedAt finalizedOn status type amount { ${MONEY} } order { id } } ${PAGE_INFO}
    }
  }
}`;

/** What links the movements of an order to its refunds, and their amounts in the shop's currency. */
export const ORDER_LINKS_QUERY = `query DaybookOrderLinks($id: ID!) { order(id: $id) {
  id transactions(first: 100) { id amountSet { shopMoney { ${MONEY} } } }
  refunds(first: ${PAGE.refunds}) { id transactions(first: 10) { nodes { id } } }
} }`;
