import type { Article, CatalogModifier } from './cafe.ts';
import type { Basket, BasketLine } from './pricing.ts';
import type { Stage } from './stage.ts';

const pieces = (on: Stage): Article[] => on.cafe.articles.filter(({ unit }) => unit === undefined);

/** The article with this SKU. */
export function article(on: Stage, sku: string): Article {
  return on.cafe.articles.find((each) => each.sku === sku)!;
}

/** A line of whole units. */
export function line(what: Article, quantity: number, modifiers: CatalogModifier[] = []): BasketLine {
  return { what: { article: what, ...(modifiers.length > 0 ? { modifiers } : {}) }, quantity: `${quantity}` };
}

/** One to four different articles, now and then with modifiers. */
export function usualBasket(on: Stage, least = 1): Basket {
  const { chance, cafe } = on;
  const chosen = chance.shuffle(pieces(on)).slice(0, chance.between(least, 4));
  const lines = chosen.map((each) =>
    line(each, chance.between(1, 3), each.drink && chance.chance(1, 3) ? [chance.pick(cafe.modifiers)] : []),
  );
  return { lines };
}

/** Something with tax on top, enough for a service charge or discounts to show. */
export function taxedBasket(on: Stage): Basket {
  const taxed = pieces(on).filter(({ taxes }) => taxes[0]?.type === 'ADDITIVE');
  return {
    lines: on.chance
      .shuffle(taxed)
      .slice(0, 3)
      .map((each) => line(each, on.chance.between(1, 4))),
  };
}

/** Prices that contain their tax, beside one that does not. */
export function includedTaxBasket(on: Stage): Basket {
  const { chance } = on;
  const water = line(article(on, 'WATER-05'), chance.between(1, 4));
  return { lines: [line(article(on, 'POSTCARD'), chance.between(1, 5)), water, line(article(on, 'LATTE-12'), 1)] };
}

/** A percentage off the order and an amount off one line, on taxes of both kinds. */
export function discountedBasket(on: Stage): Basket {
  const { chance } = on;
  const [first, ...rest] = [...taxedBasket(on).lines, line(article(on, 'POSTCARD'), 3)];
  const discount = BigInt(chance.between(25, 150));
  const orderDiscount = { name: 'Neighbours', percentage: chance.pick(['10', '12.5', '15']) };
  return { lines: [{ ...first!, discount }, ...rest], orderDiscount };
}

/** Beans by the pound and a drink with everything. */
export function weighedBasket(on: Stage): Basket {
  const { chance, cafe } = on;
  const pounds = chance.between(120, 1999);
  const quantity = `${Math.floor(pounds / 1000)}.${`${pounds % 1000}`.padStart(3, '0')}`;
  const beans: BasketLine = { what: { article: article(on, 'BEANS-LB') }, quantity };
  return { lines: [beans, line(article(on, 'LATTE-12'), chance.between(1, 2), cafe.modifiers)] };
}

/** An amount typed in, without a name, beside an article. */
export function customBasket(on: Stage): Basket {
  const custom = BigInt(on.chance.between(150, 4000));
  const typed: BasketLine = { what: { custom, note: 'Table decoration' }, quantity: '1' };
  return { lines: on.chance.chance(1, 2) ? [typed] : [typed, line(article(on, 'CROISSANT'), 2)] };
}

/** A gift card to be loaded with $25 or $50, alone or beside a mug. */
export function giftCardBasket(on: Stage): Basket {
  const card: BasketLine = { what: { giftCard: on.chance.pick([2500n, 5000n]) }, quantity: '1' };
  return { lines: on.chance.chance(1, 2) ? [card] : [card, line(article(on, 'MUG-ENAMEL'), 1)] };
}

/** A large table: 18 % gratuity, which is taxed. */
export function gratuityBasket(on: Stage): Basket {
  const tax = on.cafe.taxes[0]!;
  const charges = [{ name: 'Auto Gratuity', type: 'AUTO_GRATUITY' as const, worth: { percentage: '18' }, tax }];
  return { ...taxedBasket(on), charges };
}

/** Ordered online and brought: the delivery is not taxed. */
export function deliveredBasket(on: Stage): Basket {
  const charges = [{ name: 'Delivery Fee', type: 'CUSTOM' as const, worth: { amount: on.chance.pick([399n, 599n]) } }];
  return { ...taxedBasket(on), charges };
}
