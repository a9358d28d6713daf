import { type Random, random } from '../../../kit/random.ts';
import type { Bag } from './bag.ts';
import type { Balance, BalanceChange, Dispute } from './balance.ts';
import { type BalanceActs, balanceActs } from './balance-acts.ts';
import {
  cancelled,
  type Giveback,
  withLine,
  withoutLine,
  withPayment,
  withRefund,
  withRepayment,
  withTags,
} from './changes.ts';
import { type Basket, checkout, customerOf, extraLine, type Ids, idsOf } from './checkout.ts';
import type { Fact } from './facts.ts';
import { seconds } from './instants.ts';
import { type Order, outstanding, type Payment, type Refund } from './order.ts';
import type { Product, Shop } from './shops.ts';

export interface PayOptions {
  gateway?: string;
  status?: Payment['status'];
  parentId?: string;
  /** The payment happens in the very second of the change before it. */
  sameSecond?: boolean;
  /** Part of the happening before it, such as the payment of an order that is placed paid. */
  sameEvent?: boolean;
}

/**
 * One step of a shop's programme while it is being played. Every change is a happening of its own: a new second on the
 * order's clock, a new version of the order, a new event id that all facts of the happening share.
 */
export interface Stage {
  readonly shop: Shop;
  readonly chance: Random;
  /** Every version the step's orders went through, oldest first. */
  readonly versions: Order[];
  /** What is announced, in sending order; scripts reorder and repeat it. */
  facts: Fact[];
  place(basket: Basket): Order;
  pay(order: Order, kind: Payment['kind'], amount: Bag, options?: PayOptions): Order;
  refund(order: Order, giveback: Giveback): Order;
  repay(order: Order, amount: Bag): Order;
  addLine(order: Order, product: Product, quantity: number): Order;
  removeLine(order: Order, lineId: string): Order;
  cancel(order: Order, reason: string): Order;
  tag(order: Order, tags: string[]): Order;
  /** Announces the order as it is now under these topics. */
  announce(order: Order, ...topics: string[]): void;
  /** The balance at Shopify Payments. */
  readonly money: BalanceActs;
  /** What the step changed of it. */
  readonly changed: BalanceChange;
}

export interface StageContext {
  seed: number;
  shop: Shop;
  step: number;
  /** Milliseconds. */
  now: number;
  nextNumber(): number;
  chance: Random;
  /** The balance before the step. */
  balance: Balance;
}

/** A stage for one step. Its clock starts a little before `now`, so that a step's last second is not in the future. */
export function stage(context: StageContext): Stage {
  const record = recorder(context);
  const changed: BalanceChange = { movements: [], payouts: [], disputes: [] };
  const money = balanceActs(context.balance, changed, {
    chance: random(context.seed, context.shop.account, 'balance', context.step),
    happening: () => record.happening(null),
    tellDispute: record.tellDispute,
  });
  const ids = (order: Order, part: string): Ids =>
    idsOf(context.seed, context.shop.account, order.number, `${part}/${context.step}`);
  return {
    shop: context.shop,
    chance: context.chance,
    versions: record.versions,
    facts: record.facts,
    ...orderActs(context, record, ids),
    ...moneyActs(record, ids, money),
    money,
    changed,
  };
}

interface Recorder {
  facts: Fact[];
  versions: Order[];
  happening(order: Order | null, sameSecond?: boolean): string;
  keep(order: Order): Order;
  tell(topic: string, order: Order, more?: Partial<Fact>): void;
  tellDispute(topic: string, dispute: Dispute): void;
}

function recorder({ chance, now }: StageContext): Recorder {
  const facts: Fact[] = [];
  const versions: Order[] = [];
  let clock = now - 20_000;
  let eventId = '';
  return {
    facts,
    versions,
    happening: (order, sameSecond = false) => {
      eventId = uuid(chance);
      if (sameSecond && order !== null) return order.updatedAt;
      clock = Math.max(clock, order === null ? 0 : Date.parse(order.updatedAt)) + 1000;
      return seconds(clock);
    },
    keep: (order) => {
      versions.push(order);
      return order;
    },
    tell: (topic, order, more = {}) => {
      const triggeredAt = order.updatedAt.replace('Z', `.${chance.digits(9)}Z`);
      facts.push({ topic, eventId, triggeredAt, version: versions.indexOf(order), ...more });
    },
    tellDispute: (topic, dispute) => {
      const at = dispute.finalizedAt ?? dispute.initiatedAt;
      const triggeredAt = at.replace('Z', `.${chance.digits(9)}Z`);
      facts.push({ topic, eventId, triggeredAt, version: null, dispute });
    },
  };
}

type IdsOfPart = (order: Order, part: string) => Ids;

function orderActs({ seed, shop, chance, nextNumber }: StageContext, record: Recorder, ids: IdsOfPart) {
  const place: Stage['place'] = (basket) => {
    const number = nextNumber();
    const createdAt = record.happening(null);
    const customer = customerOf(seed, shop.account, chance);
    const stream = idsOf(seed, shop.account, number, 'order');
    return record.keep(checkout(shop, basket, { number, createdAt, customer }, stream));
  };
  const addLine: Stage['addLine'] = (order, product, quantity) => {
    const at = record.happening(order);
    const next = ids(order, `edit${order.lines.length}`);
    const line = extraLine(shop, product, quantity, order.currencies, next());
    const edited = record.keep(withLine(order, line, at));
    record.tell('orders/edited', edited, {
      edit: { id: next(), added: [{ id: line.id, delta: quantity }], removed: [] },
    });
    return edited;
  };
  const removeLine: Stage['removeLine'] = (order, lineId) => {
    const at = record.happening(order);
    const delta = order.lines.find((line) => line.id === lineId)!.quantity;
    const edited = record.keep(withoutLine(order, lineId, at));
    const id = ids(order, `removal${lineId}`)();
    record.tell('orders/edited', edited, { edit: { id, added: [], removed: [{ id: lineId, delta }] } });
    return edited;
  };
  const cancel: Stage['cancel'] = (order, reason) => record.keep(cancelled(order, reason, record.happening(order)));
  const tag: Stage['tag'] = (order, tags) => record.keep(withTags(order, tags, record.happening(order)));
  const announce: Stage['announce'] = (order, ...topics) => {
    for (const topic of topics) record.tell(topic, order);
  };
  return { place, addLine, removeLine, cancel, tag, announce };
}

function moneyActs(record: Recorder, ids: IdsOfPart, money: BalanceActs) {
  const told = ({ order, refund }: { order: Order; refund: Refund }): Order => {
    record.keep(order);
    record.tell('refunds/create', order, { part: refund.id });
    for (const id of refund.paymentIds) record.tell('order_transactions/create', order, { part: id });
    for (const payment of order.payments) if (refund.paymentIds.includes(payment.id)) money.moveMoney(order, payment);
    return order;
  };
  const pay: Stage['pay'] = (order, kind, amount, options = {}) => {
    const { gateway = 'shopify_payments', status = 'success', parentId = null } = options;
    const at = options.sameEvent ? order.updatedAt : record.happening(order, options.sameSecond);
    const id = ids(order, `payment${order.payments.length}`)();
    const payment: Payment = { id, kind, status, gateway, amount, parentId, at };
    const next = withPayment(order, payment);
    money.moveMoney(order, payment);
    // What happens in one event is never seen half done.
    if (options.sameEvent && record.versions.at(-1) === order) record.versions.pop();
    record.keep(next);
    record.tell('order_transactions/create', next, { part: id });
    return next;
  };
  const refund: Stage['refund'] = (order, giveback) => {
    const at = record.happening(order);
    return told(withRefund(order, giveback, at, ids(order, `refund${order.refunds.length}`)));
  };
  const repay: Stage['repay'] = (order, amount) => {
    const at = record.happening(order);
    return told(withRepayment(order, amount, at, ids(order, `refund${order.refunds.length}`)));
  };
  return { pay, refund, repay };
}

/** Pays what is open in one go and announces the order as placed and paid: what a card checkout does. */
export function placePaid(on: Stage, basket: Basket): Order {
  const placed = on.place(basket);
  const due = outstanding(placed);
  const order = due.shop === 0n ? placed : on.pay(placed, 'sale', due, { sameEvent: true });
  on.announce(order, 'orders/create', 'orders/paid');
  return order;
}

function uuid(chance: Random): string {
  const part = (length: number) => chance.hex(length);
  return `${part(8)}-${part(4)}-4${part(3)}-${chance.pick(['8', '9', 'a', 'b'])}${part(3)}-${part(12)}`;
}
