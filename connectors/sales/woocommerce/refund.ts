import { abs, type CanonicalEvent, makeEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { BY_HAND_BACK, gatewayTender } from './gateways.ts';
import {
  type DraftLine,
  feeKind,
  isWithin,
  itemKind,
  type OrderScope,
  plainLine,
  pricedLine,
  quantityOf,
  ratesOf,
  roundingLines,
  taxOf,
  totalOf,
} from './lines.ts';
import { contradiction, isGiven, optional, readMinor, tolerance, utcInstant } from './money.ts';
import { isTestOrder, metaText, type OrderPayload, type PricedLine, type RefundPayload } from './payload.ts';

/** An order and everything known of its refunds. */
export interface RefundSources {
  order: OrderPayload;
  details: readonly RefundPayload[] | undefined;
  isCurrent: boolean;
  /** Ids of refunds in the books. */
  known: readonly string[];
}

/**
 * Revisions of a refund: told by the order in short, told in full, deleted in the store. Each later one replaces the
 * ones before, whenever it arrives; a refund has no time of change to go by.
 */
const STAGE = { short: '0', full: '1', deleted: '2' } as const;

/** Every refund of an order: in full where its details are at hand, else its amount only, and those deleted since. */
export function refundEvents(sources: RefundSources, scope: OrderScope): CanonicalEvent[] {
  const { order, details = [], isCurrent, known } = sources;
  for (const each of details) mustBeAsListed(each, order, scope);
  const full = [...details].sort(byId).flatMap((each) => fullRefund(each, order, scope));
  const detailed = new Set(details.map((each) => each.id));
  const rest = order.refunds.filter((each) => !detailed.has(each.id)).sort(byId);
  if (!isCurrent) return [...full, ...rest.flatMap((each) => shortRefund(each, order, scope))];
  const gone = new Set([...rest.map((each) => each.id), ...known.filter((id) => !detailed.has(id))]);
  return [...full, ...[...gone].map((id) => deletedRefund(id, order, scope))];
}

/** The amount of a refund never changes, so the order lists the one that its details tell. */
function mustBeAsListed({ id, amount }: RefundPayload, order: OrderPayload, scope: OrderScope): void {
  const listed = order.refunds.find((each) => each.id === id)?.total;
  if (!isGiven(listed)) return;
  const { subject, currency, step } = scope;
  const stated = abs(readMinor(listed, currency, `${subject}, refunds.total`));
  const found = abs(readMinor(amount, currency, `refund ${id} of ${subject}, amount`));
  if (isWithin(found - stated, step - 1n)) return;
  throw contradiction(
    subject,
    'refunds.total',
    { what: `the details of refund ${id}`, amount: found },
    stated,
    currency,
  );
}

const byId = (a: { id: string }, b: { id: string }) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1);

interface Stated {
  id: string;
  revision: string;
  occurredAt: string;
  sale: string;
  currency: string;
  test: boolean;
  lines: DraftLine[];
  tenders: { kind: string; processor?: string | undefined; amount: bigint }[];
  total: bigint;
}

function refundEvent({ sale, ...stated }: Stated): CanonicalEvent {
  return makeEvent({
    version: 1,
    type: 'refund',
    channel: 'woocommerce',
    ...stated,
    order: { id: sale },
    sale: { id: sale },
  });
}

const wholeAmount = (amount: bigint) =>
  plainLine('adjustment', amount, { title: 'Refund', taxUnknown: true, restock: false });

/** `refunds[]` of an order: an amount, negative, and no day; the change of the order is the nearest we know. */
function shortRefund(
  { id, total }: OrderPayload['refunds'][number],
  order: OrderPayload,
  scope: OrderScope,
): CanonicalEvent[] {
  const amount = abs(readMinor(total ?? '0', scope.currency, `refund ${id} of ${scope.subject}, total`));
  if (amount === 0n) return [];
  const at = utcInstant(order.date_modified_gmt) ?? utcInstant(order.date_paid_gmt) ?? '';
  return [
    refundEvent({
      id,
      revision: `${STAGE.short}-${at}`,
      occurredAt: at,
      sale: order.id,
      currency: scope.currency,
      test: isTestOrder(order),
      lines: [wholeAmount(amount)],
      tenders: [{ ...gatewayTender(order.payment_method ?? ''), amount }],
      total: amount,
    }),
  ];
}

/** The refund no longer exists: nothing was given back. Its date stays that of the sale, so that it is the same fact. */
function deletedRefund(id: string, order: OrderPayload, scope: OrderScope): CanonicalEvent {
  return refundEvent({
    id,
    revision: `${STAGE.deleted}-deleted`,
    occurredAt: utcInstant(order.date_paid_gmt) ?? '',
    sale: order.id,
    currency: scope.currency,
    test: isTestOrder(order),
    lines: [],
    tenders: [],
    total: 0n,
  });
}

/**
 * A refund as its own resource tells it. `order` null: the resource is all there is, which says neither the gateway nor
 * what was sold. Throws ConnectorError `rejected` when lines and amount contradict each other.
 */
export function fullRefund(refund: RefundPayload, order: OrderPayload | null, around: OrderScope): CanonicalEvent[] {
  const subject = `refund ${refund.id}${order ? ` of ${around.subject}` : ''}`;
  const scope = { ...around, subject, rates: ratesOf(order?.tax_lines ?? [], refund.tax_lines) };
  const amount = abs(readMinor(refund.amount, scope.currency, `${subject}, amount`));
  const at = utcInstant(refund.date_created_gmt);
  if (at === undefined) {
    const message = `${subject}: date_created_gmt is no time. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'date_created_gmt' });
  }
  if (amount === 0n) return [];
  const sale = saleOf(refund, order);
  return [
    refundEvent({
      id: refund.id,
      revision: `${STAGE.full}-${at}`,
      occurredAt: at,
      sale,
      currency: scope.currency,
      test: order !== null && isTestOrder(order),
      lines: provenLines(returnedLines(refund, order, scope), amount, scope),
      tenders: [{ ...paidBackBy(refund, order), amount }],
      total: amount,
    }),
  ];
}

/** The order a refund names, in `parent_id` or, in older stores, in its links. */
function namedOrder(refund: RefundPayload): string | undefined {
  if (refund.parent_id && refund.parent_id !== '0') return refund.parent_id;
  const links = [...(refund._links?.up ?? []), ...(refund._links?.self ?? [])];
  return links.map((each) => /\/orders\/(\d+)(?:\/|$)/.exec(each.href ?? '')?.[1]).find(Boolean);
}

/** The order at hand, which has to be the one the refund names. */
function saleOf(refund: RefundPayload, order: OrderPayload | null): string {
  if (order === null) return orderOf(refund);
  const named = namedOrder(refund) ?? order.id;
  if (named === order.id) return named;
  const message = `Refund ${refund.id} belongs to order ${named}, but was read for order ${order.id}. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: 'parent_id' });
}

/** The order a refund belongs to, from its own fields. Throws `rejected` when none says. */
export function orderOf(refund: RefundPayload): string {
  const found = namedOrder(refund);
  if (found !== undefined) return found;
  const message = `Refund ${refund.id} names no order: neither parent_id nor its links do. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'parent_id' });
}

/** Without the gateway's doing (`refunded_payment`) the money went back by hand, whatever the order was paid with. */
function paidBackBy(refund: RefundPayload, order: OrderPayload | null) {
  if (order === null) return BY_HAND_BACK;
  const way = gatewayTender(order.payment_method ?? '');
  return refund.refunded_payment === true || way.processor === 'manual' ? way : BY_HAND_BACK;
}

/** Lines given back, positive; the resource states quantities and totals negative. */
function returnedLines(refund: RefundPayload, order: OrderPayload | null, scope: OrderScope): DraftLine[] {
  const items = refund.line_items.map((item, index) => {
    const sold = soldAs(order?.line_items ?? [], item);
    const kind = itemKind(sold ?? item);
    const line = pricedLine(kind, item, item.name, scope, `line_items[${index}]`);
    // A line of no pieces gives back money only.
    const isReturned = !/^-?0*(\.0*)?$/.test(item.quantity?.trim() ?? '');
    const restock = isReturned && metaText(sold?.meta_data ?? [], '_restock_refunded_items') !== undefined;
    return { ...line, ...idOf(item), ...optional('sku', item.sku), quantity: quantityOf(item), restock };
  });
  const shipping = refund.shipping_lines.map((line, index) => {
    const read = pricedLine('shipping', line, line.method_title, scope, `shipping_lines[${index}]`);
    return { ...read, ...idOf(line), restock: false };
  });
  const fees = refund.fee_lines.map((line, index) => {
    const kind = feeKind(soldAs(order?.fee_lines ?? [], line) ?? line, scope);
    return { ...pricedLine(kind, line, line.name, scope, `fee_lines[${index}]`), ...idOf(line), restock: false };
  });
  return [...items, ...shipping, ...fees].map(turned).filter((line) => line.net !== 0n || taxOf(line) !== 0n);
}

const soldId = (line: PricedLine) => metaText(line.meta_data, '_refunded_item_id');
const idOf = (line: PricedLine) => optional('id', soldId(line) ?? line.id);

function soldAs<Sold extends PricedLine>(sold: readonly Sold[], line: PricedLine): Sold | undefined {
  const id = soldId(line);
  return id === undefined ? undefined : sold.find((each) => each.id === id);
}

function turned(line: DraftLine): DraftLine {
  const taxes = line.taxes.map((tax) => ({ ...tax, amount: -tax.amount }));
  return { ...line, listNet: -line.listNet, net: -line.net, taxes };
}

/**
 * Lines that come to the money paid back. The store lets the amount differ from the lines: what was given beyond them
 * is an amount with unknown tax (accounting.md A8). What was kept of them can be told only where no line bears tax.
 */
function provenLines(lines: DraftLine[], amount: bigint, scope: OrderScope): DraftLine[] {
  if (lines.length === 0) return [wholeAmount(amount)];
  const found = { what: 'its lines with their taxes', amount: totalOf(lines) };
  // Lines with the sign turned would be taken away twice.
  if (found.amount < 0n) throw contradiction(scope.subject, 'amount', found, amount, scope.currency);
  const difference = amount - found.amount;
  if (isWithin(difference, tolerance(lines.length, scope.step))) return [...lines, ...roundingLines(difference)];
  if (difference > 0n) return [...lines, wholeAmount(difference)];
  if (sum(lines.map((line) => abs(taxOf(line)))) === 0n) {
    return [...lines, plainLine('adjustment', difference, { title: 'Kept of the refund', restock: false })];
  }
  throw contradiction(scope.subject, 'amount', found, amount, scope.currency);
}
