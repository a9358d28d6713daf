import { random } from '../../../kit/random.ts';
import { capitalId, uuid } from './ids.ts';
import type { QuantityUnit } from './wire.ts';

/** A tax of the catalogue; the percentage as Square writes it. */
export interface CatalogTax {
  id: string;
  name: string;
  percentage: string;
  type: 'ADDITIVE' | 'INCLUSIVE';
}

/** What can be sold: one variation of an item. Price in cents for one, or for one pound. */
export interface Article {
  id: string;
  itemId: string;
  sku: string;
  name: string;
  variation: string;
  price: bigint;
  taxes: CatalogTax[];
  /** Sold by weight. */
  unit?: QuantityUnit;
  /** Whether modifiers can be chosen for it. */
  drink: boolean;
}

/** Something that is added to a drink; price in cents. */
export interface CatalogModifier {
  id: string;
  name: string;
  price: bigint;
}

export interface Location {
  id: string;
  name: string;
  address: { address_line_1: string; locality: string; postal_code: string };
  device: { id: string; name: string };
  bankAccount: string;
  team: string[];
}

/** One seller with two shops and one till in each. */
export interface Cafe {
  merchantId: string;
  name: string;
  country: string;
  currency: string;
  timeZone: string;
  language: string;
  /** The first is the main location. */
  locations: Location[];
  articles: Article[];
  modifiers: CatalogModifier[];
  taxes: CatalogTax[];
  /** Version of everything in the catalogue, milliseconds. */
  catalogVersion: bigint;
  createdAt: string;
}

type Row = [sku: string, name: string, variation: string, price: bigint, tax: 'sales' | 'included' | 'none'];

const ROWS: Row[] = [
  ['ESPRESSO', 'Espresso', 'Single', 325n, 'sales'],
  ['LATTE-12', 'Latte', '12 oz', 495n, 'sales'],
  ['COLDBREW-16', 'Cold Brew', '16 oz', 550n, 'sales'],
  ['CROISSANT', 'Butter Croissant', 'Regular', 445n, 'sales'],
  ['SANDWICH-TURKEY', 'Turkey Sandwich', 'Regular', 1195n, 'sales'],
  ['MUG-ENAMEL', 'Enamel Mug', 'White', 1650n, 'sales'],
  ['POSTCARD', 'Brooklyn Postcard', 'A6', 250n, 'included'],
  ['WATER-05', 'Spring Water', '500 ml', 200n, 'included'],
  ['LOAF-SOUR', 'Sourdough Loaf', 'Whole', 850n, 'none'],
  ['BEANS-LB', 'House Blend Beans', 'Per pound', 1899n, 'none'],
];

const POUND: QuantityUnit = {
  measurement_unit: { weight_unit: 'IMPERIAL_POUND', type: 'TYPE_WEIGHT' },
  precision: 3,
};

/** Daybook Café of New York; the seed decides its ids only. */
export function simulatedCafe(seed: number): Cafe {
  const chance = random(seed, 'cafe');
  const id = () => capitalId(chance, 24);
  const taxes: CatalogTax[] = [
    { id: id(), name: 'NYC Sales Tax', percentage: '8.875', type: 'ADDITIVE' },
    { id: id(), name: 'NYC Sales Tax (included)', percentage: '8.875', type: 'INCLUSIVE' },
  ];
  const taxesOf = { sales: [taxes[0]!], included: [taxes[1]!], none: [] };
  return {
    merchantId: `ML${capitalId(chance, 11)}`,
    name: 'Daybook Café',
    country: 'US',
    currency: 'USD',
    timeZone: 'America/New_York',
    language: 'en-US',
    locations: [
      location(chance, 'Daybook Café Brooklyn', '214 Court Street', 'Brooklyn', '11201'),
      location(chance, 'Daybook Café Queens', '31-18 Ditmars Boulevard', 'Queens', '11105'),
    ],
    articles: ROWS.map(([sku, name, variation, price, tax]) => ({
      id: id(),
      itemId: id(),
      sku,
      name,
      variation,
      price,
      taxes: taxesOf[tax],
      drink: ['ESPRESSO', 'LATTE-12', 'COLDBREW-16'].includes(sku),
      ...(sku === 'BEANS-LB' ? { unit: POUND } : {}),
    })),
    modifiers: [
      { id: id(), name: 'Oat milk', price: 75n },
      { id: id(), name: 'Extra shot', price: 110n },
      { id: id(), name: 'No sugar', price: 0n },
    ],
    taxes,
    catalogVersion: 1_767_369_600_123n,
    createdAt: '2024-03-04T15:20:11.482Z',
  };
}

function location(
  chance: ReturnType<typeof random>,
  name: string,
  street: string,
  city: string,
  zip: string,
): Location {
  return {
    id: `L${capitalId(chance, 12)}`,
    name,
    address: { address_line_1: street, locality: city, postal_code: zip },
    device: { id: `device:${uuid(chance)}`, name: `${city} till` },
    bankAccount: `bact:${capitalId(chance, 19)}`,
    team: [`TM${capitalId(chance, 14)}`, `TM${capitalId(chance, 14)}`],
  };
}
