import { LosslessNumber } from 'lossless-json';
import {
  type Article,
  COUPONS,
  type CouponCode,
  type Customer,
  MERCHANT,
  PLATFORM,
  SHIPPING_CENTS,
  SHIPPING_RATE,
  TAX_RATES,
} from './catalogue.ts';
import { TAX } from './money.ts';
import { type JsonObject, noAddress } from './wire.ts';

/** A product as the API shows it. */
export function productBody(article: Article): JsonObject {
  return {
    id: article.product,
    object: 'product',
    active: true,
    created: MERCHANT.created,
    default_price: article.price,
    description: null,
    images: [],
    livemode: true,
    marketing_features: [],
    metadata: {},
    name: article.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    type: 'good',
    unit_label: null,
    updated: MERCHANT.created,
    url: null,
  };
}

/** A price as the API shows it. */
export function priceBody(article: Article): JsonObject {
  return {
    id: article.price,
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: MERCHANT.created,
    currency: 'usd',
    custom_unit_amount: null,
    livemode: true,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: article.product,
    recurring: null,
    tax_behavior: article.taxBehavior,
    tiers_mode: null,
    transform_quantity: null,
    type: 'one_time',
    unit_amount: article.amount,
    unit_amount_decimal: `${article.amount}`,
  };
}

/** A customer as the API shows it. */
export function customerBody(customer: Customer): JsonObject {
  return {
    id: customer.id,
    object: 'customer',
    address: null,
    balance: 0,
    created: MERCHANT.created,
    currency: 'usd',
    default_source: null,
    delinquent: false,
    description: null,
    email: customer.email,
    invoice_prefix: 'DAYB',
    livemode: true,
    metadata: {},
    name: customer.name,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** A tax rate as the API shows it. */
export function taxRateBody(behavior: keyof typeof TAX_RATES): JsonObject {
  return {
    id: TAX_RATES[behavior],
    object: 'tax_rate',
    active: true,
    country: 'US',
    created: MERCHANT.created,
    description: null,
    display_name: 'Sales tax',
    effective_percentage: new LosslessNumber(TAX.percent),
    flat_amount: null,
    inclusive: behavior === 'inclusive',
    jurisdiction: 'New York City',
    jurisdiction_level: 'city',
    livemode: true,
    metadata: {},
    percentage: new LosslessNumber(TAX.percent),
    rate_type: 'percentage',
    state: 'NY',
    tax_type: 'sales_tax',
  };
}

/** A coupon as the API shows it. */
export function couponBody(code: CouponCode): JsonObject {
  return {
    id: code,
    object: 'coupon',
    amount_off: null,
    created: MERCHANT.created,
    currency: null,
    duration: 'once',
    duration_in_months: null,
    livemode: true,
    max_redemptions: null,
    metadata: {},
    name: COUPONS[code].name,
    percent_off: COUPONS[code].percent,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
  };
}

/** The one way of shipping. */
export function shippingRateBody(): JsonObject {
  return {
    id: SHIPPING_RATE,
    object: 'shipping_rate',
    active: true,
    created: MERCHANT.created,
    delivery_estimate: null,
    display_name: 'Ground shipping',
    fixed_amount: { amount: SHIPPING_CENTS, currency: 'usd' },
    livemode: true,
    metadata: {},
    tax_behavior: 'exclusive',
    tax_code: null,
    type: 'fixed_amount',
  };
}

/** An account as the API shows it: the merchant's, or the platform's own. */
export function accountBody(id: string): JsonObject {
  const { name, email } = id === MERCHANT.account ? MERCHANT : { name: PLATFORM.name, email: 'hello@daybook.example' };
  return {
    id,
    object: 'account',
    business_profile: { mcc: null, name, product_description: null, support_address: noAddress, support_email: email },
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    country: MERCHANT.country,
    created: MERCHANT.created,
    default_currency: 'usd',
    details_submitted: true,
    email,
    metadata: {},
    payouts_enabled: true,
    settings: {
      dashboard: { display_name: name, timezone: MERCHANT.timeZone },
      payments: { statement_descriptor: MERCHANT.descriptor },
      payouts: { debit_negative_balances: true, schedule: { delay_days: 2, interval: 'daily' } },
    },
    type: 'standard',
  };
}
