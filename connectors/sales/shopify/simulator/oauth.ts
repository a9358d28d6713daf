import { createHmac } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { OAuthApp } from '../../../kit/contract.ts';
import { random } from '../../../kit/random.ts';
import { sameText } from '../../../kit/signature.ts';
import type { Store } from './state.ts';
import type { Tokens } from './tokens.ts';

/** A code may be exchanged once, within this time. */
const CODE_LIVES_MS = 10 * 60 * 1000;

const SCOPE = /^(read|write)_[a-z_]+$/;

export interface OAuthOptions {
  seed: number;
  app(): OAuthApp;
  /** Redirect addresses registered for the app; null = any http(s) address. */
  redirectUris: readonly string[] | null;
  store: Store;
  tokens: Tokens;
  now(): Date;
}

interface Code {
  account: string;
  scopes: string[];
  expires: number;
}
interface Codes {
  open: Map<string, Code>;
  issued: number;
}

/** The consent page and the token endpoint of every shop, under `/{account}/admin/oauth`. */
export function oauthRoutes(options: OAuthOptions): Router {
  // Codes live minutes and are of no use to a hub whose consent was interrupted by a restart.
  const codes: Codes = { open: new Map(), issued: 0 };
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.get('/:account/admin/oauth/authorize', (request, response) => {
    const problem = refusal(options, request.params.account, request.query as Record<string, unknown>);
    if (problem !== null) return void response.status(problem.status).send(page('Oauth error', problem.message));
    response.send(consentPage(request.params.account, request.query as Record<string, string>));
  });
  router.post('/:account/admin/oauth/authorize', form, (request, response) => {
    approve(options, codes, request, response);
  });
  router.post('/:account/admin/oauth/access_token', form, express.json(), (request, response) => {
    accessToken(options, codes, request as unknown as TokenRequest, response);
  });
  return router;
}

function refusal(options: OAuthOptions, account: unknown, query: Record<string, unknown>) {
  if (options.store.shop(`${account}`) === undefined) return { status: 404, message: 'There is no such shop.' };
  const { client_id: clientId, redirect_uri: redirect, scope } = query;
  if (clientId !== options.app().clientId) {
    return { status: 400, message: 'Oauth error application_cannot_be_found: The application cannot be found.' };
  }
  if (!allowed(redirect, options.redirectUris)) {
    return { status: 400, message: 'Oauth error invalid_request: The redirect_uri is not whitelisted.' };
  }
  const wrong = `${scope ?? ''}`.split(',').filter((name) => name !== '' && !SCOPE.test(name.trim()));
  if (wrong.length > 0) {
    return { status: 400, message: `Oauth error invalid_scope: The access scope is invalid: ${wrong.join(', ')}` };
  }
  return null;
}

function allowed(redirect: unknown, known: readonly string[] | null): boolean {
  if (typeof redirect !== 'string' || !URL.canParse(redirect)) return false;
  return known === null ? /^https?:$/.test(new URL(redirect).protocol) : known.includes(redirect);
}

function approve(options: OAuthOptions, codes: Codes, request: Request, response: Response): void {
  const account = `${request.params.account}`;
  const asked = (request.body ?? {}) as Record<string, string>;
  const problem = refusal(options, account, asked);
  if (problem !== null) return void response.status(problem.status).send(page('Oauth error', problem.message));
  const at = options.now().getTime();
  const code = random(options.seed, account, 'code', options.store.shop(account)!.made, codes.issued).hex(32);
  const scopes = (asked.scope ?? '')
    .split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '');
  codes.issued += 1;
  codes.open.set(code, { account, scopes, expires: at + CODE_LIVES_MS });
  const back: Record<string, string> = {
    code,
    host: Buffer.from(`admin.shopify.com/store/${account.split('.')[0]}`).toString('base64url'),
    shop: account,
    timestamp: `${Math.floor(at / 1000)}`,
    ...(asked.state === undefined ? {} : { state: asked.state }),
  };
  const url = new URL(asked.redirect_uri!);
  for (const [name, value] of Object.entries(back)) url.searchParams.set(name, value);
  url.searchParams.set('hmac', callbackHmac(back, options.app().clientSecret));
  response.redirect(302, url.toString());
}

/** Lower-case hex HMAC-SHA256 over the other parameters, sorted by name and joined as a query string. */
function callbackHmac(query: Record<string, string>, secret: string): string {
  const sorted = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', secret).update(new URLSearchParams(sorted).toString()).digest('hex');
}

type TokenRequest = Request<{ account: string }, unknown, Record<string, unknown> | undefined>;

function accessToken(options: OAuthOptions, codes: Codes, request: TokenRequest, response: Response) {
  const { account } = request.params;
  const asked = request.body ?? {};
  const refuse = (error: string, error_description: string) => response.status(400).json({ error, error_description });
  if (options.store.shop(account) === undefined) return response.status(404).json({ errors: 'Not Found' });
  const { clientId, clientSecret } = options.app();
  if (asked.client_id !== clientId || !sameText(`${asked.client_secret}`, clientSecret)) {
    return refuse('invalid_client', 'The client_id or client_secret is not valid for this app.');
  }
  if (asked.grant_type === 'refresh_token') {
    const answer = options.tokens.refresh(account, `${asked.refresh_token}`);
    if (answer === null) return refuse('invalid_grant', 'The refresh token is invalid or has expired.');
    return response.json(answer);
  }
  if (asked.grant_type !== undefined && asked.grant_type !== 'authorization_code') {
    return refuse('unsupported_grant_type', `The grant type ${asked.grant_type} is not supported.`);
  }
  const code = codes.open.get(`${asked.code}`);
  codes.open.delete(`${asked.code}`);
  if (code === undefined || code.account !== account || code.expires < options.now().getTime()) {
    return refuse('invalid_request', 'The authorization code was not found or was already used');
  }
  return response.json(options.tokens.grant(account, code.scopes, `${asked.expiring}` === '1'));
}

function consentPage(account: string, query: Record<string, string>): string {
  const fields = Object.entries(query)
    .map(([name, value]) => `<input type="hidden" name="${html(name)}" value="${html(value)}">`)
    .join('');
  const scopes = html(query.scope ?? '').replaceAll(',', '</li><li>');
  const text = `<p>The app will be able to use:</p><ul><li>${scopes}</li></ul>`;
  const button = '<button type="submit">Approve</button>';
  return page(`Install app on ${html(account)}`, `${text}<form method="post">${fields}${button}</form>`);
}

function page(title: string, content: string): string {
  const head = `<head><title>${title}</title></head>`;
  return `<!doctype html><html lang="en">${head}<body><h1>${title}</h1>${content}</body></html>`;
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
