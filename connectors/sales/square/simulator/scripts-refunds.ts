import { divideHalfUp } from '@daybook/domain';
import { assessFee, awaitsFee } from './balance.ts';
import { article, gratuityBasket, line, taxedBasket, usualBasket } from './baskets.ts';
import { longId } from './ids.ts';
import {
  type KnownSale,
  returnableSale,
  unitsLeft,
  untouchedCardSale,
  untouchedCashSale,
  untouchedGiftCardSale,
} from './known.ts';
import { changed, dueOn, openOrder } from './order.ts';
import { type BasketLine, priced } from './pricing.ts';
import { type Asked, askRefund, rejectRefund, settleRefund } from './refunds.ts';
import { amountReturn, itemisedReturn, type TakenBack } from './returns.ts';
import { cardSale, cashSale, giftCardSale, type Script, saleScripts } from './scripts-sales.ts';
import type { Stage } from './stage.ts';
import { tellOrder } from './tell.ts';
import { approve, bankCard, complete } from './till.ts';
import type { Order, OrderReturn, Payment, PaymentRefund } from './wire.ts';

function fresh(on: Stage, payment: Payment): KnownSale {
  return { sale: on.get('orders', payment.order_id), payment, earlier: [] };
}

function cardSaleToRefund(on: Stage): KnownSale {
  return untouchedCardSale(on) ?? fresh(on, cardSale(on, usualBasket(on)));
}

/** Everything that was sold, with charges and tips. */
function everything(known: KnownSale, cash: boolean): TakenBack {
  const lines = known.sale.line_items!.map((each) => ({ line: each, quantity: each.quantity }));
  return { lines, charges: true, tips: true, cash };
}

/** One line, some of its units; what was sold by weight as a whole. */
function someUnits(on: Stage, known: KnownSale): TakenBack {
  const { line: chosen, units } = on.chance.pick(unitsLeft(known));
  const some = units === 1 ? 1 : on.chance.between(1, units - 1);
  const quantity = chosen.quantity_unit === undefined ? `${some}` : chosen.quantity;
  return { lines: [{ line: chosen, quantity }], charges: false, tips: false, cash: false };
}

function itemised(on: Stage, known: KnownSale, taken: TakenBack, reason: string): Asked {
  const { sale, payment, earlier } = known;
  return { sale, paymentId: payment.id, taken: itemisedReturn(sale, taken, earlier, on.uid), reason };
}

/** Money back for no goods in particular: a fifth of the sale. */
function goodwill(on: Stage, { sale, payment }: KnownSale): Asked {
  const amount = divideHalfUp(payment.total_money.amount, 5n);
  return { sale, paymentId: payment.id, taken: amountReturn(sale, amount, on.uid), reason: 'Long wait' };
}

/** What Square gives back of its fee, in the share of what is refunded. */
function feeShare(on: Stage, refund: PaymentRefund): bigint {
  const payment = on.get('payments', refund.payment_id);
  const fee = payment.processing_fee?.[0]?.amount_money.amount ?? 0n;
  return divideHalfUp(fee * refund.amount_money.amount, payment.total_money.amount);
}

/** Opens an order that sells these lines and takes something back. */
function exchangeOrder(on: Stage, sale: Order, taken: OrderReturn, lines: BasketLine[]): Order {
  const at = on.tick(sale.updated_at);
  const head = { id: longId(on.chance), location_id: sale.location_id, source: sale.source.name, at, versioned: false };
  return changed(openOrder(head, priced({ lines }, on.cafe.catalogVersion, on.uid)), { returns: [taken] }, at);
}

/** The buyer pays the difference by card. */
function exchangeForMore(on: Stage, known: KnownSale): void {
  const { sale, earlier } = known;
  const taken = itemisedReturn(sale, someUnits(on, known), earlier, on.uid);
  const { lines } = taxedBasket(on);
  let order = exchangeOrder(on, sale, taken, lines);
  for (let mugs = 1; dueOn(order) < 100n; mugs += 1) {
    order = exchangeOrder(on, sale, taken, [...lines, line(article(on, 'MUG-ENAMEL'), mugs)]);
  }
  tellOrder(on, on.keep('orders', order), 'created');
  complete(on, approve(on, order, dueOn(order), bankCard(on)));
}

/** A mug goes back, a coffee is taken instead, and the difference goes back to the card. */
function exchangeForLess(on: Stage): void {
  const known = fresh(on, cardSale(on, { lines: [line(article(on, 'MUG-ENAMEL'), on.chance.between(1, 2))] }));
  const { sale, payment } = known;
  const taken = itemisedReturn(sale, someUnits(on, known), [], on.uid);
  const order = exchangeOrder(on, sale, taken, [line(article(on, 'ESPRESSO'), 1)]);
  settleRefund(on, askRefund(on, { sale, paymentId: payment.id, taken, reason: 'Exchange', exchange: order }));
}

/** Like for like: no money moves, and no payment tells of it. */
function evenExchange(on: Stage): void {
  const lines = [line(article(on, on.chance.pick(['LATTE-12', 'CROISSANT', 'POSTCARD'])), on.chance.between(1, 2))];
  const known = fresh(on, cardSale(on, { lines: [...lines, line(article(on, 'WATER-05'), 1)] }));
  const [first] = known.sale.line_items!;
  const back = { lines: [{ line: first!, quantity: first!.quantity }], charges: false, tips: false, cash: false };
  const order = on.keep('orders', exchangeOrder(on, known.sale, itemisedReturn(known.sale, back, [], on.uid), lines));
  tellOrder(on, order, 'created');
  const at = on.tick(order.updated_at);
  tellOrder(on, on.keep('orders', changed(order, { state: 'COMPLETED', closed_at: at }, at)), 'updated');
}

/** What one of two cards paid goes back to it; nobody says for which goods. */
function refundOneOfTwo(on: Stage): void {
  saleScripts['split tender: two cards']!(on);
  const sale = on.list('orders').at(-1)!;
  const payment = on.get('payments', on.chance.pick(sale.tenders!).payment_id);
  const taken = amountReturn(sale, payment.total_money.amount, on.uid);
  settleRefund(on, askRefund(on, { sale, paymentId: payment.id, taken, reason: 'Paid twice' }));
}

/** Every way to give money back, by the name that `trade` answers. */
export const refundScripts: Readonly<Record<string, Script>> = {
  'itemised refund': (on) => {
    const known = returnableSale(on) ?? fresh(on, cardSale(on, usualBasket(on, 2)));
    settleRefund(on, askRefund(on, itemised(on, known, someUnits(on, known), 'Returned goods')));
  },
  'full refund with tip and service charge': (on) => {
    const plain = (sale: Order) => sale.service_charges !== undefined || (sale.total_tip_money?.amount ?? 0n) > 0n;
    const known = untouchedCardSale(on, plain) ?? fresh(on, cardSale(on, gratuityBasket(on)));
    settleRefund(on, askRefund(on, itemised(on, known, everything(known, false), 'Wrong order')));
  },
  'refund of an amount': (on) => void settleRefund(on, askRefund(on, goodwill(on, cardSaleToRefund(on)))),
  'cash refund': (on) => {
    const known = untouchedCashSale(on) ?? fresh(on, cashSale(on, usualBasket(on)));
    settleRefund(on, askRefund(on, itemised(on, known, everything(known, true), 'Returned goods')));
  },
  'refund asked for': (on) => void askRefund(on, goodwill(on, cardSaleToRefund(on))),
  'refund completed later': (on) => {
    const open = on.list('refunds').find(({ status }) => status === 'PENDING');
    settleRefund(on, open ?? askRefund(on, goodwill(on, cardSaleToRefund(on))));
  },
  'refund rejected': (on) => void rejectRefund(on, askRefund(on, goodwill(on, cardSaleToRefund(on)))),
  'refund with the fee given back': (on) => {
    const found = cardSaleToRefund(on);
    const payment = awaitsFee(found.payment) ? assessFee(on, found.payment) : found.payment;
    const known = { ...found, payment };
    const asked = askRefund(on, itemised(on, known, everything(known, false), 'Sold out'));
    settleRefund(on, asked, feeShare(on, asked));
  },
  'gift card payment refunded': (on) => {
    const known = untouchedGiftCardSale(on) ?? giftCardKnown(on);
    if (known === null) return void settleRefund(on, askRefund(on, goodwill(on, cardSaleToRefund(on))));
    settleRefund(on, askRefund(on, itemised(on, known, everything(known, false), 'Returned goods')));
  },
  'refund of one payment of two': refundOneOfTwo,
  'exchange for something dearer': (on) => {
    exchangeForMore(on, returnableSale(on) ?? fresh(on, cardSale(on, usualBasket(on, 2))));
  },
  'exchange for something cheaper': exchangeForLess,
  'exchange of like for like': evenExchange,
};

/** A new sale by gift card, unless the card did not reach and a bank card had to help. */
function giftCardKnown(on: Stage): KnownSale | null {
  const known = fresh(on, giftCardSale(on));
  return known.sale.tenders?.length === 1 ? known : null;
}
