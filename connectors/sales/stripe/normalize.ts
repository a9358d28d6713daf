import { type CanonicalEvent, DomainError } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { NormalizeContext, Normalized, Notice, RawDelivery } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { bagOf } from './bag.ts';
import { creditNoteFacts } from './credit-note.ts';
import { disputeFacts } from './dispute.ts';
import { asNode, kindOfTopic, plainTopic, type Told, toldIn } from './envelope.ts';
import { type Ground, needs, onlySettles } from './ground.ts';
import { movementFacts } from './movement.ts';
import type { Kind, Thing } from './payload.ts';
import { payoutFacts } from './payout.ts';
import { chargeFacts, intentFacts, invoiceFacts, refundView, sessionFacts } from './views.ts';

const DISCONNECTED: Notice = {
  code: 'disconnected',
  message: 'The seller disconnected Daybook in Stripe: its access is gone and no more webhooks come. Connect it again.',
};

/**
 * One delivery as canonical events: a webhook's event, a thin event with what was read for it, or a polled object or
 * list of them. Pure. Throws ConnectorError `rejected` for bodies that are not JSON, not what the topic promises, or
 * contradict themselves.
 */
export function normalize(delivery: RawDelivery, context: NormalizeContext): Normalized {
  const topic = plainTopic(delivery.topic);
  const isPlainEvent = topic === 'events' || topic === 'account.application.deauthorized';
  const body = tolerant(delivery.body, isPlainEvent || kindOfTopic(topic) !== undefined);
  const isThin = asNode(body)?.object === 'v2.core.event';
  if (asNode(body)?.type === 'account.application.deauthorized' || topic === 'account.application.deauthorized')
    return { ignored: DISCONNECTED.message, notice: DISCONNECTED };
  if (!isPlainEvent && !isThin && kindOfTopic(topic) === undefined)
    return { ignored: `topic "${delivery.topic}" carries no accounting fact that is read here` };
  try {
    return ownFacts(read(body, topic, context), context.settings);
  } catch (cause) {
    if (!(cause instanceof DomainError)) throw cause;
    throw new ConnectorError('rejected', cause.message, { code: cause.code, subject: cause.subject, cause });
  }
}

/** Of a topic that is not read nobody needs to know whether its body is JSON. */
function tolerant(body: Buffer, isRead: boolean): unknown {
  try {
    return parseJson(body);
  } catch (error) {
    if (isRead) throw error;
    return null;
  }
}

type Reader = (told: Told, ground: Ground) => Normalized;

const READERS: Partial<Record<Kind, Reader>> = {
  charge: (told, ground) => chargeFacts(thing('charge', told, ground), ground),
  payment_intent: (told, ground) => intentFacts(thing('payment_intent', told, ground), ground),
  'checkout.session': (told, ground) => sessionFacts(thing('checkout.session', told, ground), ground),
  invoice: (told, ground) => invoiceFacts(thing('invoice', told, ground), ground),
  refund: (told, ground) => refundView(thing('refund', told, ground), ground),
  dispute: (told, ground) => disputeFacts(thing('dispute', told, ground), ground),
  payout: (told, ground) => payoutFacts(thing('payout', told, ground), ground),
  credit_note: (told, ground) => creditNoteFacts(thing('credit_note', told, ground), ground),
  balance_transaction: (told, ground) => movementFacts(thing('balance_transaction', told, ground), ground),
};

/** The object a delivery is about; `readOne` has made sure that it is there. */
function thing<Name extends Kind>(kind: Name, told: Told, ground: Ground): Thing<Name> {
  return ground.bag.get(kind, told.id) as Thing<Name>;
}

function read(body: unknown, topic: string, context: NormalizeContext): Normalized {
  const all = toldIn(body, topic);
  const values = all.map(({ value, kind }) => (asNode(value) ? { ...asNode(value), object: kind } : null));
  const fetched = Object.values(context.fetched).map((text) => parseJson(text));
  const bag = bagOf([...values, ...fetched]);
  const around = {
    bag,
    settings: context.settings,
    fetched: new Set(Object.keys(context.fetched)),
    listed: movementsIn(fetched),
  };
  return gathered(all.map((told) => readOne(told, { told, ...around })));
}

/** Ids of the movements in lists that hold nothing else, or nothing at all. */
function movementsIn(fetched: readonly unknown[]): string[] | null {
  const lists = fetched.flatMap((value) => {
    const items = Array.isArray(value) ? value : asNode(value)?.data;
    return Array.isArray(items) ? [items.map(asNode)] : [];
  });
  const found = lists.filter((items) => items.every((item) => item?.object === 'balance_transaction'));
  return found.length === 0 ? null : found.flatMap((items) => items.map((item) => `${item?.id}`));
}

function readOne(told: Told, ground: Ground): Normalized {
  const read = READERS[told.kind];
  if (SALES_ONLY.has(told.kind) && onlySettles(ground)) return { ignored: ONLY_SETTLEMENTS };
  if (!read) return { ignored: `a ${told.kind} carries no accounting fact of its own` };
  if (ground.bag.get(told.kind, told.id) === undefined)
    return needs('related_object', `a thin event only names ${told.kind} ${told.id}`);
  const ours = ground.settings.livemode;
  const theirs = (ground.bag.get(told.kind, told.id) as { livemode?: boolean | null }).livemode ?? told.livemode;
  if (ours !== undefined && theirs !== null && theirs !== undefined && ours !== String(theirs))
    return {
      ignored: `${told.kind} ${told.id} is of ${theirs ? 'live' : 'test'} mode, this connection is of the other`,
    };
  const result = read(told, ground);
  // Play money is not booked, and the key of a live connection could not read it.
  const isPlay = theirs === false && ours === undefined;
  return 'ignored' in result && isPlay ? { ignored: result.ignored } : result;
}

/** Events of several objects together. One that still needs something holds the delivery back as a whole. */
function gathered(outcomes: readonly Normalized[]): Normalized {
  const waiting = outcomes.find((each) => 'needs' in each && each.needs !== undefined);
  if (waiting) return waiting;
  const events = unique(outcomes.flatMap((each) => ('events' in each ? each.events : [])));
  if (events.length > 0) return { events };
  const reasons = outcomes.flatMap((each) => ('ignored' in each ? [each.ignored] : []));
  return { ignored: [...new Set(reasons)].join('; ') || 'nothing in it is an accounting fact that is read here' };
}

/** The same fact told twice in one delivery is one. */
function unique(events: readonly CanonicalEvent[]): CanonicalEvent[] {
  return [...new Map(events.map((event) => [`${event.type} ${event.id} ${event.revision}`, event])).values()];
}

/** Views of a sale that no money on the balance hangs on. */
const SALES_ONLY: ReadonlySet<Kind> = new Set(['payment_intent', 'checkout.session', 'invoice', 'credit_note']);
const ONLY_SETTLEMENTS = 'this connection only records settlements (setting records=settlements)';
const SETTLES: ReadonlySet<string> = new Set(['fee', 'payout', 'dispute', 'settlement']);

/** A shop whose payments are booked elsewhere: only what settles is taken from here (design.md, one owner per fact). */
function ownFacts(result: Normalized, settings: Readonly<Record<string, string>>): Normalized {
  if (settings.records !== 'settlements' || !('events' in result)) return result;
  const events = result.events.filter(({ type }) => SETTLES.has(type));
  if (events.length > 0) return { events };
  return { ignored: ONLY_SETTLEMENTS };
}
