import { divideHalfUp, sum } from '@daybook/domain';
import { ARTICLES, type Article, COUPONS, type CouponCode, SHIPPING_CENTS } from './catalogue.ts';
import { taxOnTop, taxWithin } from './money.ts';
import { settle } from './movements.ts';
import { attempt, buyer, clear, debit, intend, pay } from './payments.ts';
import type { Stage } from './stage.ts';
import type { Charge, Intent, Method, Session, SessionItem } from './things.ts';

export interface CheckoutTerms {
  /** Prices contain the tax. */
  inclusive?: boolean;
  coupon?: CouponCode;
  shipped?: boolean;
  method?: Method;
}

const OPEN_FOR = 24 * 3600;

/** One to three articles of which tax is on top, or inside, of the price. */
function basket(on: Stage, inclusive: boolean): { article: Article; quantity: number }[] {
  const behavior = inclusive ? 'inclusive' : 'exclusive';
  const offered = ARTICLES.filter((article) => !article.isPlan && article.taxBehavior === behavior);
  return on.chance
    .shuffle(offered)
    .slice(0, on.chance.between(1, 3))
    .map((article) => ({ article, quantity: on.chance.between(1, 3) }));
}

/** A line of a Checkout page: the discount first, then the tax on what is left of the price, or inside of it. */
export function sessionItem(
  id: string,
  article: Pick<Article, 'price' | 'amount'>,
  quantity: number,
  { inclusive = false, coupon }: CheckoutTerms,
): SessionItem {
  const subtotal = article.amount * BigInt(quantity);
  const discount = coupon === undefined ? 0n : divideHalfUp(subtotal * COUPONS[coupon].percent, 100n);
  const price = subtotal - discount;
  const tax = inclusive ? taxWithin(price) : taxOnTop(price);
  const total = inclusive ? price : price + tax;
  return { id, price: article.price, quantity, subtotal, discount, tax, total };
}

/** What the buyer pays for a Checkout session. */
export function sessionTotal(session: Pick<Session, 'items' | 'shipping'>): bigint {
  return sum(session.items.map((item) => item.total)) + (session.shipping?.total ?? 0n);
}

/** All tax of a Checkout session, on shipping too. */
export function sessionTax(session: Pick<Session, 'items' | 'shipping'>): bigint {
  return sum(session.items.map((item) => item.tax)) + (session.shipping?.tax ?? 0n);
}

function shippingOf({ shipped = false, inclusive = false }: CheckoutTerms): Session['shipping'] {
  if (!shipped) return null;
  const subtotal = SHIPPING_CENTS;
  const tax = inclusive ? taxWithin(subtotal) : taxOnTop(subtotal);
  return { subtotal, tax, total: inclusive ? subtotal : subtotal + tax };
}

/** The buyer fills in the page: an intent, and a session that nobody hears of before it is completed. */
function fill(on: Stage, terms: CheckoutTerms): { session: Session; intent: Intent } {
  on.happen();
  const who = buyer(on);
  const items = basket(on, terms.inclusive ?? false).map(({ article, quantity }) =>
    sessionItem(on.id('li_1'), article, quantity, terms),
  );
  const shipping = shippingOf(terms);
  const intent = intend(on, {
    amount: sessionTotal({ items, shipping }),
    customer: who.customer,
    method: terms.method ?? 'card',
  });
  on.tell(intent, 'payment_intent.created');
  const session = on.put({
    kind: 'session' as const,
    id: on.id('cs_live_a1'),
    created: on.at(),
    live: true,
    intent: intent.id,
    currency: 'USD',
    inclusive: terms.inclusive ?? false,
    items,
    shipping,
    coupon: terms.coupon ?? null,
    paid: false,
    expiresAt: on.at() + OPEN_FOR,
    email: who.email,
    name: who.name,
  });
  return { session, intent };
}

/** A purchase on a Checkout page, paid by card: five events of one sale, in the order Stripe likes to send them. */
export function checkout(on: Stage, terms: CheckoutTerms): Charge {
  const { session, intent } = fill(on, terms);
  on.happen();
  const { charge } = pay(on, intent, session.email);
  // The intent was made while the buyer typed, but its event comes after the charge's.
  const [made] = on.sent.splice(0, 1);
  if (made !== undefined) on.sent.push(made);
  const paid = on.put({ ...session, paid: true });
  on.tell(paid, 'checkout.session.completed');
  return settle(on, charge);
}

/** A Checkout page paid by bank debit: completed before there is any money, which then arrives or does not. */
export function checkoutByDebit(on: Stage, terms: CheckoutTerms, arrives: boolean): Charge {
  const { session, intent } = fill(on, { ...terms, method: 'us_bank_account' });
  on.happen();
  const due = debit(on, intent, session.email);
  on.tell(session, 'checkout.session.completed');
  on.happen();
  const charge = clear(on, due, arrives);
  const known = arrives ? on.put({ ...session, paid: true }) : session;
  on.tell(known, `checkout.session.async_payment_${arrives ? 'succeeded' : 'failed'}`);
  return arrives ? settle(on, charge) : charge;
}

/** Somebody tries the shop with the account's test keys: events of test mode, money of nobody. */
export function testPayment(on: Stage, amount: bigint): void {
  on.happen();
  const intent = intend(on, { amount, live: false });
  on.tell(intent, 'payment_intent.created');
  const charge = attempt(on, { amount, intent }, { captured: amount, isCaptured: true });
  on.tell(charge, 'charge.succeeded');
  on.tell(on.put({ ...intent, status: 'succeeded', received: amount, charge: charge.id }), 'payment_intent.succeeded');
}
