import type { z } from 'zod';

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

/** What every connector says of itself. */
export interface ConnectorHead {
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
