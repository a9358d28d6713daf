import { divideHalfUp } from '@daybook/domain';
import { figuresOf, linesLeft, type Order, refundedOf } from './order.ts';
import { REDUCED, STANDARD, ZERO } from './site.ts';
import {
  BACS,
  basket,
  CHEQUE,
  COD,
  everythingLeft,
  PAYPAL,
  refunded,
  refundOfLines,
  STRIPE,
  type Stage,
  taxedBasket,
  type Wish,
  withFee,
} from './stage.ts';

/** Finds an order that fits among those of the last days. */
export type Find = (fits: (order: Order) => boolean) => Order | undefined;
export type Script = (on: Stage, find: Find) => void;

/** Placed and paid at once: background work runs when all is done, so `order.created` shows a paid order already. */
function placePaid(on: Stage, wish: Partial<Wish> = {}): Order {
  const placed = on.place({ payment: on.chance.chance(2, 3) ? STRIPE : PAYPAL, ...wish });
  const paid = on.save(on.pay(withFee(placed)), 'order.updated');
  on.run();
  return paid;
}

const isPaid = (order: Order) => order.paidAt !== null && ['processing', 'completed'].includes(order.status);
const untouched = (order: Order) => isPaid(order) && order.refunds.length === 0 && order.giftCard === null;
/** Paid, without an amount that was given back without saying for what. */
const returnable = (order: Order) =>
  isPaid(order) && order.giftCard === null && order.refunds.every((refund) => refund.lines.length > 0);
const hasGoods = (order: Order) => returnable(order) && linesLeft(order).items.some((line) => line.quantity > 0);

const sales: Record<string, Script> = {
  'order paid at once': (on) => void placePaid(on, { shipped: on.chance.chance(1, 2) }),
  'order with all three rates': (on) => {
    const of = (rate: { id: number }) => on.chance.pick(on.site.products.filter((each) => each.rate.id === rate.id));
    const items = [STANDARD, ZERO, REDUCED].map((rate) => ({ product: of(rate), quantity: on.chance.between(1, 3) }));
    placePaid(on, { items, shipped: true });
  },
  'order with a coupon': (on) => void placePaid(on, { couponPercent: on.chance.pick([5, 10, 15, 33]), shipped: true }),
  'order with a reduction as a negative fee': (on) => {
    const fees = [{ name: 'Loyalty discount', gross: -BigInt(on.chance.between(100, 499)), rate: STANDARD }];
    placePaid(on, { items: taxedBasket(on.site, on.chance), fees });
  },
  'order with a tip': (on) => {
    placePaid(on, { fees: [{ name: 'Tip', gross: BigInt(on.chance.between(1, 10)) * 50n, rate: null }] });
  },
  'order with gift wrap': (on) => void placePaid(on, { fees: [{ name: 'Gift wrap', gross: 350n, rate: STANDARD }] }),
  'order partly paid with a gift card': (on) => void placePaid(on, { giftCard: 500n, shipped: true }),
  'order paid with a gift card alone': (on) => void placePaid(on, { giftCard: 1_000_000n, payment: STRIPE }),
  'free order': (on) => {
    const placed = on.place({ couponPercent: 100, payment: { method: '', title: '', reference: '' } });
    on.save(on.pay(placed), 'order.updated');
    on.run();
  },
  'fee that appears later': (on) => {
    const paid = on.save(on.pay(on.place({ payment: STRIPE })), 'order.updated');
    on.run();
    on.save(withFee(paid), 'order.updated');
    on.run();
  },
};

const payments: Record<string, Script> = {
  'order placed unpaid, then paid': (on) => {
    const placed = on.place({ status: 'pending', shipped: true });
    on.run();
    on.save(on.pay(withFee(placed)), 'order.updated');
    on.run();
  },
  'draft of the checkout that becomes an order': (on) => {
    const draft = on.place({ status: 'checkout-draft' });
    on.run();
    const placed = on.save({ ...draft, status: 'pending' }, 'order.updated');
    on.save(on.pay(withFee(placed)), 'order.updated');
    on.run();
  },
  'order placed and paid in the same second': (on) => {
    const placed = on.place({ status: 'pending', payment: PAYPAL });
    on.run();
    on.save(on.pay(withFee(placed)), 'order.updated', { same: true });
    on.run();
  },
  'cash on delivery': (on) => {
    const placed = on.place({ payment: COD, status: 'processing', shipped: true });
    on.run();
    const paid = on.save(on.pay(placed, 'completed'), null);
    on.save({ ...paid, completedAt: paid.paidAt }, 'order.updated');
    on.run();
  },
  'bank transfer': (on) => {
    const placed = on.place({ payment: on.chance.chance(2, 3) ? BACS : CHEQUE, status: 'on-hold', shipped: true });
    on.run();
    on.save(on.pay(placed), 'order.updated');
    on.run();
  },
  'failed payment, then paid': (on) => {
    const placed = on.place({ status: 'failed' });
    on.run();
    on.save(on.pay(withFee(placed)), 'order.updated');
    on.run();
  },
  'order cancelled unpaid': (on) => {
    const placed = on.place({ payment: BACS, status: 'on-hold' });
    on.run();
    on.save({ ...placed, status: 'cancelled' }, 'order.updated');
    on.run();
  },
  'order trashed, restored and paid': (on) => {
    const placed = on.place({ payment: BACS, status: 'on-hold' });
    on.run();
    const trashed = on.save({ ...placed, status: 'trash', statusBefore: placed.status }, 'order.deleted');
    on.run();
    const restored = on.save({ ...trashed, status: trashed.statusBefore, statusBefore: '' }, 'order.restored');
    on.run();
    on.save(on.pay(restored), 'order.updated');
    on.run();
  },
};

function refundPart(on: Stage, order: Order): Order {
  const line = on.chance.pick(linesLeft(order).items.filter((each) => each.quantity > 0));
  const quantity = on.chance.between(1, line.quantity);
  const share = (amount: bigint) => divideHalfUp(amount * BigInt(quantity), BigInt(line.quantity));
  const back = { ...line, quantity, net: share(line.net), tax: share(line.tax) };
  return on.save(refundOfLines(on, order, [back], 'Arrived with a bent corner'), 'order.updated');
}

function refundAmount(on: Stage, order: Order): Order {
  const whole = figuresOf(order).total;
  const amount = whole > 400n ? BigInt(on.chance.between(101, 399)) : whole / 2n;
  return on.save(refunded(on, order, amount, [], 'Goodwill'), 'order.updated');
}

/** The newest refund is deleted in wp-admin; it simply stops being listed. */
function deleteRefund(on: Stage, order: Order): Order {
  const refunds = order.refunds.slice(0, -1);
  const status = order.status === 'refunded' ? 'processing' : order.status;
  const next = { ...order, refunds, status };
  return on.save(next.meta.some((each) => each.key === '_stripe_fee') ? withFee(next) : next, 'order.updated');
}

const refunds: Record<string, Script> = {
  'partial refund of lines': (on, find) => {
    refundPart(on, find(hasGoods) ?? placePaid(on));
    on.run();
  },
  'refund of an amount': (on, find) => {
    refundAmount(on, find(untouched) ?? placePaid(on));
    on.run();
  },
  'refund of shipping': (on, find) => {
    const shipped = (order: Order) => untouched(order) && order.shipping.length > 0;
    const order = find(shipped) ?? placePaid(on, { shipped: true });
    on.save(refundOfLines(on, order, linesLeft(order).shipping, 'Came late'), 'order.updated');
    on.run();
  },
  'full refund, line by line': (on, find) => {
    const order = find(hasGoods) ?? placePaid(on);
    const left = figuresOf(order).total - refundedOf(order);
    const lines = everythingLeft(order).map((line) => ({ ...line, id: on.nextId() }));
    on.save(refunded(on, order, left, lines, 'Sent back'), 'order.updated');
    on.run();
  },
  'status set to refunded': (on, find) => {
    // WooCommerce then makes a refund of all that is left, without lines, that no gateway pays.
    const order = find(untouched) ?? placePaid(on, { payment: BACS });
    on.save(refunded(on, order, figuresOf(order).total, [], 'Order fully refunded.'), 'order.updated');
    on.run();
  },
  'refund of lines, deleted again': (on, find) => {
    const order = refundPart(on, find(hasGoods) ?? placePaid(on));
    on.run();
    deleteRefund(on, order);
    on.run();
  },
  'refund of an amount, deleted again': (on, find) => {
    const order = refundAmount(on, find(untouched) ?? placePaid(on));
    on.run();
    deleteRefund(on, order);
    on.run();
  },
};

function withItem(on: Stage, order: Order): Order {
  const product = on.chance.pick(on.site.products.filter((each) => order.items.every((item) => item.sku !== each.sku)));
  const { id: productId, sku, name, rate, price } = product;
  const item = { id: on.nextId(), productId, sku, name, quantity: 1, list: price, gross: price, rate };
  return { ...order, items: [...order.items, item] };
}

const edits: Record<string, Script> = {
  'order edited before payment': (on) => {
    const placed = on.place({ payment: BACS, status: 'on-hold', shipped: true });
    on.run();
    const edited = on.save(withItem(on, placed), 'order.updated');
    on.run();
    on.save(on.pay(edited), 'order.updated');
    on.run();
  },
  'order edited after payment: line added': (on, find) => {
    const order = find(untouched) ?? placePaid(on, { payment: BACS });
    on.save(withItem(on, order), 'order.updated');
    on.run();
  },
  'order edited after payment: line removed': (on, find) => {
    const order = find((each) => untouched(each) && each.items.length > 1 && each.fees.length === 0);
    const edited = order ?? placePaid(on, { payment: BACS, items: basket(on.site, on.chance, 2) });
    on.save({ ...edited, items: edited.items.slice(1) }, 'order.updated');
    on.run();
  },
  'order completed': (on, find) => {
    const order = find((each) => isPaid(each) && each.status === 'processing') ?? placePaid(on);
    on.save({ ...order, status: 'completed', completedAt: order.modifiedAt + 1_000 }, 'order.updated');
    on.run();
  },
};

const ways: Record<string, Script> = {
  'the same webhook twice': (on) => {
    placePaid(on);
    for (const beat of on.beats) beat.hooks = [...beat.hooks, ...beat.hooks];
  },
  'an old state arrives last': (on) => {
    const placed = on.place({ payment: PAYPAL });
    const paid = on.save(on.pay(withFee(placed)), 'order.updated', { late: true });
    on.run();
    refundPart(on, paid);
    on.run();
  },
  'updated before created': (on) => {
    placePaid(on);
    for (const beat of on.beats) beat.hooks = beat.hooks.toReversed();
  },
};

/** Kinds whose point is how webhooks travel. */
export const wayKinds: ReadonlySet<string> = new Set(Object.keys(ways));

/** Every kind of step the store can play, by the name that `trade` answers; the plainest comes first. */
export const scripts: Readonly<Record<string, Script>> = { ...sales, ...payments, ...refunds, ...edits, ...ways };

/** What an administrator does to the order that came last; not part of the programme. */
export const administration = {
  'refund an amount': (on, order) => void refundAmount(on, order),
  'delete the refund': (on, order) => void deleteRefund(on, order),
  'move it to the trash': (on, order) =>
    void on.save({ ...order, status: 'trash', statusBefore: order.status }, 'order.deleted'),
  'restore it': (on, order) =>
    void on.save({ ...order, status: order.statusBefore, statusBefore: '' }, 'order.restored'),
} as const satisfies Record<string, (on: Stage, order: Order) => void>;
