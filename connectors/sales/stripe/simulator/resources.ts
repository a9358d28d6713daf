import { ARTICLES, CUSTOMERS } from './catalogue.ts';
import { eventAnswer, eventList } from './event-lists.ts';
import { onlyKnown, type Param, textParam } from './params.ts';
import { badParam, missing, noAccess } from './refusals.ts';
import { balanceBody } from './render-balance.ts';
import {
  accountBody,
  customerBody,
  priceBody,
  productBody,
  shippingRateBody,
  taxRateBody,
} from './render-catalogue.ts';
import { creditLineBody, invoiceLineBody } from './render-invoices.ts';
import { sessionItemBody } from './render-sessions.ts';
import { type Answer, type Ask, fixed, lines, routesOf } from './routes.ts';
import type { Books, OfKind } from './things.ts';

const byIntent = {
  param: 'payment_intent',
  of: (thing: { intent: string | null }) => thing.intent,
  mustBe: 'intent',
} as const;
const byCharge = { param: 'charge', of: (thing: { charge: string }) => thing.charge, mustBe: 'charge' } as const;
const byCustomer = { param: 'customer', of: (thing: { customer: string | null }) => thing.customer } as const;
const byInvoice = { param: 'invoice', of: (thing: { invoice: string }) => thing.invoice, mustBe: 'invoice' } as const;
const byStatus = { param: 'status', of: (thing: { status: string }) => thing.status } as const;

/** `payment[type]` and `payment[payment_intent]` of invoice payments. */
function paying({ params, view }: Ask): (thing: OfKind<'invoice_payment'>) => boolean {
  const payment = params.payment;
  if (payment === undefined) return () => true;
  const {
    type,
    payment_intent: intent,
    ...rest
  } = typeof payment === 'object' && !Array.isArray(payment) ? payment : {};
  if (type === undefined)
    throw badParam('payment[type]', 'Missing required param: payment[type].', 'parameter_missing');
  if (type !== 'payment_intent') return () => false;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw badParam(`payment[${unknown}]`, `Received unknown parameter: payment[${unknown}]`, 'parameter_unknown');
  return byId(intent, view.books);
}

function byId(intent: Param | undefined, books: Books): (thing: { intent: string }) => boolean {
  if (intent === undefined) return () => true;
  const param = 'payment[payment_intent]';
  if (typeof intent !== 'string') throw badParam(param, 'Invalid string');
  if (books.get(intent)?.kind !== 'intent') throw missing('payment_intent', intent, param);
  return (thing) => thing.intent === intent;
}

/** Lines of an automatic payout once they can be told, its own among them; none before. */
function paidOutWith({ params, view }: Ask): (thing: OfKind<'movement'>) => boolean {
  const id = textParam(params, 'payout');
  if (id === undefined) return () => true;
  const payout = view.books.get(id);
  if (payout?.kind !== 'payout') throw missing('payout', id, 'payout');
  const ids = new Set(payout.reconciled ? [payout.movement, ...payout.movements] : []);
  return (thing) => ids.has(thing.id);
}

const account: Answer = ({ state, ids: [id = state.account], params, readable }) => {
  onlyKnown(params, ['expand']);
  if (!readable.includes(id)) throw noAccess(id);
  return accountBody(id);
};

/** Every GET of the API and who answers it. */
export const reads: readonly [path: string, Answer][] = [
  ['/v1/account', account],
  ['/v1/accounts/:id', account],
  [
    '/v1/balance',
    ({ params, view }) => {
      onlyKnown(params, ['expand']);
      return balanceBody(view);
    },
  ],
  ...routesOf({
    path: '/v1/balance_transactions',
    what: 'balance transaction',
    kind: 'movement',
    filters: [
      { param: 'source', of: (thing) => thing.source },
      { param: 'type', of: (thing) => thing.type },
      { param: 'currency', of: (thing) => thing.currency.toLowerCase() },
    ],
    others: ['payout'],
    fits: paidOutWith,
  }),
  ...routesOf({ path: '/v1/charges', what: 'charge', kind: 'charge', filters: [byIntent, byCustomer] }),
  ...routesOf({ path: '/v1/payment_intents', what: 'payment_intent', kind: 'intent', filters: [byCustomer] }),
  // Nobody here sends line items with a payment intent.
  lines(
    ['/v1/payment_intents/:id/amount_details_line_items', 'intent', 'payment_intent'],
    () => [],
    () => null,
  ),
  ...routesOf({ path: '/v1/refunds', what: 'refund', kind: 'refund', filters: [byCharge, byIntent] }),
  ...routesOf({ path: '/v1/disputes', what: 'dispute', kind: 'dispute', filters: [byCharge, byIntent] }),
  ...routesOf({
    path: '/v1/payouts',
    what: 'payout',
    kind: 'payout',
    filters: [byStatus],
    ranges: { arrival_date: (thing) => thing.arrivalDate },
  }),
  ...routesOf({
    path: '/v1/checkout/sessions',
    what: 'checkout.session',
    kind: 'session',
    filters: [byIntent, { param: 'status', of: () => 'complete' }],
  }),
  lines(['/v1/checkout/sessions/:id/line_items', 'session', 'checkout.session'], ({ items }) => items, sessionItemBody),
  ...routesOf({
    path: '/v1/invoices',
    what: 'invoice',
    kind: 'invoice',
    filters: [
      byCustomer,
      byStatus,
      { param: 'collection_method', of: (thing) => (thing.isSent ? 'send_invoice' : 'charge_automatically') },
    ],
    ranges: { due_date: (thing) => thing.dueDate },
  }),
  lines(['/v1/invoices/:id/lines', 'invoice', 'invoice'], (invoice) => invoice.lines, invoiceLineBody),
  ...routesOf({
    path: '/v1/invoice_payments',
    what: 'invoice_payment',
    kind: 'invoice_payment',
    filters: [byInvoice, byStatus],
    others: ['payment'],
    fits: paying,
  }),
  ...routesOf({ path: '/v1/credit_notes', what: 'credit_note', kind: 'credit_note', filters: [byInvoice, byCustomer] }),
  lines(['/v1/credit_notes/:id/lines', 'credit_note', 'credit_note'], (note) => note.lines, creditLineBody),
  ['/v1/events', eventList],
  ['/v1/events/:id', eventAnswer],
  ...fixed('/v1/products', 'product', ARTICLES.map(productBody)),
  ...fixed('/v1/prices', 'price', ARTICLES.map(priceBody)),
  ...fixed('/v1/customers', 'customer', CUSTOMERS.map(customerBody)),
  ...fixed('/v1/shipping_rates', 'shipping_rate', [shippingRateBody()]),
  ...fixed('/v1/tax_rates', 'tax_rate', [taxRateBody('exclusive'), taxRateBody('inclusive')]),
];
