import { allocate, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { type DraftLine, type DraftTax, itemDiscount, type OrderScope, plainLine, readTaxes } from './lines.ts';
import { exactId, type Side, setAmount, share, shopAmount } from './money.ts';
import type { LineItem, MoneySet, OrderPayload, RefundLineItem, RefundPayload, TaxLine } from './payload.ts';

/** One reading of a refund's figures; the money that flowed proves which one holds. */
export interface Reading {
  /** `subtotal` of goods contains the tax. */
  goodsInclusive: boolean;
  /** `subtotal_amount` of shipping contains the tax. */
  shippingInclusive: boolean;
  /** The discrepancy entries count; those of a refund that was pending only stood for money yet to come. */
  discrepancy: boolean;
}

/** A refund seen from one side, shop or buyer, in that side's currency. */
export interface RefundView {
  refund: RefundPayload;
  order: OrderPayload | null;
  scope: OrderScope;
  side: Side;
}

/** Lines given back, positive, by one reading; empty when the refund says nothing but an amount. */
export function refundLines(view: RefundView, reading: Reading): DraftLine[] {
  const lines = [
    ...goodsLines(view, reading.goodsInclusive),
    ...shippingLines(view, reading.shippingInclusive),
    ...amountLine(view, 'duty', 'Duties', view.refund.total_duties_set, view.refund.duties),
    ...amountLine(view, 'fee', 'Additional fees', view.refund.total_additional_fees_set, undefined),
  ];
  return [...lines, ...(reading.discrepancy ? discrepancyLine(view) : [])];
}

function goodsLines(view: RefundView, inclusive: boolean): DraftLine[] {
  return (view.refund.refund_line_items ?? []).map((item, index) => {
    const where = `refund_line_items[${index}]`;
    const sold = soldItem(view, item);
    const { subtotal, tax } = goodsAmounts(view, item, sold, where);
    return plainLine(sold.gift_card === true ? 'gift_card' : 'product', inclusive ? subtotal - tax : subtotal, {
      id: exactId(item.line_item_id ?? sold.id, sold.admin_graphql_api_id),
      sku: sold.sku || undefined,
      title: sold.title ?? sold.name ?? undefined,
      quantity: item.quantity,
      taxes: splitTax(view, tax, sold.tax_lines, `${where}.line_item`),
      restock: isRestocked(item, view.refund),
    });
  });
}

function isRestocked(item: RefundLineItem, refund: RefundPayload): boolean {
  if (!item.restock_type) return refund.restock === true;
  return ['return', 'cancel', 'legacy_restock'].includes(item.restock_type);
}

/** The line that was sold: as the refund repeats it, else as the order has it. */
function soldItem(view: RefundView, item: RefundLineItem): Partial<LineItem> {
  if (item.line_item?.price || item.line_item?.price_set) return item.line_item;
  const id = item.line_item_id ?? item.line_item?.id;
  const sold = view.order?.line_items.find(
    (each) => each.id === id || exactId(each.id, each.admin_graphql_api_id) === id,
  );
  return sold ?? item.line_item ?? {};
}

/** The refund's own amounts; API versions before 2018 give none, then those of the sold line by quantity (A8). */
function goodsAmounts(
  view: RefundView,
  item: RefundLineItem,
  sold: Partial<LineItem>,
  where: string,
): { subtotal: bigint; tax: bigint } {
  if (item.subtotal_set || item.subtotal) {
    return {
      subtotal: sideAmount(view, item.subtotal_set, item.subtotal, `${where}.subtotal`),
      tax: sideAmount(view, item.total_tax_set, item.total_tax, `${where}.total_tax`),
    };
  }
  const units = BigInt(item.quantity);
  const ordered = BigInt(sold.quantity ?? item.quantity);
  const price = sideAmount(view, sold.price_set, sold.price, `${where}.line_item.price`);
  const discount = share(itemDiscount(sold, view.scope, `${where}.line_item`), units, ordered);
  const taxes = readTaxes(sold.tax_lines, view.scope, `${where}.line_item`);
  return {
    subtotal: price * units - discount,
    tax: sum(taxes.map((tax) => share(tax.amount, units, ordered))),
  };
}

/**
 * Refunded shipping stands in `refund_shipping_lines` and, the same fact again, in a `shipping_refund` adjustment with
 * the opposite sign; old versions have the adjustment only. The tax may stand in the adjustment alone.
 */
function shippingLines(view: RefundView, inclusive: boolean): DraftLine[] {
  const adjustments = (view.refund.order_adjustments ?? []).filter(isShipping);
  const read = (set: MoneySet | null | undefined, plain: string | null | undefined, field: string) =>
    -sideAmount(view, set, plain, `order_adjustments.${field}`);
  const adjustedTax = sum(adjustments.map((each) => read(each.tax_amount_set, each.tax_amount, 'tax_amount')));
  const lines = view.refund.refund_shipping_lines ?? [];
  if (lines.length === 0) {
    const amount = sum(adjustments.map((each) => read(each.amount_set, each.amount, 'amount')));
    if (amount === 0n && adjustedTax === 0n) return [];
    const sold = view.order?.shipping_lines?.find((each) => each.is_removed !== true);
    const taxes = splitTax(view, adjustedTax, sold?.tax_lines, 'shipping_lines[0]');
    return [
      plainLine('shipping', inclusive ? amount - adjustedTax : amount, { title: 'Shipping', taxes, restock: false }),
    ];
  }
  const stated = lines.some((line) => line.tax_amount_set);
  return lines.map((line, index) => {
    const where = `refund_shipping_lines[${index}]`;
    const subtotal = sideAmount(view, line.subtotal_amount_set, undefined, where);
    const own = stated ? sideAmount(view, line.tax_amount_set, undefined, where) : index === 0 ? adjustedTax : 0n;
    return plainLine('shipping', inclusive ? subtotal - own : subtotal, {
      id: exactId(line.shipping_line_id ?? line.shipping_line?.id, line.shipping_line?.admin_graphql_api_id),
      title: line.shipping_line?.title ?? 'Shipping',
      taxes: splitTax(view, own, line.shipping_line?.tax_lines, `${where}.shipping_line`),
      restock: false,
    });
  });
}

const isShipping = (adjustment: { kind?: string | null | undefined; reason?: string | null | undefined }) =>
  adjustment.kind === 'shipping_refund' || /^shipping.refund$/i.test(adjustment.reason ?? '');

function amountLine(
  view: RefundView,
  kind: DraftLine['kind'],
  title: string,
  total: MoneySet | null | undefined,
  parts: readonly { amount_set?: MoneySet | null | undefined }[] | undefined,
): DraftLine[] {
  const stated = total ? sideAmount(view, total, undefined, title) : 0n;
  const amount =
    stated !== 0n ? stated : sum((parts ?? []).map((part) => sideAmount(view, part.amount_set, undefined, title)));
  return amount === 0n ? [] : [plainLine(kind, amount, { title, restock: false })];
}

/**
 * What a merchant paid back beyond the lines (entry negative) or kept of them (positive). Its tax is rarely given; the
 * ledger then takes the order's mix (accounting.md A8).
 */
function discrepancyLine(view: RefundView): DraftLine[] {
  const { net, tax } = discrepancy(view);
  if (net === 0n && tax === 0n) return [];
  return [adjustmentLine(net, tax)];
}

/** Sum of the discrepancy entries, turned so that money given back is positive. */
export function discrepancy(view: RefundView): { net: bigint; tax: bigint } {
  const entries = (view.refund.order_adjustments ?? []).filter((each) => !isShipping(each));
  const where = 'order_adjustments';
  return {
    net: -sum(entries.map((each) => sideAmount(view, each.amount_set, each.amount, where))),
    tax: -sum(entries.map((each) => sideAmount(view, each.tax_amount_set, each.tax_amount, where))),
  };
}

/** An amount given back without a line; `tax` 0 means that nobody said how much tax is in it. */
export function adjustmentLine(net: bigint, tax: bigint): DraftLine {
  const taxes: DraftTax[] = tax === 0n ? [] : [{ name: 'Tax', rate: null, amount: tax, collectedBy: 'merchant' }];
  return plainLine('adjustment', net, { title: 'Refund', taxes, restock: false, taxUnknown: tax === 0n });
}

/** One tax amount over the rates of the sold line, by what each rate came to (accounting.md A6, largest remainder). */
function splitTax(view: RefundView, tax: bigint, taxLines: readonly TaxLine[] | undefined, where: string): DraftTax[] {
  // The buyer's side only proves the sum; names and rates are needed on the shop's side.
  const known = view.side === 'shop' ? readTaxes(taxLines, view.scope, where) : [];
  if (known.length === 0) {
    return tax === 0n ? [] : [{ name: 'Tax', rate: null, amount: tax, collectedBy: 'merchant' }];
  }
  const parts = allocate(
    tax,
    known.map((each) => each.amount),
  );
  return known.map((each, index) => ({ ...each, amount: parts[index] ?? 0n }));
}

/** An amount on the side of the view. The plain field is shop money, so it cannot stand in for the buyer's side. */
function sideAmount(
  view: RefundView,
  set: MoneySet | null | undefined,
  plain: string | null | undefined,
  field: string,
): bigint {
  const where = `${view.scope.subject}, ${field}`;
  return view.side === 'shop'
    ? shopAmount(set, plain, view.scope.currency, where)
    : (setAmount(set, 'presentment', view.scope.currency, where) ?? missingSide(plain, where));
}

function missingSide(plain: string | null | undefined, where: string): bigint {
  if (plain === null || plain === undefined || /^[0.]*$/.test(plain)) return 0n;
  const message = `${where}: is given in shop money only, but the refund was paid in the buyer's currency. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'CURRENCY_MISMATCH', subject: where });
}
