import { type CanonicalEvent, makeEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { NormalizeContext } from '../../kit/contract.ts';
import { type DraftLine, type OrderScope, plainLine, totalOf } from './lines.ts';
import { exactId, readCurrency, setAmount, shopAmount, utcInstant } from './money.ts';
import type { Movement, OrderPayload } from './payload.ts';
import { provenLines, type RefundSums } from './proof.ts';
import { normalizeRefund, type RefundContext, type RefundOutcome, unexplainedMoney } from './refund.ts';
import type { RepaidLines } from './repaid.ts';
import { type DraftTender, type SaleTotals, settle } from './tenders.ts';

export type OrderOutcome = { events: CanonicalEvent[] } | { ignored: string; needs?: string };

/**
 * One order: its sale (or the note that it was voided) and the refunds it embeds. `movements` are its transactions
 * where they were read. Throws ConnectorError `rejected` when its figures contradict each other.
 */
export function normalizeOrder(
  order: OrderPayload,
  movements: readonly Movement[] | undefined,
  settings: NormalizeContext['settings'],
): OrderOutcome {
  const id = exactId(order.id, order.admin_graphql_api_id) ?? order.id;
  const name = order.name ? `order ${order.name} (${id})` : `order ${id}`;
  const currency = readCurrency(order.currency, `${name}, currency`);
  const scope: OrderScope = { subject: name, currency, inclusive: order.taxes_included === true };
  if (order.merchant_of_record_app_id) {
    return {
      ignored: `${name} was sold by app ${order.merchant_of_record_app_id} as merchant of record: not the shop's own revenue`,
    };
  }
  const common = commonFields(order, id);
  const embedded = (exchanged: bigint, repaid: RepaidLines) =>
    embeddedRefunds(order, { order, scope, exchanged, repaid }, settings);
  const { lines, edited, repaid } = provenLines(order, scope, {
    unexplained: (refund) => unexplainedMoney(refund, order, scope),
    sums: (found) => refundSums(embedded(ANY_AMOUNT, found)),
  });
  const totals = saleTotals(order, scope, lines, edited);
  const settlement = settle(order, scope, totals, movements);
  if ('ignored' in settlement) return settlement;
  if ('voided' in settlement) return { events: [voidEvent(order, id, currency, common)] };
  const sale = saleEvent(order, id, scope, common, { lines, totals, ...settlement });
  return withRefunds(sale, embedded(exchangedIn(settlement.tenders), repaid), movements);
}

/** While the lines are proved, an exchange may explain any part of a refund; afterwards only what was exchanged. */
const ANY_AMOUNT = 10n ** 18n;

function embeddedRefunds(
  order: OrderPayload,
  context: RefundContext,
  settings: NormalizeContext['settings'],
): RefundOutcome[] {
  return (order.refunds ?? []).map((refund) => normalizeRefund(refund, context, settings, true));
}

function refundSums(outcomes: readonly RefundOutcome[]): RefundSums {
  const posted = outcomes.flatMap((each) => ('event' in each ? [each] : []));
  const money = posted.map(({ event }) => (event.type === 'refund' ? event.total : 0n));
  return { money: sum(money), listed: sum(posted.map((each) => each.listed)) };
}

function exchangedIn(tenders: readonly { processor?: string | undefined; amount: bigint }[]): bigint {
  return sum(tenders.filter((each) => each.processor === 'exchange').map((each) => each.amount));
}

function withRefunds(
  sale: CanonicalEvent,
  outcomes: readonly RefundOutcome[],
  movements: readonly Movement[] | undefined,
): OrderOutcome {
  const waiting = outcomes.find((each) => 'needs' in each && each.needs !== undefined);
  if (waiting && 'ignored' in waiting) return waiting;
  const refunds = outcomes.flatMap((each) => ('event' in each ? [each.event] : []));
  const exchanged = refunds.some((each) => each.type === 'refund' && exchangedIn(each.tenders) !== 0n);
  if (exchanged && movements === undefined) {
    return { ignored: 'needs transactions: returned goods paid for part of this order', needs: 'transactions' };
  }
  return { events: [sale, ...refunds] };
}

function saleTotals(order: OrderPayload, scope: OrderScope, lines: readonly DraftLine[], edited: boolean): SaleTotals {
  const read = (field: string) => `${scope.subject}, ${field}`;
  const rounding = shopAmount(
    order.total_cash_rounding_payment_adjustment_set,
    undefined,
    scope.currency,
    read('total_cash_rounding_payment_adjustment_set'),
  );
  const buyer = order.presentment_currency;
  const seen =
    buyer && buyer !== scope.currency
      ? setAmount(
          order.total_price_set,
          'presentment',
          readCurrency(buyer, read('presentment_currency')),
          read('total_price_set'),
        )
      : undefined;
  const open = shopAmount(
    order.total_outstanding_set,
    order.total_outstanding,
    scope.currency,
    read('total_outstanding'),
  );
  const known = Boolean(order.total_outstanding_set ?? order.total_outstanding);
  return {
    total: totalOf(lines) + rounding,
    rounding,
    stated: shopAmount(order.total_price_set, order.total_price, scope.currency, read('total_price')),
    presentment: seen === undefined || !buyer ? null : { currency: buyer, stated: seen },
    outstanding: known ? (open < 0n && !edited ? 0n : open) : undefined,
  };
}

interface SoldOrder {
  lines: DraftLine[];
  totals: SaleTotals;
  tenders: DraftTender[];
  due: bigint;
}

function saleEvent(
  order: OrderPayload,
  id: string,
  scope: OrderScope,
  common: Record<string, unknown>,
  sold: SoldOrder,
): CanonicalEvent {
  const { totals, due } = sold;
  const rounding = totals.rounding === 0n ? [] : [plainLine('rounding', totals.rounding, { title: 'Cash rounding' })];
  const dueDate = due > 0n ? dueDateOf(order) : undefined;
  // After an edit the buyer's total may no longer belong to these lines.
  const seen = totals.total - totals.rounding === totals.stated ? totals.presentment : null;
  return makeEvent({
    version: 1,
    type: 'sale',
    channel: 'shopify',
    id,
    revision: revisionOf(order),
    occurredAt: occurredAt(order, scope.subject),
    currency: scope.currency,
    ...common,
    pricesIncludeTax: scope.inclusive,
    lines: [...sold.lines, ...rounding],
    tenders: sold.tenders,
    total: totals.total,
    due,
    ...(dueDate ? { terms: { dueDate } } : {}),
    ...(seen ? { presentment: { currency: seen.currency, total: seen.stated } } : {}),
  });
}

function voidEvent(order: OrderPayload, id: string, currency: string, common: Record<string, unknown>): CanonicalEvent {
  const subject = `order ${order.name ?? id}`;
  return makeEvent({
    version: 1,
    type: 'void',
    channel: 'shopify',
    id,
    revision: revisionOf(order),
    occurredAt: utcInstant(order.cancelled_at) ?? utcInstant(order.updated_at) ?? occurredAt(order, subject),
    currency,
    ...common,
    sale: { id },
  });
}

/**
 * `updated_at`; where an export masks it, the newest time the order states, which sorts before any real revision that
 * follows.
 */
function revisionOf(order: OrderPayload): string {
  const updated = utcInstant(order.updated_at);
  if (updated) return updated;
  const times = [order.closed_at, order.cancelled_at, order.processed_at, order.created_at];
  return (
    times
      .flatMap((time) => utcInstant(time) ?? [])
      .sort()
      .at(-1) ?? '0'
  );
}

/** `processed_at` is the business date, back-dated on import; `created_at` where it is missing. */
function occurredAt(order: OrderPayload, subject: string): string {
  const instant = utcInstant(order.processed_at) ?? utcInstant(order.created_at);
  if (instant) return instant;
  const message = `${subject}: processed_at is not a time with an offset. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'processed_at' });
}

/** Day on which the last open instalment is due, in the shop's own offset. */
function dueDateOf(order: OrderPayload): string | undefined {
  const open = (order.payment_terms?.payment_schedules ?? []).filter((each) => !each.completed_at && each.due_at);
  return open
    .map((each) => (each.due_at ?? '').slice(0, 10))
    .sort()
    .at(-1);
}

/** Only what REST and GraphQL both tell: a re-read order must not look like a changed one. */
function commonFields(order: OrderPayload, id: string): Record<string, unknown> {
  return {
    test: order.test === true,
    order: { id, ...optional('number', order.name ?? order.order_number) },
    ...(order.location_id ? { location: { id: order.location_id } } : {}),
    ...optional('memo', order.source_name),
    ...optional('customer', customerOf(order)),
  };
}

function customerOf(order: OrderPayload): Record<string, string> | undefined {
  const { customer, billing_address: billing, shipping_address: shipping } = order;
  const name = [customer?.first_name, customer?.last_name].filter(Boolean).join(' ');
  const party = {
    ...optional('id', exactId(customer?.id, customer?.admin_graphql_api_id)),
    ...optional('name', name || billing?.company || billing?.name || shipping?.name),
    ...optional('email', customer?.email || order.email || order.contact_email),
    ...optional('country', billing?.country_code || shipping?.country_code),
  };
  return Object.keys(party).length === 0 ? undefined : party;
}

function optional<Value>(key: string, value: Value | null | undefined | ''): Record<string, Value> {
  return value === null || value === undefined || value === '' ? {} : { [key]: value };
}
