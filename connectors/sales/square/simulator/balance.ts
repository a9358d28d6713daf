import { divideHalfUp, sum } from '@daybook/domain';
import { shortId } from './ids.ts';
import type { Stage } from './stage.ts';
import { isOnBalance, update } from './till.ts';
import { type Payment, type ProcessingFee, usd } from './wire.ts';
import type { ActivityType, Movement } from './wire-money.ts';

/** Square's fee for a card that is present: 2.6 % + 15 cents. */
const FEE_PER_THOUSAND = 26n;
const FEE_FIXED = 15n;
/** A fee says to take effect two hours after the payment, as in Square's own examples. */
const FEE_EFFECTIVE_AFTER_MS = 2 * 3_600_000;

/** Cents that Square takes for a payment. */
export function processingFee(total: bigint): bigint {
  return divideHalfUp(total * FEE_PER_THOUSAND, 1000n) + FEE_FIXED;
}

export interface Moving {
  type: ActivityType;
  locationId: string;
  gross: bigint;
  fee?: bigint;
  details?: Record<string, string>;
  at: string;
}

/** Moves money on the balance of a location. Payouts carry it later. */
export function move(on: Stage, { type, locationId, gross, fee = 0n, details, at }: Moving): Movement {
  return on.keep('movements', {
    id: `poe_${shortId(on.chance, 27)}`,
    type,
    location_id: locationId,
    effective_at: at,
    gross_amount_money: usd(gross),
    fee_amount_money: usd(fee),
    net_amount_money: usd(gross - fee),
    ...(details === undefined ? {} : { details }),
  });
}

/** Sum of what movements are worth. */
export function netOf(movements: readonly Movement[]): bigint {
  return sum(movements.map(({ net_amount_money }) => net_amount_money.amount));
}

/** Whether Square has yet to work out its fee for a payment. */
export function awaitsFee(payment: Payment): boolean {
  return payment.status === 'COMPLETED' && isOnBalance(payment) && payment.processing_fee === undefined;
}

/** The fee appears on the payment, some time after the sale, and the charge on the balance. */
export function assessFee(on: Stage, payment: Payment): Payment {
  const amount = processingFee(payment.total_money.amount);
  const effective_at = new Date(Date.parse(payment.created_at) + FEE_EFFECTIVE_AFTER_MS);
  const fee: ProcessingFee = {
    effective_at: `${effective_at.toISOString().slice(0, 19)}.000Z`,
    type: 'INITIAL',
    amount_money: usd(amount),
  };
  const charged = update(on, payment, { processing_fee: [fee] });
  const { id, location_id: locationId, total_money, updated_at: at } = charged;
  move(on, { type: 'CHARGE', locationId, gross: total_money.amount, fee: amount, details: { payment_id: id }, at });
  return charged;
}

/** Square corrects its fee: more (positive) or less. The correction moves on the balance by itself, as FEE. */
export function adjustFee(on: Stage, payment: Payment, amount: bigint): Payment {
  const fee: ProcessingFee = {
    effective_at: on.tick(payment.updated_at),
    type: 'ADJUSTMENT',
    amount_money: usd(amount),
  };
  const charged = update(on, payment, { processing_fee: [...(payment.processing_fee ?? []), fee] });
  const { id, location_id: locationId, updated_at: at } = charged;
  move(on, { type: 'FEE', locationId, gross: -amount, details: { payment_id: id }, at });
  return charged;
}
