import type { CanonicalEvent } from '@daybook/domain';
import type { Normalized } from '../../kit/contract.ts';
import { factOf, type Ground, needs, PROCESSOR } from './ground.ts';
import { contradiction, instantOf, readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';
import { isTaken, takenBy } from './payment.ts';

/** What a movement on Stripe's balance is; `reporting_category`, or `type` where the older name is all there is. */
export type Category = ReturnType<typeof categoryOf>;

const BY_TYPE: Readonly<Record<string, string>> = {
  payment: 'charge',
  payment_refund: 'refund',
  payment_failure_refund: 'charge_failure',
  stripe_fee: 'fee',
  stripe_fx_fee: 'fee',
  tax_fee: 'tax',
};

const WORDS = {
  charge: 'sale',
  charge_failure: 'sale',
  partial_capture_reversal: 'sale',
  refund: 'refund',
  refund_failure: 'refund',
  dispute: 'dispute',
  dispute_reversal: 'dispute',
  fee: 'fee',
  network_cost: 'fee',
  tax: 'tax',
  payout: 'payout',
  payout_reversal: 'payout',
  payout_failure: 'payout',
  payout_cancel: 'payout',
  risk_reserved_funds: 'reserve',
  connect_reserved_funds: 'reserve',
  reserve_hold: 'reserve',
  reserve_release: 'reserve',
  reserved_funds: 'reserve',
  reserve_transaction: 'reserve',
  payment_network_reserve_hold: 'reserve',
  payment_network_reserve_release: 'reserve',
  payout_minimum_balance_hold: 'reserve',
  payout_minimum_balance_release: 'reserve',
  transfer: 'transfer',
  transfer_reversal: 'transfer',
  topup: 'transfer',
  topup_reversal: 'transfer',
} as const;

/** The word for a movement; what Stripe may invent later is an adjustment, which a person gets to see. */
export function categoryOf(movement: Thing<'balance_transaction'>): (typeof WORDS)[keyof typeof WORDS] | 'adjustment' {
  const { reporting_category: category, type } = movement;
  const name = category ?? BY_TYPE[type ?? ''] ?? type ?? '';
  return Object.hasOwn(WORDS, name) ? WORDS[name as keyof typeof WORDS] : 'adjustment';
}

/** Amounts of a movement in minor units of the balance's currency. Throws when amount less fee is not net. */
export function amountsOf(movement: Thing<'balance_transaction'>) {
  const subject = `balance transaction ${movement.id}`;
  const currency = readCurrency(movement.currency, `${subject}, currency`);
  const read = (field: 'amount' | 'fee' | 'net') => readMinor(movement[field], currency, `${subject}, ${field}`);
  const [gross, fee, net] = [read('amount'), read('fee'), read('net')];
  if (gross - fee !== net)
    throw contradiction(subject, 'net', { what: 'amount less fee', amount: gross - fee }, net, currency);
  return { currency, gross, fee, net };
}

/** What one movement tells by itself, and the word that something is missing for the rest. */
interface Read {
  events: CanonicalEvent[];
  missing: string | null;
}

/**
 * The facts of one movement on the balance that no other fact tells: its fee, and the conversion of a foreign sale or
 * refund. A dispute's fee belongs to the dispute; reserves, transfers and adjustments are told by the payout they end
 * in.
 */
export function movementFacts(movement: Thing<'balance_transaction'>, ground: Ground): Normalized {
  const { events, missing } = readMovement(movement, ground);
  if (missing !== null) return needs('source', missing);
  if (events.length > 0) return { events };
  const category = categoryOf(movement);
  return { ignored: `balance transaction ${movement.id} (${category}) bears no fee of its own: ${WHERE[category]}` };
}

/** As `movementFacts`, for a movement that only comes along with something else: what is known of it. */
export function factsAlong(movement: Thing<'balance_transaction'> | undefined, ground: Ground): CanonicalEvent[] {
  return movement === undefined ? [] : readMovement(movement, ground).events;
}

function readMovement(movement: Thing<'balance_transaction'>, ground: Ground): Read {
  const category = categoryOf(movement);
  const fee = feeOf(movement, category, ground);
  const settlement = settlementOf(movement, category, ground);
  if (settlement === 'unknown') {
    const missing = `balance transaction ${movement.id} was converted, but does not say from how much of what`;
    return { events: fee ? [fee] : [], missing };
  }
  return { events: [fee, settlement].filter((each) => each !== null), missing: null };
}

const WHERE: Readonly<Record<Category, string>> = {
  sale: 'its charge tells the sale',
  refund: 'its refund tells the rest',
  dispute: 'its dispute tells amount and fee',
  fee: 'it comes to nothing',
  tax: 'it comes to nothing',
  payout: 'its payout tells the rest',
  reserve: 'the payout it is listed in tells of it',
  transfer: 'the payout it is listed in tells of it',
  adjustment: 'the payout it is listed in tells of it',
};

function feeOf(movement: Thing<'balance_transaction'>, category: Category, ground: Ground): CanonicalEvent | null {
  const { currency, fee, net } = amountsOf(movement);
  const alone = category === 'fee' || category === 'tax';
  const amount = alone ? -net : fee;
  if (amount === 0n || ['dispute', 'reserve', 'transfer', 'adjustment'].includes(category)) return null;
  const { source } = movement;
  const parts = (movement.fee_details ?? []).map((part) => part.description ?? part.type).filter((each) => !!each);
  const memo = parts.length > 0 ? parts.join(', ') : movement.description;
  return factOf(ground, headOf('fee', movement, currency), null, {
    processor: PROCESSOR,
    amount,
    sale: source && /^(ch|py)_/.test(source) ? { id: source } : undefined,
    payout: category === 'payout' && source ? { id: source } : undefined,
    memo: memo || undefined,
  });
}

function settlementOf(
  movement: Thing<'balance_transaction'>,
  category: Category,
  ground: Ground,
): CanonicalEvent | 'unknown' | null {
  if (category !== 'sale' && category !== 'refund') return null;
  const { currency, gross } = amountsOf(movement);
  const from = sourceOf(movement, ground);
  if (from === null && movement.exchange_rate) return 'unknown';
  if (from === null || from === 'failed' || from.currency === currency) return null;
  const { link, ...money } = from;
  const fields = { processor: PROCESSOR, from: money, amount: gross, ...link };
  return factOf(ground, headOf('settlement', movement, currency), null, fields);
}

type Link = { sale: { id: string } } | { refund: { id: string } };

/** What was converted: money of a charge comes in, money of a refund goes out, and comes back when that failed. */
function sourceOf(
  movement: Thing<'balance_transaction'>,
  { bag }: Ground,
): { currency: string; amount: bigint; link: Link } | 'failed' | null {
  const charge = bag.get('charge', movement.source);
  if (charge) return isTaken(charge) ? { ...takenBy(charge), link: { sale: { id: charge.id } } } : 'failed';
  const refund = bag.get('refund', movement.source);
  if (!refund) return null;
  const subject = `refund ${refund.id}`;
  const currency = readCurrency(refund.currency, `${subject}, currency`);
  const amount = readMinor(refund.amount, currency, `${subject}, amount`);
  const isBack = !movement.amount.startsWith('-');
  return { currency, amount: isBack ? amount : -amount, link: { refund: { id: refund.id } } };
}

/** A movement never changes, so its time is its revision. */
function headOf(type: 'fee' | 'settlement', { id, created }: Thing<'balance_transaction'>, currency: string) {
  return { type, id, revision: instantOf(created), at: created, currency };
}
