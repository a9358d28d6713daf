import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import { currencyOf, instantOf, isStated, minor, revisionOf, unreadable } from './money.ts';
import type { Surroundings } from './order.ts';
import type { DisputePayload, FeePayload, MoneyPayload } from './payload.ts';
import { common, type Outcome, placed } from './sale.ts';
import { PROCESSOR } from './tenders.ts';

/** A payment or refund, as far as its fees go. */
interface Charged {
  id: string;
  created_at?: string | null | undefined;
  updated_at?: string | null | undefined;
  location_id?: string | null | undefined;
  processing_fee: readonly FeePayload[];
  amount_money?: MoneyPayload;
}

/**
 * Processing fees of a payment or refund, one event per type and time of effect; negative = given back. The first fee
 * counts for the day of the charge, an adjustment for its own (accounting.md C15).
 */
export function feeEvents(charged: Charged, what: string, sale: string | null, around: Surroundings): CanonicalEvent[] {
  const subject = `${what} ${charged.id}`;
  const fees = Map.groupBy(charged.processing_fee, (fee) => [charged.id, fee.type, fee.effective_at].join(':'));
  return [...fees].map(([id, parts]) => {
    const amounts = parts.map((fee) => fee.amount_money);
    const scope = { subject, currency: currencyOf(subject, [...amounts, charged.amount_money], around.currency) };
    const [fee] = parts;
    const own = fee?.type === 'ADJUSTMENT' ? fee.effective_at : undefined;
    return makeEvent({
      ...common(scope, around),
      type: 'fee',
      id,
      revision: revisionOf(subject, undefined, charged.updated_at, charged.created_at, fee?.effective_at),
      occurredAt: instantOf(subject, 'created_at', own, charged.created_at, fee?.effective_at),
      ...(sale ? { order: { id: sale }, sale: { id: sale } } : {}),
      ...placed({ location_id: charged.location_id }),
      memo: `Square processing fee of ${subject}`,
      processor: PROCESSOR,
      amount: amounts.reduce((total, each) => total + minor(each, scope, 'processing_fee'), 0n),
    });
  });
}

const DISPUTE_STATUS: Readonly<Record<string, 'opened' | 'won' | 'lost'>> = {
  EVIDENCE_REQUIRED: 'opened',
  PROCESSING: 'opened',
  WON: 'won',
  LOST: 'lost',
  ACCEPTED: 'lost',
};

/**
 * A chargeback; an inquiry withdraws no money (accounting.md C13). Square charges no fee for it. Where the disputed
 * payment was read too it names the sale, and is a later revision than the same state without. `whole`: the dispute is
 * all we may ever see of it, so that one decided since tells that it was opened too.
 */
export function normalizeDispute(dispute: DisputePayload, whole: boolean, around: Surroundings): Outcome {
  const subject = `dispute ${dispute.id}`;
  if (dispute.state.startsWith('INQUIRY')) return { ignored: `${subject} is an inquiry: no money was withdrawn` };
  if (!isStated(dispute.amount_money)) throw unreadable(subject, 'amount_money', 'is missing');
  const status = DISPUTE_STATUS[dispute.state];
  if (status === undefined) throw unreadable(subject, 'state', `"${dispute.state}" is not one that Square documents`);
  const opened = disputeEvent(dispute, 'opened', dispute.created_at, around);
  if (status === 'opened') return { events: [opened] };
  const decided = disputeEvent(dispute, status, dispute.updated_at, around);
  return { events: whole ? [opened, decided] : [decided] };
}

function disputeEvent(
  dispute: DisputePayload,
  status: 'opened' | 'won' | 'lost',
  at: string | null | undefined,
  around: Surroundings,
): CanonicalEvent {
  const subject = `dispute ${dispute.id}`;
  const scope = { subject, currency: currencyOf(subject, [dispute.amount_money], around.currency) };
  const payment = around.payments.find(({ id }) => id === dispute.disputed_payment?.payment_id);
  const sale = payment && (payment.order_id ?? payment.id);
  return makeEvent({
    ...common(scope, around),
    type: 'dispute',
    id: dispute.id,
    revision: `${revisionOf(subject, dispute.version, dispute.updated_at, dispute.created_at)}${sale ? '+sale' : ''}`,
    occurredAt: instantOf(subject, 'created_at', at, dispute.created_at, dispute.updated_at),
    ...(sale ? { order: { id: sale }, sale: { id: sale } } : {}),
    ...placed(dispute),
    status,
    amount: minor(dispute.amount_money, scope, 'amount_money'),
    processor: PROCESSOR,
  });
}
