import { PLATFORM } from './catalogue.ts';
import { disputeBody, movementBody, payoutBody } from './render-balance.ts';
import { creditNoteBody, invoiceBody, invoicePaymentBody } from './render-invoices.ts';
import { chargeBody, intentBody, refundBody } from './render-payments.ts';
import { sessionBody } from './render-sessions.ts';
import type { Announcement, Thing } from './things.ts';
import type { Json, JsonObject, View } from './wire.ts';

/** The version everything is rendered in: the only one this Stripe knows. */
export const API_VERSION = '2026-10-28.endive';

/** A thing as the API shows it. */
export function body(thing: Thing, view: View): JsonObject {
  switch (thing.kind) {
    case 'intent':
      return intentBody(thing);
    case 'charge':
      return chargeBody(thing);
    case 'refund':
      return refundBody(thing);
    case 'dispute':
      return disputeBody(thing, view);
    case 'movement':
      return movementBody(thing, view);
    case 'payout':
      return payoutBody(thing);
    case 'session':
      return sessionBody(thing);
    case 'invoice':
      return invoiceBody(thing);
    case 'invoice_payment':
      return invoicePaymentBody(thing);
    case 'credit_note':
      return creditNoteBody(thing);
    case 'application':
      return { id: thing.id, object: 'application', name: PLATFORM.name };
  }
}

/** Whether an event tells what its object was before. */
const tellsBefore = (type: string) => type.endsWith('.updated') || type === 'charge.refunded';

/**
 * An Event object. Its payload is what was true when it happened, however late it is looked at. `account` is there on
 * deliveries to a platform only; `waiting` = webhooks of it that are not acknowledged.
 */
export function eventBody(event: Announcement, books: View['books'], waiting: number, account?: string): JsonObject {
  const view = { books, at: event.created };
  const thing = books.version(event.about, event.version);
  if (thing === undefined) throw new Error(`${event.type} ${event.id} has no payload.`);
  const object = body(thing, view);
  const before = tellsBefore(event.type) ? books.version(event.about, event.version - 1) : undefined;
  return {
    id: event.id,
    object: 'event',
    ...(account === undefined ? {} : { account }),
    api_version: API_VERSION,
    created: event.created,
    data: {
      object,
      ...(before === undefined ? {} : { previous_attributes: changed(body(before, view), object) }),
    },
    livemode: event.live,
    pending_webhooks: waiting,
    request: { id: event.request, idempotency_key: null },
    type: event.type,
  };
}

/** Attributes that are another value now, with their value before. */
function changed(before: JsonObject, after: JsonObject): JsonObject {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const same = (a: Json | undefined, b: Json | undefined) => printed(a) === printed(b);
  return Object.fromEntries(
    names.filter((name) => !same(before[name], after[name])).map((name) => [name, before[name] ?? null]),
  );
}

function printed(value: Json | undefined): string {
  return JSON.stringify(value ?? null, (_, each) => (typeof each === 'bigint' ? `${each}` : each));
}
