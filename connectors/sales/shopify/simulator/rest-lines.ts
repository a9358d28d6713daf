import { formatMinor } from '@daybook/domain';
import { type Bag, less, moneySet, total } from './bag.ts';
import { currentQuantity, gateways, type Line, type Order, type ShippingLine, type TaxLine } from './order.ts';

/** Adds the plain field and its `_set`: the plain one is the shop's currency, in major units. */
export function price(name: string, bag: Bag, order: Order): Record<string, unknown> {
  return { [name]: formatMinor(bag.shop, order.currencies.shop), [`${name}_set`]: moneySet(bag, order.currencies) };
}

/** Tax lines as REST prints them. */
export function taxLines(taxes: readonly TaxLine[], order: Order): Record<string, unknown>[] {
  return taxes.map((tax) => ({
    title: tax.title,
    rate: tax.ppm / 1_000_000,
    ...price('price', tax.amount, order),
    channel_liable: false,
  }));
}

/** A line as it stands in orders and, without the fields about now, in refunds. */
export function lineItem(line: Line, order: Order): Record<string, unknown> {
  const left = currentQuantity(order, line);
  const lineLevel = line.allocations.filter(({ application }) => order.applications[application]?.kind === 'line');
  return {
    id: BigInt(line.id),
    admin_graphql_api_id: `gid://shopify/LineItem/${line.id}`,
    attributed_staffs: [],
    current_quantity: left,
    fulfillable_quantity: line.tip || line.giftCard ? 0 : left,
    fulfillment_service: line.giftCard ? 'gift_card' : 'manual',
    fulfillment_status: null,
    gift_card: line.giftCard,
    grams: line.grams,
    name: line.title,
    ...price('price', line.unit, order),
    product_exists: line.productId !== null,
    product_id: line.productId === null ? null : BigInt(line.productId),
    properties: [],
    quantity: line.quantity,
    requires_shipping: !(line.tip || line.giftCard),
    sales_line_item_group_id: null,
    sku: line.sku,
    taxable: line.taxable,
    title: line.title,
    // Only what was taken off this very line; shares of a code are in discount_allocations alone.
    ...price('total_discount', total(lineLevel.map(({ amount }) => amount)), order),
    variant_id: line.variantId === null ? null : BigInt(line.variantId),
    variant_inventory_management: line.variantId === null ? null : 'shopify',
    variant_title: null,
    vendor: null,
    tax_lines: taxLines(line.taxes, order),
    duties: [],
    discount_allocations: line.allocations.map(({ application, amount }) => allocation(amount, application, order)),
    ...(line.tip ? { tip_payment_gateway: gateways(order)[0] ?? null, tip_payment_method: 'Visa' } : {}),
  };
}

function allocation(amount: Bag, application: number, order: Order): Record<string, unknown> {
  return { ...price('amount', amount, order), discount_application_index: application };
}

/** A shipping line as it stands in orders and refunds. */
export function shippingLine(line: ShippingLine, order: Order): Record<string, unknown> {
  const refunded = order.refunds.flatMap((refund) => refund.shipping).filter((back) => back.shippingId === line.id);
  const current = less(line.discounted, total(refunded.map((back) => back.subtotal)));
  return {
    id: BigInt(line.id),
    carrier_identifier: null,
    code: line.code,
    current_discounted_price_set: moneySet(current, order.currencies),
    discount_allocations:
      line.discountApplication === null
        ? []
        : [allocation(less(line.price, line.discounted), line.discountApplication, order)],
    ...price('discounted_price', line.discounted, order),
    is_removed: false,
    phone: null,
    ...price('price', line.price, order),
    requested_fulfillment_service_id: null,
    source: 'shopify',
    tax_lines: taxLines(line.taxes, order),
    title: line.title,
  };
}
