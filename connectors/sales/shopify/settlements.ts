import { type CanonicalEvent, makeEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { contradiction, readCurrency, readMinor, utcInstant } from './money.ts';
import type { DisputePayload, PayoutPayload } from './payload.ts';

export type SettlementOutcome = { event: CanonicalEvent } | { ignored: string };

/** Shopify's own processor; other gateways have neither payouts nor disputes here. */
const PROCESSOR = 'shopify_payments';

const SUMMARY_KINDS: readonly [field: string, kind: 'sale' | 'refund' | 'adjustment' | 'reserve' | 'transfer'][] = [
  ['charges', 'sale'],
  ['refunds', 'refund'],
  ['adjustments', 'adjustment'],
  ['reserved_funds', 'reserve'],
  ['retried_payouts', 'transfer'],
];

/**
 * One payout: an event once it is paid; a failed or cancelled one takes it back with amount 0. Shopify gives payouts
 * no version, so the state is the revision. Throws when the summary does not come to the amount.
 */
export function normalizePayout(payout: PayoutPayload): SettlementOutcome {
  const subject = `payout ${payout.id}`;
  const currency = readCurrency(payout.currency, `${subject}, currency`);
  const failed = ['failed', 'canceled', 'cancelled'].includes(payout.status);
  if (payout.status !== 'paid' && !failed) {
    return { ignored: `${subject} is ${payout.status}: it is booked once it is paid` };
  }
  const amount = readMinor(payout.amount, currency, `${subject}, amount`);
  const lines = failed ? [] : payoutLines(payout, currency, subject);
  const net = sum(lines.map((line) => line.net));
  if (lines.length > 0 && net !== amount) {
    throw contradiction(subject, 'amount', { what: 'the parts of its summary', amount: net }, amount, currency);
  }
  const event = makeEvent({
    version: 1,
    type: 'payout',
    channel: 'shopify',
    id: payout.id,
    revision: failed ? `2-${payout.status}` : '1-paid',
    occurredAt: `${payout.date}T00:00:00Z`,
    currency,
    test: false,
    processor: PROCESSOR,
    amount: failed ? 0n : amount,
    arrivalDate: payout.date,
    lines,
  });
  return { event };
}

function payoutLines(payout: PayoutPayload, currency: string, subject: string) {
  const read = (field: string) => readMinor(payout.summary?.[field] ?? '0', currency, `${subject}, summary.${field}`);
  return SUMMARY_KINDS.map(([field, kind]) => {
    const gross = read(`${field}_gross_amount`);
    const fee = read(`${field}_fee_amount`);
    return { kind, gross, fee, net: gross - fee };
  }).filter((line) => line.gross !== 0n || line.fee !== 0n);
}

const DISPUTE_STATUS: Readonly<Record<string, 'opened' | 'won' | 'lost'>> = {
  needs_response: 'opened',
  under_review: 'opened',
  won: 'won',
  // The chargeback falls away because the buyer already has the money back through a refund.
  charge_refunded: 'won',
  prevented: 'won',
  accepted: 'lost',
  lost: 'lost',
};

/** A chargeback. An inquiry takes no money, so it is none (accounting.md C13). The fee comes with the balance, not here. */
export function normalizeDispute(dispute: DisputePayload, triggeredAt: string | null): SettlementOutcome {
  const subject = `dispute ${dispute.id}`;
  if (dispute.type === 'inquiry') return { ignored: `${subject} is an inquiry: no money was withdrawn` };
  const status = DISPUTE_STATUS[dispute.status];
  if (status === undefined) {
    const message = `${subject}: the status "${dispute.status}" is not one that Shopify documents. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'status' });
  }
  const currency = readCurrency(dispute.currency, `${subject}, currency`);
  const opened = utcInstant(dispute.initiated_at);
  const changed = status === 'opened' ? opened : (utcInstant(dispute.finalized_on) ?? triggeredAt ?? opened);
  if (opened === undefined || changed === undefined) {
    const message = `${subject}: initiated_at is not a time with an offset. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'initiated_at' });
  }
  const event = makeEvent({
    version: 1,
    type: 'dispute',
    channel: 'shopify',
    id: dispute.id,
    revision: changed,
    occurredAt: changed,
    currency,
    test: false,
    status,
    amount: readMinor(dispute.amount, currency, `${subject}, amount`),
    processor: PROCESSOR,
    ...(dispute.order_id ? { sale: { id: dispute.order_id }, order: { id: dispute.order_id } } : {}),
  });
  return { event };
}
