import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { ConnectorError } from './connector-error.ts';
import type {
  Api,
  Connector,
  HeaderMap,
  Hosts,
  HttpClient,
  HttpRequest,
  OAuthApp,
  OAuthFlow,
  TokenSet,
  WebhookTarget,
} from './contract.ts';
import type { SignedRequest } from './signature.ts';
import type { AccountingSimulator, SalesSimulator, SimulatorModule } from './simulator.ts';

/** One connector folder under test, and the network it is given. */
export interface Subject<Kind extends Connector = Connector> {
  connector: Kind;
  /** Absolute path of the connector's folder. */
  folder: string;
  /** Loads the folder's simulator; undefined when it brings none. */
  simulator: (() => Promise<SimulatorModule>) | undefined;
  /** A client that may only reach these origins, and waits at most this long for an answer. */
  http(allowedOrigins: string[], timeoutMs: number): HttpClient;
}

/** The application registered with the simulated provider, and what stands for its previous secret. */
export const APP: OAuthApp = {
  clientId: 'conformance-app',
  clientSecret: 'conformance-client-secret-5f2c',
  token: 'conformance-application-token-81d0',
};
export const REDIRECT_URI = 'https://daybook.example/oauth/callback';
/** Every run trades the same; change it to look for more. */
export const SEED = 20261121;
/** Long enough for a simulator on this machine, short enough to test what happens after it. */
export const TIMEOUT_MS = 1_000;

/** A provider that runs, a connection to its first tenant, and all that the connector logged on the way. */
export interface World<Simulator> {
  simulator: Simulator;
  http: HttpClient;
  hosts: Hosts;
  account: string;
  tokens: TokenSet;
  api: Api;
  logged: string[];
  /** The time both sides live at; set it to move on. */
  clock: { now: Date };
  close(): Promise<void>;
}

/** Starts the folder's simulator and connects to it as a person would. The caller closes it. */
export async function openWorld<Simulator extends SalesSimulator | AccountingSimulator>(
  subject: Subject,
): Promise<World<Simulator>> {
  if (!subject.simulator) throw new Error(`${subject.connector.id} brings no simulator.ts`);
  const clock = { now: new Date('2026-11-10T09:00:00Z') };
  const module = await subject.simulator();
  const simulator = (await module.start({
    seed: SEED,
    app: APP,
    now: () => clock.now,
    ladderMs: [5, 5, 5],
  })) as Simulator;
  try {
    const account = simulator.accounts[0]?.account ?? '';
    const hosts = hostsOf(simulator.hosts, account);
    const network = subject.http([new URL(hosts.api).origin, new URL(hosts.auth).origin], TIMEOUT_MS);
    const http = { request: (request: HttpRequest) => network.request(request).finally(() => pass(clock, SECOND)) };
    const { oauth } = subject.connector;
    const consent = oauth && (await connect(oauth, { simulator, hosts, http, account, now: clock.now }));
    const tokens = consent?.tokens ?? NO_TOKENS;
    const logged: string[] = [];
    const api: Api = {
      http,
      hosts,
      account,
      credentials: consent ? tokens : (simulator.keys?.(account) ?? {}),
      settings: {},
      app: APP,
      now: () => clock.now,
      log: (message, fields) => logged.push(`${message} ${JSON.stringify(fields ?? {})}`),
    };
    const close = () => simulator.close();
    return { simulator, http, hosts, account, tokens, api, logged, clock, close };
  } catch (error) {
    await simulator.close();
    throw error;
  }
}

const SECOND = 1_000;

/** Time only passes when something happens, so that a run is the same on every machine: a second per request. */
export function pass(clock: { now: Date }, milliseconds: number): void {
  clock.now = new Date(clock.now.getTime() + milliseconds);
}

const NO_TOKENS: TokenSet = {
  accessToken: '',
  accessTokenExpiresAt: null,
  refreshToken: null,
  refreshTokenExpiresAt: null,
  scopes: [],
};

function hostsOf(hosts: Hosts, account: string): Hosts {
  return { api: hosts.api.replaceAll('{account}', account), auth: hosts.auth.replaceAll('{account}', account) };
}

/** What `connect` needs of a world that is still being built. */
export interface Connecting {
  simulator: SalesSimulator | AccountingSimulator;
  hosts: Hosts;
  http: HttpClient;
  account: string;
  now: Date;
}

/** The whole OAuth consent, with every step's outcome. */
export interface Consent {
  query: Record<string, string>;
  fields: Record<string, string>;
  codeVerifier: string | null;
  tokens: TokenSet;
}

/** Goes through the consent page as a person would, and exchanges the code. Throws what the connector throws. */
export async function connect(oauth: OAuthFlow, to: Connecting): Promise<Consent> {
  const state = 'state-of-the-browser-that-started';
  const codeVerifier = oauth.pkce ? 'a-code-verifier-of-at-least-forty-three-characters' : null;
  const codeChallenge = codeVerifier && createHash('sha256').update(codeVerifier).digest('base64url');
  const fields = Object.fromEntries(
    oauth.fields.map((field) => [field.name, field.pattern.test(to.account) ? to.account : field.example]),
  );
  const url = oauth.authorizeUrl({
    app: APP,
    hosts: to.hosts,
    redirectUri: REDIRECT_URI,
    state,
    codeChallenge,
    fields,
  });
  const query = Object.fromEntries(new URL(await to.simulator.consent(url, to.account)).searchParams);
  if (query.state !== state) throw new Error(`The state came back as ${query.state}.`);
  oauth.verifyCallback({ query, app: APP, fields, now: to.now });
  const rest = { app: APP, hosts: to.hosts, http: to.http, redirectUri: REDIRECT_URI, now: to.now };
  const tokens = await oauth.exchange({ ...rest, query, codeVerifier });
  return { query, fields, codeVerifier, tokens };
}

/**
 * Opens something before the tests of a group and closes it after them. When it could not be opened, each test that
 * asks for it fails with the reason.
 */
export function opened<Opened extends { close(): Promise<void> }>(open: () => Promise<Opened>): () => Opened {
  let outcome: { value: Opened } | { error: unknown } = { error: new Error('asked for before it was opened') };
  beforeAll(async () => {
    outcome = await open().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  }, 120_000);
  afterAll(() => ('value' in outcome ? outcome.value.close() : undefined));
  return () => {
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
}

/** One webhook as it reached us. */
export interface Received extends SignedRequest {}

export interface Inbox {
  /** Addresses as a hub would hand them to the provider. */
  target: Pick<WebhookTarget, 'url' | 'appUrl'>;
  received: Received[];
  close(): Promise<void>;
}

/** An address for webhooks that keeps what `keeps` says; `answer` decides the status of each of those. */
export async function openInbox(
  clock: { now: Date },
  keeps: (received: Received) => boolean,
  answer: (received: Received) => number,
): Promise<Inbox> {
  const received: Received[] = [];
  let origin = '';
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const delivery = {
      headers: request.headers as HeaderMap,
      body: Buffer.concat(chunks),
      url: `${origin}${request.url}`,
      receivedAt: clock.now,
    };
    const isKept = keeps(delivery);
    if (isKept) received.push(delivery);
    response.writeHead(isKept ? answer(delivery) : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    target: { url: `${origin}/webhooks/conformance/connection`, appUrl: `${origin}/webhooks/conformance/app` },
    received,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** Lines of the log that show the value of a credential, or carry a field the connector declares as secret. */
export function leaks(
  { logged, tokens, api }: Pick<World<unknown>, 'logged' | 'tokens' | 'api'>,
  secrets: readonly string[],
): string[] {
  const pasted = Object.entries((api.credentials ?? {}) as Record<string, unknown>)
    .filter(([name]) => secrets.includes(name))
    .map(([, value]) => (typeof value === 'string' ? value : ''));
  const values = [APP.clientSecret, APP.token ?? '', tokens.accessToken, tokens.refreshToken ?? '', ...pasted].filter(
    (each) => each !== '',
  );
  const words = [...values, ...secrets.map((name) => `"${name}":`)];
  return logged.filter((line) => words.some((word) => line.includes(word)));
}

/** The ConnectorError a call ends in; any other end is returned too, so that a test shows it. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    const value = await call();
    return { answered: value };
  } catch (error) {
    return error;
  }
}

/** The parts of a failure the suite compares: anything that is not a ConnectorError shows as itself. */
export function kindOf(failure: unknown): unknown {
  return failure instanceof ConnectorError ? failure.kind : failure;
}
