import { type Bag, opposite } from './bag.ts';
import {
  discountedBasket,
  freeBasket,
  giftCardBasket,
  goodsBasket,
  goodsOf,
  shippedBasket,
  usualBasket,
} from './baskets.ts';
import { everything, type Giveback } from './changes.ts';
import { bagOf, splitTender } from './checkout.ts';
import {
  currentFigures,
  currentQuantity,
  discounted,
  type Line,
  type Order,
  outstanding,
  soldFigures,
} from './order.ts';
import { balanceScripts } from './scripts-balance.ts';
import { placePaid, type Stage } from './step.ts';

/** Plays one kind of step. `known` finds an order of earlier steps that fits, if there is one. */
export type Script = (on: Stage, known: (fits: (order: Order) => boolean) => Order | undefined) => void;

const nothingElse: Omit<Giveback, 'lines'> = { shipping: false, discrepancy: null, note: null };

/** Whether goods can be given back without ambiguity: paid in full by one payment, only goods given back so far. */
function returnable(order: Order): boolean {
  return (
    order.cancelledAt === null &&
    !order.edited &&
    order.payments.filter((payment) => payment.kind !== 'refund').length === 1 &&
    order.payments[0]!.kind === 'sale' &&
    order.refunds.every((refund) => refund.lines.length > 0) &&
    goods(order).length > 0 &&
    !order.lines.some((line) => line.giftCard || line.tip) &&
    soldFigures(order).total.shop >= 1000n &&
    outstanding(order).shop === 0n
  );
}

const untouched = (order: Order) => returnable(order) && order.refunds.length === 0;
const several = (order: Order) => untouched(order) && goods(order).length >= 2;
/** Lines that are worth something and not all given back. */
const goods = (order: Order): Line[] =>
  order.lines.filter((line) => discounted(line).shop > 0n && currentQuantity(order, line) > 0);

/** Placed with a bank transfer to come: a pending transaction, no money yet. */
function placeUnpaid(on: Stage, minimumLines = 1): Order {
  const placed = on.place(goodsBasket(on.shop, on.chance, minimumLines));
  const bank = { gateway: 'Bank Deposit', status: 'pending', sameEvent: true } as const;
  const order = on.pay(placed, 'sale', outstanding(placed), bank);
  on.announce(order, 'orders/create');
  return order;
}

/** The bank transfer arrives. */
function settle(on: Stage, order: Order, sameSecond = false): Order {
  const parentId = order.payments[0]!.id;
  const paid = on.pay(order, 'sale', outstanding(order), { gateway: 'Bank Deposit', parentId, sameSecond });
  on.announce(paid, 'orders/paid');
  return paid;
}

function placeAuthorised(on: Stage): Order {
  const placed = on.place(shippedBasket(on.shop, on.chance));
  const order = on.pay(placed, 'authorization', outstanding(placed), { sameEvent: true });
  on.announce(order, 'orders/create');
  return order;
}

function refundPart(on: Stage, order: Order): Order {
  const line = on.chance.pick(goods(order));
  const left = currentQuantity(order, line);
  const quantity = left === 1 ? 1 : on.chance.between(1, left - 1);
  const lines = [{ line, quantity, restock: 'return' as const }];
  const refunded = on.refund(order, { ...nothingElse, lines, note: 'Did not fit' });
  on.announce(refunded, 'orders/updated');
  return refunded;
}

/** Brings the facts that fit to the front: they overtake the others on their way. */
function overtake(on: Stage, fits: (topic: string) => boolean): void {
  const first = on.facts.filter((fact) => fits(fact.topic));
  const rest = on.facts.filter((fact) => !fits(fact.topic));
  on.facts.splice(0, on.facts.length, ...first, ...rest);
}

const sales: Record<string, Script> = {
  'plain order': (on) => void placePaid(on, usualBasket(on.shop, on.chance)),
  'order with line and order discount': (on) => void placePaid(on, discountedBasket(on.shop, on.chance)),
  'order paid in another currency': (on) => {
    const presentment = on.shop.presentments[0]!;
    placePaid(on, { ...shippedBasket(on.shop, on.chance), presentment });
  },
  'gift card sold': (on) => void placePaid(on, giftCardBasket(on.shop, on.chance)),
  'gift card used with a card': (on) => {
    const placed = on.place(goodsBasket(on.shop, on.chance, 2));
    const due = outstanding(placed);
    const [used, rest] = splitTender(due, due.shop / BigInt(on.chance.between(2, 5)));
    const begun = on.pay(placed, 'sale', used, { gateway: 'gift_card', sameEvent: true });
    const order = on.pay(begun, 'sale', rest, { sameEvent: true });
    on.announce(order, 'orders/create', 'orders/paid');
  },
  'order with a tip': (on) => {
    const tip = BigInt(on.chance.between(1, 12)) * 50n;
    placePaid(on, { ...goodsBasket(on.shop, on.chance), tip });
  },
  'order with taxed shipping': (on) => void placePaid(on, shippedBasket(on.shop, on.chance)),
  'free order': (on) => void placePaid(on, freeBasket(on.shop, on.chance)),
  'order placed unpaid, then paid': (on) => {
    const paid = settle(on, placeUnpaid(on));
    on.announce(paid, 'orders/updated');
  },
  'order authorised, then captured': (on) => {
    const order = placeAuthorised(on);
    const authorisation = order.payments[0]!;
    const paid = on.pay(order, 'capture', authorisation.amount, { parentId: authorisation.id });
    on.announce(paid, 'orders/paid', 'orders/updated');
  },
};

const refunds: Record<string, Script> = {
  'partial refund with restock': (on, known) => {
    refundPart(on, known(returnable) ?? placePaid(on, usualBasket(on.shop, on.chance)));
  },
  'refund without lines': (on, known) => {
    const order = known(untouched) ?? placePaid(on, goodsBasket(on.shop, on.chance, 2));
    const rate = on.shop.presentments.find(({ currency }) => currency === order.currencies.presentment);
    const discrepancy = bagOf(BigInt(on.chance.between(101, 499)), rate);
    const refunded = on.refund(order, { ...nothingElse, lines: [], discrepancy, note: 'Goodwill' });
    on.announce(refunded, 'orders/updated');
  },
  'shipping refund': (on, known) => {
    const shipped = (order: Order) => untouched(order) && currentFigures(order).shipping.shop > 0n;
    const order = known(shipped) ?? placePaid(on, shippedBasket(on.shop, on.chance));
    const refunded = on.refund(order, { ...nothingElse, lines: [], shipping: true, note: 'Came late' });
    on.announce(refunded, 'orders/updated');
  },
  'full refund': (on, known) => {
    const order = known(returnable) ?? placePaid(on, usualBasket(on.shop, on.chance));
    on.announce(on.refund(order, everything(order, 'return', null)), 'orders/updated');
  },
};

const edits: Record<string, Script> = {
  'order edited: line added, extra paid': (on, known) => {
    const order = known(untouched) ?? placePaid(on, usualBasket(on.shop, on.chance));
    const edited = on.addLine(order, on.chance.pick(goodsOf(on.shop)), on.chance.between(1, 2));
    on.announce(edited, 'orders/updated');
    const paid = on.pay(edited, 'sale', outstanding(edited));
    on.announce(paid, 'orders/paid', 'orders/updated');
  },
  'order edited: line removed, difference refunded': (on, known) => {
    const order = known(several) ?? placePaid(on, goodsBasket(on.shop, on.chance, 2));
    const edited = on.removeLine(order, on.chance.pick(goods(order)).id);
    on.announce(edited, 'orders/updated');
    const owed: Bag = opposite(outstanding(edited));
    on.announce(on.repay(edited, owed), 'orders/updated');
  },
  'order edited before payment: line removed, then paid': (on) => {
    const order = placeUnpaid(on, 2);
    const edited = on.removeLine(order, on.chance.pick(goods(order)).id);
    on.announce(edited, 'orders/updated');
    on.announce(settle(on, edited), 'orders/updated');
  },
  'order cancelled before capture': (on) => {
    const order = placeAuthorised(on);
    const authorisation = order.payments[0]!;
    const voided = on.pay(order, 'void', authorisation.amount, { parentId: authorisation.id });
    on.announce(on.cancel(voided, 'customer'), 'orders/cancelled', 'orders/updated');
  },
  'order cancelled after capture': (on, known) => {
    const order = known(returnable) ?? placePaid(on, usualBasket(on.shop, on.chance));
    const refunded = on.refund(order, everything(order, 'cancel', null));
    on.announce(on.cancel(refunded, 'inventory'), 'orders/cancelled', 'orders/updated');
  },
  'order tagged again and again': (on, known) => {
    let order = known((each) => each.cancelledAt === null) ?? placePaid(on, usualBasket(on.shop, on.chance));
    for (let round = on.chance.between(3, 6); round > 0; round -= 1) {
      order = on.tag(order, [...order.tags.slice(-2), `pick-${on.chance.digits(4)}`]);
      on.announce(order, 'orders/updated');
    }
  },
};

const deliveries: Record<string, Script> = {
  'deliveries repeated': (on) => {
    placePaid(on, usualBasket(on.shop, on.chance));
    on.facts.push(...on.facts);
  },
  'refund delivered before its order': (on) => {
    refundPart(on, placePaid(on, goodsBasket(on.shop, on.chance, 2)));
    overtake(on, (topic) => topic === 'refunds/create');
  },
  'update delivered before the order': (on) => {
    const order = placePaid(on, usualBasket(on.shop, on.chance));
    on.announce(on.tag(order, ['packed']), 'orders/updated');
    overtake(on, (topic) => topic === 'orders/updated');
  },
  'payment delivered before the order': (on) => {
    settle(on, placeUnpaid(on));
    overtake(on, (topic) => topic === 'orders/paid');
  },
  'order placed and paid in the same second': (on) => {
    settle(on, placeUnpaid(on), true);
    if (on.chance.chance(1, 2)) overtake(on, (topic) => topic === 'orders/paid');
  },
};

/** Kinds whose point is the order of their deliveries. */
export const deliveryKinds: ReadonlySet<string> = new Set(Object.keys(deliveries));

/** Every kind of step a shop can play, by the name that `trade` answers. */
export const scripts: Readonly<Record<string, Script>> = {
  ...sales,
  ...refunds,
  ...edits,
  ...deliveries,
  ...balanceScripts,
};
