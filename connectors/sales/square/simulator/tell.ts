import { random } from '../../../kit/random.ts';
import { payoutBody } from './bodies.ts';
import { isExchange } from './order.ts';
import type { Stage } from './stage.ts';
import type { Order, Payment, PaymentRefund } from './wire.ts';
import type { Dispute, GiftCardActivity, Invoice, Payout } from './wire-money.ts';

/** `payment.created` or `payment.updated` with the whole payment as it is now. */
export function tellPayment(on: Stage, payment: Payment, what: 'created' | 'updated'): void {
  on.tell(`payment.${what}`, { type: 'payment', id: payment.id, object: { payment } }, payment.updated_at);
}

/** `refund.created` or `refund.updated`; here alone the refund has its version. */
export function tellRefund(on: Stage, refund: PaymentRefund, what: 'created' | 'updated'): void {
  on.tell(`refund.${what}`, { type: 'refund', id: refund.id, object: { refund } }, refund.updated_at);
}

/**
 * `order.created` or `order.updated`: no more than id, state and version. Orders of the tills are announced for some
 * only: always or never for one order, by chance. Exchanges are always announced, because some bring no payment that
 * would tell of them.
 */
export function tellOrder(on: Stage, order: Order, what: 'created' | 'updated'): void {
  const isSilent = order.version === undefined && !isExchange(order);
  if (isSilent && !random(0, 'announced', order.id).chance(1, 2)) return;
  const name = `order_${what}`;
  const thin = {
    created_at: order.created_at,
    location_id: order.location_id,
    order_id: order.id,
    state: order.state,
    ...(what === 'updated' ? { updated_at: order.updated_at } : {}),
    ...(order.version === undefined ? {} : { version: order.version }),
  };
  on.tell(`order.${what}`, { type: name, id: order.id, object: { [name]: thin } }, order.updated_at);
}

/** `payout.sent`, `payout.paid` or `payout.failed`; the entries are told by nobody and have to be asked for. */
export function tellPayout(on: Stage, payout: Payout): void {
  const subject = { type: 'payout', id: payout.id, object: { payout: payoutBody(payout) } };
  on.tell(`payout.${payout.status.toLowerCase()}`, subject, payout.updated_at, payout.location_id);
}

/** `dispute.created` or `dispute.state.updated`. */
export function tellDispute(on: Stage, dispute: Dispute): void {
  const what = dispute.version === 1 ? 'created' : 'state.updated';
  const subject = { type: 'dispute', id: dispute.id, object: { dispute } };
  on.tell(`dispute.${what}`, subject, dispute.updated_at, dispute.location_id);
}

/** `gift_card.activity.created`. */
export function tellActivity(on: Stage, activity: GiftCardActivity): void {
  const subject = { type: 'gift_card_activity', id: activity.id, object: { gift_card_activity: activity } };
  on.tell('gift_card.activity.created', subject, activity.created_at);
}

/** `invoice.published`, `invoice.payment_made` and the like. */
export function tellInvoice(on: Stage, invoice: Invoice, what: 'published' | 'payment_made'): void {
  const subject = { type: 'invoice', id: invoice.id, object: { invoice } };
  on.tell(`invoice.${what}`, subject, invoice.updated_at, invoice.location_id);
}
