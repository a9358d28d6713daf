import express, { type Request, type Response, type Router } from 'express';
import type { OAuthApp } from '../../../kit/contract.ts';
import { random } from '../../../kit/random.ts';
import { sameText } from '../../../kit/signature.ts';
import { MERCHANT } from './catalogue.ts';
import type { Connections } from './connections.ts';
import { letters } from './stage.ts';
import type { Store } from './state.ts';

/** A code may be exchanged once, within this time. */
const CODE_LIVES_MS = 5 * 60 * 1_000;

export interface OAuthOptions {
  seed: number;
  app(): OAuthApp;
  /** Redirect addresses registered for the platform; null = any http(s) address. */
  redirectUris: readonly string[] | null;
  store: Store;
  connections: Connections;
  now(): Date;
}

interface Code {
  scope: string;
  expires: number;
  /** The token it was exchanged for. */
  token: string | null;
}

/** The consent page, the token endpoint and the way out, all under /oauth. */
export function oauthRoutes(options: OAuthOptions): Router {
  // Codes live minutes and are of no use to a hub whose consent was interrupted by a restart.
  const codes = new Map<string, Code>();
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.get('/oauth/authorize', (request, response) => {
    const asked = request.query as Record<string, string | undefined>;
    if (isRefused(options, asked, response)) return;
    response.send(consentPage(asked));
  });
  router.post('/oauth/authorize', form, (request, response) => {
    const asked = (request.body ?? {}) as Record<string, string | undefined>;
    if (isRefused(options, asked, response)) return;
    const { seed, now } = options;
    const code = `ac_${letters(random(seed, 'code', options.store.merchant.made, codes.size), 32)}`;
    codes.set(code, { scope: asked.scope ?? 'read_write', expires: now().getTime() + CODE_LIVES_MS, token: null });
    back(response, asked, { scope: asked.scope ?? 'read_write', code });
  });
  const reply = (response: Response, { status, body }: Reply) => void response.status(status).json(body);
  router.post('/oauth/token', form, (request, response) => reply(response, token(options, codes, request)));
  router.post('/oauth/deauthorize', form, (request, response) => reply(response, deauthorize(options, request)));
  return router;
}

/** Sends the browser back with these parameters and the state it came with. */
function back(response: Response, asked: Record<string, string | undefined>, query: Record<string, string>): void {
  const url = new URL(asked.redirect_uri ?? '');
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  if (asked.state !== undefined) url.searchParams.set('state', asked.state);
  response.redirect(302, url.toString());
}

/**
 * Answers what cannot be asked: with a page as long as nobody knows where to send the browser, back to the platform
 * with `error` otherwise.
 */
function isRefused(options: OAuthOptions, asked: Record<string, string | undefined>, response: Response): boolean {
  const show = (message: string) => {
    response.status(400).send(page('Something is wrong with this link', message));
    return true;
  };
  const tell = (error: string, error_description: string) => {
    back(response, asked, { error, error_description });
    return true;
  };
  if (asked.client_id !== options.app().clientId) return show('No application matches the supplied client identifier.');
  if (!isAllowed(asked.redirect_uri, options.redirectUris)) return show('Invalid redirect URI.');
  if (asked.response_type !== 'code')
    return tell('unsupported_response_type', `Unsupported response type: ${asked.response_type ?? ''}`);
  if (asked.scope !== undefined && asked.scope !== 'read_write')
    return tell('invalid_scope', `This application may not ask for the scope ${asked.scope}.`);
  return false;
}

function isAllowed(redirect: string | undefined, known: readonly string[] | null): boolean {
  if (redirect === undefined || !URL.canParse(redirect)) return false;
  return known === null ? /^https?:$/.test(new URL(redirect).protocol) : known.includes(redirect);
}

type Form = Record<string, string | undefined>;

/** The platform proves itself with its secret key: as a parameter, or like an API call. */
function isPlatform({ app }: OAuthOptions, request: Request): boolean {
  const { client_secret: secret } = (request.body ?? {}) as Form;
  const bearer = /^Bearer (\S+)$/.exec(request.header('authorization') ?? '')?.[1];
  const basic = /^Basic (\S+)$/.exec(request.header('authorization') ?? '')?.[1];
  const named = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString().split(':')[0];
  return sameText(secret ?? bearer ?? named ?? '', app().clientSecret);
}

interface Reply {
  status: number;
  body: Record<string, string | boolean>;
}

function refuse(status: number, error: string, error_description: string): Reply {
  return { status, body: { error, error_description } };
}

function token(options: OAuthOptions, codes: Map<string, Code>, request: Request): Reply {
  const asked = (request.body ?? {}) as Form;
  if (!isPlatform(options, request)) return refuse(401, 'invalid_client', 'No such API key.');
  switch (asked.grant_type) {
    case 'authorization_code':
      return exchange(options, codes, asked.code);
    case 'refresh_token':
      return refresh(options, asked);
    case undefined:
      return refuse(400, 'invalid_request', 'No grant type specified.');
    default:
      return refuse(400, 'unsupported_grant_type', `Unsupported grant type: ${asked.grant_type}`);
  }
}

function exchange({ connections, now }: OAuthOptions, codes: Map<string, Code>, given: string | undefined): Reply {
  if (given === undefined) return refuse(400, 'invalid_request', 'No code specified.');
  const code = codes.get(given);
  if (code === undefined) return refuse(400, 'invalid_grant', `Authorization code does not exist: ${given}`);
  if (code.token !== null) {
    connections.revoke(code.token);
    const message =
      'This authorization code has already been used. All tokens issued with this code have been revoked.';
    return refuse(400, 'invalid_grant', message);
  }
  if (code.expires < now().getTime()) return refuse(400, 'invalid_grant', `Authorization code expired: ${given}`);
  const grant = connections.connect(code.scope);
  code.token = grant.accessToken;
  return { status: 200, body: connections.answer(grant) };
}

function refresh({ connections }: OAuthOptions, { refresh_token: given }: Form): Reply {
  if (given === undefined) return refuse(400, 'invalid_request', 'No refresh token specified.');
  const grant = connections.refresh(given);
  if (grant === null) return refuse(400, 'invalid_grant', `Refresh token does not exist: ${given}`);
  return { status: 200, body: connections.answer(grant) };
}

function deauthorize(options: OAuthOptions, request: Request): Reply {
  const { client_id: client, stripe_user_id: account = '' } = (request.body ?? {}) as Form;
  if (!isPlatform(options, request)) return refuse(401, 'invalid_client', 'No such API key.');
  if (client !== options.app().clientId)
    return refuse(401, 'invalid_client', 'No application matches the supplied client identifier.');
  if (account !== MERCHANT.account || options.store.merchant.grant === null) {
    const message = `This application is not connected to stripe account ${account}, or that account does not exist.`;
    return refuse(401, 'invalid_client', message);
  }
  void options.connections.disconnect();
  return { status: 200, body: { stripe_user_id: account } };
}

function consentPage(asked: Form): string {
  const fields = Object.entries(asked)
    .map(([name, value]) => `<input type="hidden" name="${html(name)}" value="${html(value ?? '')}">`)
    .join('');
  const text = `<p>${html(MERCHANT.name)} (${MERCHANT.account}) will let the platform read and write its data.</p>`;
  return page('Connect your account', `${text}<form method="post">${fields}<button>Connect</button></form>`);
}

function page(title: string, content: string): string {
  const head = `<head><title>${title}</title></head>`;
  return `<!doctype html><html lang="en">${head}<body><h1>${title}</h1>${content}</body></html>`;
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
