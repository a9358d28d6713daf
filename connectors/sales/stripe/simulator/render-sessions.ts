import { sum } from '@daybook/domain';
import { articleOf, type CouponCode, SHIPPING_RATE } from './catalogue.ts';
import { sessionTax, sessionTotal } from './checkout.ts';
import { couponBody, priceBody, taxRateBody } from './render-catalogue.ts';
import type { Session, SessionItem } from './things.ts';
import { type Json, type JsonObject, lower, noAddress } from './wire.ts';

/** A Checkout session as the API shows it; its lines are listed on their own, or expanded. */
export function sessionBody(session: Session): JsonObject {
  const subtotal = sum(session.items.map((item) => item.subtotal));
  const discount = sum(session.items.map((item) => item.discount));
  const shipping = session.shipping;
  return {
    id: session.id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    amount_subtotal: subtotal,
    amount_total: sessionTotal(session),
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: session.created,
    currency: lower(session.currency),
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: 'if_required',
    customer_details: customerDetails(session),
    customer_email: null,
    discounts: session.coupon === null ? [] : [{ coupon: session.coupon, promotion_code: null }],
    expires_at: session.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: session.live,
    locale: null,
    managed_payments: null,
    metadata: {},
    mode: 'payment',
    origin_context: null,
    payment_intent: session.intent,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card', 'us_bank_account'],
    payment_status: session.paid ? 'paid' : 'unpaid',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: shipping === null ? null : shippingCost(shipping),
    shipping_options: shipping === null ? [] : [{ shipping_amount: shipping.subtotal, shipping_rate: SHIPPING_RATE }],
    status: 'complete',
    submit_type: null,
    subscription: null,
    success_url: 'https://shop.daybook-software.example/thanks',
    total_details: {
      amount_discount: discount,
      amount_shipping: shipping?.subtotal ?? 0n,
      amount_tax: sessionTax(session),
    },
    ui_mode: 'hosted_page',
    url: null,
    wallet_options: null,
  };
}

function customerDetails({ email, name }: Session): JsonObject {
  return {
    address: { ...noAddress, country: 'US', postal_code: '10001', state: 'NY' },
    business_name: null,
    email,
    individual_name: null,
    name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

function shippingCost({ subtotal, tax, total }: NonNullable<Session['shipping']>): JsonObject {
  return { amount_subtotal: subtotal, amount_tax: tax, amount_total: total, shipping_rate: SHIPPING_RATE };
}

/** A line of a Checkout session. Taxes and discounts one by one are shown only when they are expanded. */
export function sessionItemBody(item: SessionItem, session: Session): JsonObject {
  const article = articleOf(item.price);
  return {
    id: item.id,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: item.discount,
    amount_subtotal: item.subtotal,
    amount_tax: item.tax,
    amount_total: item.total,
    currency: lower(session.currency),
    description: article.name,
    metadata: {},
    price: priceBody(article),
    quantity: item.quantity,
  };
}

/** The taxes of a Checkout line, one by one. */
export function sessionItemTaxes(item: SessionItem, { inclusive }: Session): Json[] {
  return [
    {
      amount: item.tax,
      rate: taxRateBody(inclusive ? 'inclusive' : 'exclusive'),
      taxability_reason: 'standard_rated',
      taxable_amount: inclusive ? item.total - item.tax : item.subtotal - item.discount,
    },
  ];
}

/** The discounts of a Checkout line, one by one. */
export function sessionItemDiscounts(item: SessionItem, session: Session): Json[] {
  if (session.coupon === null) return [];
  return [{ amount: item.discount, discount: discountBody(`di_${item.id}`, session.coupon, session.created) }];
}

/** A coupon in use. */
export function discountBody(id: string, coupon: string, start: number): JsonObject {
  return {
    id,
    object: 'discount',
    checkout_session: null,
    customer: null,
    customer_account: null,
    end: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: couponBody(coupon as CouponCode), type: 'coupon' },
    start,
    subscription: null,
    subscription_item: null,
  };
}
