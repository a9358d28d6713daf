import { createHash } from 'node:crypto';
import type { ConnectedAccount, Connector, OAuthApp, OAuthFlow } from '@daybook/connectors/kit/contract';
import { sameText } from '@daybook/connectors/kit/signature';
import { type NextFunction, type Request, type Response, Router, raw, urlencoded } from 'express';
import { ApiError } from './api-error.ts';
import { requireKey } from './auth.ts';
import { type Connected, connectAccount, storeConsent, toApiError } from './connect.ts';
import { type ApiContext, connectorOf } from './context.ts';
import { handoverOf, showHandedOver, startHandover, takeKeys } from './handover.ts';
import { choicePage, connectedPage, refusedPage } from './oauth-pages.ts';
import { companyNamed } from './routes/companies.ts';

const STATE_LIFE_MS = 10 * 60_000;
const COOKIE = 'daybook_connect';
/** Stands before what is hashed for the choice page, so that its token opens no callback and the other way round. */
const ASSIGN = 'assign ';

interface Flow {
  connector: Connector;
  oauth: OAuthFlow;
  app: OAuthApp;
}

interface StateRow {
  browserHash: string;
  companyId: string;
  connector: string;
  fields: Record<string, string>;
  codeVerifier: string | null;
}

/**
 * `/oauth/:connector/start|callback|assign`, and `keys|done` where a provider hands over keys (handover.ts). The state
 * is random, stored hashed, bound to the browser that started by a cookie, used once and void after ten minutes; PKCE
 * where the provider supports it (design.md section 6). Only who has the API key may start: a stranger could otherwise
 * connect a shop of his own to somebody's company. The way back from the provider needs the state alone, since a strict
 * cookie does not travel on it.
 */
export function oauthRoutes(context: ApiContext): Router {
  const router = Router();
  router.get(
    '/:connector/start',
    requireKey(context),
    guarded((request, response) => start(context, request, response)),
  );
  router.get(
    '/:connector/callback',
    guarded((request, response) => callback(context, request, response)),
  );
  // Keys may come as JSON or as a form; the connector reads the bytes.
  router.post(
    '/:connector/keys',
    raw({ type: () => true, limit: '64kb' }),
    guarded((request, response) => takeKeys(context, request, response)),
  );
  router.get(
    '/:connector/done',
    guarded((request, response) => showHandedOver(context, request, response)),
  );
  router.post(
    '/:connector/assign',
    urlencoded({ extended: false }),
    guarded((request, response) => assign(context, request, response)),
  );
  router.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    // A person came here by a browser and gets a page; programs get the shape of the API.
    if (!(error instanceof ApiError) || request.accepts(['json', 'html']) !== 'html') return next(error);
    response
      .status(error.status)
      .type('html')
      .send(refusedPage(error.code, error.message, error.hint));
  });
  return router;
}

type Route = (request: Request, response: Response) => Promise<void>;

function guarded(route: Route) {
  return (request: Request, response: Response, next: NextFunction) => {
    route(request, response).catch((error: unknown) => next(toApiError(error)));
  };
}

function flowOf(context: ApiContext, id: string): Flow {
  const connector = connectorOf(context, id);
  if (!connector?.oauth) throw new ApiError(404, 'CONNECTOR_UNKNOWN', `"${id}" cannot be connected by OAuth.`);
  const app = context.apps[id];
  if (!app) {
    const name = `DAYBOOK_APP_${id.toUpperCase().replaceAll('-', '_')}`;
    throw new ApiError(
      503,
      'OAUTH_APP_MISSING',
      `No OAuth application for ${connector.label} is configured.`,
      `Set ${name}_ID and ${name}_SECRET, then start Daybook again.`,
    );
  }
  return { connector, oauth: connector.oauth, app };
}

async function start(context: ApiContext, request: Request, response: Response): Promise<void> {
  const handed = handoverOf(context, text(request.params.connector));
  if (handed) {
    const fields = readFields(handed.handover.fields, request.query);
    return startHandover(context, handed, { company: text(request.query.company), fields }, response);
  }
  const { connector, oauth, app } = flowOf(context, text(request.params.connector));
  const companyId = await companyNamed(context.sql, text(request.query.company));
  const fields = readFields(oauth.fields, request.query);
  const state = context.token(32);
  const codeVerifier = oauth.pkce ? context.token(48) : null;
  const browser = readCookie(request) ?? context.token(32);
  await context.sql`
    insert into oauth_states (state_hash, browser_hash, company_id, connector, fields, code_verifier, expires_at)
    values (${sha256(state)}, ${sha256(browser)}, ${companyId}, ${connector.id}, ${JSON.stringify(fields)}, ${codeVerifier},
            ${new Date(context.clock().getTime() + STATE_LIFE_MS)})`;
  setCookie(context, response, browser);
  const hosts = context.access.hosts(connector, fields.account ?? Object.values(fields)[0] ?? '');
  const codeChallenge = codeVerifier === null ? null : createHash('sha256').update(codeVerifier).digest('base64url');
  response.redirect(
    302,
    oauth.authorizeUrl({ app, hosts, redirectUri: redirectUri(context, connector), state, codeChallenge, fields }),
  );
}

async function callback(context: ApiContext, request: Request, response: Response): Promise<void> {
  const { connector, oauth, app } = flowOf(context, text(request.params.connector));
  const query = flat(request.query);
  const state = await takeState(context, connector.id, query.state ?? '', readCookie(request));
  if (query.error !== undefined)
    throw new ApiError(
      400,
      'OAUTH_REFUSED',
      `${connector.label} gave no access: ${(query.error_description ?? query.error).slice(0, 300)}.`,
      'Start again and allow the access.',
    );
  oauth.verifyCallback({ query, app, fields: state.fields, now: context.clock() });
  const account = state.fields.account ?? Object.values(state.fields)[0] ?? '';
  const hosts = context.access.hosts(connector, account);
  const http = context.access.http(connector, account);
  const now = context.clock();
  const tokens = await oauth.exchange({
    query,
    app,
    hosts,
    http,
    redirectUri: redirectUri(context, connector),
    codeVerifier: state.codeVerifier,
    now,
  });
  const accounts = await oauth.accounts({ tokens, hosts, http, fields: state.fields, now });
  const tokenSetId = await storeConsent(context, connector, tokens);
  await offer(context, response, { connector, accounts, tokenSetId, state });
}

/** One tenant is connected at once; with several behind one consent a person says which one keeps whose books. */
async function offer(
  context: ApiContext,
  response: Response,
  found: { connector: Connector; accounts: ConnectedAccount[]; tokenSetId: string; state: StateRow },
): Promise<void> {
  const { connector, accounts, tokenSetId, state } = found;
  const [only] = accounts;
  if (!only)
    throw new ApiError(
      400,
      'OAUTH_NOTHING_GRANTED',
      `The consent at ${connector.label} covers no account.`,
      'Start again and tick at least one.',
    );
  if (accounts.length === 1) {
    const { companyId } = state;
    const connected = await connectAccount(context, { companyId, connector, account: only, tokenSetId });
    response.type('html').send(connectedPage(connector.label, [connected]));
    return;
  }
  const assignToken = context.token(32);
  await context.sql`
    insert into oauth_states (state_hash, browser_hash, company_id, connector, fields, expires_at)
    values (${sha256(ASSIGN + assignToken)}, ${state.browserHash}, ${state.companyId}, ${connector.id},
            ${JSON.stringify({ tokenSetId, accounts: JSON.stringify(accounts) })}, ${new Date(context.clock().getTime() + STATE_LIFE_MS)})`;
  const companies = await context.sql<{ slug: string; name: string }[]>`select slug, name from companies order by name`;
  const known = await context.sql<{ account: string; slug: string }[]>`
    select c.account, m.slug from connections c join companies m on m.id = c.company_id where c.connector = ${connector.id}`;
  const now = new Map(known.map(({ account, slug }) => [account, slug]));
  response.type('html').send(choicePage({ connector, accounts, companies, now, assignToken }));
}

/** The form of the choice page: `account.<n>` = slug of the company whose books that tenant keeps, empty = leave out. */
async function assign(context: ApiContext, request: Request, response: Response): Promise<void> {
  const { connector } = flowOf(context, text(request.params.connector));
  const form = flat(request.body as Record<string, unknown>);
  const state = await takeState(context, connector.id, ASSIGN + (form.state ?? ''), readCookie(request));
  const accounts = JSON.parse(state.fields.accounts ?? '[]') as ConnectedAccount[];
  const connected: Connected[] = [];
  for (const [index, account] of accounts.entries()) {
    const slug = form[`account.${index}`];
    if (!slug) continue;
    const companyId = await companyNamed(context.sql, slug);
    const { tokenSetId = '' } = state.fields;
    connected.push(await connectAccount(context, { companyId, connector, account, tokenSetId }));
  }
  response.type('html').send(connectedPage(connector.label, connected));
}

/** Reads and deletes the state in one statement: it works once, for the browser it was made for. */
async function takeState(
  context: ApiContext,
  connector: string,
  state: string,
  browser: string | null,
): Promise<StateRow> {
  const [row] = await context.sql<StateRow[]>`
    delete from oauth_states where state_hash = ${sha256(state)} and connector = ${connector} and expires_at > ${context.clock()}
    returning browser_hash as "browserHash", company_id as "companyId", connector, fields, code_verifier as "codeVerifier"`;
  if (!row || browser === null || !sameText(row.browserHash, sha256(browser))) {
    throw new ApiError(
      400,
      'OAUTH_STATE_INVALID',
      'This connection attempt is unknown, was used already, is older than ten minutes, or was started in another browser.',
      'Start connecting again.',
    );
  }
  return row;
}

function readFields(asked: OAuthFlow['fields'], query: Request['query']): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { name, label, pattern, example } of asked) {
    const value = text(query[name]).trim();
    if (!pattern.test(value))
      throw new ApiError(400, 'OAUTH_FIELD_INVALID', `${label} "${value}" is not valid.`, `It looks like ${example}.`);
    fields[name] = value;
  }
  return fields;
}

function redirectUri(context: ApiContext, connector: Connector): string {
  return `${context.publicUrl()}/oauth/${connector.id}/callback`;
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function flat(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function readCookie(request: Request): string | null {
  const match = new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]+)`).exec(request.headers.cookie ?? '');
  return match?.[1] ?? null;
}

function setCookie(context: ApiContext, response: Response, value: string): void {
  response.cookie(COOKIE, value, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/oauth',
    maxAge: STATE_LIFE_MS,
    secure: context.publicUrl().startsWith('https:'),
  });
}
