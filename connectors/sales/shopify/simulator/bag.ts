import { allocate, divideHalfUp, formatMinor } from '@daybook/domain';

/**
 * One amount as Shopify keeps it: minor units of the shop's currency and of the currency the buyer saw. Both are
 * computed on their own, so each set adds up by itself and neither is the other one converted.
 */
export interface Bag {
  readonly shop: bigint;
  readonly presentment: bigint;
}

/** The two currencies of an order's bags. */
export interface Currencies {
  readonly shop: string;
  readonly presentment: string;
}

/** Nothing. */
export const nothing: Bag = { shop: 0n, presentment: 0n };

/** Applies the same arithmetic to both sides. */
export function each(make: (side: keyof Bag) => bigint): Bag {
  return { shop: make('shop'), presentment: make('presentment') };
}

/** Sum of bags. */
export function total(bags: Iterable<Bag>): Bag {
  let sum = nothing;
  for (const bag of bags) sum = { shop: sum.shop + bag.shop, presentment: sum.presentment + bag.presentment };
  return sum;
}

/** a − b. */
export function less(a: Bag, b: Bag): Bag {
  return each((side) => a[side] - b[side]);
}

/** A bag times a whole number. */
export function times(bag: Bag, factor: number): Bag {
  return each((side) => bag[side] * BigInt(factor));
}

/** The bag with the opposite sign. */
export function opposite(bag: Bag): Bag {
  return each((side) => -bag[side]);
}

/** Splits a bag over weights by largest remainder, each currency on its own. */
export function spread(bag: Bag, weights: readonly Bag[]): Bag[] {
  const split = (side: keyof Bag) =>
    allocate(
      bag[side],
      weights.map((weight) => weight[side]),
    );
  const shop = split('shop');
  const presentment = split('presentment');
  return weights.map((_, index) => ({ shop: shop[index]!, presentment: presentment[index]! }));
}

/**
 * What `quantity` of `outOf` units are worth when `before` units were given back earlier: the cumulative method of
 * accounting.md A8, so that the last part leaves exactly nothing.
 */
export function share(bag: Bag, quantity: number, outOf: number, before: number): Bag {
  const upTo = (units: number, side: keyof Bag) => divideHalfUp(bag[side] * BigInt(units), BigInt(outOf));
  return each((side) => upTo(before + quantity, side) - upTo(before, side));
}

/** `x_set` of a REST body: decimal strings in major units. */
export function moneySet(bag: Bag, currencies: Currencies): Record<string, { amount: string; currency_code: string }> {
  return {
    shop_money: { amount: formatMinor(bag.shop, currencies.shop), currency_code: currencies.shop },
    presentment_money: {
      amount: formatMinor(bag.presentment, currencies.presentment),
      currency_code: currencies.presentment,
    },
  };
}

/** MoneyBag of the GraphQL API, whose decimals drop trailing zeros but keep one digit: "12.5", "12.0". */
export function moneyBag(bag: Bag, currencies: Currencies) {
  const side = (amount: bigint, currencyCode: string) => ({
    amount: decimal(formatMinor(amount, currencyCode)),
    currencyCode,
  });
  return {
    shopMoney: side(bag.shop, currencies.shop),
    presentmentMoney: side(bag.presentment, currencies.presentment),
  };
}

/** The way Ruby prints a decimal: no zeros at the end but at least one digit after the point. */
export function decimal(text: string): string {
  if (!text.includes('.')) return `${text}.0`;
  return text.replace(/(\.\d+?)0+$/, '$1');
}
