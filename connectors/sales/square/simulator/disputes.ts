import { move } from './balance.ts';
import { shortId } from './ids.ts';
import type { Stage } from './stage.ts';
import { tellDispute } from './tell.ts';
import { type Payment, usd } from './wire.ts';
import type { Dispute } from './wire-money.ts';

const ANSWER_WITHIN_MS = 14 * 24 * 3_600_000;

/** A card holder disputes a payment, or only asks. The money leaves the balance at once; an inquiry moves none. */
export function openDispute(on: Stage, payment: Payment, amount: bigint, inquiry = false): Dispute {
  const at = on.tick(payment.updated_at);
  const day = at.slice(0, 10);
  const dispute = on.keep('disputes', {
    id: shortId(on.chance, 21),
    amount_money: usd(amount),
    reason: on.chance.pick(['NO_KNOWLEDGE', 'NOT_AS_DESCRIBED', 'AMOUNT_DIFFERS', 'DUPLICATE']),
    state: inquiry ? 'INQUIRY_EVIDENCE_REQUIRED' : 'EVIDENCE_REQUIRED',
    due_at: `${new Date(Date.parse(at) + ANSWER_WITHIN_MS).toISOString().slice(0, 10)}T00:00:00.000Z`,
    disputed_payment: { payment_id: payment.id },
    card_brand: payment.card_details?.card.card_brand ?? 'OTHER_BRAND',
    created_at: at,
    updated_at: at,
    brand_dispute_id: shortId(on.chance),
    reported_at: `${day}T00:00:00.000Z`,
    version: 1,
    location_id: payment.location_id,
  } satisfies Dispute);
  tellDispute(on, dispute);
  if (!inquiry) onBalance(on, dispute, 'OPEN_DISPUTE', -amount);
  return dispute;
}

/** The dispute goes on; when the seller wins, the money comes back. */
export function decide(on: Stage, dispute: Dispute, state: Dispute['state']): Dispute {
  const updated_at = on.tick(dispute.updated_at);
  const next = on.keep('disputes', { ...dispute, state, updated_at, version: dispute.version + 1 });
  tellDispute(on, next);
  if (state === 'WON') onBalance(on, next, 'DISPUTE', next.amount_money.amount);
  return next;
}

/** Whether the disputed money is away: taken and not given back. */
export function isWithheld({ state }: Dispute): boolean {
  return !['INQUIRY_EVIDENCE_REQUIRED', 'INQUIRY_CLOSED', 'WON'].includes(state);
}

function onBalance(on: Stage, dispute: Dispute, type: 'OPEN_DISPUTE' | 'DISPUTE', gross: bigint): void {
  const { id, location_id: locationId, disputed_payment, updated_at: at } = dispute;
  move(on, { type, locationId, gross, details: { payment_id: disputed_payment.payment_id, dispute_id: id }, at });
}
