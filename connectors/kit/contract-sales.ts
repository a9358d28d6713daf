import type { CanonicalEvent, EventType } from '@daybook/domain';
import type { Api, ConnectorHead, HeaderMap } from './contract-common.ts';
import type { SignatureScheme } from './signature.ts';

/** One request of a provider, or one polled object dressed up as one; bytes as they came. */
export interface RawDelivery {
  topic: string;
  headers: HeaderMap;
  body: Buffer;
}

/** What the headers alone tell. */
export interface EventHeader {
  topic: string;
  /** The provider's id of this event; equal for redeliveries. */
  eventId: string;
  /** The tenant the header claims; must equal the connection's account where both are known. */
  account: string | null;
  /** When the provider says it happened, UTC ISO, or null. */
  triggeredAt: string | null;
}

export interface NormalizeContext {
  settings: Readonly<Record<string, string>>;
  /** Parsed bodies of what was re-read for a thin delivery, by the name given in `needs`. Raw JSON text. */
  fetched: Readonly<Record<string, string>>;
  /** Refunds in the books of the order that `refundsListed` named, those taken back already left out. */
  knownRefunds?: readonly string[];
}

/** The refunds a delivery lists for its order. */
export interface ListedRefunds {
  /** The order's id as a sale. */
  sale: string;
  ids: readonly string[];
  /** Whether the delivery says all there is to say of each. */
  complete: boolean;
}

/** Something the support staff or the connection must learn from a delivery that carries no accounting fact. */
export interface Notice {
  code: 'disconnected' | 'privacy_request' | 'scopes_changed' | 'order_deleted';
  message: string;
  /** The sale it is about: nobody needs to hear of one that is not in the books. */
  sale?: string;
}

export type Normalized =
  | { events: CanonicalEvent[] }
  /** No accounting fact, and why. `needs` names what `fetch` must supply before it can become events. */
  | { ignored: string; needs?: string; notice?: Notice };

/** Where a provider is to send webhooks, and which secrets of its subscriptions we hold already. */
export interface WebhookTarget {
  /** Address of this connection alone. */
  url: string;
  /** Address for subscriptions that carry every tenant of the application. */
  appUrl: string;
  /** A fresh random secret of letters and digits, for providers that let us choose. */
  freshSecret: string;
  /** Whether we still know the secret of the connection's, of the application's subscription. */
  known: { connection: boolean; app: boolean };
  /** Whether this is one of those secrets: tells our own subscription from another installation's of the application. */
  holds?(secret: string): boolean;
}

/** What became of the subscriptions. `secret`: to be kept from now on; deliveries are signed with it. */
export interface Subscribed {
  created: string[];
  kept: string[];
  secret?: { value: string; scope: 'connection' | 'app' };
}

/** A range to read; `cursor` null = from `from`. Instants are UTC ISO. */
export interface ChangeRange {
  /** One of the connector's `feeds`. */
  feed: string;
  cursor: string | null;
  from: string;
  to: string;
}

export interface ChangePage {
  deliveries: (RawDelivery & { eventId: string })[];
  /** To be stored after the page: the next poll goes on here. */
  cursor: string;
}

export interface SalesConnector extends ConnectorHead {
  kind: 'sales';
  signature: SignatureScheme;
  /** Topics we subscribe to. */
  topics: readonly string[];
  /** Throws ConnectorError `rejected` when topic or event id is missing. */
  header(headers: HeaderMap, body: Buffer): EventHeader;
  /** Whether an unsigned request is the provider's handshake: it is answered 200 and forgotten. */
  handshake?(headers: HeaderMap, body: Buffer): boolean;
  /** Pure. Throws ConnectorError `rejected` naming the field when the payload contradicts itself. */
  normalize(delivery: RawDelivery, context: NormalizeContext): Normalized;
  /**
   * Where the provider's revisions are too coarse to tell two states of one second apart: what to `fetch` to learn the
   * truth, and the polled topic its answer is normalised under.
   */
  reread?: { fetch: string; topic: string };
  /**
   * For providers whose orders list refunds in short, or where people can delete refunds, which then only stop being
   * listed. Where the list is not complete, or lacks a refund we know of, `refunds` is fetched before `normalize`: an
   * id of `knownRefunds` that is missing there was deleted. null = the delivery is no such order. Never throws.
   */
  refundsListed?(delivery: RawDelivery): ListedRefunds | null;
  /** Re-reads what a thin delivery needs; answers the raw JSON text to put under `fetched[name]`. */
  fetch?(name: string, delivery: RawDelivery, api: Api): Promise<string>;
  /** What is polled, each with a cursor of its own: orders, refunds, payouts, balance transactions … */
  feeds: readonly string[];
  /** Types of events that no webhook of this channel tells of, so that only polling can. */
  polledOnly?: readonly EventType[];
  /** Objects of a feed changed since the cursor, oldest first, with the cursor to store after each page. */
  changesSince?(range: ChangeRange, api: Api): AsyncIterable<ChangePage>;
  /** Makes the provider's webhook subscriptions what they should be, switched-off ones on; safe to repeat hourly. */
  registerWebhooks?(target: WebhookTarget, api: Api): Promise<Subscribed>;
}
