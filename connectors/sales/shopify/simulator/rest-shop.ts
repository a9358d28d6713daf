import type { Shop } from './shops.ts';

/** The shop as `shop.json`, `shop/update` and `app/uninstalled` print it. */
export function shopBody(shop: Shop): Record<string, unknown> {
  return {
    id: BigInt(shop.id),
    name: shop.name,
    email: `owner@${shop.account.split('.')[0]}.example.com`,
    domain: shop.account,
    province: shop.province,
    country: shop.country,
    address1: '1 Example Street',
    zip: shop.zip,
    city: shop.city,
    source: null,
    phone: null,
    primary_locale: 'en',
    country_code: shop.country,
    country_name: shop.countryName,
    currency: shop.currency,
    iana_timezone: shop.timeZone,
    shop_owner: 'Sam Owner',
    money_format: `${shop.symbol}{{amount}}`,
    money_with_currency_format: `${shop.symbol}{{amount}} ${shop.currency}`,
    weight_unit: 'kg',
    province_code: shop.provinceCode,
    taxes_included: shop.taxesIncluded,
    tax_shipping: true,
    plan_display_name: 'Basic',
    plan_name: 'basic',
    has_discounts: true,
    has_gift_cards: true,
    myshopify_domain: shop.account,
    has_storefront: true,
    multi_location_enabled: false,
    primary_location_id: BigInt(shop.locationId),
    enabled_presentment_currencies: [shop.currency, ...shop.presentments.map((rate) => rate.currency)],
  };
}
