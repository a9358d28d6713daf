import type { BookDocument, CanonicalEvent, DocumentKind, DocumentParty } from '@daybook/domain';
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
  /** Told after every answer that says how many calls of the tenant are left, so that the worker can slow down. */
  remaining?(left: { minute: number | null; day: number | null }): void;
}

/** The OAuth application registered with the provider. */
export interface OAuthApp {
  clientId: string;
  clientSecret: string;
}

/** Tokens of one consent; stored encrypted. Instants are UTC ISO strings. */
export interface TokenSet {
  accessToken: string;
  accessTokenExpiresAt: string | null;
  refreshToken: string | null;
  refreshTokenExpiresAt: string | null;
  scopes: string[];
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
}

/** Something the support staff or the connection must learn from a delivery that carries no accounting fact. */
export interface Notice {
  code: 'disconnected' | 'privacy_request' | 'scopes_changed';
  message: string;
}

export type Normalized =
  | { events: CanonicalEvent[] }
  /** No accounting fact, and why. `needs` names what `fetch` must supply before it can become events. */
  | { ignored: string; needs?: string; notice?: Notice };

export interface SalesConnector extends ConnectorHead {
  kind: 'sales';
  signature: SignatureScheme;
  /** Topics we subscribe to. */
  topics: readonly string[];
  /** Throws ConnectorError `rejected` when topic or event id is missing. */
  header(headers: HeaderMap): EventHeader;
  /** Pure. Throws ConnectorError `rejected` naming the field when the payload contradicts itself. */
  normalize(delivery: RawDelivery, context: NormalizeContext): Normalized;
  /**
   * Where the provider's revisions are too coarse to tell two states of one second apart: what to `fetch` to learn the
   * truth, and the polled topic its answer is normalised under.
   */
  reread?: { fetch: string; topic: string };
  /** Re-reads what a thin delivery needs; answers the raw JSON text to put under `fetched[name]`. */
  fetch?(name: string, delivery: RawDelivery, api: Api): Promise<string>;
  /** Objects changed since the cursor (null = from `from`), oldest first, with the cursor to store after each page. */
  changesSince?(
    range: { cursor: string | null; from: string; to: string },
    api: Api,
  ): AsyncIterable<{ deliveries: (RawDelivery & { eventId: string })[]; cursor: string }>;
  /** Makes the provider's webhook subscriptions what they should be; safe to repeat daily. */
  registerWebhooks?(callbackUrl: string, api: Api): Promise<{ created: string[]; kept: string[] }>;
}

/** An account, tax rate … of the books, as their API lists it. */
export interface RemoteAccount {
  code: string;
  name: string;
  type: string;
  remoteId: string;
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

/** What translating a document needs of the other side. Each throws ConnectorError MAPPING_MISSING when unmapped. */
export interface BooksMapping {
  /** Their account code for a role of ours. */
  account(role: string, account: string): string;
  /** Their tax code for ours; null = no tax at all. */
  tax(taxCode: string | null): string;
  /** Remote id of a document pushed earlier. */
  remoteId(kind: DocumentKind, number: string): string;
  /** Remote id of a contact made by `ensureParties`. */
  party(id: string): string;
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
}

export type Connector = SalesConnector | AccountingConnector;
