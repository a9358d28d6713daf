import { formatMinor } from '@daybook/domain';
import { less, moneySet, nothing, total } from './bag.ts';
import { inShopTime } from './instants.ts';
import {
  currentFigures,
  financialStatus,
  gateways,
  gross,
  type Order,
  orderedFigures,
  outstanding,
  type TaxLine,
} from './order.ts';
import { lineItem, price, shippingLine, taxLines } from './rest-lines.ts';
import { refundBody } from './rest-refund.ts';
import type { Shop } from './shops.ts';

/** An order as webhooks and `GET orders/{id}.json` print it. Ids are bigint; serialise with lossless-json. */
export function orderBody(order: Order, shop: Shop): Record<string, unknown> {
  return {
    id: BigInt(order.id),
    admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
    ...headOf(order, shop),
    ...totalsOf(order),
    ...currentTotalsOf(order),
    tax_lines: taxLines(mergedTaxes(order), order),
    ...peopleOf(order, shop),
    discount_applications: order.applications.map(discountApplication),
    discount_codes: discountCodes(order),
    fulfillments: [],
    line_items: order.lines.map((line) => lineItem(line, order)),
    payment_terms: null,
    refunds: order.refunds.map((refund) => refundBody(refund, order, shop)),
    shipping_lines: order.shipping.map((line) => shippingLine(line, order)),
    returns: [],
    line_item_groups: [],
  };
}

function headOf(order: Order, shop: Shop): Record<string, unknown> {
  const time = (instant: string | null) => (instant === null ? null : inShopTime(instant, shop.timeZone));
  return {
    app_id: 580111,
    browser_ip: null,
    buyer_accepts_marketing: false,
    cancel_reason: order.cancelReason,
    cancelled_at: time(order.cancelledAt),
    cart_token: null,
    checkout_token: null,
    client_details: null,
    closed_at: null,
    confirmation_number: `D${order.id.slice(0, 8)}`,
    confirmed: true,
    contact_email: emailOf(order),
    created_at: time(order.createdAt),
    currency: order.currencies.shop,
    customer_locale: 'en',
    device_id: null,
    duties_included: false,
    email: emailOf(order),
    estimated_taxes: false,
    financial_status: financialStatus(order),
    fulfillment_status: null,
    landing_site: '/',
    landing_site_ref: null,
    location_id: null,
    merchant_of_record_app_id: null,
    name: `#${order.number}`,
    note: order.note,
    note_attributes: [],
    number: order.number - 1000,
    order_number: order.number,
    order_status_url: `https://${shop.account}/orders/${order.id}/authenticate`,
    payment_gateway_names: gateways(order),
    phone: null,
    po_number: null,
    presentment_currency: order.currencies.presentment,
    processed_at: time(order.createdAt),
    reference: null,
    referring_site: null,
    source_identifier: null,
    source_name: 'web',
    source_url: null,
    tags: order.tags.join(', '),
    tax_exempt: false,
    taxes_included: order.taxesIncluded,
    test: false,
    token: order.id,
    updated_at: time(order.updatedAt),
    user_id: null,
  };
}

function totalsOf(order: Order): Record<string, unknown> {
  const ordered = orderedFigures(order);
  const goods = total(order.lines.filter((line) => !line.tip).map(gross));
  return {
    original_total_additional_fees_set: null,
    original_total_duties_set: null,
    ...price('subtotal_price', ordered.subtotal, order),
    total_cash_rounding_payment_adjustment_set: moneySet(nothing, order.currencies),
    total_cash_rounding_refund_adjustment_set: moneySet(nothing, order.currencies),
    ...price('total_discounts', ordered.discounts, order),
    ...price('total_line_items_price', goods, order),
    total_outstanding: formatMinor(outstanding(order).shop, order.currencies.shop),
    ...price('total_price', ordered.total, order),
    total_shipping_price_set: moneySet(ordered.shipping, order.currencies),
    ...price('total_tax', ordered.tax, order),
    total_tip_received: formatMinor(ordered.tips.shop, order.currencies.shop),
    total_weight: order.lines.reduce((sum, line) => sum + line.grams * line.quantity, 0),
  };
}

function currentTotalsOf(order: Order): Record<string, unknown> {
  const current = currentFigures(order);
  return {
    current_shipping_price_set: moneySet(current.shipping, order.currencies),
    ...price('current_subtotal_price', current.subtotal, order),
    current_total_additional_fees_set: null,
    ...price('current_total_discounts', current.discounts, order),
    current_total_duties_set: null,
    ...price('current_total_price', current.total, order),
    ...price('current_total_tax', current.tax, order),
  };
}

/** Tax lines of the whole order, equal names and rates added up. */
export function mergedTaxes(order: Order): TaxLine[] {
  const merged = new Map<string, TaxLine>();
  for (const tax of [...order.lines, ...order.shipping].flatMap((line) => line.taxes)) {
    const key = `${tax.title}/${tax.ppm}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? tax : { ...known, amount: total([known.amount, tax.amount]) });
  }
  return [...merged.values()];
}

function discountApplication(application: Order['applications'][number]): Record<string, unknown> {
  const common = { value: application.value, value_type: application.valueType, target_type: 'line_item' };
  return application.kind === 'code'
    ? {
        ...common,
        type: 'discount_code',
        code: application.title,
        allocation_method: 'across',
        target_selection: 'all',
      }
    : {
        ...common,
        type: 'manual',
        title: application.title,
        description: application.title,
        allocation_method: 'one',
        target_selection: 'explicit',
      };
}

function discountCodes(order: Order): Record<string, unknown>[] {
  return order.applications.flatMap((application, index) => {
    if (application.kind !== 'code') return [];
    const amounts = order.lines.flatMap((line) => line.allocations.filter((part) => part.application === index));
    const shipping = order.shipping.filter((line) => line.discountApplication === index);
    const amount = total([
      ...amounts.map((part) => part.amount),
      ...shipping.map((line) => less(line.price, line.discounted)),
    ]);
    return [{ code: application.title, amount: formatMinor(amount.shop, order.currencies.shop), type: 'percentage' }];
  });
}

/** The buyer's address; never a real one. */
export function emailOf(order: Order): string {
  return `customer-${order.customer.id.slice(0, 6)}@example.com`;
}

function peopleOf(order: Order, shop: Shop): Record<string, unknown> {
  const { firstName, lastName, id } = order.customer;
  const address = {
    first_name: firstName,
    last_name: lastName,
    name: `${firstName} ${lastName}`,
    company: null,
    address1: '1 Example Street',
    address2: null,
    city: shop.city,
    zip: shop.zip,
    province: shop.province,
    province_code: shop.provinceCode,
    country: shop.countryName,
    country_code: shop.country,
    phone: null,
    latitude: null,
    longitude: null,
  };
  const customer = {
    id: BigInt(id),
    admin_graphql_api_id: `gid://shopify/Customer/${id}`,
    email: emailOf(order),
    first_name: firstName,
    last_name: lastName,
    state: 'disabled',
    note: null,
    verified_email: true,
    tax_exempt: false,
    phone: null,
    currency: order.currencies.shop,
    tax_exemptions: [],
  };
  return { billing_address: address, shipping_address: order.shipping.length > 0 ? address : null, customer };
}
