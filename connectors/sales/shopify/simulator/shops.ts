import { random } from '../../../kit/random.ts';

/** A tax of a place; the rate in parts per million (20 % = 200000). */
export interface Tax {
  title: string;
  ppm: number;
}

/** An article of a shop; the price in minor units of the shop's currency. */
export interface Product {
  id: string;
  variantId: string;
  sku: string;
  title: string;
  price: bigint;
  grams: number;
  giftCard: boolean;
  /** Empty for what is never taxed (gift cards). */
  taxes: Tax[];
}

/** A currency the shop also sells in: presentment = shop amount × numerator / denominator. */
export interface PresentmentRate {
  currency: string;
  numerator: bigint;
  denominator: bigint;
}

export interface Shop {
  /** Permanent domain, the tenant's identity. */
  account: string;
  id: string;
  name: string;
  country: string;
  countryName: string;
  province: string;
  provinceCode: string;
  city: string;
  zip: string;
  currency: string;
  symbol: string;
  timeZone: string;
  taxesIncluded: boolean;
  shippingTaxes: Tax[];
  shippingRates: { title: string; code: string; price: bigint }[];
  presentments: PresentmentRate[];
  products: Product[];
  locationId: string;
}

type Article = [sku: string, title: string, price: bigint, grams: number, taxes: Tax[]];

const VAT = { title: 'GB VAT', ppm: 200_000 };
const REDUCED_VAT = { title: 'GB VAT', ppm: 50_000 };
const ZERO_VAT = { title: 'GB VAT', ppm: 0 };
const STATE = { title: 'New York State Tax', ppm: 40_000 };
const COUNTY = { title: 'Erie County Tax', ppm: 47_500 };

const LONDON: Article[] = [
  ['TEA-EARL-100', 'Earl Grey, loose leaf 100 g', 895n, 120, [ZERO_VAT]],
  ['POT-STONE-09', 'Stoneware teapot 0.9 l', 3450n, 980, [VAT]],
  ['CUP-STONE-02', 'Stoneware cup', 1199n, 310, [VAT]],
  ['STRAIN-FINE', 'Fine mesh strainer', 745n, 60, [VAT]],
  ['CADDY-OAK', 'Oak tea caddy', 4999n, 640, [VAT]],
  ['BOOK-LEAF', 'The Book of Leaves', 1850n, 720, [ZERO_VAT]],
  ['WRAP-WARM', 'Heat pad for teapots', 1633n, 220, [REDUCED_VAT]],
  ['TOWEL-LINEN', 'Linen towel', 1075n, 140, [VAT]],
];

const BUFFALO: Article[] = [
  ['LAMP-CAMP-1', 'Camp lantern', 4995n, 450, [STATE, COUNTY]],
  ['BOTTLE-20', 'Steel bottle 20 oz', 2499n, 320, [STATE, COUNTY]],
  ['KNIFE-POCKET', 'Pocket knife', 3675n, 110, [STATE, COUNTY]],
  ['BLANKET-WOOL', 'Wool blanket', 8950n, 1600, [STATE, COUNTY]],
  ['ROPE-15M', 'Utility rope 50 ft', 1333n, 700, [STATE, COUNTY]],
  ['TENT-2P', 'Two person tent', 21900n, 2900, [STATE, COUNTY]],
  ['SOCK-MERINO', 'Merino socks', 1795n, 90, [STATE, COUNTY]],
  ['MUG-ENAMEL', 'Enamel mug', 1149n, 180, [STATE, COUNTY]],
];

/**
 * The two shops of the sandbox. One prices in GBP including VAT and lets buyers pay in EUR, the other prices in USD
 * and adds a state and a county tax.
 */
export function simulatedShops(seed: number): Shop[] {
  const london = 'daybook-tea.myshopify.com';
  const buffalo = 'daybook-outdoor.myshopify.com';
  return [
    {
      account: london,
      ...identity(seed, london),
      name: 'Daybook Tea',
      country: 'GB',
      countryName: 'United Kingdom',
      province: 'England',
      provinceCode: 'ENG',
      city: 'London',
      zip: 'EC1A 1AA',
      currency: 'GBP',
      symbol: '£',
      timeZone: 'Europe/London',
      taxesIncluded: true,
      shippingTaxes: [VAT],
      shippingRates: [
        { title: 'Standard', code: 'standard', price: 395n },
        { title: 'Next day', code: 'next-day', price: 795n },
      ],
      presentments: [{ currency: 'EUR', numerator: 11_637n, denominator: 10_000n }],
      products: catalogue(seed, london, LONDON),
    },
    {
      account: buffalo,
      ...identity(seed, buffalo),
      name: 'Daybook Outdoor',
      country: 'US',
      countryName: 'United States',
      province: 'New York',
      provinceCode: 'NY',
      city: 'Buffalo',
      zip: '14201',
      currency: 'USD',
      symbol: '$',
      timeZone: 'America/New_York',
      taxesIncluded: false,
      shippingTaxes: [STATE, COUNTY],
      shippingRates: [
        { title: 'Ground', code: 'ground', price: 699n },
        { title: 'Two days', code: 'two-days', price: 1849n },
      ],
      presentments: [],
      products: catalogue(seed, buffalo, BUFFALO),
    },
  ];
}

function identity(seed: number, account: string): { id: string; locationId: string } {
  const chance = random(seed, account, 'shop');
  return { id: `${chance.digits(11)}`, locationId: `${chance.digits(11)}` };
}

function catalogue(seed: number, account: string, articles: Article[]): Product[] {
  const giftCard: Article = ['GIFT-50', 'Gift card', 5000n, 0, []];
  return [...articles, giftCard].map(([sku, title, price, grams, taxes]) => {
    const chance = random(seed, account, 'product', sku);
    const giftCardLine = taxes.length === 0;
    return {
      id: `${chance.digits(18)}`,
      variantId: `${chance.digits(18)}`,
      sku,
      title,
      price,
      grams,
      giftCard: giftCardLine,
      taxes,
    };
  });
}
