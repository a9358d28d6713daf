import { type CanonicalEvent, makeEvent } from '@daybook/domain';
import { z } from 'zod';
import { readCurrency, readRounded } from './money.ts';
import { metaText, metaValue, type OrderPayload } from './payload.ts';

interface StatedFee {
  processor: string;
  amount: string;
  currency: string;
}

const paypalFees = z.object({ paypal_fee: z.object({ value: z.string(), currency_code: z.string() }) });

/**
 * The fee that a gateway wrote on its order, where it writes one: Stripe (in the currency it settles in), WooPayments
 * (in the charge's), PayPal. `_stripe_net` is rewritten by every refund and is never read.
 */
function statedFee({ meta_data: metas, currency }: OrderPayload): StatedFee | undefined {
  const stripe = metaText(metas, '_stripe_fee', 'Stripe Fee');
  if (stripe) return { processor: 'stripe', amount: stripe, currency: metaText(metas, '_stripe_currency') ?? currency };
  const own = metaText(metas, '_wcpay_transaction_fee');
  if (own) {
    const charged = metaText(metas, '_wcpay_intent_currency') ?? currency;
    return { processor: 'woocommerce_payments', amount: own, currency: charged };
  }
  const breakdown = paypalFees.safeParse(metaValue(metas, '_ppcp_paypal_fees'));
  if (breakdown.success) {
    const { value, currency_code: code } = breakdown.data.paypal_fee;
    return { processor: 'paypal', amount: value, currency: code };
  }
  const old = metaText(metas, 'PayPal Transaction Fee');
  return old ? { processor: 'paypal', amount: old, currency } : undefined;
}

/** The fee as an event of its own, dated like the payment (accounting.md C15a); it often appears minutes later. */
export function orderFee(order: OrderPayload, occurredAt: string, revision: string, test: boolean): CanonicalEvent[] {
  const fee = statedFee(order);
  if (fee === undefined) return [];
  const where = `order ${order.id}, fee of ${fee.processor}`;
  const currency = readCurrency(fee.currency, where);
  const amount = readRounded(fee.amount, currency, where);
  if (amount === 0n) return [];
  return [feeEvent({ order: order.id, processor: fee.processor, currency, amount, occurredAt, revision, test })];
}

/** A processor's fee on an order's payment. */
export function feeEvent(fee: {
  order: string;
  processor: string;
  currency: string;
  amount: bigint;
  occurredAt: string;
  revision: string;
  test: boolean;
}): CanonicalEvent {
  const { order, ...rest } = fee;
  return makeEvent({
    version: 1,
    type: 'fee',
    channel: 'woocommerce',
    id: `${order}:fee`,
    ...rest,
    order: { id: order },
    sale: { id: order },
  });
}
