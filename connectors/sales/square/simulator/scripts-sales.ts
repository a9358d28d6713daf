import { lesser } from '@daybook/domain';
import { assessFee } from './balance.ts';
import {
  customBasket,
  deliveredBasket,
  discountedBasket,
  giftCardBasket,
  gratuityBasket,
  includedTaxBasket,
  taxedBasket,
  usualBasket,
  weighedBasket,
} from './baskets.ts';
import { cashMoves } from './drawer.ts';
import { activate, type GiftCard, redeem, spendableCards } from './gift-cards.ts';
import { invoiced } from './invoices.ts';
import { roundedForCash } from './order.ts';
import type { Basket } from './pricing.ts';
import type { Stage } from './stage.ts';
import {
  abandon,
  approve,
  bankCard,
  cashApp,
  complete,
  dropPayment,
  due,
  ringUp,
  type Till,
  takeAtOnce,
} from './till.ts';
import { type Order, type Payment, usd } from './wire.ts';

/** Plays one kind of step. */
export type Script = (on: Stage) => void;

const ONLINE = { name: 'Square Online', product: 'ONLINE_STORE' };

/** Rung up and paid by card in one go. */
export function cardSale(on: Stage, basket: Basket, till: Till = {}): Payment {
  const order = ringUp(on, basket, till);
  return complete(on, approve(on, order, due(on, order), bankCard(on), till));
}

/** Paid in coins and notes, rounded to five cents; the drawer of the location has it. */
export function cashSale(on: Stage, basket: Basket): Payment {
  return payRestInCash(on, ringUp(on, basket));
}

function payRestInCash(on: Stage, rung: Order): Payment {
  const now = on.get('orders', rung.id);
  const order = on.keep('orders', roundedForCash(now, on.uid(), on.tick(now.updated_at)));
  const amount = due(on, order);
  const given = ((amount + 499n) / 500n) * 500n;
  const cash_details = { buyer_supplied_money: usd(given), change_back_money: usd(given - amount) };
  const payment = takeAtOnce(on, order, amount, { source_type: 'CASH', cash_details });
  cashMoves(on, order.location_id, 'CASH_TENDER_PAYMENT', amount);
  return payment;
}

/** A gift card sold for card money; answers the card. */
export function sellGiftCard(on: Stage): GiftCard {
  const payment = cardSale(on, giftCardBasket(on));
  return activate(on, on.get('orders', payment.order_id));
}

/** Pays with a gift card, up to what is on it and `most`. */
export function payByGiftCard(on: Stage, order: Order, card: GiftCard, most: bigint): Payment {
  const whole = { card_brand: 'SQUARE_GIFT_CARD', last_4: card.gan.slice(-4), exp_month: 12, exp_year: 2050 };
  const card_details = { status: 'CAPTURED', card: whole, entry_method: 'KEYED' };
  const payment = takeAtOnce(on, order, lesser(most, card.balance), { source_type: 'CARD', card_details });
  redeem(on, card, payment);
  return payment;
}

/** A sale small enough for the card that pays it; part of the card's money is left. */
export function giftCardSale(on: Stage): Payment {
  const card = cardWith(on, 1000n);
  const order = ringUp(on, { lines: usualBasket(on).lines.slice(0, 1) });
  const owed = due(on, order);
  const payment = payByGiftCard(on, order, card, owed);
  if (due(on, order) > 0n) payRestByCard(on, order);
  return payment;
}

function cardWith(on: Stage, least: bigint): GiftCard {
  return spendableCards(on).find(({ balance }) => balance >= least) ?? sellGiftCard(on);
}

function payRestByCard(on: Stage, order: Order): Payment {
  const now = on.get('orders', order.id);
  return complete(on, approve(on, now, due(on, now), bankCard(on)));
}

/** What a tip may be: 10 to 25 percent, in whole cents. */
function tipFor(on: Stage, amount: bigint): bigint {
  return (amount * BigInt(on.chance.between(10, 25))) / 100n;
}

/** Every way to sell, by the name that `trade` answers; the plain one first. */
export const saleScripts: Readonly<Record<string, Script>> = {
  'card sale': (on) => void cardSale(on, usualBasket(on)),
  'cash sale, rounded to five cents': (on) => void cashSale(on, usualBasket(on)),
  'split tender: card and cash': (on) => {
    const order = ringUp(on, usualBasket(on, 2));
    const part = due(on, order) / BigInt(on.chance.between(2, 4));
    complete(on, approve(on, order, part, bankCard(on)));
    payRestInCash(on, order);
  },
  'split tender: two cards': (on) => {
    const order = ringUp(on, usualBasket(on, 2));
    const first = complete(on, approve(on, order, due(on, order) / 2n, bankCard(on)), tipFor(on, 1000n));
    assessFee(on, first);
    payRestByCard(on, order);
  },
  'paid by phone': (on) => {
    const order = ringUp(on, usualBasket(on));
    complete(on, approve(on, order, due(on, order), cashApp()));
  },
  'paid by check': (on) => {
    const order = ringUp(on, usualBasket(on));
    const external_details = { type: 'CHECK', source: 'Check 1042' };
    takeAtOnce(on, order, due(on, order), { source_type: 'EXTERNAL', external_details });
  },
  'gift card sold': (on) => void sellGiftCard(on),
  'gift card used in part': (on) => void giftCardSale(on),
  'gift card and a bank card': (on) => {
    const order = ringUp(on, usualBasket(on, 2));
    payByGiftCard(on, order, cardWith(on, 1n), due(on, order) / 2n);
    payRestByCard(on, order);
  },
  'tip added after the authorisation': (on) => {
    const order = ringUp(on, taxedBasket(on));
    const payment = approve(on, order, due(on, order), bankCard(on));
    complete(on, payment, tipFor(on, payment.amount_money.amount));
  },
  'gratuity of a large table': (on) => void cardSale(on, gratuityBasket(on)),
  'online order with a delivery fee': (on) => void cardSale(on, deliveredBasket(on), { source: ONLINE }),
  'prices with tax included': (on) => void cardSale(on, includedTaxBasket(on)),
  'line and order discount': (on) => void cardSale(on, discountedBasket(on)),
  'sold by weight, with modifiers': (on) => void cardSale(on, weighedBasket(on)),
  'amount typed in': (on) => void cardSale(on, customBasket(on)),
  'invoice paid by card': (on) => void invoiced(on),
  'authorisation cancelled': (on) => {
    const order = ringUp(on, usualBasket(on));
    dropPayment(on, approve(on, order, due(on, order), bankCard(on)), 'CANCELED');
    abandon(on, order.id);
  },
  'card declined, then another': (on) => {
    const order = ringUp(on, usualBasket(on));
    dropPayment(on, approve(on, order, due(on, order), bankCard(on)), 'FAILED');
    payRestByCard(on, order);
  },
  'authorised and left open': (on) => {
    const order = ringUp(on, usualBasket(on));
    approve(on, order, due(on, order), bankCard(on));
  },
  'offline payment uploaded late': (on) => {
    const hours = on.chance.between(2, 70);
    const offlineAt = new Date(on.now - hours * 3_600_000 - on.chance.between(0, 3_599_999)).toISOString();
    cardSale(on, usualBasket(on), { offlineAt });
  },
  'order told before its lines': (on) => on.late(cardSale(on, usualBasket(on, 2)).order_id),
};
