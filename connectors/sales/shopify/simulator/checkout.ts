import { allocate, divideHalfUp, formatMinor, sum } from '@daybook/domain';
import { type Random, random } from '../../../kit/random.ts';
import { type Bag, type Currencies, each, less, nothing, opposite, spread, total } from './bag.ts';
import { type Customer, type DiscountApplication, discounted, type Line, type Order, type TaxLine } from './order.ts';
import type { PresentmentRate, Product, Shop, Tax } from './shops.ts';

/** What a buyer has in the basket. Amounts in minor units of the shop's currency. */
export interface Basket {
  items: { product: Product; quantity: number; lineDiscount?: bigint }[];
  /** Discount code over all goods, in percent. */
  code?: { title: string; percent: number };
  shipping?: { title: string; code: string; price: bigint; free?: boolean };
  tip?: bigint;
  presentment?: PresentmentRate;
}

const CUSTOMERS: [first: string, last: string][] = [
  ['Ada', 'Example'],
  ['Ben', 'Sample'],
  ['Chloé', 'Muster'],
  ['Dan', "O'Test"],
  ['Eva', 'Beispiel'],
  ['Søren', 'Prøve'],
];

/** Ids of everything that belongs to one order, in the order they are asked for; 18 digits like Shopify's samples. */
export type Ids = () => string;

/** The stream of ids of an order's part: same seed, shop, order and part give the same ids after a restart. */
export function idsOf(seed: number, account: string, orderNumber: number, part: string): Ids {
  const chance = random(seed, account, orderNumber, part);
  return () => `${chance.digits(18)}`;
}

/** The buyer of an order; the same name is the same customer. */
export function customerOf(seed: number, account: string, chance: Random): Customer {
  const index = chance.below(CUSTOMERS.length);
  const [firstName, lastName] = CUSTOMERS[index]!;
  return { id: `${random(seed, account, 'customer', index).digits(18)}`, firstName, lastName };
}

/**
 * The order a basket becomes: discounts first (line level, then the code spread by largest remainder), then tax per
 * line, half-up (accounting.md A6, A7), each currency on its own.
 */
export function checkout(
  shop: Shop,
  basket: Basket,
  head: Pick<Order, 'number' | 'createdAt' | 'customer'>,
  ids: Ids,
): Order {
  const rate = basket.presentment;
  const currencies = { shop: shop.currency, presentment: rate?.currency ?? shop.currency };
  const applications = applicationsOf(basket, shop.currency);
  const goods = basket.items.map((item) => lineOf(item.product, item.quantity, rate, ids()));
  const reduced = withDiscounts(goods, basket, applications, rate);
  const lines = reduced.map((line, index) => withTax(line, basket.items[index]!.product.taxes, shop.taxesIncluded));
  const tips = basket.tip === undefined ? [] : [tipLine(bagOf(basket.tip, rate), ids())];
  return {
    ...head,
    id: ids(),
    account: shop.account,
    currencies,
    taxesIncluded: shop.taxesIncluded,
    updatedAt: head.createdAt,
    cancelledAt: null,
    cancelReason: null,
    tags: [],
    note: null,
    lines: [...lines, ...tips],
    shipping: basket.shipping === undefined ? [] : [shippingOf(shop, basket.shipping, applications, rate, ids())],
    applications,
    payments: [],
    refunds: [],
    edited: false,
  };
}

/** A line of an article that is added to a placed order, priced and taxed like the others. */
export function extraLine(shop: Shop, product: Product, quantity: number, currencies: Currencies, id: string): Line {
  const rate = shop.presentments.find((known) => known.currency === currencies.presentment);
  return { ...withTax(lineOf(product, quantity, rate, id), product.taxes, shop.taxesIncluded), added: true };
}

/** An amount of the shop's currency in both currencies, half-up. */
export function bagOf(amount: bigint, rate: PresentmentRate | undefined): Bag {
  const presentment = rate === undefined ? amount : divideHalfUp(amount * rate.numerator, rate.denominator);
  return { shop: amount, presentment };
}

function lineOf(product: Product, quantity: number, rate: PresentmentRate | undefined, id: string): Line {
  return {
    id,
    productId: product.id,
    variantId: product.variantId,
    sku: product.sku,
    title: product.title,
    quantity,
    unit: bagOf(product.price, rate),
    grams: product.grams,
    giftCard: product.giftCard,
    tip: false,
    taxable: product.taxes.length > 0,
    allocations: [],
    taxes: [],
    added: false,
    removed: false,
  };
}

/** A tip is a line of its own, never taxed, never discounted. */
function tipLine(amount: Bag, id: string): Line {
  return {
    id,
    productId: null,
    variantId: null,
    sku: null,
    title: 'Tip',
    quantity: 1,
    unit: amount,
    grams: 0,
    giftCard: false,
    tip: true,
    taxable: false,
    allocations: [],
    taxes: [],
    added: false,
    removed: false,
  };
}

function applicationsOf(basket: Basket, currency: string): DiscountApplication[] {
  const onLines = basket.items
    .filter((item) => item.lineDiscount !== undefined)
    .map(
      (item): DiscountApplication => ({
        kind: 'line',
        title: 'Scratched box',
        valueType: 'fixed_amount',
        value: formatMinor(item.lineDiscount!, currency),
        percent: 0,
      }),
    );
  const code = basket.code;
  if (code === undefined) return onLines;
  const { title, percent } = code;
  return [...onLines, { kind: 'code', title, valueType: 'percentage', value: `${percent}.0`, percent }];
}

function withDiscounts(
  lines: readonly Line[],
  basket: Basket,
  applications: readonly DiscountApplication[],
  rate: PresentmentRate | undefined,
): Line[] {
  let application = 0;
  const lineLevel = lines.map((line, index) => {
    const amount = basket.items[index]!.lineDiscount;
    if (amount === undefined) return line;
    const allocation = { application, amount: bagOf(amount, rate) };
    application += 1;
    return { ...line, allocations: [allocation] };
  });
  const code = basket.code;
  if (code === undefined) return lineLevel;
  const entitled = lineLevel.map((line) => (line.giftCard ? nothing : discounted(line)));
  const base = total(entitled);
  const whole = each((side) => divideHalfUp(base[side] * BigInt(code.percent), 100n));
  const parts = spread(whole, entitled);
  return lineLevel.map((line, index) =>
    line.giftCard
      ? line
      : {
          ...line,
          allocations: [...line.allocations, { application: applications.length - 1, amount: parts[index]! }],
        },
  );
}

function withTax(line: Line, taxes: readonly Tax[], included: boolean): Line {
  return { ...line, taxes: taxLines(discounted(line), taxes, included) };
}

/**
 * Tax lines on an amount. Included in the price: tax = half-up(amount × R / (1 + R)) for all rates together, split by
 * largest remainder. Added to it: half-up(amount × r) per rate.
 */
function taxLines(amount: Bag, taxes: readonly Tax[], included: boolean): TaxLine[] {
  const rates = taxes.map((tax) => BigInt(tax.ppm));
  const whole = sum(rates);
  const side = (which: keyof Bag): bigint[] =>
    included
      ? allocate(divideHalfUp(amount[which] * whole, 1_000_000n + whole), rates)
      : rates.map((ppm) => divideHalfUp(amount[which] * ppm, 1_000_000n));
  const shop = side('shop');
  const presentment = side('presentment');
  return taxes.map((tax, index) => ({
    ...tax,
    amount: { shop: shop[index]!, presentment: presentment[index]! },
  }));
}

function shippingOf(
  shop: Shop,
  chosen: NonNullable<Basket['shipping']>,
  applications: DiscountApplication[],
  rate: PresentmentRate | undefined,
  id: string,
) {
  const price = bagOf(chosen.price, rate);
  const reduction = chosen.free ? price : nothing;
  const paid = less(price, reduction);
  return {
    id,
    title: chosen.title,
    code: chosen.code,
    price,
    discounted: paid,
    taxes: taxLines(paid, shop.shippingTaxes, shop.taxesIncluded),
    discountApplication: chosen.free ? applications.length - 1 : null,
  };
}

/** Takes a gift card's balance from what is to be paid: [by gift card, by the other tender]. */
export function splitTender(due: Bag, giftCard: bigint): [Bag, Bag] {
  const used = each(() => giftCard);
  return [used, total([due, opposite(used)])];
}
