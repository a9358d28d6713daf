import type { Random } from '../../../kit/random.ts';
import type { Basket } from './checkout.ts';
import type { Product, Shop } from './shops.ts';

/** Articles that are not gift cards. */
export function goodsOf(shop: Shop): Product[] {
  return shop.products.filter((product) => !product.giftCard);
}

/** One to three different articles, up to three of each; at least `atLeast` lines. */
export function goodsBasket(shop: Shop, chance: Random, atLeast = 1): Basket {
  const count = chance.between(atLeast, Math.max(3, atLeast));
  const products = chance.shuffle(goodsOf(shop)).slice(0, count);
  return { items: products.map((product) => ({ product, quantity: chance.between(1, 3) })) };
}

/** A basket like most: goods, often shipped, sometimes with a code, sometimes paid in another currency. */
export function usualBasket(shop: Shop, chance: Random): Basket {
  const basket = goodsBasket(shop, chance);
  if (chance.chance(6, 10)) basket.shipping = { ...chance.pick(shop.shippingRates) };
  if (chance.chance(2, 10)) basket.code = { title: 'WELCOME10', percent: 10 };
  const rate = shop.presentments[0];
  if (rate !== undefined && chance.chance(2, 10)) basket.presentment = rate;
  return basket;
}

/** Goods with a shipping line that costs something. */
export function shippedBasket(shop: Shop, chance: Random): Basket {
  return { ...goodsBasket(shop, chance), shipping: { ...chance.pick(shop.shippingRates) } };
}

/** One line reduced by staff, and a code over the whole order. */
export function discountedBasket(shop: Shop, chance: Random): Basket {
  const basket = goodsBasket(shop, chance, 2);
  const first = basket.items[0]!;
  const quarter = first.product.price / 4n;
  const lineDiscount = BigInt(chance.between(1, 99)) * 3n;
  first.lineDiscount = lineDiscount < quarter ? lineDiscount : quarter;
  basket.code = { title: 'SPRING15', percent: 15 };
  basket.shipping = { ...chance.pick(shop.shippingRates) };
  return basket;
}

/** Costs nothing: a code over everything and free shipping. */
export function freeBasket(shop: Shop, chance: Random): Basket {
  return {
    ...goodsBasket(shop, chance),
    code: { title: 'PRESENT', percent: 100 },
    shipping: { ...chance.pick(shop.shippingRates), free: true },
  };
}

/** A gift card, alone or with goods. */
export function giftCardBasket(shop: Shop, chance: Random): Basket {
  const goods = chance.chance(1, 2) ? goodsBasket(shop, chance).items : [];
  const product = shop.products.find((candidate) => candidate.giftCard)!;
  return { items: [...goods, { product, quantity: 1 }] };
}
