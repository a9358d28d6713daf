import { allocate, divideHalfUp, parseRatio, sum } from '@daybook/domain';
import type { Article, CatalogModifier, CatalogTax } from './cafe.ts';
import {
  type AppliedDiscount,
  type AppliedTax,
  type OrderDiscount,
  type OrderLine,
  type OrderTax,
  type ServiceCharge,
  usd,
} from './wire.ts';

/** What is rung up as one line: an article, an amount typed in, or a gift card loaded. Amounts in cents. */
export interface BasketLine {
  what: { article: Article; modifiers?: CatalogModifier[] } | { custom: bigint; note: string } | { giftCard: bigint };
  /** Decimal text; whole unless the article is sold by weight. */
  quantity: string;
  /** Taken off this line, not more than its price. */
  discount?: bigint;
}

export interface ChargeAsked {
  name: string;
  type: 'AUTO_GRATUITY' | 'CUSTOM';
  /** Of what the lines cost after discounts, or a fixed amount. */
  worth: { percentage: string } | { amount: bigint };
  tax?: CatalogTax;
}

export interface Basket {
  lines: BasketLine[];
  /** Percentage off everything but gift cards. */
  orderDiscount?: { name: string; percentage: string };
  charges?: ChargeAsked[];
}

/** The parts of an order that say what was sold. */
export interface Priced {
  line_items: OrderLine[];
  taxes: OrderTax[];
  discounts: OrderDiscount[];
  service_charges: ServiceCharge[];
}

/** percent of an amount, half a cent up; the amount contains the tax already where it is included. */
export function taxOn(amount: bigint, { percentage, type }: Pick<CatalogTax, 'percentage' | 'type'>): bigint {
  const { numerator, denominator } = parseRatio(percentage);
  const hundred = 100n * denominator;
  return divideHalfUp(amount * numerator, type === 'INCLUSIVE' ? hundred + numerator : hundred);
}

/**
 * Prices a basket as Square does: discounts per line first (an order's discount is split over the lines by their
 * worth), then the tax of each line, then service charges with their own tax.
 */
export function priced(basket: Basket, catalogVersion: bigint, uid: () => string): Priced {
  const taxes = new Map<string, OrderTax>();
  const taxUid = (tax: CatalogTax, amount: bigint): string => {
    const known = taxes.get(tax.id) ?? { ...orderTax(tax, catalogVersion), uid: uid() };
    taxes.set(tax.id, { ...known, applied_money: usd(known.applied_money.amount + amount) });
    return known.uid;
  };
  const listed = basket.lines.map((line) => ({ line, ...listPrice(line) }));
  const own = listed.map(({ line }) => line.discount ?? 0n);
  const shares = orderShares(basket, listed, own);
  const discounts: OrderDiscount[] = [];
  const orderUid = basket.orderDiscount === undefined ? '' : uid();
  if (basket.orderDiscount !== undefined) discounts.push(orderDiscount(basket.orderDiscount, orderUid, sum(shares)));
  const line_items = listed.map((each, index) => {
    const applied: AppliedDiscount[] = [];
    const apply = (discount_uid: string, amount: bigint) => {
      if (amount > 0n) applied.push({ uid: uid(), discount_uid, applied_money: usd(amount) });
    };
    if (own[index]! > 0n) {
      const discount = lineDiscount(uid(), own[index]!);
      discounts.push(discount);
      apply(discount.uid, own[index]!);
    }
    apply(orderUid, shares[index]!);
    return orderLine(each, applied, { catalogVersion, uid, taxUid });
  });
  const worth = sum(listed.map((each, index) => (isGift(each.line) ? 0n : each.list - own[index]! - shares[index]!)));
  const service_charges = (basket.charges ?? []).map((charge) => serviceCharge(charge, worth, uid, taxUid));
  return { line_items, taxes: [...taxes.values()], discounts, service_charges };
}

const isGift = (line: BasketLine): boolean => 'giftCard' in line.what;

interface Listed {
  line: BasketLine;
  base: bigint;
  variation: bigint;
  extras: bigint;
  list: bigint;
}

function listPrice({ what, quantity }: BasketLine): Omit<Listed, 'line'> {
  const base = 'article' in what ? what.article.price : 'custom' in what ? what.custom : what.giftCard;
  const variation = times(base, quantity);
  const extras = 'article' in what ? sum((what.modifiers ?? []).map(({ price }) => times(price, quantity))) : 0n;
  return { base, variation, extras, list: variation + extras };
}

function times(price: bigint, quantity: string): bigint {
  const { numerator, denominator } = parseRatio(quantity);
  return divideHalfUp(price * numerator, denominator);
}

function orderShares({ orderDiscount }: Basket, listed: readonly Listed[], own: readonly bigint[]): bigint[] {
  const weights = listed.map(({ line, list }, index) => (isGift(line) ? 0n : list - own[index]!));
  if (orderDiscount === undefined) return weights.map(() => 0n);
  const { numerator, denominator } = parseRatio(orderDiscount.percentage);
  return allocate(divideHalfUp(sum(weights) * numerator, 100n * denominator), weights);
}

interface Naming {
  catalogVersion: bigint;
  uid(): string;
  taxUid(tax: CatalogTax, amount: bigint): string;
}

function orderLine(listed: Listed, applied_discounts: AppliedDiscount[], naming: Naming): OrderLine {
  const { line, base, variation, list } = listed;
  const discount = sum(applied_discounts.map(({ applied_money }) => applied_money.amount));
  const taxes = 'article' in line.what ? line.what.article.taxes : [];
  const applied_taxes = taxes.map((tax) => appliedTax(tax, list - discount, naming));
  const taxed = (type: CatalogTax['type']) =>
    sum(taxes.flatMap((tax, index) => (tax.type === type ? [applied_taxes[index]!.applied_money.amount] : [])));
  return {
    uid: naming.uid(),
    quantity: line.quantity,
    ...described(line, naming),
    ...(applied_taxes.length > 0 ? { applied_taxes } : {}),
    ...(applied_discounts.length > 0 ? { applied_discounts } : {}),
    base_price_money: usd(base),
    variation_total_price_money: usd(variation),
    gross_sales_money: usd(list - taxed('INCLUSIVE')),
    total_tax_money: usd(taxed('ADDITIVE') + taxed('INCLUSIVE')),
    total_discount_money: usd(discount),
    total_money: usd(list - discount + taxed('ADDITIVE')),
    total_service_charge_money: usd(0n),
  };
}

type Description = Pick<OrderLine, 'item_type'> & Partial<OrderLine>;

function described({ what, quantity }: BasketLine, { catalogVersion, uid }: Naming): Description {
  if ('giftCard' in what) return { name: 'Gift Card', item_type: 'GIFT_CARD' };
  if ('custom' in what) return { note: what.note, item_type: 'CUSTOM_AMOUNT' };
  const { article, modifiers = [] } = what;
  return {
    name: article.name,
    item_type: 'ITEM',
    catalog_object_id: article.id,
    catalog_version: catalogVersion,
    variation_name: article.variation,
    ...(article.unit === undefined ? {} : { quantity_unit: article.unit }),
    ...(modifiers.length === 0 ? {} : { modifiers: modifiers.map((each) => lineModifier(each, quantity, uid())) }),
  };
}

function lineModifier({ id, name, price }: CatalogModifier, quantity: string, uid: string) {
  const base_price_money = usd(price);
  return {
    uid,
    catalog_object_id: id,
    name,
    quantity: '1',
    base_price_money,
    total_price_money: usd(times(price, quantity)),
  };
}

function appliedTax(tax: CatalogTax, amount: bigint, { uid, taxUid }: Pick<Naming, 'uid' | 'taxUid'>): AppliedTax {
  const applied = taxOn(amount, tax);
  return { uid: uid(), tax_uid: taxUid(tax, applied), applied_money: usd(applied) };
}

function serviceCharge(
  { name, type, worth, tax }: ChargeAsked,
  lines: bigint,
  uid: () => string,
  taxUid: Naming['taxUid'],
): ServiceCharge {
  const applied = 'amount' in worth ? worth.amount : taxOn(lines, { percentage: worth.percentage, type: 'ADDITIVE' });
  const applied_taxes = tax === undefined ? [] : [appliedTax(tax, applied, { uid, taxUid })];
  const taxed = sum(applied_taxes.map(({ applied_money }) => applied_money.amount));
  return {
    uid: uid(),
    name,
    ...('amount' in worth ? { amount_money: usd(worth.amount) } : { percentage: worth.percentage }),
    applied_money: usd(applied),
    total_money: usd(applied + taxed),
    total_tax_money: usd(taxed),
    // Only what is calculated on the subtotal can be taxed.
    calculation_phase: tax === undefined ? 'TOTAL_PHASE' : 'SUBTOTAL_PHASE',
    taxable: tax !== undefined,
    ...(applied_taxes.length > 0 ? { applied_taxes } : {}),
    type,
    treatment_type: 'LINE_ITEM_TREATMENT',
  };
}

function orderTax({ id, name, percentage, type }: CatalogTax, catalogVersion: bigint): OrderTax {
  return {
    uid: '',
    catalog_object_id: id,
    catalog_version: catalogVersion,
    name,
    type,
    percentage,
    applied_money: usd(0n),
    scope: 'LINE_ITEM',
  };
}

function orderDiscount(asked: { name: string; percentage: string }, uid: string, applied: bigint): OrderDiscount {
  return { uid, ...asked, type: 'FIXED_PERCENTAGE', applied_money: usd(applied), scope: 'ORDER' };
}

function lineDiscount(uid: string, amount: bigint): OrderDiscount {
  const name = 'Damaged packaging';
  return {
    uid,
    name,
    type: 'FIXED_AMOUNT',
    amount_money: usd(amount),
    applied_money: usd(amount),
    scope: 'LINE_ITEM',
  };
}
