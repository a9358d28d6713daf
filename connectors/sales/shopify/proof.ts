import { abs } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { type DraftLine, type OrderScope, saleLines, taxOf, totalOf } from './lines.ts';
import { contradiction, shopAmount } from './money.ts';
import type { LineItem, OrderPayload, RefundPayload } from './payload.ts';
import { linesWithout, matchRepaid, type Removed, type Repaid, type RepaidLines } from './repaid.ts';
import { wasPaid } from './tenders.ts';

/** What an order's own refunds come to: money paid back, and the lines given back (they differ by discrepancies). */
export interface RefundSums {
  money: bigint;
  listed: bigint;
}

export interface ProvenLines {
  lines: DraftLine[];
  /** Units or shipping were removed by an edit, so `total_price` no longer tells what is sold. */
  edited: boolean;
  /** What refunds of the order paid back because an edit had removed it. */
  repaid: RepaidLines;
}

/** What the proof has to know of the order's refunds. */
export interface RefundFigures {
  /** Money that neither the refund's own lines nor its adjustments explain. */
  unexplained(refund: RefundPayload): bigint;
  sums(repaid: RepaidLines): RefundSums;
}

const NOTHING_REPAID: RepaidLines = new Map();

/**
 * The lines that are really sold, proved against the payload's own totals. An untouched order must come to
 * `total_price`; after an edit what is left must come to `current_total_price` plus what was refunded. Refunded units
 * stay sold: the refund takes them back by its own event, and so do removed ones that a refund has repaid. Throws
 * ConnectorError PAYLOAD_CONTRADICTS_ITSELF.
 */
export function provenLines(order: OrderPayload, scope: OrderScope, refunds: RefundFigures): ProvenLines {
  const removed = order.line_items.map((item) => removedUnits(item, order));
  const unsent = (order.shipping_lines ?? []).map((line) => (line.is_removed === true ? 1n : 0n));
  const full = saleLines(order, scope, (item) => BigInt(item.quantity));
  const edited = order.edited === true || [...removed, ...unsent].some((units) => units > 0n);
  const stated = statedTotal(order, scope);
  if (!edited) {
    const lines = [full, withoutChannelTax(full, scope)].find((each) => totalOf(each) === stated);
    if (!lines) throw doesNotAddUp(scope, 'total_price', totalOf(full), stated);
    proveTax(order, scope, full);
    return { lines, edited: false, repaid: NOTHING_REPAID };
  }
  return {
    ...provenAfterEdit(order, scope, { full, removed: [...removed, ...unsent], stated, refunds }),
    edited: true,
  };
}

type EditProof = Pick<ProvenLines, 'lines' | 'repaid'>;

function provenAfterEdit(
  order: OrderPayload,
  scope: OrderScope,
  found: { full: DraftLine[]; removed: Removed; stated: bigint; refunds: RefundFigures },
): EditProof {
  const sold = linesWithout(order, scope, found.removed);
  const unrepaid = { lines: sold, repaid: NOTHING_REPAID };
  const where = `${scope.subject}, current_total_price`;
  const hasCurrent = Boolean(order.current_total_price_set ?? order.current_total_price);
  if (!hasCurrent) {
    if (totalOf(sold) === found.stated || totalOf(found.full) === found.stated) return unrepaid;
    throw doesNotAddUp(scope, 'total_price', totalOf(sold), found.stated);
  }
  const current = shopAmount(order.current_total_price_set, order.current_total_price, scope.currency, where);
  const matched = matchRepaid(order, scope, found.removed, found.refunds.unexplained);
  const refunds = found.refunds.sums(matched.lines);
  const target = current + refunds.money;
  const proof = fittingLines(order, scope, { sold, full: found.full, matched, current, refunds });
  if (proof) return proof;
  if (totalOf(sold) === found.stated) return unrepaid;
  const evened = evenedOut(sold, target, found.removed);
  if (evened) return { lines: evened, repaid: NOTHING_REPAID };
  throw doesNotAddUp(scope, 'current_total_price with refunds', totalOf(sold), target);
}

/**
 * The lines that come to `current_total_price` with what was refunded. What a refund repaid after an edit is still sold,
 * and that refund takes it back; where it cannot be told line by line, everything is still sold, and the refund is an
 * amount. Discrepancies may or may not be part of the current total.
 */
function fittingLines(
  order: OrderPayload,
  scope: OrderScope,
  found: { sold: DraftLine[]; full: DraftLine[]; matched: Repaid; current: bigint; refunds: RefundSums },
): EditProof | undefined {
  const { sold, full, matched, current, refunds } = found;
  const target = current + refunds.money;
  if (totalOf(sold) === target) return { lines: sold, repaid: NOTHING_REPAID };
  const repaid = { lines: linesWithout(order, scope, matched.open), repaid: matched.lines };
  if (totalOf(repaid.lines) === target) return repaid;
  if (totalOf(full) === target) return { lines: full, repaid: matched.lines };
  return totalOf(sold) === current + refunds.listed ? repaid : undefined;
}

/** A marketplace that keeps the tax it collects may leave it out of the order's total (accounting.md C14a). */
function withoutChannelTax(lines: readonly DraftLine[], scope: OrderScope): DraftLine[] {
  if (scope.inclusive) return [...lines];
  return lines.map((line) => ({ ...line, taxes: line.taxes.filter((tax) => tax.collectedBy === 'merchant') }));
}

/** Names what was added up, for the message. */
function doesNotAddUp(scope: OrderScope, field: string, total: bigint, stated: bigint): ConnectorError {
  const what = 'the lines less discounts with tax, shipping, tips, duties and fees';
  return contradiction(scope.subject, field, { what, amount: total }, stated, scope.currency);
}

/** Taxes inside inclusive prices do not show in the total, so they are proved by themselves. */
function proveTax(order: OrderPayload, scope: OrderScope, lines: readonly DraftLine[]): void {
  if (!order.total_tax_set && !order.total_tax) return;
  const stated = shopAmount(order.total_tax_set, order.total_tax, scope.currency, `${scope.subject}, total_tax`);
  const taxes = lines.flatMap((line) => line.taxes);
  const own = taxes.filter((tax) => tax.collectedBy === 'merchant').reduce((total, tax) => total + tax.amount, 0n);
  const all = taxes.reduce((total, tax) => total + tax.amount, 0n);
  // A marketplace's own tax may be left out of the order's tax.
  if (stated === all || stated === own) return;
  throw contradiction(scope.subject, 'total_tax', { what: 'the tax_lines', amount: all }, stated, scope.currency);
}

function statedTotal(order: OrderPayload, scope: OrderScope): bigint {
  if (!order.total_price_set && !order.total_price) {
    const message = `${scope.subject}: total_price is missing, so the lines cannot be proved. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'total_price' });
  }
  return shopAmount(order.total_price_set, order.total_price, scope.currency, `${scope.subject}, total_price`);
}

/**
 * Units that an edit took out: ordered − current − refunded. Where the payload leaves the refunds out but says that
 * there are some, the missing units are taken for refunded.
 */
function removedUnits(item: LineItem, order: OrderPayload): bigint {
  if (item.current_quantity === null || item.current_quantity === undefined) return 0n;
  const status = order.financial_status ?? '';
  const refunds = order.refunds;
  if ((refunds ?? []).length === 0 && /refunded$/.test(status)) return 0n;
  const refunded = (refunds ?? []).filter((refund) => wasPaid(order) || movedMoney(refund)).flatMap(unitsOf(item));
  const gone = BigInt(item.quantity) - BigInt(item.current_quantity);
  const removed = refunded.reduce((left, units) => left - units, gone);
  return removed > 0n ? removed : 0n;
}

const unitsOf = (item: LineItem) => (refund: RefundPayload) =>
  (refund.refund_line_items ?? [])
    .filter((each) => (each.line_item_id ?? each.line_item?.id) === item.id)
    .map((each) => BigInt(each.quantity));

/** Goods taken out of an unpaid order leave a refund without money: nothing will ever be given back for them. */
function movedMoney(refund: RefundPayload): boolean {
  return (refund.transactions ?? []).some((each) => each.kind === 'refund' && each.status === 'success');
}

/**
 * Our split of a line that lost units may differ from Shopify's by a rounding cent for each of its discount and taxes.
 * The stated total wins: the cents go to the tax of the first line that lost units, or to its discount.
 */
function evenedOut(lines: readonly DraftLine[], target: bigint, removed: readonly bigint[]): DraftLine[] | undefined {
  const missing = target - totalOf(lines);
  const partial = removed.filter((units) => units > 0n).length;
  const position = lines.findIndex((line) => line.discount > 0n || taxOf(line) > 0n);
  const line = lines[position];
  if (line === undefined || abs(missing) > BigInt(partial) * 2n) return undefined;
  const [tax, ...others] = line.taxes;
  const mended =
    tax !== undefined
      ? { ...line, taxes: [{ ...tax, amount: tax.amount + missing }, ...others] }
      : { ...line, discount: line.discount - missing, net: line.net + missing };
  if (mended.discount < 0n) return undefined;
  return lines.map((each, index) => (index === position ? mended : each));
}
