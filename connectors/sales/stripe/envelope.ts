import { ConnectorError } from '../../kit/connector-error.ts';
import { secondsOf } from './money.ts';
import { type Kind, schemas } from './payload.ts';

/** One object that a delivery is about, and what the envelope around it says. */
export interface Told {
  kind: Kind;
  id: string;
  /** The object as it came; null in a thin event, which only names it. */
  value: unknown;
  /** Type of the event, or name of the polled resource. */
  topic: string;
  /** When the event was made, in epoch seconds; null for a polled object. */
  at: string | null;
  livemode: boolean | null;
  /** Names of the fields that the event says have changed. */
  changed: readonly string[];
}

/** What a polled resource is called, and which object it holds (design.md: its plural REST name). */
const RESOURCES: Readonly<Record<string, Kind>> = {
  charges: 'charge',
  payments: 'charge',
  payment_intents: 'payment_intent',
  checkout_sessions: 'checkout.session',
  invoices: 'invoice',
  credit_notes: 'credit_note',
  refunds: 'refund',
  disputes: 'dispute',
  payouts: 'payout',
  balance_transactions: 'balance_transaction',
};

/** Objects of event types, the longer names first: `charge.dispute.created` is about a dispute. */
const OBJECTS: readonly (readonly [prefix: string, kind: Kind])[] = [
  ['charge.dispute.', 'dispute'],
  ['charge.refund.', 'refund'],
  ['charge.', 'charge'],
  ['payment_intent.', 'payment_intent'],
  ['checkout.session.', 'checkout.session'],
  ['invoice.', 'invoice'],
  ['credit_note.', 'credit_note'],
  ['refund.', 'refund'],
  ['payout.', 'payout'],
];

/** The object that a topic is about; undefined for topics that carry no accounting fact. */
export function kindOfTopic(topic: string): Kind | undefined {
  const named = Object.hasOwn(RESOURCES, topic) ? RESOURCES[topic] : undefined;
  return named ?? OBJECTS.find(([prefix]) => topic.startsWith(prefix))?.[1];
}

/** Thin events of today's objects have their name behind `v1.`. */
export function plainTopic(topic: string): string {
  return topic.toLowerCase().replace(/^v1\./, '');
}

type Node = Readonly<Record<string, unknown>>;

/** A JSON object, or null for anything else. */
export function asNode(value: unknown): Node | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : null;
}

/** A text, or null. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/**
 * The objects a body is about: of an event, of a thin event (by name only), of a list, or the body itself. Events whose
 * type carries no fact are left out. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE when an object says it is
 * something else than its topic promises.
 */
export function toldIn(body: unknown, topic: string): Told[] {
  if (Array.isArray(body)) return body.flatMap((each: unknown) => toldIn(each, topic));
  const node = asNode(body);
  if (node?.object === 'list' || (node && Array.isArray(node.data))) return toldIn(node.data, topic);
  if (node?.object === 'event') return toldByEvent(node);
  if (node?.object === 'v2.core.event') return toldByThinEvent(node);
  const kind = kindOfTopic(topic);
  return kind === undefined ? [] : [told(node, kind, { topic, at: null, livemode: null, changed: [] })];
}

function toldByEvent(event: Node): Told[] {
  const topic = plainTopic(asText(event.type) ?? '');
  const kind = kindOfTopic(topic);
  if (kind === undefined) return [];
  const around = asNode(event.data);
  return [
    told(asNode(around?.object), kind, {
      topic,
      at: asText(event.created),
      livemode: typeof event.livemode === 'boolean' ? event.livemode : null,
      changed: Object.keys(asNode(around?.previous_attributes) ?? {}),
    }),
  ];
}

function toldByThinEvent(event: Node): Told[] {
  const related = asNode(event.related_object);
  const kind = asText(related?.type);
  const id = asText(related?.id);
  if (kind === null || id === null || !isKind(kind)) return [];
  const created = asText(event.created);
  return [
    {
      kind,
      id,
      value: null,
      topic: plainTopic(asText(event.type) ?? ''),
      at: created !== null && !Number.isNaN(Date.parse(created)) ? secondsOf(created) : null,
      livemode: typeof event.livemode === 'boolean' ? event.livemode : null,
      changed: [],
    },
  ];
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(schemas, name);
}

function told(node: Node | null, kind: Kind, around: Omit<Told, 'kind' | 'id' | 'value'>): Told {
  const named = asText(node?.object);
  const id = asText(node?.id);
  if (node === null || id === null || (named !== null && named !== kind)) {
    const found = named ?? (node === null ? 'none' : 'one without id');
    const message = `A delivery of topic ${around.topic} must hold a ${kind}, but holds ${found}. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'PAYLOAD_UNREADABLE', subject: 'object' });
  }
  return { kind, id, value: node, ...around };
}
