import { type CanonicalEvent, makeEvent, type Payout } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { contradiction, readCurrency, readMinor, setAmount, utcInstant } from './money.ts';
import type { BalanceMovement, OrderLinks } from './payload.ts';

/** Shopify's own processor; other gateways have neither payouts nor disputes here. */
export const PROCESSOR = 'shopify_payments';

/** What a payout's line calls a movement; `payout` = the payout's own, `returned` = an earlier one that came back. */
export type Category = Payout['lines'][number]['kind'] | 'payout' | 'returned';

const words = (text: string) => text.trim().split(/\s+/);

/**
 * Shopify's types, GraphQL's and the shorter ones of REST. What is not listed (billing, shipping labels, credits,
 * failed refunds …) is an adjustment: no event of ours tells of it, so the payout does and a person looks at it.
 */
const TYPES: readonly [category: Category, types: string[]][] = [
  ['sale', ['charge']],
  ['refund', ['refund']],
  ['dispute', words('dispute dispute_withdrawal dispute_reversal')],
  ['fee', words('chargeback_fee chargeback_fee_refund stripe_fee application_fee_refund')],
  [
    'reserve',
    words(
      'reserve reserved_funds reserved_funds_reversal reserved_funds_withdrawal chargeback_hold chargeback_hold_release',
    ),
  ],
  ['transfer', words('advance advance_funding balance_transfer_inbound currency_conversion')],
  ['payout', words('payout transfer')],
  ['returned', words('payout_failure payout_cancellation transfer_failure transfer_cancel transfer_refund')],
];
const BY_TYPE = new Map(TYPES.flatMap(([category, types]) => types.map((type) => [type, category] as const)));

/** The category of a movement. A dispute may be told as an adjustment whose source is one. */
export function categoryOf({ type, source_type: source }: BalanceMovement): Category {
  const name = type.toLowerCase();
  if (name === 'adjustment' && /(^|::)dispute$/i.test(source ?? '')) return 'dispute';
  return BY_TYPE.get(name) ?? 'adjustment';
}

/** Amounts in minor units of the balance's currency. Throws when amount less fee is not net. */
export function amountsOf(movement: BalanceMovement) {
  const subject = `balance transaction ${movement.id}`;
  const currency = readCurrency(movement.currency, `${subject}, currency`);
  const read = (field: 'amount' | 'fee' | 'net') => readMinor(movement[field], currency, `${subject}, ${field}`);
  const [gross, fee, net] = [read('amount'), read('fee'), read('net')];
  if (gross - fee !== net) {
    throw contradiction(subject, 'net', { what: 'amount less fee', amount: gross - fee }, net, currency);
  }
  return { currency, gross, fee, net };
}

/** What is known around a movement: the shop's own currency, and the orders that were read for it. */
export interface Around {
  shopCurrency: string | undefined;
  orders: readonly OrderLinks[];
}

/**
 * The facts of one movement that nothing else tells: its fee (accounting.md C15), and the conversion of a charge or
 * refund of an order in another currency (C18b). A dispute's fee is such a fee too, because no webhook names it.
 */
export function movementFacts(movement: BalanceMovement, around: Around): CanonicalEvent[] {
  const { currency, gross, fee, net } = amountsOf(movement);
  const category = categoryOf(movement);
  const head = {
    version: 1,
    channel: 'shopify',
    id: movement.id,
    revision: instantOf(movement),
    occurredAt: instantOf(movement),
    currency,
    test: movement.test === true,
    processor: PROCESSOR,
    ...(movement.source_order_id && { order: { id: movement.source_order_id } }),
  };
  const cost = category === 'fee' ? -net : fee;
  const isFee = cost !== 0n && !['reserve', 'adjustment', 'transfer', 'payout', 'returned'].includes(category);
  const charge = category === 'sale' && movement.source_order_id ? { sale: { id: movement.source_order_id } } : {};
  const payout = movement.payout_id ? { payout: { id: movement.payout_id } } : {};
  const memo = `Shopify Payments fee: ${movement.type.toLowerCase().replaceAll('_', ' ')}`;
  const from = foreignSource(movement, category, currency, around);
  return [
    ...(isFee ? [makeEvent({ ...head, type: 'fee', amount: cost, ...charge, ...payout, memo })] : []),
    ...(from ? [makeEvent({ ...head, type: 'settlement', amount: gross, ...from })] : []),
  ];
}

/** Whether a movement is of an order in another currency, whose amount in the shop's only the order tells. */
export function isConverted(movement: BalanceMovement, { shopCurrency }: Around): boolean {
  const category = categoryOf(movement);
  const isOrders = category === 'sale' || category === 'refund';
  return isOrders && shopCurrency !== undefined && movement.currency !== shopCurrency && !!movement.source_order_id;
}

/** What was converted: money of a charge comes in, money of a refund goes out. */
function foreignSource(movement: BalanceMovement, category: Category, currency: string, around: Around) {
  const order = orderOf(movement, around);
  const one = order?.transactions?.find(({ id }) => id === movement.source_order_transaction_id);
  const shop = one?.amount_set?.shop_money;
  if ((category !== 'sale' && category !== 'refund') || !order || !shop || shop.currency_code === currency) return null;
  const own = readCurrency(shop.currency_code, `order transaction ${one.id}`);
  const paid = setAmount(one.amount_set, 'shop', own, `order transaction ${one.id}`) ?? 0n;
  const amount = movement.amount.startsWith('-') ? -paid : paid;
  const refund = category === 'refund' ? refundOf(movement, around) : undefined;
  const link = category === 'sale' ? { sale: { id: order.id } } : refund ? { refund: { id: refund } } : {};
  return { from: { currency: own, amount }, ...link };
}

/** The order behind a movement, where it was read. */
function orderOf(movement: BalanceMovement, { orders }: Around): OrderLinks | undefined {
  return orders.find(({ id }) => id === movement.source_order_id);
}

/** The refund behind a movement, where its order was read: the one that made the order transaction. */
export function refundOf(movement: BalanceMovement, around: Around): string | undefined {
  const made = movement.source_order_transaction_id;
  const refunds = orderOf(movement, around)?.refunds ?? [];
  return refunds.find((refund) => refund.transactions?.some(({ id }) => id === made))?.id;
}

function instantOf(movement: BalanceMovement): string {
  const at = utcInstant(movement.processed_at);
  if (at !== undefined) return at;
  const message = `balance transaction ${movement.id}: processed_at is not a time with an offset. Nothing was booked.`;
  throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'processed_at' });
}
