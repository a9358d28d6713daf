import type { Location } from './cafe.ts';
import { capitalId, longId, shortId } from './ids.ts';
import { changed, dueOn, openOrder, withTender } from './order.ts';
import { type Basket, priced } from './pricing.ts';
import type { Stage } from './stage.ts';
import { tellOrder, tellPayment } from './tell.ts';
import { type Order, type Payment, type Tender, usd } from './wire.ts';

const WEEK_MS = 168 * 3_600_000;

/** Where and how an order is rung up. */
export interface Till {
  location?: Location;
  /** Name of the source; orders that were not rung up at a till have versions. */
  source?: { name: string; product: string };
  /** Taken offline at this instant, uploaded now. */
  offlineAt?: string;
}

const AT_THE_TILL = { name: 'Point of Sale', product: 'SQUARE_POS' };

/** Rings up a basket: an open order, of which nobody has heard yet. */
export function ringUp(on: Stage, basket: Basket, till: Till = {}): Order {
  const { location = on.chance.pick(on.cafe.locations), source = AT_THE_TILL } = till;
  const at = till.offlineAt ?? on.tick();
  const parts = priced(basket, on.cafe.catalogVersion, on.uid);
  const head = { id: longId(on.chance), location_id: location.id, source: source.name, at };
  const order = { ...openOrder({ ...head, versioned: source !== AT_THE_TILL }, parts), updated_at: on.tick(at) };
  on.keep('orders', order);
  tellOrder(on, order, 'created');
  return order;
}

const CARDS = [
  { card_brand: 'VISA', bin: '453275', card_type: 'CREDIT' },
  { card_brand: 'MASTERCARD', bin: '540988', card_type: 'CREDIT' },
  { card_brand: 'AMERICAN_EXPRESS', bin: '371263', card_type: 'CREDIT' },
  { card_brand: 'VISA', bin: '411111', card_type: 'DEBIT' },
];

/** Parts of a payment by which its source is told. */
export type Source = Pick<Payment, 'source_type'> & Partial<Payment>;

/** A bank card. */
export function bankCard(on: Stage, entry: 'EMV' | 'KEYED' | 'CONTACTLESS' = 'EMV'): Source {
  const { chance } = on;
  const card = { ...chance.pick(CARDS), last_4: `${chance.digits(4)}`, exp_month: 11, exp_year: 2029 };
  const fingerprint = `sq-1-${shortId(chance, 40)}`;
  const whole = { ...card, fingerprint, prepaid_type: 'NOT_PREPAID' };
  return { source_type: 'CARD', card_details: { status: 'AUTHORIZED', card: whole, entry_method: entry } };
}

/** Cash App on the buyer's phone; it passes through Square's balance like a card. */
export function cashApp(): Source {
  return { source_type: 'WALLET', wallet_details: { status: 'AUTHORIZED', brand: 'CASH_APP' } };
}

/** A payment that waits for its completion. `payment.created` goes out. */
export function approve(on: Stage, order: Order, amount: bigint, source: Source, till: Till = {}): Payment {
  const at = till.offlineAt ?? on.tick(order.updated_at);
  const seen = on.tick(at);
  const location = on.cafe.locations.find(({ id }) => id === order.location_id)!;
  const worker = on.chance.pick(location.team);
  const payment: Payment = {
    id: longId(on.chance),
    created_at: at,
    updated_at: seen,
    amount_money: usd(amount),
    total_money: usd(amount),
    approved_money: usd(amount),
    status: 'APPROVED',
    delay_duration: 'PT168H',
    delay_action: 'CANCEL',
    delayed_until: new Date(Date.parse(at) + WEEK_MS).toISOString(),
    location_id: order.location_id,
    order_id: order.id,
    team_member_id: worker,
    employee_id: worker,
    application_details: { square_product: (till.source ?? AT_THE_TILL).product },
    ...(till.offlineAt === undefined
      ? {}
      : { is_offline_payment: true, offline_payment_details: { client_created_at: till.offlineAt } }),
    version_token: versionToken(on),
    ...withStatus(source, 'AUTHORIZED', { authorized_at: seen }),
  };
  on.keep('payments', payment);
  tellPayment(on, payment, 'created');
  return payment;
}

/** Captures what was approved, with the tip the buyer added in the meantime. The order gets its tender. */
export function complete(on: Stage, payment: Payment, tip = 0n): Payment {
  const at = on.tick(payment.updated_at);
  const done: Payment = {
    ...payment,
    updated_at: at,
    status: 'COMPLETED',
    ...(tip > 0n ? { tip_money: usd(tip), approved_money: usd(payment.amount_money.amount + tip) } : {}),
    total_money: usd(payment.amount_money.amount + tip),
    ...withStatus(payment, 'CAPTURED', { captured_at: at }),
    ...receipt(payment),
    version_token: versionToken(on),
  };
  on.keep('payments', done);
  tellPayment(on, done, 'updated');
  take(on, done);
  return done;
}

/** A payment of money that is there at once: cash, a gift card, what was taken elsewhere. */
export function takeAtOnce(on: Stage, order: Order, amount: bigint, source: Source, tip = 0n): Payment {
  const at = on.tick(order.updated_at);
  const location = on.cafe.locations.find(({ id }) => id === order.location_id)!;
  const id = longId(on.chance);
  const payment: Payment = {
    id,
    created_at: at,
    updated_at: on.tick(at),
    amount_money: usd(amount),
    ...(tip > 0n ? { tip_money: usd(tip) } : {}),
    total_money: usd(amount + tip),
    approved_money: usd(amount + tip),
    status: 'COMPLETED',
    location_id: order.location_id,
    order_id: order.id,
    team_member_id: on.chance.pick(location.team),
    ...receipt({ id }),
    application_details: AT_THE_TILL_PRODUCT,
    version_token: versionToken(on),
    ...source,
  };
  on.keep('payments', payment);
  tellPayment(on, payment, 'created');
  take(on, payment);
  // The same state once more: an event of its own, as it happens.
  if (on.chance.chance(1, 2)) tellPayment(on, payment, 'updated');
  return payment;
}

const AT_THE_TILL_PRODUCT = { square_product: AT_THE_TILL.product };

/** The authorisation ends without money: taken back by hand, run out, or declined. */
export function dropPayment(on: Stage, payment: Payment, status: 'CANCELED' | 'FAILED'): Payment {
  const at = on.tick(payment.updated_at);
  const { receipt_number: _, ...rest } = payment;
  const dropped: Payment = {
    ...rest,
    updated_at: at,
    status,
    ...withStatus(payment, status === 'FAILED' ? 'FAILED' : 'VOIDED', { voided_at: at }),
    version_token: versionToken(on),
  };
  on.keep('payments', dropped);
  tellPayment(on, dropped, 'updated');
  return dropped;
}

/** Nobody will pay the order any more. */
export function abandon(on: Stage, orderId: string): void {
  const order = on.get('orders', orderId);
  const at = on.tick(order.updated_at);
  tellOrder(on, on.keep('orders', changed(order, { state: 'CANCELED', closed_at: at }, at)), 'updated');
}

/** Puts the payment on its order as a tender; completes the order when nothing is due any more. */
function take(on: Stage, payment: Payment): void {
  const order = on.get('orders', payment.order_id);
  const taken = withTender(order, tenderOf(payment), on.tick(payment.updated_at));
  tellOrder(on, on.keep('orders', taken), 'updated');
}

/** The new state of a payment after a change that is announced. */
export function update(on: Stage, payment: Payment, change: Partial<Payment>): Payment {
  const updated_at = on.tick(payment.updated_at);
  const next = on.keep('payments', { ...payment, ...change, updated_at, version_token: versionToken(on) });
  tellPayment(on, next, 'updated');
  return next;
}

/** Whether the money of a payment is on Square's balance. */
export function isOnBalance(payment: Payment): boolean {
  return payment.source_type === 'WALLET' || (payment.source_type === 'CARD' && !isGiftCard(payment));
}

/** Whether a payment was made with a gift card of the seller's. */
export function isGiftCard(payment: Payment): boolean {
  return payment.card_details?.card.card_brand === 'SQUARE_GIFT_CARD';
}

/** What is due on the order now. */
export function due(on: Stage, order: Order): bigint {
  return dueOn(on.get('orders', order.id));
}

/** All that was paid on an order and stays paid. */
export function paymentsOf(on: Stage, order: Order): Payment[] {
  return (order.tenders ?? []).map(({ payment_id }) => on.get('payments', payment_id));
}

function tenderOf(payment: Payment): Tender {
  const { id, location_id, order_id, created_at, total_money, tip_money, card_details, cash_details } = payment;
  return {
    id,
    location_id,
    transaction_id: order_id,
    created_at,
    amount_money: total_money,
    ...(tip_money === undefined ? {} : { tip_money }),
    type: tenderType(payment),
    ...(card_details === undefined
      ? {}
      : { card_details: { status: 'CAPTURED', card: card_details.card, entry_method: card_details.entry_method } }),
    ...(cash_details === undefined
      ? {}
      : {
          cash_details: {
            buyer_tendered_money: cash_details.buyer_supplied_money,
            change_back_money: cash_details.change_back_money,
          },
        }),
    payment_id: id,
  };
}

function tenderType(payment: Payment): Tender['type'] {
  if (isGiftCard(payment)) return 'SQUARE_GIFT_CARD';
  return payment.source_type === 'EXTERNAL' ? 'OTHER' : payment.source_type;
}

function withStatus(source: Partial<Payment>, status: string, times: Record<string, string>): Source {
  const { source_type = 'CARD', card_details, wallet_details } = source;
  if (wallet_details !== undefined) return { source_type, wallet_details: { ...wallet_details, status } };
  if (card_details === undefined) return { ...source, source_type };
  const card_payment_timeline = { ...(card_details.card_payment_timeline as object | undefined), ...times };
  return { source_type, card_details: { ...card_details, status, card_payment_timeline } };
}

function receipt({ id }: Pick<Payment, 'id'>): Pick<Payment, 'receipt_number' | 'receipt_url'> {
  return { receipt_number: id.slice(0, 4), receipt_url: `https://squareup.com/receipt/preview/${id}` };
}

function versionToken(on: Stage): string {
  return `${capitalId(on.chance, 6)}${shortId(on.chance, 37)}6o`;
}
