/** The one merchant of this Stripe. */
export const MERCHANT = {
  account: 'acct_1DaybookSoftw4re',
  name: 'Daybook Software',
  email: 'billing@daybook-software.example',
  country: 'US',
  currency: 'USD',
  timeZone: 'America/New_York',
  descriptor: 'DAYBOOK SOFTWARE',
  /** When the account and its catalogue were made: 2026-01-05T15:00:00Z. */
  created: 1_767_625_200,
} as const;

/** The platform that merchants connect to: the application under test. */
export const PLATFORM = { account: 'acct_1DaybookPl4tform', name: 'Daybook', created: MERCHANT.created } as const;

/** A product with its one price, in US cents. */
export interface Article {
  product: string;
  price: string;
  name: string;
  amount: bigint;
  /** What a Checkout page may sell with the tax inside. */
  taxBehavior: 'exclusive' | 'inclusive';
  /** Billed monthly, on invoices; the others are sold on Checkout pages. */
  isPlan: boolean;
}

const article = (
  key: string,
  name: string,
  amount: bigint,
  kind: { taxBehavior?: 'inclusive'; isPlan?: boolean } = {},
): Article => ({
  product: `prod_${key}Daybook00`,
  price: `price_1${key}DaybookSoftware0`,
  name,
  amount,
  taxBehavior: kind.taxBehavior ?? 'exclusive',
  isPlan: kind.isPlan ?? false,
});

/**
 * Plans cost a multiple of $8, so that the tax on them is a whole number of cents and a credit note over any of their
 * lines carries exactly its share of the invoice's tax.
 */
export const ARTICLES: readonly Article[] = [
  article('Hndbk', 'Handbook (print)', 2_499n),
  article('Mug00', 'Enamel mug', 1_350n),
  article('Shirt', 'T-shirt', 1_995n),
  article('Templ', 'Template pack', 4_900n, { taxBehavior: 'inclusive' }),
  article('Cours', 'Online course', 12_900n, { taxBehavior: 'inclusive' }),
  article('Icons', 'Icon set', 1_999n, { taxBehavior: 'inclusive' }),
  article('Start', 'Starter plan', 4_800n, { isPlan: true }),
  article('Team0', 'Team plan', 19_200n, { isPlan: true }),
  article('Suppt', 'Support hours', 9_600n, { isPlan: true }),
];

/** The article of a price. Throws for a price that is none of ours. */
export function articleOf(price: string): Article {
  const found = ARTICLES.find((each) => each.price === price);
  if (found === undefined) throw new Error(`There is no price ${price}.`);
  return found;
}

/** Somebody who buys again. */
export interface Customer {
  id: string;
  name: string;
  email: string;
}

export const CUSTOMERS: readonly Customer[] = [
  ['Alder Analytics', 'alder'],
  ['Birch & Co', 'birch'],
  ['Cedar Cycles', 'cedar'],
  ['Dogwood Dental', 'dogwood'],
  ['Elm Electric', 'elm'],
].map(([name = '', key = '']) => ({
  id: `cus_${key.padEnd(8, '0')}Dayb00`,
  name,
  email: `accounts@${key}.example`,
}));

/** First names of those who buy once, as guests. */
export const GUESTS: readonly string[] = ['Ada', 'Ben', 'Chloe', 'Dmitri', 'Esra', 'Femi', 'Greta', 'Hugo'];

/** The two discounts the merchant gives, in percent. */
export const COUPONS = {
  WELCOME20: { percent: 20n, name: 'Welcome' },
  LOYAL10: { percent: 10n, name: 'Loyal customer' },
} as const;
export type CouponCode = keyof typeof COUPONS;

/** New York City's sales tax, once on top of the price and once inside it. */
export const TAX_RATES = {
  exclusive: 'txr_1NycExclusiveDaybook',
  inclusive: 'txr_1NycInclusiveDaybook',
} as const;

export const SHIPPING_RATE = 'shr_1GroundDaybookSoftw';
export const SHIPPING_CENTS = 500n;
export const BANK_ACCOUNT = 'ba_1CheckingDaybookSoftw';
