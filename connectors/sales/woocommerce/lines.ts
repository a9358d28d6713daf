import { abs, allocate, type EventLine, sum } from '@daybook/domain';
import { contradiction, isGiven, percentOf, readRounded, tolerance, weightOf } from './money.ts';
import { type FeeLine, type LineItem, metaValue, type OrderPayload, type PricedLine, type TaxLine } from './payload.ts';

/** What every reading of one order needs: its name for messages, its currency, and its tax rates by their id. */
export interface OrderScope {
  subject: string;
  currency: string;
  /** The smallest step in which the store states amounts, minor units. */
  step: bigint;
  rates: ReadonlyMap<string, { name: string; rate: string | null }>;
}

export interface DraftTax {
  name: string;
  rate: string | null;
  amount: bigint;
}
/** A line of a sale or refund before `makeEvent` has checked it. */
export interface DraftLine {
  kind: EventLine['kind'];
  id?: string | undefined;
  sku?: string | undefined;
  title?: string | undefined;
  quantity: string;
  listNet: bigint;
  discount: bigint;
  net: bigint;
  taxes: DraftTax[];
  restock?: boolean;
  taxUnknown?: boolean;
}

/** Net and taxes of lines together, minor units. */
export function totalOf(lines: readonly DraftLine[]): bigint {
  return sum(lines.map((line) => line.net + taxOf(line)));
}

/** Taxes of one line, minor units. */
export function taxOf(line: Pick<DraftLine, 'taxes'>): bigint {
  return sum(line.taxes.map((tax) => tax.amount));
}

/** Rates by id. `rate_percent` came with version 3.7; older stores only name the rate, and its percent stays unknown. */
export function ratesOf(...taxLines: (readonly TaxLine[])[]): OrderScope['rates'] {
  return new Map(
    taxLines
      .flat()
      .map((each) => [
        each.rate_id ?? '',
        { name: each.label || each.rate_code || 'Tax', rate: percentOf(each.rate_percent) },
      ]),
  );
}

/** A plain line: no discount, taxes on top. */
export function plainLine(kind: DraftLine['kind'], net: bigint, rest: Partial<DraftLine> = {}): DraftLine {
  return { kind, quantity: '1', listNet: net, discount: 0n, net, taxes: [], ...rest };
}

/**
 * Taxes of a line. `total_tax` is what the line bears, rounded as the store rounds; the unrounded amounts per rate say
 * how it divides (largest remainder, accounting.md A6). A rate with an empty amount does not apply to the line. Throws
 * ConnectorError `rejected` when the rates come to another tax.
 */
export function lineTaxes(line: PricedLine, scope: OrderScope, where: string): DraftTax[] {
  const applied = line.taxes.filter((each) => isGiven(each.total));
  const ofRates = sum(
    applied.map((each) => readRounded(each.total, scope.currency, `${scope.subject}, ${where}.taxes.total`)),
  );
  const stated = isGiven(line.total_tax)
    ? readRounded(line.total_tax, scope.currency, `${scope.subject}, ${where}.total_tax`)
    : ofRates;
  // A line that bears no tax has none to divide, whatever its rates were worked out for.
  if (stated !== 0n && applied.length > 0 && !isWithin(stated - ofRates, tolerance(applied.length, scope.step))) {
    const found = { what: 'the taxes of its rates', amount: ofRates };
    throw contradiction(scope.subject, `${where}.total_tax`, found, stated, scope.currency);
  }
  if (applied.length === 0) {
    const only = scope.rates.size === 1 ? [...scope.rates.values()][0] : undefined;
    return stated === 0n ? [] : [{ ...(only ?? { name: 'Tax', rate: null }), amount: stated }];
  }
  const parts = allocate(
    stated,
    applied.map((each) => weightOf(each.total)),
  );
  return applied.map((each, index) => ({
    ...(scope.rates.get(each.id ?? '') ?? { name: 'Tax', rate: null }),
    amount: parts[index] ?? 0n,
  }));
}

/**
 * Every line of an order: goods and gift cards, shipping, tips, donations and other fees. Line totals are without tax
 * however the catalogue was entered. Negative fees are reductions that the store made; they stay negative lines.
 */
export function saleLines(order: OrderPayload, scope: OrderScope): DraftLine[] {
  return [
    ...order.line_items.map((item, index) => itemLine(item, scope, `line_items[${index}]`)),
    ...order.shipping_lines.map((line, index) =>
      pricedLine('shipping', line, line.method_title, scope, `shipping_lines[${index}]`),
    ),
    ...order.fee_lines.map((line, index) =>
      pricedLine(feeKind(line, scope), line, line.name, scope, `fee_lines[${index}]`),
    ),
  ].filter((line) => line.kind !== 'shipping' || line.net !== 0n || taxOf(line) !== 0n);
}

/** `subtotal` is before discounts, `total` after; a price raised by hand leaves the subtotal below, and is no discount. */
function itemLine(item: LineItem, scope: OrderScope, where: string): DraftLine {
  const net = readRounded(item.total, scope.currency, `${scope.subject}, ${where}.total`);
  const listed = readRounded(item.subtotal ?? item.total, scope.currency, `${scope.subject}, ${where}.subtotal`);
  const discount = listed > net ? listed - net : 0n;
  return {
    kind: itemKind(item),
    id: item.id ?? undefined,
    sku: item.sku || undefined,
    title: plainText(item.name),
    quantity: quantityOf(item),
    listNet: net + discount,
    discount,
    net,
    taxes: lineTaxes(item, scope, where),
  };
}

/** A line with a total and taxes only, as shipping and fees are. */
export function pricedLine(
  kind: DraftLine['kind'],
  line: PricedLine,
  title: string | null | undefined,
  scope: OrderScope,
  where: string,
): DraftLine {
  const net = readRounded(line.total, scope.currency, `${scope.subject}, ${where}.total`);
  return plainLine(kind, net, {
    id: line.id ?? undefined,
    title: plainText(title),
    taxes: lineTaxes(line, scope, where),
  });
}

/** Pieces, fractions included; where a plugin writes nothing sensible, one. */
export function quantityOf(item: Pick<LineItem, 'quantity'>): string {
  const text = (item.quantity ?? '').trim().replace(/^-/, '');
  return /^\d+(\.\d+)?$/.test(text) && !/^0+(\.0+)?$/.test(text) ? text : '1';
}

/** Keys that gift card plugins write on a line that sells one: WooCommerce Gift Cards, PW Gift Cards, YITH. */
const GIFT_CARD_KEYS = [
  'wc_gc_giftcard_to',
  'wc_gc_giftcard_to_multiple',
  'wc_gc_giftcard_amount',
  'pw_gift_card_amount',
  '_ywgc_gift_card_code',
];

/** Product or gift card, by what the plugins leave on the line. */
export function itemKind(item: Pick<LineItem, 'meta_data'>): DraftLine['kind'] {
  return metaValue(item.meta_data, ...GIFT_CARD_KEYS) === undefined ? 'product' : 'gift_card';
}

/** A fee is whatever a plugin adds; by its name it may be a tip or a donation, which are never taxed (accounting.md C3). */
export function feeKind(line: FeeLine, scope: OrderScope): DraftLine['kind'] {
  const where = `${scope.subject}, fee_lines`;
  const net = readRounded(line.total, scope.currency, where);
  if (net === 0n || readRounded(line.total_tax, scope.currency, where) !== 0n) return 'fee';
  if (/\b(tips?|gratuity|trinkgeld|pourboire|propina|mancia)\b/i.test(line.name ?? '')) return 'tip';
  return /\b(donations?|spende|don)\b/i.test(line.name ?? '') ? 'donation' : 'fee';
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  times: '×',
  hellip: '…',
};

/** Names come out of WordPress with HTML entities in them. */
function plainText(text: string | null | undefined): string | undefined {
  const plain = (text ?? '').replace(/&(?:#(\d{1,6})|([a-z]+));/g, (whole, code?: string, name?: string) =>
    code === undefined ? (ENTITIES[name ?? ''] ?? whole) : String.fromCodePoint(Number.parseInt(code, 10)),
  );
  return plain || undefined;
}

/** The line that makes up for the store's own rounding, where there is any. */
export function roundingLines(difference: bigint): DraftLine[] {
  return difference === 0n ? [] : [plainLine('rounding', difference, { title: 'Rounding' })];
}

/** Whether a difference is no more than rounding. */
export function isWithin(difference: bigint, limit: bigint): boolean {
  return abs(difference) <= limit;
}
