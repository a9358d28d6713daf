import { buildSchema } from 'graphql';
import { paymentsSchema } from './graphql-payments-schema.ts';
import { TOPICS } from './topics.ts';

const PAGE = 'after: String, before: String, first: Int, last: Int, reverse: Boolean = false';

const connections = [
  'Order',
  'LineItem',
  'ShippingLine',
  'DiscountApplication',
  'OrderAdjustment',
  'RefundLineItem',
  'RefundShippingLine',
  'OrderTransaction',
  'WebhookSubscription',
  'ShopifyPaymentsBalanceTransaction',
  'ShopifyPaymentsDispute',
  'ShopifyPaymentsPayout',
]
  .map(
    (type) => `
type ${type}Connection { edges: [${type}Edge!]! nodes: [${type}!]! pageInfo: PageInfo! }
type ${type}Edge { cursor: String! node: ${type}! }`,
  )
  .join('\n');

/**
 * The part of Shopify's Admin GraphQL schema, version 2026-10, that this simulator serves. Names, types and arguments
 * are Shopify's (https://shopify.dev/docs/api/admin-graphql/2026-10); a field that is not here is refused as one that
 * does not exist.
 */
export const schema = buildSchema(`
scalar DateTime
scalar Decimal
scalar UnsignedInt64
scalar BigInt
scalar Date
scalar URL
scalar JSON
enum CurrencyCode { GBP EUR USD CAD }
enum CountryCode { GB US }
enum OrderDisplayFinancialStatus {
  AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED
}
enum OrderDisplayFulfillmentStatus { FULFILLED PARTIALLY_FULFILLED UNFULFILLED RESTOCKED }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum OrderTransactionKind {
  AUTHORIZATION CAPTURE CHANGE EMV_AUTHORIZATION REFUND SALE SUGGESTED_REFUND VOID
}
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum OrderAdjustmentDiscrepancyReason {
  CUSTOMER DAMAGE FULL_RETURN_BALANCING_ADJUSTMENT PENDING_REFUND_DISCREPANCY REFUND_DISCREPANCY RESTOCK
}
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
enum OrderSortKeys { CREATED_AT ID ORDER_NUMBER PROCESSED_AT UPDATED_AT }
enum WebhookSubscriptionSortKeys { CREATED_AT ID }
enum WebhookSubscriptionFormat { JSON XML }
enum DiscountApplicationAllocationMethod { ACROSS EACH ONE }
enum DiscountApplicationTargetSelection { ALL ENTITLED EXPLICIT }
enum DiscountApplicationTargetType { LINE_ITEM SHIPPING_LINE }
enum WebhookSubscriptionTopic { ${Object.keys(TOPICS).join(' ')} }

type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { presentmentMoney: MoneyV2! shopMoney: MoneyV2! }
type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type UserError { field: [String!] message: String! }
type ApiVersion { displayName: String! handle: String! supported: Boolean! }
type Attribute { key: String! value: String }
${connections}

interface Node { id: ID! }
type Shop implements Node {
  id: ID! name: String! email: String! myshopifyDomain: String! currencyCode: CurrencyCode!
  enabledPresentmentCurrencies: [CurrencyCode!]! ianaTimezone: String! taxesIncluded: Boolean! taxShipping: Boolean!
  shopAddress: ShopAddress! primaryDomain: Domain! url: URL! createdAt: DateTime!
}
type ShopAddress { countryCodeV2: CountryCode country: String city: String zip: String province: String }
type Domain { host: String! url: URL! }
type Customer implements Node {
  id: ID! legacyResourceId: UnsignedInt64! displayName: String! firstName: String lastName: String taxExempt: Boolean!
}
type OrderApp { id: ID! name: String! }
type Location implements Node { id: ID! legacyResourceId: UnsignedInt64! name: String! }
type Product implements Node { id: ID! legacyResourceId: UnsignedInt64! title: String! }
type ProductVariant implements Node { id: ID! legacyResourceId: UnsignedInt64! sku: String title: String! }
type MailingAddress implements Node {
  id: ID! firstName: String lastName: String name: String company: String address1: String address2: String
  city: String zip: String province: String provinceCode: String country: String countryCodeV2: CountryCode
  phone: String
}
type Duty implements Node { id: ID! price: MoneyBag! taxLines: [TaxLine!]! countryCodeOfOrigin: CountryCode }
type TaxLine {
  title: String! priceSet: MoneyBag! rate: Float ratePercentage: Float channelLiable: Boolean source: String
}
type PricingPercentageValue { percentage: Float! }
union PricingValue = MoneyV2 | PricingPercentageValue
interface DiscountApplication {
  allocationMethod: DiscountApplicationAllocationMethod! index: Int!
  targetSelection: DiscountApplicationTargetSelection! targetType: DiscountApplicationTargetType! value: PricingValue!
}
type DiscountCodeApplication implements DiscountApplication {
  allocationMethod: DiscountApplicationAllocationMethod! code: String! index: Int!
  targetSelection: DiscountApplicationTargetSelection! targetType: DiscountApplicationTargetType! value: PricingValue!
}
type ManualDiscountApplication implements DiscountApplication {
  allocationMethod: DiscountApplicationAllocationMethod! description: String index: Int! title: String!
  targetSelection: DiscountApplicationTargetSelection! targetType: DiscountApplicationTargetType! value: PricingValue!
}
type DiscountAllocation { allocatedAmountSet: MoneyBag! discountApplication: DiscountApplication! }
type CashRoundingAdjustment { paymentSet: MoneyBag! refundSet: MoneyBag! }

type LineItem implements Node {
  id: ID! name: String! title: String! variantTitle: String sku: String vendor: String quantity: Int!
  currentQuantity: Int! refundableQuantity: Int! nonFulfillableQuantity: Int! unfulfilledQuantity: Int!
  isGiftCard: Boolean! requiresShipping: Boolean! taxable: Boolean! customAttributes: [Attribute!]!
  originalUnitPriceSet: MoneyBag! originalTotalSet: MoneyBag! discountedUnitPriceSet: MoneyBag!
  discountedTotalSet(withCodeDiscounts: Boolean = false): MoneyBag!
  discountedUnitPriceAfterAllDiscountsSet: MoneyBag! totalDiscountSet: MoneyBag!
  discountAllocations: [DiscountAllocation!]! taxLines(first: Int): [TaxLine!]! duties: [Duty!]!
  product: Product variant: ProductVariant
}
type ShippingLine {
  id: ID title: String! code: String source: String carrierIdentifier: String custom: Boolean! isRemoved: Boolean!
  originalPriceSet: MoneyBag! discountedPriceSet: MoneyBag! currentDiscountedPriceSet: MoneyBag!
  discountAllocations: [DiscountAllocation!]! taxLines: [TaxLine!]!
}
type OrderTransaction implements Node {
  id: ID! kind: OrderTransactionKind! status: OrderTransactionStatus! gateway: String formattedGateway: String
  amountSet: MoneyBag! amountRoundingSet: MoneyBag totalUnsettledSet: MoneyBag manualPaymentGateway: Boolean!
  manuallyCapturable: Boolean! multiCapturable: Boolean! paymentId: String accountNumber: String test: Boolean!
  createdAt: DateTime! processedAt: DateTime parentTransaction: OrderTransaction order: Order receiptJson: JSON
  settlementCurrency: CurrencyCode settlementCurrencyRate: Decimal
}
type OrderAdjustment implements Node {
  id: ID! amountSet: MoneyBag! taxAmountSet: MoneyBag! reason: OrderAdjustmentDiscrepancyReason
}
type RefundLineItem {
  id: ID lineItem: LineItem! quantity: Int! restockType: RefundLineItemRestockType! restocked: Boolean!
  priceSet: MoneyBag! subtotalSet: MoneyBag! totalTaxSet: MoneyBag! location: Location
}
type RefundShippingLine implements Node {
  id: ID! shippingLine: ShippingLine! subtotalAmountSet: MoneyBag! taxAmountSet: MoneyBag!
}
type RefundDuty { amountSet: MoneyBag! }
type Refund implements Node {
  id: ID! legacyResourceId: UnsignedInt64! createdAt: DateTime processedAt: DateTime! updatedAt: DateTime! note: String
  order: Order! duties: [RefundDuty!] totalRefundedSet: MoneyBag!
  orderAdjustments(${PAGE}): OrderAdjustmentConnection!
  refundLineItems(${PAGE}): RefundLineItemConnection!
  refundShippingLines(${PAGE}): RefundShippingLineConnection!
  transactions(${PAGE}): OrderTransactionConnection!
}
type Order implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String! number: Int! confirmationNumber: String confirmed: Boolean!
  createdAt: DateTime! processedAt: DateTime! updatedAt: DateTime! cancelledAt: DateTime closedAt: DateTime
  cancelReason: OrderCancelReason closed: Boolean! edited: Boolean! fullyPaid: Boolean! unpaid: Boolean!
  test: Boolean! taxExempt: Boolean! taxesIncluded: Boolean! dutiesIncluded: Boolean! estimatedTaxes: Boolean!
  currencyCode: CurrencyCode! presentmentCurrencyCode: CurrencyCode! customerLocale: String email: String phone: String
  note: String tags: [String!]! poNumber: String sourceName: String sourceIdentifier: String statusPageUrl: URL!
  customAttributes: [Attribute!]! app: OrderApp merchantOfRecordApp: OrderApp retailLocation: Location
  customer: Customer billingAddress: MailingAddress shippingAddress: MailingAddress
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  paymentGatewayNames: [String!]! discountCode: String discountCodes: [String!]!
  discountApplications(${PAGE}): DiscountApplicationConnection!
  lineItems(${PAGE}): LineItemConnection!
  shippingLine: ShippingLine
  shippingLines(includeRemovals: Boolean = false, ${PAGE}): ShippingLineConnection!
  taxLines: [TaxLine!]! currentTaxLines: [TaxLine!]!
  refunds(first: Int): [Refund!]!
  transactions(capturable: Boolean, first: Int, manuallyResolvable: Boolean): [OrderTransaction!]!
  subtotalPriceSet: MoneyBag totalPriceSet: MoneyBag! totalTaxSet: MoneyBag totalDiscountsSet: MoneyBag
  totalShippingPriceSet: MoneyBag! totalTipReceivedSet: MoneyBag! originalTotalPriceSet: MoneyBag!
  originalTotalDutiesSet: MoneyBag originalTotalAdditionalFeesSet: MoneyBag
  currentSubtotalPriceSet: MoneyBag! currentTotalPriceSet: MoneyBag! currentTotalTaxSet: MoneyBag!
  currentTotalDiscountsSet: MoneyBag! currentShippingPriceSet: MoneyBag! currentTotalDutiesSet: MoneyBag
  currentTotalAdditionalFeesSet: MoneyBag
  totalReceivedSet: MoneyBag! totalRefundedSet: MoneyBag! totalRefundedShippingSet: MoneyBag!
  totalOutstandingSet: MoneyBag! netPaymentSet: MoneyBag! refundDiscrepancySet: MoneyBag!
  totalCapturableSet: MoneyBag! totalCashRoundingAdjustment: CashRoundingAdjustment!
}

type WebhookSubscription implements Node {
  id: ID! legacyResourceId: UnsignedInt64! apiVersion: ApiVersion! topic: WebhookSubscriptionTopic! uri: String!
  callbackUrl: URL! format: WebhookSubscriptionFormat! name: String filter: String includeFields: [String!]!
  metafieldNamespaces: [String!]! createdAt: DateTime! updatedAt: DateTime!
}
input WebhookSubscriptionInput {
  uri: String callbackUrl: URL format: WebhookSubscriptionFormat includeFields: [String!] name: String
}
type WebhookSubscriptionCreatePayload { userErrors: [UserError!]! webhookSubscription: WebhookSubscription }
type WebhookSubscriptionUpdatePayload { userErrors: [UserError!]! webhookSubscription: WebhookSubscription }
type WebhookSubscriptionDeletePayload { deletedWebhookSubscriptionId: ID userErrors: [UserError!]! }

type QueryRoot {
  shop: Shop!
  shopifyPaymentsAccount: ShopifyPaymentsAccount
  order(id: ID!): Order
  orders(query: String, savedSearchId: ID, sortKey: OrderSortKeys = PROCESSED_AT, ${PAGE}): OrderConnection!
  refund(id: ID!): Refund
  webhookSubscription(id: ID!): WebhookSubscription
  webhookSubscriptions(
    callbackUrl: URL, format: WebhookSubscriptionFormat, query: String, topics: [WebhookSubscriptionTopic!]
    sortKey: WebhookSubscriptionSortKeys = CREATED_AT, uri: String, ${PAGE}
  ): WebhookSubscriptionConnection!
}
type Mutation {
  webhookSubscriptionCreate(
    topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!
  ): WebhookSubscriptionCreatePayload
  webhookSubscriptionUpdate(
    id: ID!, webhookSubscription: WebhookSubscriptionInput!
  ): WebhookSubscriptionUpdatePayload
  webhookSubscriptionDelete(id: ID!): WebhookSubscriptionDeletePayload
}
${paymentsSchema}
schema { query: QueryRoot mutation: Mutation }
`);
