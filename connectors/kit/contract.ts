import type { BookDocument, CanonicalEvent, DocumentKind, DocumentParty, EventType } from '@daybook/domain';
import type { z } from 'zod';
import type { ConnectorError } from './connector-error.ts';
import type { SignatureScheme } from './signature.ts';

/** Header names in lower case. */
export type HeaderMap = Readonly<Record<string, string>>;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  /** Sent as it is, byte for byte. */
  body?: string;
  /** Milliseconds until we give up waiting; the caller's default otherwise. */
  timeoutMs?: number;
}
export interface HttpResponse {
  status: number;
  headers: HeaderMap;
  text: string;
}

/**
 * The one way out to the network. Resolves with any HTTP answer, whatever its status. Rejects with ConnectorError
 * `retryable` when there is none: `ambiguous` true when the request may have reached the provider, false when it
 * certainly did not (refused connection, host not allowed).
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface Hosts {
  /** Base URL of the API, no slash at the end; `{account}` stands for the connection's account (shop domain). */
  api: string;
  /** Base URL of log-in and token pages. */
  auth: string;
}

/** What a connector is handed for calls: no global fetch, no clock of its own, no environment. */
export interface Api<Credentials = unknown, Settings = Record<string, string>> {
  http: HttpClient;
  /** Base URLs with `{account}` filled in. */
  hosts: Hosts;
  credentials: Credentials;
  settings: Settings;
  /** The tenant at the provider: shop domain, organisation id. */
  account: string;
  now(): Date;
  log(message: string, fields?: Record<string, unknown>): void;
  /** The application the consent was given to, for calls in its own name; absent where none is configured. */
  app?: OAuthApp;
  /** Told after every answer that says how many calls of the tenant are left, so that the worker can slow down. */
  remaining?(left: { minute: number | null; day: number | null }): void;
}

/** The OAuth application registered with the provider. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  /** The application's own access token, where the provider wants one for managing webhook subscriptions. */
  token?: string | undefined;
}

/** Tokens of one consent; stored encrypted. Instants are UTC ISO strings. */
export interface TokenSet {
  accessToken: string;
  accessTokenExpiresAt: string | null;
  refreshToken: string | null;
  refreshTokenExpiresAt: string | null;
  scopes: string[];
  /** The tenant the consent was given for, where only the callback names it; `refresh` hands it on. */
  account?: string;
}

/** A tenant that a consent gave us access to: a shop, an organisation. */
export interface ConnectedAccount {
  account: string;
  label: string;
  settings: Record<string, string>;
}

export interface OAuthFlow {
  /** What we must ask before redirecting, e.g. the shop's domain. Pattern is checked on the whole value. */
  fields: readonly { name: string; label: string; pattern: RegExp; example: string }[];
  scopes: readonly string[];
  pkce: boolean;
  /** The page to send the browser to. */
  authorizeUrl(request: {
    app: OAuthApp;
    hosts: Hosts;
    redirectUri: string;
    state: string;
    codeChallenge: string | null;
    fields: Record<string, string>;
  }): string;
  /**
   * Checks everything the provider lets us check on the callback besides `state`, which the caller has compared.
   * Throws ConnectorError `rejected` naming the check that failed.
   */
  verifyCallback(request: {
    query: Record<string, string>;
    app: OAuthApp;
    fields: Record<string, string>;
    now: Date;
  }): void;
  exchange(request: {
    query: Record<string, string>;
    app: OAuthApp;
    hosts: Hosts;
    http: HttpClient;
    redirectUri: string;
    codeVerifier: string | null;
    now: Date;
  }): Promise<TokenSet>;
  /** New pair for an old one. The caller holds the row lock and stores the pair before anyone uses it. */
  refresh(request: { tokens: TokenSet; app: OAuthApp; hosts: Hosts; http: HttpClient; now: Date }): Promise<TokenSet>;
  /** The tenants behind a fresh consent. */
  accounts(request: {
    tokens: TokenSet;
    hosts: Hosts;
    http: HttpClient;
    fields: Record<string, string>;
    now: Date;
  }): Promise<ConnectedAccount[]>;
}

/** Connecting by keys instead of OAuth: a person pastes them, or the provider hands them over after a consent. */
export interface KeyFlow {
  /**
   * The test call: whose keys are these? `api.account` is what the person named, `api.credentials` what was pasted.
   * Throws ConnectorError `unauthorized` for keys that are wrong, `rejected` when they belong to somebody else.
   */
  verify(api: Api): Promise<ConnectedAccount>;
  handover?: KeyHandover;
}

/** A consent page that ends in keys posted to us, server to server. */
export interface KeyHandover {
  /** What we must ask before redirecting, e.g. the store's address. */
  fields: OAuthFlow['fields'];
  /** The tenant that the fields name. */
  account(fields: Record<string, string>): string;
  /** The page to send the browser to. `state` is ours, single use, and must come back with the keys. */
  authorizeUrl(request: {
    hosts: Hosts;
    fields: Record<string, string>;
    callbackUrl: string;
    returnUrl: string;
    state: string;
  }): string;
  /** Reads what the provider posts to `callbackUrl`. Nothing of it is signed. Throws `rejected` naming the field. */
  receive(body: Buffer): { state: string; credentials: Record<string, string> };
}

interface ConnectorHead {
  /** Folder name and URL segment. */
  id: string;
  label: string;
  /** Where the provider documents what this folder relies on. */
  docsUrl: string;
  /** What a person enters when there is no OAuth; draws the connect form. OAuth connectors use TokenSet. */
  credentials: z.ZodType;
  /** Per-connection choices, all strings on the command line. */
  settings: z.ZodType;
  /** Names of credential fields and headers whose values must never be logged. */
  secrets: readonly string[];
  /** The provider's real hosts; DAYBOOK_HOST_<ID>_<API|AUTH> override them. */
  hosts: Hosts;
  oauth?: OAuthFlow;
  keys?: KeyFlow;
}

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

/** An account, tax rate … of the books, as their API lists it. */
export interface RemoteAccount {
  /** What a mapping names it by. */
  code: string;
  name: string;
  type: string;
  remoteId: string;
  /** Where money can sit: documents may be paid into and out of it, and transfers made. */
  isBank: boolean;
  /** Its id as a bank account, where the books have another one for that. */
  bankId?: string;
  /** ISO code where it is kept in one currency. */
  currency?: string;
}
export interface RemoteTaxRate {
  code: string;
  name: string /** percent */;
  rate: string;
}
export interface RemoteBooks {
  name: string;
  country: string;
  currency: string;
  timeZone: string;
  currencies: string[];
  accounts: RemoteAccount[];
  taxRates: RemoteTaxRate[];
  /** Last locked day, YYYY-MM-DD, or null. */
  lockDate: string | null;
}

/** Our word → their word: a role of ours to an account code, a tax code of ours ('' = a line without one) to theirs. */
export interface MappingSuggestion {
  kind: 'account' | 'tax';
  ours: string;
  theirs: string;
}

/** A document as it stands in the books. Amounts in minor units, credit notes positive. */
export interface RemoteDocument {
  remoteId: string;
  number: string;
  total: bigint;
  tax: bigint;
  currency: string;
  status: string;
  url: string | null;
}

/** A pushed document as a person may have left it. Amounts in minor units, signed like our documents. */
export interface RemoteSnapshot extends RemoteDocument {
  state: 'live' | 'voided' | 'deleted';
  date: string;
  /**
   * Lines with their account (code of `RemoteAccount`); payments, transfers and allocations have none. Where the books
   * take our tax as a line of its own it is in `tax` only, and each line's tax is 0.
   */
  lines: { account: string; net: bigint; tax: bigint }[];
}

/** One thing that changed in the books, as their webhook tells. */
export interface RemoteChange {
  /** The tenant. */
  account: string;
  remoteId: string;
  operation: 'created' | 'updated' | 'deleted' | 'voided' | 'merged';
}

/** What translating a document needs of the other side. Each throws ConnectorError MAPPING_MISSING when unmapped. */
export interface BooksMapping {
  /** Their account code for a role of ours. */
  account(role: string, account: string): string;
  /** That account as the books list it. */
  remoteAccount(role: string, account: string): RemoteAccount;
  /** Their tax code for ours; null = no tax at all. */
  tax(taxCode: string | null): string;
  /** Remote id of a document pushed earlier. */
  remoteId(kind: DocumentKind, number: string): string;
  /** Remote id of a contact made by `ensureParties`. */
  party(id: string): string;
  /** Remote id of a record made by `ensureRecords`. */
  record(key: string): string;
}

/** A frozen request: these very bytes are sent again on a replay. */
export interface PreparedRequest {
  method: 'POST' | 'PUT';
  path: string;
  body: string;
}

export type SendResult = { ok: true; remote: RemoteDocument } | { ok: false; error: ConnectorError };

export interface AccountingConnector extends ConnectorHead {
  kind: 'accounting';
  /** Declared limits; answers' headers and Retry-After tighten them. */
  limits: { requestsPerMinute: number; concurrent: number; documentsPerRequest: number };
  /** Milliseconds during which the provider answers a repeated idempotency key from memory; 0 = it has none. */
  idempotencyWindowMs: number;
  /** Chart, tax rates, currencies, lock dates. */
  readBooks(api: Api): Promise<RemoteBooks>;
  /** First mappings for a person to confirm: by code, name, type; taxes by rate. Leaves out what has no match. Pure. */
  suggestMapping(
    books: RemoteBooks,
    accounts: { role: string; code: string; name: string; type: string }[],
    taxCodes: { code: string; rate: string }[],
  ): MappingSuggestion[];
  /** Finds or makes the contacts; idempotent by our party id. Answers party id → remote id. */
  ensureParties(parties: DocumentParty[], api: Api): Promise<Map<string, string>>;
  /** Keys of other records a document refers to there (an item per account, …), for `ensureRecords`. Pure. */
  recordsFor?(document: BookDocument, mapping: BooksMapping): string[];
  /** Finds or makes them; idempotent by key. Answers key → remote id. */
  ensureRecords?(keys: string[], api: Api): Promise<Map<string, string>>;
  /** One document in the provider's words, serialised once. Pure. */
  encode(document: BookDocument, mapping: BooksMapping): string;
  /** A request for encoded documents of one kind (allocations and the like may only come alone). Pure. */
  prepare(kind: DocumentKind, encoded: string[], document: BookDocument, mapping: BooksMapping): PreparedRequest;
  /** Kinds of which several go into one request. */
  batches: readonly DocumentKind[];
  /** Sends once. One result per document, in order. Throws ConnectorError for the request as a whole. */
  send(request: PreparedRequest, documents: BookDocument[], key: string, api: Api): Promise<SendResult[]>;
  /** Looks documents of one kind up by their natural key; null where there is none. */
  find(documents: BookDocument[], mapping: BooksMapping, api: Api): Promise<(RemoteDocument | null)[]>;
  /** Reads a pushed document back as it stands now; `deleted` or null when it is gone. */
  inspect(document: BookDocument, remoteId: string, mapping: BooksMapping, api: Api): Promise<RemoteSnapshot | null>;
  /**
   * Takes a pushed document out of the books again the way the books allow: voids or deletes it. What was undone before
   * is `gone`. Throws ConnectorError `rejected` (locked period, still referred to by `subject`) naming what to do.
   */
  undo(document: BookDocument, remoteId: string, mapping: BooksMapping, api: Api): Promise<'undone' | 'gone'>;
  /** Webhooks of the books, which only tell that something changed. */
  webhooks?: {
    signature: SignatureScheme;
    /** Throws ConnectorError `rejected` for what is none of theirs. */
    changes(body: Buffer): RemoteChange[];
  };
}

export type Connector = SalesConnector | AccountingConnector;
