import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { plainLine, totalOf } from './lines.ts';
import { contradiction, currencyOf, instantOf, minor, optional, revisionOf, type Scope, shown } from './money.ts';
import { hasLines, orderScope, type Surroundings, type Weighed, weigh } from './order.ts';
import type { OrderPayload, PaymentPayload } from './payload.ts';
import { type DraftTender, paidBy, paymentTender, takenFor } from './tenders.ts';

export type Outcome = { events: CanonicalEvent[] } | { ignored: string; needs?: string };

/**
 * An order as its sale, once money was taken for it or it is complete without any; a cancelled one as a void; what came
 * back against new goods as refunds. Throws ConnectorError: `rejected` when its figures contradict each other,
 * `retryable` when its lines are not there yet although it was paid.
 */
export function normalizeOrder(order: OrderPayload, around: Surroundings): Outcome {
  if (isBlank(order, around)) return { ignored: `order ${order.id} has no lines and nothing was paid for it` };
  const scope = orderScope(order, around);
  const { subject } = scope;
  if (order.state === 'DRAFT') return { ignored: `${subject} is a draft` };
  const taken = takenFor(order, around.payments, scope);
  if (taken.unknown) {
    return { ignored: `needs payments: ${subject} does not say whether its payment was completed`, needs: 'payments' };
  }
  const unpaid = taken.tenders.length === 0;
  if (order.state === 'CANCELED' && unpaid) return { events: [voidEvent(order, scope, around)] };
  if (!hasLines(order)) return withoutLines(order, unpaid, scope);
  const weighed = weigh(order, around, scope);
  const isComplete = order.state === 'COMPLETED';
  const due = weighed.total - weighed.paid - weighed.exchanged;
  if (unpaid && !(isComplete && due === 0n)) return { ignored: whyUnpaid(order, weighed, scope) };
  if (due < 0n || (isComplete && due > 0n)) throw unsettled(weighed, isComplete, scope);
  const sale = saleEvent(order, weighed, due, scope, around);
  // What was paid back in money is told by a refund; what only paid for new goods is told by nothing else.
  const isSwap = weighed.exchanged > 0n && weighed.exchanged === weighed.returned;
  return { events: [sale, ...(isSwap ? exchangedReturns(order, weighed, scope, around) : [])] };
}

/** A payment without an order: one line, its tax not told. The sale has the payment's id. */
export function paymentSale(payment: PaymentPayload, around: Surroundings): CanonicalEvent {
  const subject = `payment ${payment.id}`;
  const currency = currencyOf(subject, [payment.total_money, payment.amount_money], around.currency);
  const scope = { subject, currency };
  const total = paidBy(payment, scope);
  const tip = minor(payment.tip_money, scope, 'tip_money');
  return makeEvent({
    ...common(scope, around),
    type: 'sale',
    id: payment.id,
    revision: revisionOf(subject, undefined, payment.updated_at, payment.created_at),
    occurredAt: instantOf(subject, 'created_at', payment.created_at),
    ...placed(payment),
    ...registerOf([payment]),
    pricesIncludeTax: false,
    lines: [
      plainLine('product', total - tip, payment.note || 'Custom amount'),
      ...(tip === 0n ? [] : [plainLine('tip', tip, 'Tip')]),
    ],
    tenders: [paymentTender(payment, scope)],
    total,
    due: 0n,
  });
}

/** Fields that every event of this connection has. */
export function common({ currency }: Pick<Scope, 'currency'>, { test }: Pick<Surroundings, 'test'>) {
  return { version: 1, channel: 'square', currency, test } as const;
}

/** The value of returned goods as a tender: the bridge of accounting.md C12. */
export function bridge(amount: bigint): DraftTender[] {
  return amount === 0n ? [] : [{ kind: 'store_credit', processor: 'exchange', amount }];
}

/** Location and customer of an object that names them. */
export function placed(object: { location_id?: string | null | undefined; customer_id?: string | null | undefined }) {
  return {
    ...(object.location_id ? { location: { id: object.location_id } } : {}),
    ...(object.customer_id ? { customer: { id: object.customer_id } } : {}),
  };
}

/** Made and not filled yet; it may not even name its currency. */
function isBlank(order: OrderPayload, { payments }: Surroundings): boolean {
  const isPaid = order.tenders.length > 0 || payments.some((payment) => payment.order_id === order.id);
  return !hasLines(order) && order.returns.length === 0 && !isPaid;
}

/** In the first seconds after a payment its order may come without lines. */
function withoutLines(order: OrderPayload, unpaid: boolean, { subject }: Scope): Outcome {
  if (order.returns.length > 0) {
    return { ignored: `${subject} only says what was returned: its refund is booked with it` };
  }
  if (unpaid) return { ignored: `${subject} has no lines, and its payment was not completed` };
  throw incomplete(subject, 'what was sold in it');
}

/** The passing fault of an order that Square has not finished writing. */
export function incomplete(subject: string, what: string): ConnectorError {
  const message = `${subject}: money moved, but Square does not list ${what} yet. It is read again in a while.`;
  return new ConnectorError('retryable', message, { code: 'CHANNEL_OBJECT_INCOMPLETE', subject });
}

function unsettled({ paid, exchanged, total }: Weighed, isComplete: boolean, scope: Scope): ConnectorError {
  const remark = isComplete ? 'A completed order is paid in full.' : '';
  const found = { what: 'its tenders', amount: paid + exchanged };
  return contradiction(scope, 'total_money with tips and rounding', found, total, remark);
}

function whyUnpaid(order: OrderPayload, { taken, total }: Weighed, { subject, currency }: Scope): string {
  if (order.tenders.length > taken.tenders.length) {
    return `${subject} is authorised, not captured: an authorisation is not money; the capture will book the sale`;
  }
  return `${subject} over ${shown(total, currency)} is not paid yet: its completed payment will book it`;
}

function saleEvent(
  order: OrderPayload,
  { lines, taken, total, exchanged }: Weighed,
  due: bigint,
  scope: Scope,
  around: Surroundings,
): CanonicalEvent {
  const applied = order.taxes.filter(({ uid }) => isApplied(order, uid));
  return makeEvent({
    ...common(scope, around),
    type: 'sale',
    id: order.id,
    revision: orderRevision(order, scope),
    occurredAt: instantOf(scope.subject, 'created_at', taken.at, order.closed_at, order.created_at),
    ...numbered(order),
    ...placed(order),
    ...registerOf(around.payments.filter((payment) => payment.order_id === order.id)),
    pricesIncludeTax: applied.length > 0 && applied.every((tax) => tax.type === 'INCLUSIVE'),
    lines,
    tenders: [...taken.tenders, ...bridge(exchanged)],
    total,
    due,
  });
}

function voidEvent(order: OrderPayload, scope: Scope, around: Surroundings): CanonicalEvent {
  return makeEvent({
    ...common(scope, around),
    type: 'void',
    id: order.id,
    revision: orderRevision(order, scope),
    occurredAt: instantOf(scope.subject, 'closed_at', order.closed_at, order.updated_at, order.created_at),
    ...numbered(order),
    ...placed(order),
    sale: { id: order.id },
  });
}

/** What came back against new goods without any money: a refund of its own, keyed on order and return. */
function exchangedReturns(
  order: OrderPayload,
  { returns }: Weighed,
  scope: Scope,
  around: Surroundings,
): CanonicalEvent[] {
  return order.returns.map((each, index) => {
    const lines = returns[index] ?? [];
    const total = totalOf(lines);
    return makeEvent({
      ...common(scope, around),
      type: 'refund',
      id: `${order.id}:${each.uid ?? index}`,
      revision: orderRevision(order, scope),
      occurredAt: instantOf(scope.subject, 'closed_at', order.closed_at, order.created_at),
      ...placed(order),
      sale: each.source_order_id ? { id: each.source_order_id } : null,
      lines,
      tenders: bridge(total),
      total,
    });
  });
}

function orderRevision(order: OrderPayload, { subject }: Scope): string {
  return revisionOf(subject, order.version, order.updated_at, order.closed_at, order.created_at);
}

function numbered(order: OrderPayload) {
  return { order: { id: order.id, ...optional('number', order.reference_id) } };
}

function isApplied(order: OrderPayload, uid: string | null | undefined): boolean {
  return [...order.line_items, ...order.service_charges].some((each) =>
    each.applied_taxes.some((tax) => tax.tax_uid === uid),
  );
}

/** The till, which only payments name. */
function registerOf(payments: readonly PaymentPayload[]): Record<string, string> {
  const devices = payments.map(({ device_details: device }) => device?.device_name || device?.device_id);
  return optional('register', devices.find(Boolean));
}
