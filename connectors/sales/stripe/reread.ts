import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { type Answered, asJson, type Caller, callerOf, get, listAll } from './client.ts';
import { asNode, asText, plainTopic, toldIn } from './envelope.ts';
import type { Kind } from './payload.ts';

/** One thing that a delivery is about. */
interface Root {
  kind: Kind;
  id: string;
  /** Null in a thin event. */
  value: unknown;
}

type Reader = (root: Root, caller: Caller) => Promise<unknown[]>;

const READERS: Readonly<Record<string, Reader>> = {
  payment: readPayment,
  related_object: async ({ kind, id }, caller) => [await get(caller, at(known(kind), id))],
  balance_transaction: async ({ value }, caller) => [await readMovement(named(value, 'balance_transaction'), caller)],
  source: async ({ id }, caller) => [await readMovement(id, caller)],
  refunds: async ({ id }, caller) =>
    listAll(caller, '/v1/refunds', { charge: id, expand: ['data.balance_transaction'] }),
  refund: readRefund,
  balance_transactions: ({ id }, caller) =>
    listAll(caller, '/v1/balance_transactions', { payout: id, expand: ['data.source'] }),
  credit_note: readCreditNote,
};

const PATHS = {
  charge: '/v1/charges',
  payment_intent: '/v1/payment_intents',
  'checkout.session': '/v1/checkout/sessions',
  invoice: '/v1/invoices',
  credit_note: '/v1/credit_notes',
  refund: '/v1/refunds',
  dispute: '/v1/disputes',
  payout: '/v1/payouts',
  balance_transaction: '/v1/balance_transactions',
  tax_rate: '/v1/tax_rates',
} as const satisfies Partial<Record<Kind, string>>;

/** Address of an object. Ids come from outside, so nothing in them may lead elsewhere. */
function at(kind: keyof typeof PATHS, id: string): string {
  return `${PATHS[kind]}/${encodeURIComponent(id)}`;
}

/**
 * Re-reads what a delivery lacks; answers a list of Stripe's objects, each of which says what it is. Throws
 * ConnectorError `unsupported` for a name that `normalize` never asks for, and what the calls throw.
 */
export async function fetchFor(name: string, delivery: RawDelivery, api: Api): Promise<string> {
  const read = READERS[name];
  if (!read) {
    const message = `Stripe has nothing called "${name}" to read.`;
    throw new ConnectorError('unsupported', message, { code: 'CHANNEL_REFUSED' });
  }
  const caller = callerOf(api);
  const found: unknown[] = [];
  for (const root of rootsOf(delivery)) found.push(...(await read(root, caller)));
  return asJson({ object: 'list', data: found, has_more: false });
}

function rootsOf(delivery: RawDelivery): Root[] {
  return toldIn(parseJson(delivery.body), plainTopic(delivery.topic));
}

/** A kind of object that can be read by its id; `normalize` asks for no other. */
function known(kind: Kind): keyof typeof PATHS {
  if (Object.hasOwn(PATHS, kind)) return kind as keyof typeof PATHS;
  throw new ConnectorError('unsupported', `Stripe has no address for a ${kind}.`, { code: 'CHANNEL_REFUSED' });
}

/** Id in a field that holds an id or the whole object. */
function named(value: unknown, field: string): string {
  const held = asNode(value)?.[field];
  return asText(held) ?? asText(asNode(held)?.id) ?? '';
}

function readMovement(id: string, caller: Caller): Promise<Answered> {
  return get(caller, at('balance_transaction', id), { expand: ['source'] });
}

/** Everything about the payment behind a charge, intent, session, invoice or dispute. */
async function readPayment({ kind, id, value }: Root, caller: Caller): Promise<unknown[]> {
  if (kind === 'charge') return chargeAndMore(id, caller);
  if (kind === 'dispute') return chargeAndMore(named(value ?? (await get(caller, at(kind, id))), 'charge'), caller);
  if (kind === 'invoice') return invoiceAndMore(id, caller);
  const intentId = kind === 'payment_intent' ? id : await intentOfSession(id, caller);
  const intent = await get(caller, at('payment_intent', intentId));
  const chargeId = named(intent, 'latest_charge');
  return chargeId === '' ? [intent] : chargeAndMore(chargeId, caller);
}

async function intentOfSession(id: string, caller: Caller): Promise<string> {
  return named(await get(caller, at('checkout.session', id)), 'payment_intent');
}

async function chargeAndMore(id: string, caller: Caller): Promise<unknown[]> {
  const charge = await get(caller, at('charge', id), { expand: ['balance_transaction'] });
  const intentId = named(charge, 'payment_intent');
  if (intentId === '') return [charge];
  return [charge, ...(await behindIntent(intentId, caller))];
}

/** The intent, and the session or invoice that was paid through it; without either, the seller's own lines. */
async function behindIntent(intentId: string, caller: Caller): Promise<unknown[]> {
  const intent = await get(caller, at('payment_intent', intentId));
  const sessions = await listAll(caller, '/v1/checkout/sessions', { payment_intent: intentId });
  const payments = await listAll(caller, '/v1/invoice_payments', {
    'payment[type]': 'payment_intent',
    'payment[payment_intent]': intentId,
  });
  if (sessions.length + payments.length === 0) return [await withOwnLines(intent, caller)];
  const found: unknown[] = [intent];
  for (const session of sessions) found.push(await withItems(session, caller));
  for (const payment of payments) found.push(...(await invoiceAndPayments(named(payment, 'invoice'), caller)));
  return found;
}

async function withOwnLines(intent: Answered, caller: Caller): Promise<Answered> {
  const details = asNode(intent.amount_details);
  if (details === null) return intent;
  const data = await listAll(caller, `${at('payment_intent', named(intent, 'id'))}/amount_details_line_items`);
  return { ...intent, amount_details: { ...details, line_items: { object: 'list', data, has_more: false } } };
}

async function withItems(session: Answered, caller: Caller): Promise<unknown> {
  const path = `${at('checkout.session', named(session, 'id'))}/line_items`;
  const data = await listAll(caller, path, { expand: ['data.taxes'] });
  return { ...session, line_items: { object: 'list', data, has_more: false } };
}

/** An invoice with all its lines, the rates of its taxes, and the payments it got. */
async function invoiceAndPayments(id: string, caller: Caller): Promise<unknown[]> {
  const invoice = await get(caller, at('invoice', id));
  const whole = await withLines(invoice, `${at('invoice', id)}/lines`, caller);
  const payments = await listAll(caller, '/v1/invoice_payments', {
    invoice: id,
    expand: ['data.payment.payment_intent'],
  });
  return [whole, ...payments, ...(await ratesIn(whole, caller))];
}

async function invoiceAndMore(id: string, caller: Caller): Promise<unknown[]> {
  const found = await invoiceAndPayments(id, caller);
  const charges = new Set<string>();
  for (const payment of found.map((each) => asNode(asNode(each)?.payment))) {
    const chargeId = named(payment, 'charge') || named(payment?.payment_intent, 'latest_charge');
    if (chargeId !== '') charges.add(chargeId);
  }
  for (const chargeId of charges)
    found.push(await get(caller, at('charge', chargeId), { expand: ['balance_transaction'] }));
  return found;
}

/** A document with all its lines: Stripe embeds the first ten. */
async function withLines(document: Answered, path: string, caller: Caller): Promise<Answered> {
  if (asNode(document.lines)?.has_more !== true) return document;
  return { ...document, lines: { object: 'list', data: await listAll(caller, path), has_more: false } };
}

/** The tax rates that lines name by their id. */
async function ratesIn(document: unknown, caller: Caller): Promise<unknown[]> {
  const ids = new Set([...asJson(document).matchAll(/"tax_rate":"(txr_\w+)"/g)].map((match) => match[1] ?? ''));
  const rates: unknown[] = [];
  for (const id of ids) rates.push(await get(caller, at('tax_rate', id)));
  return rates;
}

/** A refund with its movements, and what tells which sale it belongs to. */
async function readRefund({ id }: Root, caller: Caller): Promise<unknown[]> {
  const refund = await get(caller, at('refund', id), { expand: ['balance_transaction'] });
  const failure = named(refund, 'failure_balance_transaction');
  const chargeId = named(refund, 'charge');
  const sold = chargeId === '' ? [] : await chargeAndMore(chargeId, caller);
  return [
    refund,
    ...(failure === '' ? [] : [await readMovement(failure, caller)]),
    ...sold,
    ...(await notesOn(sold, caller)),
  ];
}

/** Credit notes on the invoices among some objects: one may tell the lines of a refund. */
async function notesOn(found: readonly unknown[], caller: Caller): Promise<unknown[]> {
  const notes: unknown[] = [];
  for (const each of found)
    if (asNode(each)?.object === 'invoice')
      notes.push(...(await listAll(caller, PATHS.credit_note, { invoice: named(each, 'id') })));
  return notes;
}

/** A credit note with all its lines, its refunds, and how its invoice was paid. */
async function readCreditNote({ id }: Root, caller: Caller): Promise<unknown[]> {
  const note = await get(caller, at('credit_note', id), { expand: ['refunds.refund'] });
  const whole = await withLines(note, `${at('credit_note', id)}/lines`, caller);
  return [whole, ...(await ratesIn(whole, caller)), ...(await invoiceAndMore(named(note, 'invoice'), caller))];
}
