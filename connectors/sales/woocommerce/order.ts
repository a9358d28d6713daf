import { type CanonicalEvent, makeEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { NormalizeContext, Normalized } from '../../kit/contract.ts';
import { orderFee } from './fees.ts';
import {
  type DraftLine,
  isWithin,
  type OrderScope,
  ratesOf,
  roundingLines,
  saleLines,
  taxOf,
  totalOf,
} from './lines.ts';
import {
  contradiction,
  optional,
  readCurrency,
  readMinor,
  readRounded,
  stepOf,
  tolerance,
  utcInstant,
} from './money.ts';
import { isTestOrder, metaText, type OrderPayload, type RefundPayload } from './payload.ts';
import { type RefundSources, refundEvents } from './refund.ts';
import { type DraftTender, hiddenTenders, tendersOf } from './tenders.ts';

/** What is known of an order's refunds besides its own short list. */
export interface RefundDetails {
  /** The refunds in full; undefined where nobody asked. */
  details: readonly RefundPayload[] | undefined;
  /** Whether `details` are what the store says right now, so that a refund missing there was deleted. */
  isCurrent: boolean;
}

/**
 * One order: its sale with the processor's fee, once it is paid, and its refunds. Throws ConnectorError `rejected` when
 * its figures contradict each other.
 */
export function normalizeOrder(order: OrderPayload, refunds: RefundDetails, context: NormalizeContext): Normalized {
  const name = order.number && order.number !== order.id ? `order ${order.number} (${order.id})` : `order ${order.id}`;
  const unsold = notSold(order, name);
  if (unsold) return unsold;
  if (order.status === 'refunded' && order.refunds.length === 0 && refunds.details === undefined) {
    return { ignored: `needs refunds: ${name} is refunded, but lists no refund`, needs: 'refunds' };
  }
  const currency = readCurrency(order.currency, `${name}, currency`);
  const scope: OrderScope = {
    subject: name,
    currency,
    step: stepOf(order.total, currency),
    rates: ratesOf(order.tax_lines),
  };
  const head = headOf(order, name, currency);
  if (isCancelled(order)) return { events: [voidEvent(order, head)] };
  const sale = saleEvent(order, scope, head);
  const sources: RefundSources = { order, ...refunds, known: context.knownRefunds ?? [] };
  const given = refundEvents(sources, scope);
  if (order.status === 'failed') mustGiveNothing(given, scope);
  const fee =
    context.settings.fees === 'ignore' ? [] : orderFee(order, head.occurredAt, head.revision, isTestOrder(order));
  return { events: [sale, ...given, ...fee] };
}

const DRAFTS = ['checkout-draft', 'auto-draft', 'draft', 'new'];
const PARTLY_PAID = ['partially-paid', 'partial-payment', 'pending-deposit', 'scheduled-payment'];

/**
 * Why an order is no sale, or not yet. What decides is the date it was paid (never the status alone): cash on delivery,
 * bank transfer and cheque get it when the merchant moves the order on, everything else from its gateway.
 */
function notSold(order: OrderPayload, name: string): Exclude<Normalized, { events: unknown }> | undefined {
  const { status } = order;
  if (DRAFTS.includes(status)) return { ignored: `${name} is a draft of the checkout (${status}), not an order` };
  if (status === 'trash') return deletedNotice(order.id, name);
  if (isCancelled(order)) return undefined;
  if (!isPaid(order, name)) {
    const why = status === 'failed' ? 'its payment failed' : `it is ${status}`;
    return { ignored: `${name} is not paid yet: ${why}` };
  }
  if (PARTLY_PAID.includes(status)) {
    return {
      ignored: `${name} is not paid in full yet (${status}): it is booked once it is, or book the deposit by hand`,
    };
  }
  return undefined;
}

/** An order that went to the trash or is gone: what was booked stays, and somebody has to hear of it. */
export function deletedNotice(id: string, name = `order ${id}`): Exclude<Normalized, { events: unknown }> {
  const ignored = `${name} was moved to the trash of the store; a deleted order is no refund, so what was booked stays`;
  const message =
    `${name} was moved to the trash of the store, but its sale stays booked: deleting an order gives no money back. ` +
    'Restore it there, or refund it there first; if it never was a sale, reverse it by hand.';
  return { ignored, notice: { code: 'order_deleted', message, sale: id } };
}

/** What an order is once it was paid for. */
const PAID = ['processing', 'completed', 'refunded'];

function isPaid(order: OrderPayload, name: string): boolean {
  if (utcInstant(order.date_paid_gmt)) return true;
  // Old versions of the API do not know when; null says that it is not.
  const isOld = order.date_paid_gmt === undefined && PAID.includes(order.status);
  if (!order.date_paid_gmt && !order.date_paid && !isOld) return false;
  const message =
    `${name} is paid, but date_paid_gmt is "${order.date_paid_gmt ?? ''}": when cannot be told. Nothing was booked. ` +
    'If the webhook uses a legacy API version, set it to "WP REST API Integration v3" in the store and replay.';
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'date_paid_gmt' });
}

/** Cancelled before it was paid. After that the money is here until a refund says otherwise (accounting.md C13, C7). */
const isCancelled = (order: OrderPayload) => order.status === 'cancelled' && !order.date_paid_gmt && !order.date_paid;

interface Head {
  revision: string;
  occurredAt: string;
  /** Fields that all events of the order share. */
  common: Record<string, unknown>;
}

function headOf(order: OrderPayload, name: string, currency: string): Head {
  const revision = utcInstant(order.date_modified_gmt) ?? utcInstant(order.date_created_gmt);
  if (revision === undefined) {
    const message = `${name}: date_modified_gmt is no time. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'date_modified_gmt' });
  }
  const renewal = metaText(order.meta_data, '_subscription_renewal');
  const occurredAt = utcInstant(order.date_paid_gmt) ?? revision;
  const common = {
    version: 1,
    channel: 'woocommerce',
    currency,
    revision,
    occurredAt,
    test: isTestOrder(order),
    order: { id: order.id, ...optional('number', order.number) },
    ...optional('customer', customerOf(order)),
    ...(renewal ? { memo: `Order ${order.number ?? order.id}, renewal of subscription ${renewal}` } : {}),
  };
  return { revision, occurredAt, common };
}

const TAX_NUMBER_KEYS = [
  '_vat_number',
  '_billing_vat_number',
  'billing_vat_number',
  '_billing_eu_vat_number',
  '_billing_vat_id',
  'vat_number',
];

function customerOf({ billing, customer_id: id, meta_data: metas }: OrderPayload): Record<string, string> | undefined {
  const name = [billing?.first_name, billing?.last_name].filter(Boolean).join(' ');
  const party = {
    ...(id === '0' ? {} : optional('id', id)),
    ...optional('name', name || billing?.company),
    ...optional('email', billing?.email),
    ...optional('country', billing?.country),
    ...optional('taxNumber', metaText(metas, ...TAX_NUMBER_KEYS)),
  };
  return Object.keys(party).length === 0 ? undefined : party;
}

function voidEvent(order: OrderPayload, { common }: Head): CanonicalEvent {
  return makeEvent({ ...common, type: 'void', id: order.id, sale: { id: order.id } });
}

function saleEvent(order: OrderPayload, scope: OrderScope, { common }: Head): CanonicalEvent {
  const sold = order.status === 'failed' ? NOTHING : provenSale(order, scope);
  return makeEvent({
    ...common,
    type: 'sale',
    id: order.id,
    pricesIncludeTax: order.prices_include_tax === true,
    ...sold,
    due: 0n,
  });
}

interface Sold {
  lines: DraftLine[];
  tenders: DraftTender[];
  total: bigint;
}

/** A payment that failed after the store had believed in it (a direct debit, say) leaves nothing sold. */
const NOTHING: Sold = { lines: [], tenders: [], total: 0n };

/** What was never paid cannot be paid back. */
function mustGiveNothing(refunds: readonly CanonicalEvent[], { subject, currency }: OrderScope): void {
  const amount = sum(refunds.map((each) => (each.type === 'refund' ? each.total : 0n)));
  if (amount !== 0n) throw contradiction(subject, 'status failed', { what: 'its refunds', amount }, 0n, currency);
}

/** Lines and tenders that come to the order's total, a rounding difference of the store's own included. */
function provenSale(order: OrderPayload, scope: OrderScope): Sold {
  const { subject, currency } = scope;
  const lines = saleLines(order, scope);
  const limit = tolerance(lines.length, scope.step);
  const found = totalOf(lines);
  const stated = readMinor(order.total, currency, `${subject}, total`);
  const hidden = hiddenTenders(order, scope);
  // The Gift Cards extension lowers `total` by what was redeemed; other plugins leave it, or make a negative fee of it.
  const lowered = stated + sum(hidden.map((each) => each.amount));
  const [total, redeemed] = isWithin(lowered - found, limit)
    ? [lowered, hidden]
    : [stated, hidden.filter((each) => each.listed)];
  if (!isWithin(total - found, limit)) {
    throw contradiction(subject, 'total', { what: 'its lines with their taxes', amount: found }, total, currency);
  }
  provenTax(order, lines, limit, scope);
  return {
    lines: [...lines, ...roundingLines(total - found)],
    tenders: tendersOf(order, total, redeemed),
    total,
  };
}

function provenTax(order: OrderPayload, lines: readonly DraftLine[], limit: bigint, scope: OrderScope): void {
  if (!order.total_tax) return;
  const stated = readRounded(order.total_tax, scope.currency, `${scope.subject}, total_tax`);
  const amount = sum(lines.map(taxOf));
  if (isWithin(stated - amount, limit)) return;
  throw contradiction(scope.subject, 'total_tax', { what: 'the taxes of its lines', amount }, stated, scope.currency);
}
