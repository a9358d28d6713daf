import type { Cafe, Location } from './cafe.ts';
import type { Money, Order, PaymentRefund } from './wire.ts';
import type { CashDrawerEvent, CashDrawerShift, Movement, Payout } from './wire-money.ts';

/** Payouts name their currency in another field than everything else does, in Square's examples of both API and events. */
export function payoutBody({ amount_money, payout_fee, ...payout }: Payout): object {
  const fees = payout_fee?.map((fee) => ({ ...fee, amount_money: coded(fee.amount_money) }));
  return { ...payout, amount_money: coded(amount_money), ...(fees === undefined ? {} : { payout_fee: fees }) };
}

function coded({ amount, currency }: Money): object {
  return { amount, currency_code: currency };
}

/** A movement as an entry of the payout that carries it; amounts as the schema of Money has them. */
export function entryBody({ location_id: _, details, ...entry }: Movement): object {
  return details === undefined ? entry : { ...entry, [`type_${entry.type.toLowerCase()}_details`]: details };
}

/** A refund as the API shows it. */
export function refundBody({ version: _, ...refund }: PaymentRefund): object {
  return refund;
}

/** The order in the moments before its lines are there: open, and nothing that was sold. */
export function unfinishedBody(order: Order): object {
  const { line_items: _l, taxes: _t, discounts: _d, service_charges: _s, closed_at: _c, ...rest } = order;
  return { ...rest, state: 'OPEN' };
}

/** What a list of shifts shows of each. */
export function shiftSummaryBody(shift: CashDrawerShift): object {
  const { id, state, opened_at, ended_at, closed_at, description, created_at, updated_at, location_id } = shift;
  const { opened_cash_money, expected_cash_money, closed_cash_money } = shift;
  const amounts = { opened_cash_money, expected_cash_money, closed_cash_money };
  return { id, state, opened_at, ended_at, closed_at, description, ...amounts, created_at, updated_at, location_id };
}

/** An event of a drawer without what only we know. */
export function drawerEventBody({ shift_id: _, ...event }: CashDrawerEvent): object {
  return event;
}

/** The seller. */
export function merchantBody(cafe: Cafe): object {
  return {
    id: cafe.merchantId,
    business_name: cafe.name,
    country: cafe.country,
    language_code: cafe.language,
    currency: cafe.currency,
    status: 'ACTIVE',
    main_location_id: cafe.locations[0]!.id,
    created_at: cafe.createdAt,
  };
}

/** One of the seller's places. */
export function locationBody(cafe: Cafe, { id, name, address }: Location): object {
  return {
    id,
    name,
    address: { ...address, administrative_district_level_1: 'NY', country: cafe.country },
    timezone: cafe.timeZone,
    capabilities: ['CREDIT_CARD_PROCESSING', 'AUTOMATIC_TRANSFERS'],
    status: 'ACTIVE',
    created_at: cafe.createdAt,
    merchant_id: cafe.merchantId,
    country: cafe.country,
    language_code: cafe.language,
    currency: cafe.currency,
    business_name: cafe.name,
    type: 'PHYSICAL',
    mcc: '5814',
  };
}

/** A catalogue object by its id: variation, item, modifier or tax; undefined when there is none. */
export function catalogBody(cafe: Cafe, id: string): object | undefined {
  const updated_at = new Date(Number.parseInt(`${cafe.catalogVersion}`, 10)).toISOString();
  const head = { id, updated_at, version: cafe.catalogVersion, is_deleted: false, present_at_all_locations: true };
  const money = (amount: bigint) => ({ amount, currency: cafe.currency });
  const article = cafe.articles.find((each) => each.id === id || each.itemId === id);
  if (article !== undefined) {
    const { name, variation, itemId, sku, price, taxes } = article;
    const price_money = money(price);
    const item_variation_data = { item_id: itemId, name: variation, sku, ordinal: 0, price_money };
    const variationOf = {
      ...head,
      id: article.id,
      type: 'ITEM_VARIATION',
      item_variation_data: { ...item_variation_data, pricing_type: 'FIXED_PRICING', sellable: true, stockable: true },
    };
    if (article.id === id) return variationOf;
    const item_data = { name, tax_ids: taxes.map((tax) => tax.id), variations: [variationOf], product_type: 'REGULAR' };
    return { ...head, type: 'ITEM', item_data };
  }
  const modifier = cafe.modifiers.find((each) => each.id === id);
  if (modifier !== undefined) {
    return { ...head, type: 'MODIFIER', modifier_data: { name: modifier.name, price_money: money(modifier.price) } };
  }
  const tax = cafe.taxes.find((each) => each.id === id);
  if (tax === undefined) return undefined;
  const { name, percentage, type } = tax;
  const tax_data = { name, calculation_phase: 'TAX_SUBTOTAL_PHASE', inclusion_type: type, percentage, enabled: true };
  return { ...head, type: 'TAX', tax_data };
}
