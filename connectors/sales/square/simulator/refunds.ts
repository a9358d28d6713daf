import { move } from './balance.ts';
import { cashMoves } from './drawer.ts';
import { putBack } from './gift-cards.ts';
import { longId, shortId } from './ids.ts';
import { changed, returnOrder } from './order.ts';
import type { Stage } from './stage.ts';
import { tellOrder, tellPayment, tellRefund } from './tell.ts';
import { isGiftCard, isOnBalance, update } from './till.ts';
import { type Order, type OrderReturn, type PaymentRefund, type ProcessingFee, usd } from './wire.ts';

export interface Asked {
  sale: Order;
  paymentId: string;
  /** What the refund's own order says was taken back; its total is the money that goes back. */
  taken: OrderReturn;
  reason: string;
  /** The order that takes it back where it sells something too: the difference goes back. */
  exchange?: Order;
}

/** A refund is asked for: PENDING, with an order of its own that stays open. The payment learns its id. */
export function askRefund(on: Stage, { sale, paymentId, taken, reason, exchange }: Asked): PaymentRefund {
  const payment = on.get('payments', paymentId);
  const at = on.tick(payment.updated_at);
  const head = { id: longId(on.chance), location_id: sale.location_id, source: sale.source.name, at };
  const order = on.keep('orders', exchange ?? returnOrder({ ...head, versioned: sale.version !== undefined }, taken));
  tellOrder(on, order, 'created');
  const refund: PaymentRefund = {
    id: `${payment.id}_${shortId(on.chance, 42)}`,
    status: 'PENDING',
    location_id: payment.location_id,
    unlinked: false,
    destination_type: payment.source_type,
    amount_money: usd(-order.net_amounts.total_money.amount),
    payment_id: payment.id,
    order_id: order.id,
    reason,
    created_at: at,
    updated_at: at,
    version: on.chance.between(3, 7),
  };
  on.keep('refunds', refund);
  tellRefund(on, refund, 'created');
  update(on, payment, { refund_ids: [...(payment.refund_ids ?? []), refund.id] });
  return refund;
}

/**
 * The money is on its way: about a dozen events. `feeBack` in cents: what Square gives back of its fee. The sale keeps
 * its totals; only its version moves.
 */
export function settleRefund(on: Stage, asked: PaymentRefund, feeBack = 0n): PaymentRefund {
  const at = on.tick(asked.updated_at);
  const fee: ProcessingFee = { effective_at: at, type: 'INITIAL', amount_money: usd(-feeBack) };
  const refund = on.keep('refunds', {
    ...asked,
    status: 'COMPLETED',
    updated_at: at,
    version: asked.version + 3,
    ...(feeBack > 0n ? { processing_fee: [fee] } : {}),
  });
  tellRefund(on, refund, 'updated');
  finishOrder(on, refund, 'COMPLETED');
  const payment = on.get('payments', refund.payment_id);
  const before = payment.refunded_money?.amount ?? 0n;
  update(on, payment, { refunded_money: usd(before + refund.amount_money.amount) });
  touchSale(on, refund);
  if (isOnBalance(payment)) takeFromBalance(on, refund, feeBack);
  if (isGiftCard(payment)) putBack(on, refund);
  if (payment.source_type === 'CASH') {
    cashMoves(on, refund.location_id, 'CASH_TENDER_REFUND', refund.amount_money.amount);
  }
  // Both are told again in the same state, as it happens.
  tellPayment(on, on.get('payments', payment.id), 'updated');
  for (let again = on.chance.between(1, 3); again > 0; again -= 1) tellRefund(on, refund, 'updated');
  return refund;
}

/** The money does not go back after all. */
export function rejectRefund(on: Stage, asked: PaymentRefund): PaymentRefund {
  const at = on.tick(asked.updated_at);
  const refund = on.keep('refunds', { ...asked, status: 'REJECTED', updated_at: at, version: asked.version + 1 });
  tellRefund(on, refund, 'updated');
  finishOrder(on, refund, 'CANCELED');
  return refund;
}

function finishOrder(on: Stage, refund: PaymentRefund, state: 'COMPLETED' | 'CANCELED'): void {
  const order = on.get('orders', refund.order_id);
  const at = on.tick(refund.updated_at);
  const refunds = state === 'COMPLETED' ? [orderRefund(refund, order)] : [];
  tellOrder(on, on.keep('orders', changed(order, { state, closed_at: at, refunds }, at)), 'updated');
}

function orderRefund(refund: PaymentRefund, order: Order): object {
  const { id, location_id, payment_id, created_at, reason, amount_money } = refund;
  const head = { id, location_id, transaction_id: order.returns![0]!.source_order_id, tender_id: payment_id };
  return { ...head, created_at, reason, amount_money, status: 'APPROVED' };
}

function touchSale(on: Stage, refund: PaymentRefund): void {
  const { order_id } = on.get('payments', refund.payment_id);
  const sale = on.get('orders', order_id);
  tellOrder(on, on.keep('orders', changed(sale, {}, on.tick(sale.updated_at))), 'updated');
}

function takeFromBalance(on: Stage, refund: PaymentRefund, feeBack: bigint): void {
  const details = { payment_id: refund.payment_id, refund_id: refund.id };
  const gross = -refund.amount_money.amount;
  move(on, { type: 'REFUND', locationId: refund.location_id, gross, fee: -feeBack, details, at: refund.updated_at });
}
