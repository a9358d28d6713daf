import { ARTICLES, CUSTOMERS, MERCHANT, SHIPPING_RATE } from './catalogue.ts';
import { badParam } from './refusals.ts';
import { body } from './render.ts';
import { accountBody, customerBody, priceBody, productBody, shippingRateBody } from './render-catalogue.ts';
import { sessionItemBody, sessionItemDiscounts, sessionItemTaxes } from './render-sessions.ts';
import type { Session } from './things.ts';
import { innerList, type Json, type JsonObject, type View } from './wire.ts';

/** Stripe expands four levels deep. */
const DEEPEST = 4;

/** Fields that hold an id and can be shown as the object itself, by the object's type. */
const REFERENCES: Record<string, readonly string[]> = {
  balance_transaction: ['source'],
  charge: ['balance_transaction', 'customer', 'payment_intent', 'failure_balance_transaction'],
  'checkout.session': ['payment_intent', 'customer'],
  credit_note: ['invoice', 'customer'],
  dispute: ['charge', 'payment_intent'],
  invoice: ['customer'],
  invoice_payment: ['invoice'],
  payment: ['payment_intent', 'charge'],
  payment_intent: ['latest_charge', 'customer'],
  payout: ['balance_transaction', 'failure_balance_transaction'],
  price: ['product'],
  product: ['default_price'],
  refund: ['balance_transaction', 'charge', 'payment_intent', 'failure_balance_transaction'],
  refunds: ['refund'],
  shipping_cost: ['shipping_rate'],
};

/** Fields that are only there when they are asked for, by the object's type. */
const INCLUDED: Record<string, Record<string, (object: JsonObject, view: View) => Json>> = {
  'checkout.session': {
    line_items: (object, { books }) => {
      const session = books.get(`${object.id}`);
      const items = session?.kind === 'session' ? session.items : [];
      return innerList(
        `/v1/checkout/sessions/${object.id}/line_items`,
        items.map((item) => sessionItemBody(item, session as Session)),
      );
    },
  },
  charge: {
    refunds: (object, view) => {
      const refunds = view.books.all('refund').filter((refund) => refund.charge === object.id);
      return innerList(
        `/v1/charges/${object.id}/refunds`,
        refunds.reverse().map((refund) => body(refund, view)),
      );
    },
  },
  invoice: {
    payments: (object, view) => {
      const payments = view.books.all('invoice_payment').filter((payment) => payment.invoice === object.id);
      return innerList(
        '/v1/invoice_payments',
        payments.map((payment) => body(payment, view)),
      );
    },
  },
  item: {
    taxes: (object, { books }) => ofItem(object, books, sessionItemTaxes),
    discounts: (object, { books }) => ofItem(object, books, sessionItemDiscounts),
  },
};

type ItemPart = (item: Session['items'][number], session: Session) => Json;

function ofItem(object: JsonObject, books: View['books'], part: ItemPart): Json {
  for (const session of books.all('session')) {
    const item = session.items.find(({ id }) => id === object.id);
    if (item !== undefined) return part(item, session);
  }
  return [];
}

/** Shows the objects behind ids, as `expand[]` asks. Throws for a path that leads nowhere or too deep. */
export function expanded(answer: JsonObject, paths: readonly string[], view: View): JsonObject {
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > DEEPEST)
      throw badParam('expand', `You cannot expand more than ${DEEPEST} levels of a property (${path}).`);
    follow(answer, steps, path, view);
  }
  return answer;
}

function follow(object: JsonObject, [name = '', ...rest]: string[], path: string, view: View): void {
  const value = shownAs(object, name, path, rest.length === 0, view);
  object[name] = value;
  // Nothing there to go on with: Stripe leaves null, and ids of what it cannot show, as they are.
  for (const each of rest.length === 0 ? [] : [value].flat())
    if (isObject(each)) follow(typed(each, name), rest, path, view);
}

/** Parts of an object without a type of their own are known by the field they are in. */
function typed(object: JsonObject, name: string): JsonObject {
  if (object.object === undefined && REFERENCES[name] !== undefined)
    Object.defineProperty(object, 'object', { value: name, enumerable: false });
  return object;
}

function shownAs(object: JsonObject, name: string, path: string, isLast: boolean, view: View): Json {
  const type = `${object.object}`;
  const included = INCLUDED[type]?.[name];
  if (included !== undefined) return object[name] ?? included(object, view);
  const value = object[name];
  const isReference = REFERENCES[type]?.includes(name) ?? false;
  const isPassage = !isLast && typeof value === 'object';
  if (value === undefined || !(isReference || isPassage))
    throw badParam('expand', `This property cannot be expanded (${path}).`);
  return typeof value === 'string' ? (objectOf(value, view) ?? value) : value;
}

/** The object with this id, whatever it is. */
export function objectOf(id: string, view: View): JsonObject | undefined {
  const thing = view.books.get(id);
  if (thing !== undefined) return body(thing, view);
  const article = ARTICLES.find(({ product, price }) => product === id || price === id);
  if (article !== undefined) return id === article.price ? priceBody(article) : productBody(article);
  const customer = CUSTOMERS.find((each) => each.id === id);
  if (customer !== undefined) return customerBody(customer);
  if (id === SHIPPING_RATE) return shippingRateBody();
  return id === MERCHANT.account ? accountBody(id) : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
