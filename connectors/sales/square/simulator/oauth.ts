import express, { type Request, type Response, type Router } from 'express';
import type { OAuthApp } from '../../../kit/contract.ts';
import { random } from '../../../kit/random.ts';
import { sameText } from '../../../kit/signature.ts';
import { type Answer, badRequest, fine, notFound, refused } from './answers.ts';
import { shortId } from './ids.ts';
import type { Store } from './state.ts';
import { challengeOf, seconds, type Tokens, type Wishes } from './tokens.ts';

/** A code may be exchanged once, within five minutes. */
const CODE_LIVES_MS = 5 * 60 * 1000;

export interface OAuthOptions {
  seed: number;
  app(): OAuthApp;
  /** Redirect addresses registered for the app; null = any http(s) address. */
  redirectUris: readonly string[] | null;
  merchantId: string;
  store: Store;
  tokens: Tokens;
  now(): Date;
  /** Tells the application that the seller's tokens are gone. */
  revoked(by: 'APPLICATION' | 'MERCHANT'): void;
}

interface Code {
  scopes: string[];
  challenge: string | null;
  redirectUri: string;
  expires: number;
}
interface Codes {
  open: Map<string, Code>;
  issued: number;
}

type Body = Record<string, unknown>;

/** The consent page and everything about tokens, under `/oauth2`. */
export function oauthRoutes(options: OAuthOptions): Router {
  // Codes live minutes and are of no use to a hub whose consent was interrupted by a restart.
  const codes: Codes = { open: new Map(), issued: 0 };
  const router = express.Router();
  const form = express.urlencoded({ extended: false });
  router.get('/oauth2/authorize', (request, response) => {
    const query = request.query as Record<string, string>;
    const problem = refusal(options, query);
    if (problem !== null) return void response.status(400).send(page('Unable to authorize', problem));
    response.send(consentPage(query));
  });
  router.post('/oauth2/authorize', form, (request, response) => {
    const asked = (request.body ?? {}) as Record<string, string>;
    const problem = refusal(options, asked);
    if (problem !== null) return void response.status(400).send(page('Unable to authorize', problem));
    response.redirect(302, asked.deny === undefined ? approved(options, codes, asked) : denied(asked));
  });
  const answered = (handle: (request: Request) => Answer) => (request: Request, response: Response) => {
    const { status, body } = handle(request);
    response.status(status).json(body);
  };
  const json = express.json({ type: () => true, strict: false });
  router.post(
    '/oauth2/token',
    json,
    answered((request) => token(options, codes, bodyOf(request))),
  );
  router.post(
    '/oauth2/token/status',
    answered((request) => status(options, request)),
  );
  router.post(
    '/oauth2/revoke',
    json,
    answered((request) => revoke(options, request)),
  );
  return router;
}

function bodyOf(request: Request): Body | null {
  return request.is('application/json') && typeof request.body === 'object' ? (request.body as Body) : null;
}

function refusal({ app, redirectUris }: OAuthOptions, query: Record<string, unknown>): string | null {
  const { client_id: clientId, redirect_uri: redirect, scope } = query;
  if (clientId !== app().clientId) return 'Invalid client_id parameter provided.';
  if (!allowed(redirect, redirectUris))
    return 'The redirect_uri does not match the one registered for the application.';
  const wrong = scopesOf(scope).filter((name) => !/^[A-Z][A-Z0-9_]+_(READ|WRITE|WRITE_[A-Z_]+)$/.test(name));
  return wrong.length === 0 ? null : `Invalid scope: ${wrong.join(', ')}`;
}

function scopesOf(scope: unknown): string[] {
  return `${scope ?? 'MERCHANT_PROFILE_READ PAYMENTS_READ'}`.split(/[\s+,]+/).filter((name) => name !== '');
}

function allowed(redirect: unknown, known: readonly string[] | null): boolean {
  if (typeof redirect !== 'string' || !URL.canParse(redirect)) return false;
  return known === null ? /^https?:$/.test(new URL(redirect).protocol) : known.includes(redirect);
}

function approved({ seed, store, now }: OAuthOptions, codes: Codes, asked: Record<string, string>): string {
  const code = `sq0cgp-${shortId(random(seed, 'code', store.state.made, codes.issued), 22)}`;
  codes.issued += 1;
  codes.open.set(code, {
    scopes: scopesOf(asked.scope),
    challenge: asked.code_challenge ?? null,
    redirectUri: asked.redirect_uri!,
    expires: now().getTime() + CODE_LIVES_MS,
  });
  return back(asked, { code, response_type: 'code' });
}

function denied(asked: Record<string, string>): string {
  return back(asked, { error: 'access_denied', error_description: 'user_denied' });
}

function back(asked: Record<string, string>, answer: Record<string, string>): string {
  const url = new URL(asked.redirect_uri!);
  const state = asked.state === undefined ? {} : { state: asked.state };
  for (const [name, value] of Object.entries({ ...answer, ...state })) url.searchParams.set(name, value);
  return url.toString();
}

function token(options: OAuthOptions, codes: Codes, asked: Body | null): Answer {
  if (asked === null) return badRequest('EXPECTED_JSON_BODY', 'Expected a JSON body.');
  if (asked.client_id === undefined) return badRequest('MISSING_REQUIRED_PARAMETER', 'Missing client_id', 'client_id');
  const { clientId, clientSecret } = options.app();
  const bySecret = asked.client_secret !== undefined && asked.client_secret !== null;
  const isOurs = asked.client_id === clientId && (!bySecret || sameText(`${asked.client_secret}`, clientSecret));
  if (!isOurs) return refused(401, 'UNAUTHORIZED', 'Not Authorized');
  const wishes: Wishes = {
    shortLived: asked.short_lived === true,
    scopes: Array.isArray(asked.scopes) ? asked.scopes.map(String) : null,
  };
  if (asked.grant_type === 'authorization_code') return exchange(options, codes, asked, bySecret, wishes);
  if (asked.grant_type === 'refresh_token') return refresh(options, asked, bySecret, wishes);
  return badRequest('INVALID_VALUE', `Unknown grant_type ${String(asked.grant_type)}`, 'grant_type');
}

function exchange(options: OAuthOptions, codes: Codes, asked: Body, bySecret: boolean, wishes: Wishes): Answer {
  const name = `${asked.code}`;
  const code = codes.open.get(name);
  codes.open.delete(name);
  if (code === undefined) return refused(401, 'UNAUTHORIZED', 'Authorization code not found or already claimed.');
  if (code.expires <= options.now().getTime()) return refused(401, 'UNAUTHORIZED', 'Authorization code is expired.');
  if (asked.redirect_uri != null && asked.redirect_uri !== code.redirectUri) {
    return refused(401, 'UNAUTHORIZED', 'The redirect_uri does not match the one that was authorized.');
  }
  const proven = code.challenge === null ? bySecret : challengeOf(`${asked.code_verifier ?? ''}`) === code.challenge;
  if (!proven) return refused(401, 'UNAUTHORIZED', 'Neither client_secret nor a matching code_verifier was given.');
  const { scopes, challenge } = code;
  return fine(options.tokens.grant({ merchantId: options.merchantId, scopes, pkce: challenge !== null }, wishes));
}

function refresh(options: OAuthOptions, asked: Body, bySecret: boolean, wishes: Wishes): Answer {
  const given = `${asked.refresh_token}`;
  const answer =
    (bySecret ? options.tokens.refresh(given, false, wishes) : null) ?? options.tokens.refresh(given, true, wishes);
  return answer === null ? refused(401, 'UNAUTHORIZED', 'Refresh token is invalid or was revoked.') : fine(answer);
}

function status({ tokens, app }: OAuthOptions, request: Request): Answer {
  const access = tokens.use(/^Bearer (.+)$/.exec(request.header('authorization') ?? '')?.[1] ?? '');
  if (typeof access === 'string') return refused(401, 'UNAUTHORIZED', 'This request could not be authorized.');
  return fine({
    scopes: access.scopes ?? [],
    client_id: app().clientId,
    ...(access.expires === null ? {} : { expires_at: seconds(access.expires) }),
    ...(access.merchantId === null ? {} : { merchant_id: access.merchantId }),
  });
}

/** All tokens of the seller end, whichever of them is named, unless only the access token is to end. */
function revoke(options: OAuthOptions, request: Request): Answer {
  const { app, merchantId, store, tokens } = options;
  const [scheme, secret] = (request.header('authorization') ?? '').split(' ');
  if (scheme !== 'Client' || !sameText(secret ?? '', app().clientSecret)) {
    return refused(401, 'UNAUTHORIZED', 'The Authorization header must be "Client APPLICATION_SECRET".');
  }
  const asked = bodyOf(request);
  if (asked === null) return badRequest('EXPECTED_JSON_BODY', 'Expected a JSON body.');
  if (asked.client_id !== app().clientId) return refused(401, 'UNAUTHORIZED', 'Not Authorized');
  const access = tokens.use(`${asked.access_token}`);
  const whose = asked.merchant_id ?? (typeof access === 'string' ? null : access.merchantId);
  if (whose !== merchantId) return notFound('Access token not found.');
  const single = asked.revoke_only_access_token === true ? `${asked.access_token}` : null;
  store.record({ kind: 'revoked', merchantId, token: single });
  if (single === null) options.revoked('APPLICATION');
  return fine({ success: true });
}

function consentPage(query: Record<string, string>): string {
  const fields = Object.entries(query)
    .map(([name, value]) => `<input type="hidden" name="${html(name)}" value="${html(value)}">`)
    .join('');
  const scopes = scopesOf(query.scope)
    .map((scope) => `<li>${html(scope)}</li>`)
    .join('');
  const buttons = '<button type="submit">Allow</button><button type="submit" name="deny" value="1">Deny</button>';
  return page('Let this application in?', `<ul>${scopes}</ul><form method="post">${fields}${buttons}</form>`, true);
}

function page(title: string, content: string, isHtml = false): string {
  const head = `<head><title>${html(title)}</title></head>`;
  return `<!doctype html><html lang="en">${head}<body><h1>${html(title)}</h1>${isHtml ? content : html(content)}</body></html>`;
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
