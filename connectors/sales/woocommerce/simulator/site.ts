/** A rate of value added tax as the store's settings list it. */
export interface Rate {
  id: number;
  code: string;
  label: string;
  percent: number;
  taxClass: string;
}

/** An article; the price in pence, with its tax. */
export interface Product {
  id: number;
  sku: string;
  name: string;
  price: bigint;
  rate: Rate;
}

/** A WordPress site with a store on it. */
export interface Site {
  /** Host, the tenant's identity. */
  account: string;
  name: string;
  country: string;
  currency: string;
  timeZone: string;
  version: string;
  products: readonly Product[];
  /** Net prices; the standard rate comes on top. */
  shipping: readonly { title: string; method: string; net: bigint }[];
}

export const STANDARD: Rate = { id: 1, code: 'GB-VAT-1', label: 'VAT', percent: 20, taxClass: '' };
export const REDUCED: Rate = { id: 2, code: 'GB-VAT REDUCED-1', label: 'VAT', percent: 5, taxClass: 'reduced-rate' };
export const ZERO: Rate = { id: 3, code: 'GB-VAT ZERO-1', label: 'VAT', percent: 0, taxClass: 'zero-rate' };

const ARTICLES: [id: number, sku: string, name: string, price: bigint, rate: Rate][] = [
  [101, 'BK-LEDGER', 'The Ledger of Small Hours', 1299n, ZERO],
  [102, 'BK-DOUBLE', 'Double Entry &amp; Other Stories', 899n, ZERO],
  [103, 'BK-ATLAS', 'Atlas of Harbour Towns', 3450n, ZERO],
  [111, 'NB-A5-RULED', 'Ruled notebook A5', 999n, STANDARD],
  [112, 'PEN-BRASS', 'Brass pen', 2475n, STANDARD],
  [113, 'TOTE-CANVAS', 'Canvas tote', 1501n, STANDARD],
  [114, 'LAMP-CLIP', 'Clip-on reading lamp', 1999n, STANDARD],
  [115, 'STAMP-DATE', 'Date stamp', 1233n, STANDARD],
  [121, 'SEAT-CHILD', 'Child&#8217;s car seat for long stories', 5999n, REDUCED],
  [122, 'PATCH-QUIET', 'Quiet evening patches', 749n, REDUCED],
];

/** The store of the sandbox: a bookshop near London whose prices include VAT. */
export const BOOKSHOP: Site = {
  account: 'books.daybook.example',
  name: 'Daybook Books',
  country: 'GB',
  currency: 'GBP',
  timeZone: 'Europe/London',
  version: '11.2.0',
  products: ARTICLES.map(([id, sku, name, price, rate]) => ({ id, sku, name, price, rate })),
  shipping: [
    { title: 'Royal Mail 48', method: 'flat_rate', net: 292n },
    { title: 'Tracked 24', method: 'flat_rate', net: 475n },
  ],
};

/** The site's wall clock at an instant, without an offset, as WordPress writes its own times. */
export function localTime(instant: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(instant);
  return parts.replace(' ', 'T');
}

/** UTC without saying so, as the `_gmt` fields are written. */
export function gmtTime(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}
