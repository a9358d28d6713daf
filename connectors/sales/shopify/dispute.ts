import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { readCurrency, readMinor, utcInstant } from './money.ts';
import { PROCESSOR } from './movement.ts';
import type { DisputePayload } from './payload.ts';

export type DisputeOutcome = { events: CanonicalEvent[] } | { ignored: string };

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

/**
 * A chargeback. An inquiry takes no money, so it is none (accounting.md C13). Its fee is a movement of the balance and
 * comes from there. `whole`: the dispute was polled and may be all we ever see of it, so that one decided since tells
 * that it was opened too.
 */
export function normalizeDispute(dispute: DisputePayload, triggeredAt: string | null, whole: boolean): DisputeOutcome {
  const subject = `dispute ${dispute.id}`;
  if (dispute.type === 'inquiry') return { ignored: `${subject} is an inquiry: no money was withdrawn` };
  const status = DISPUTE_STATUS[dispute.status];
  if (status === undefined) {
    const message = `${subject}: the status "${dispute.status}" is not one that Shopify documents. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'status' });
  }
  const initiated = utcInstant(dispute.initiated_at);
  const opened = initiated && { at: initiated, revision: initiated };
  const decided = status === 'opened' ? opened : (decision(dispute, triggeredAt) ?? opened);
  if (!decided || (whole && !opened)) {
    const message = `${subject}: initiated_at is not a time with an offset. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'initiated_at' });
  }
  const events = [disputeEvent(dispute, status, decided)];
  return {
    events: whole && opened && status !== 'opened' ? [disputeEvent(dispute, 'opened', opened), ...events] : events,
  };
}

interface Moment {
  at: string;
  revision: string;
}

/** When it was decided. GraphQL knows only the day: noon is that day nearly everywhere, and a webhook knows better. */
function decision({ finalized_on: finalized }: DisputePayload, triggeredAt: string | null): Moment | undefined {
  const at = utcInstant(finalized) ?? undefined;
  if (at) return { at, revision: at };
  if (/^\d{4}-\d\d-\d\d$/.test(finalized ?? '')) return { at: `${finalized}T12:00:00Z`, revision: `${finalized}` };
  return triggeredAt === null ? undefined : { at: triggeredAt, revision: triggeredAt };
}

function disputeEvent(
  dispute: DisputePayload,
  status: 'opened' | 'won' | 'lost',
  { at, revision }: Moment,
): CanonicalEvent {
  const subject = `dispute ${dispute.id}`;
  const currency = readCurrency(dispute.currency, `${subject}, currency`);
  return makeEvent({
    version: 1,
    type: 'dispute',
    channel: 'shopify',
    id: dispute.id,
    revision,
    occurredAt: at,
    currency,
    test: false,
    status,
    amount: readMinor(dispute.amount, currency, `${subject}, amount`),
    processor: PROCESSOR,
    ...(dispute.order_id ? { sale: { id: dispute.order_id }, order: { id: dispute.order_id } } : {}),
  });
}
