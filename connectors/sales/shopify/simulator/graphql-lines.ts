import { type Bag, each, less, moneyBag, total } from './bag.ts';
import {
  currentQuantity,
  type DiscountApplication,
  discount,
  discounted,
  gross,
  type Line,
  type Order,
  type ShippingLine,
  type TaxLine,
} from './order.ts';

/** Tax lines of the GraphQL API. */
export function taxNodes(taxes: readonly TaxLine[], order: Order) {
  return taxes.map((tax) => ({
    title: tax.title,
    priceSet: moneyBag(tax.amount, order.currencies),
    rate: tax.ppm / 1_000_000,
    ratePercentage: tax.ppm / 10_000,
    channelLiable: false,
    source: 'Shopify',
  }));
}

/** Divides a line's amount by its quantity; approximate, like Shopify's unit prices after discounts. */
function perUnit(amount: Bag, quantity: number): Bag {
  return each((side) => amount[side] / BigInt(quantity));
}

/** A line item of the GraphQL API; quantities and amounts include what was refunded or removed, as Shopify's do. */
export function lineNode(line: Line, order: Order) {
  const bag = (amount: Bag) => moneyBag(amount, order.currencies);
  const byCode = line.allocations.filter(({ application }) => order.applications[application]?.kind === 'code');
  const afterLineLevel = total([discounted(line), ...byCode.map(({ amount }) => amount)]);
  const left = currentQuantity(order, line);
  return {
    __typename: 'LineItem',
    id: `gid://shopify/LineItem/${line.id}`,
    name: line.title,
    title: line.title,
    variantTitle: null,
    sku: line.sku,
    vendor: null,
    quantity: line.quantity,
    currentQuantity: left,
    refundableQuantity: left,
    nonFulfillableQuantity: line.tip ? line.quantity : line.quantity - left,
    unfulfilledQuantity: line.tip ? 0 : left,
    isGiftCard: line.giftCard,
    requiresShipping: !(line.tip || line.giftCard),
    taxable: line.taxable,
    customAttributes: [],
    originalUnitPriceSet: bag(line.unit),
    originalTotalSet: bag(gross(line)),
    discountedUnitPriceSet: bag(perUnit(afterLineLevel, line.quantity)),
    discountedTotalSet: ({ withCodeDiscounts }: { withCodeDiscounts: boolean }) =>
      bag(withCodeDiscounts ? discounted(line) : afterLineLevel),
    discountedUnitPriceAfterAllDiscountsSet: bag(perUnit(discounted(line), line.quantity)),
    totalDiscountSet: bag(discount(line)),
    discountAllocations: line.allocations.map(({ application, amount }) => ({
      allocatedAmountSet: bag(amount),
      discountApplication: discountApplicationNode(order.applications[application]!, order),
    })),
    taxLines: ({ first }: { first?: number | null }) => taxNodes(line.taxes, order).slice(0, first ?? undefined),
    duties: [],
    product: resource('Product', line.productId, { title: line.title }),
    variant: resource('ProductVariant', line.variantId, { sku: line.sku, title: 'Default Title' }),
  };
}

function resource(type: string, id: string | null, more: Record<string, unknown>) {
  return id === null ? null : { id: `gid://shopify/${type}/${id}`, legacyResourceId: id, ...more };
}

/** A shipping line of the GraphQL API. */
export function shippingNode(line: ShippingLine, order: Order) {
  const bag = (amount: Bag) => moneyBag(amount, order.currencies);
  const back = order.refunds.flatMap((refund) => refund.shipping).filter((part) => part.shippingId === line.id);
  const application = line.discountApplication;
  return {
    id: `gid://shopify/ShippingLine/${line.id}`,
    title: line.title,
    code: line.code,
    source: 'shopify',
    carrierIdentifier: null,
    custom: false,
    isRemoved: false,
    originalPriceSet: bag(line.price),
    discountedPriceSet: bag(line.discounted),
    currentDiscountedPriceSet: bag(less(line.discounted, total(back.map((part) => part.subtotal)))),
    discountAllocations:
      application === null
        ? []
        : [
            {
              allocatedAmountSet: bag(less(line.price, line.discounted)),
              discountApplication: discountApplicationNode(order.applications[application]!, order),
            },
          ],
    taxLines: taxNodes(line.taxes, order),
  };
}

/** A discount of the GraphQL API. */
export function discountApplicationNode(application: DiscountApplication, order: Order) {
  const common = { index: order.applications.indexOf(application), targetType: 'LINE_ITEM' };
  if (application.kind === 'code') {
    return {
      ...common,
      __typename: 'DiscountCodeApplication',
      code: application.title,
      allocationMethod: 'ACROSS',
      targetSelection: 'ALL',
      value: { __typename: 'PricingPercentageValue', percentage: application.percent },
    };
  }
  return {
    ...common,
    __typename: 'ManualDiscountApplication',
    title: application.title,
    description: application.title,
    allocationMethod: 'ONE',
    targetSelection: 'EXPLICIT',
    value: { __typename: 'MoneyV2', amount: application.value, currencyCode: order.currencies.shop },
  };
}
