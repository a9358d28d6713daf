import { type CanonicalEvent, exponentOf, makeEvent } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Normalized } from '../../kit/contract.ts';
import { feeEvent } from './fees.ts';
import { readCurrency } from './money.ts';
import type { ChargePayload, DepositPayload } from './payload.ts';

const PROCESSOR = 'woocommerce_payments';

/**
 * A payout of WooPayments. Its routes are the plugin's own: amounts in minor units, currency in small letters, `date`
 * (the day of arrival) in milliseconds. It has no time of change, so its state is its revision. Not itemised.
 */
export function normalizeDeposit(deposit: DepositPayload): Normalized {
  const { id, status } = deposit;
  const failed = status === 'failed' || status === 'canceled';
  if (status !== 'paid' && !failed) return { ignored: `payout ${id} is ${status}: it is not paid yet` };
  const currency = readCurrency(deposit.currency, `payout ${id}, currency`);
  const arrival = instantOf(deposit.date);
  const amount = failed ? 0n : minorOf(deposit.amount, currency, `payout ${id}, amount`);
  const event = makeEvent({
    version: 1,
    type: 'payout',
    channel: 'woocommerce',
    id,
    revision: failed ? `2-${status}` : '1-paid',
    occurredAt: arrival,
    currency,
    test: false,
    processor: PROCESSOR,
    amount: deposit.type === 'withdrawal' && amount > 0n ? -amount : amount,
    arrivalDate: arrival.slice(0, 10),
    lines: [],
  });
  return { events: [event] };
}

/** A charge of WooPayments: its order tells the sale, so only the fee is new. The same fee as in the order's meta data. */
export function chargeFee(charge: ChargePayload): CanonicalEvent | string {
  const order = charge.metadata?.order_id;
  if (!order) return `charge ${charge.id} belongs to no order`;
  const stated = charge.balance_transaction?.fee ?? charge.application_fee_amount ?? '0';
  const where = `charge ${charge.id}, fee`;
  const currency = readCurrency(charge.balance_transaction?.currency ?? charge.currency, where);
  const amount = minorOf(stated, currency, where);
  if (amount === 0n) return `charge ${charge.id} cost no fee; its order ${order} tells the sale`;
  const at = instantOf(charge.created);
  const test = charge.livemode !== true;
  return feeEvent({ order, processor: PROCESSOR, currency, amount, occurredAt: at, revision: at, test });
}

/** Milliseconds stand next to seconds in these answers; eleven digits and less are seconds. */
function instantOf(stamp: string): string {
  const milliseconds = stamp.length > 11 ? Number.parseInt(stamp, 10) : Number.parseInt(stamp, 10) * 1000;
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** The processor's currencies whose minor units are not ISO 4217's, by decimals: ISK and UGX with two, and so on. */
const DECIMALS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** Whole minor units of the processor in ISO 4217's. Throws `rejected` for an amount that is none. */
function minorOf(text: string, currency: string, where: string): bigint {
  if (!/^-?\d+$/.test(text)) {
    const message = `${where}: "${text}" is not a whole number of minor units. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'INVALID_AMOUNT', subject: where });
  }
  const shift = exponentOf(currency) - (DECIMALS[currency] ?? exponentOf(currency));
  const amount = BigInt(text);
  return shift >= 0 ? amount * 10n ** BigInt(shift) : amount / 10n ** BigInt(-shift);
}
