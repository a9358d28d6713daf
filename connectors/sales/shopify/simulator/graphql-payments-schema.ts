const PAGE = 'after: String, before: String, first: Int, last: Int, query: String, reverse: Boolean = false';

/** The part of Shopify's schema that is about Shopify Payments, as far as this simulator serves it. */
export const paymentsSchema = `
enum ShopifyPaymentsSourceType { ADJUSTMENT ADJUSTMENT_REVERSAL CHARGE DISPUTE REFUND SYSTEM_ADJUSTMENT TRANSFER }
enum ShopifyPaymentsTransactionType {
  ADJUSTMENT CHARGE DISPUTE_REVERSAL DISPUTE_WITHDRAWAL REFUND RESERVED_FUNDS RESERVED_FUNDS_REVERSAL TRANSFER
  TRANSFER_FAILURE
}
enum ShopifyPaymentsPayoutStatus { CANCELED FAILED IN_TRANSIT PAID SCHEDULED }
enum ShopifyPaymentsBalanceTransactionPayoutStatus {
  ACTION_REQUIRED CANCELED FAILED IN_TRANSIT PAID PENDING SCHEDULED
}
enum ShopifyPaymentsPayoutTransactionType { DEPOSIT WITHDRAWAL }
enum DisputeStatus { ACCEPTED CHARGE_REFUNDED LOST NEEDS_RESPONSE UNDER_REVIEW WON }
enum DisputeType { CHARGEBACK INQUIRY }
enum BalanceTransactionSortKeys { ID PROCESSED_AT }
enum PayoutSortKeys { ID ISSUED_AT }

type ShopifyPaymentsAccount implements Node {
  id: ID! activated: Boolean! country: String! defaultCurrency: CurrencyCode! balance: [MoneyV2!]!
  balanceTransactions(
    hideTransfers: Boolean = false, sortKey: BalanceTransactionSortKeys = PROCESSED_AT, ${PAGE}
  ): ShopifyPaymentsBalanceTransactionConnection!
  disputes(${PAGE}): ShopifyPaymentsDisputeConnection!
  payouts(sortKey: PayoutSortKeys = ISSUED_AT, ${PAGE}): ShopifyPaymentsPayoutConnection!
}
type ShopifyPaymentsAssociatedOrder { id: ID! name: String! }
type ShopifyPaymentsBalanceTransactionAssociatedPayout {
  id: ID status: ShopifyPaymentsBalanceTransactionPayoutStatus
}
type ShopifyPaymentsBalanceTransaction implements Node {
  id: ID! type: ShopifyPaymentsTransactionType! test: Boolean! transactionDate: DateTime! adjustmentReason: String
  amount: MoneyV2! fee: MoneyV2! net: MoneyV2! sourceId: BigInt sourceType: ShopifyPaymentsSourceType
  sourceOrderTransactionId: BigInt associatedOrder: ShopifyPaymentsAssociatedOrder
  associatedPayout: ShopifyPaymentsBalanceTransactionAssociatedPayout!
}
type ShopifyPaymentsPayout implements Node {
  id: ID! legacyResourceId: UnsignedInt64! issuedAt: DateTime! status: ShopifyPaymentsPayoutStatus!
  transactionType: ShopifyPaymentsPayoutTransactionType! net: MoneyV2! externalTraceId: String
}
type ShopifyPaymentsDisputeReasonDetails { reason: String! networkReasonCode: String }
type ShopifyPaymentsDispute implements Node {
  id: ID! legacyResourceId: UnsignedInt64! initiatedAt: DateTime! finalizedOn: Date evidenceDueBy: Date
  status: DisputeStatus! type: DisputeType! amount: MoneyV2! order: Order
  reasonDetails: ShopifyPaymentsDisputeReasonDetails!
}`;
