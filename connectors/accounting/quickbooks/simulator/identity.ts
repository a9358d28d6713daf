import { createHmac } from 'node:crypto';
import type { OAuthApp } from '../../../kit/contract.ts';
import { sameText } from '../../../kit/signature.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { type Answer, gatewayFault, json } from './answer.ts';
import { type Codes, refreshToken, spendCode } from './consent.ts';
import type { Change, Store } from './store.ts';
import type { Consent } from './world.ts';

export interface TokenLifetimes {
  accessMs: number;
  /** A refresh token works this long after its last use. */
  refreshMs: number;
  /** A refresh hands out a new value when the current one is this old. */
  rotateMs: number;
  /** The end of the whole chain, counted from the consent. */
  hardMs: number;
}

const DAY = 24 * 60 * 60_000;

export const DEFAULT_LIFETIMES: TokenLifetimes = {
  accessMs: 60 * 60_000,
  refreshMs: 100 * DAY,
  rotateMs: DAY,
  hardMs: 5 * 365 * DAY,
};

export interface Identity {
  store: Store;
  app: OAuthApp;
  codes: Codes;
  lifetimes: TokenLifetimes;
}

const invalidGrant = () => json(400, { error: 'invalid_grant', error_description: 'Incorrect or expired token.' });
const invalidClient = () => json(401, { error: 'invalid_client' });
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** POST /oauth2/v1/tokens/bearer. `tellsHardEnd`: the caller asked for the end of the whole chain. */
export function tokenEndpoint(
  identity: Identity,
  request: { authorization: string; form: URLSearchParams; tellsHardEnd: boolean },
  now: number,
): Answer {
  const { form } = request;
  if (!knowsApp(identity.app, request.authorization)) return invalidClient();
  const change = identity.store.begin();
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const issued = spendCode(identity.codes, form, now);
      const consent = issued && identity.store.world.consents.get(issued.consent);
      return consent && !consent.ended ? handOut(identity, change, consent, request.tellsHardEnd, now) : invalidGrant();
    }
    case 'refresh_token': {
      const consent = refreshed(identity, change, form.get('refresh_token') ?? '', now);
      return consent ? handOut(identity, change, consent, request.tellsHardEnd, now) : invalidGrant();
    }
    default:
      return json(400, { error: 'unsupported_grant_type' });
  }
}

/**
 * The consent behind a refresh token. A value that is a day old is replaced; the former one works until the newer one
 * was used, which saves a caller that lost the answer.
 */
function refreshed(identity: Identity, change: Change, token: string, now: number): Consent | null {
  const { world } = identity.store;
  const { lifetimes } = identity;
  const consent = [...world.consents.values()].find((each) => each.refresh === token || each.former === token);
  if (!consent || consent.ended || now >= consent.expiresAt || now >= consent.grantedAt + lifetimes.hardMs) return null;
  if (consent.former === token) return consent;
  if (now - consent.rotatedAt < lifetimes.rotateMs) return { ...consent, former: null };
  const refresh = refreshToken(world.seed, change.next('refresh'));
  return { ...consent, refresh, former: consent.refresh, rotatedAt: now };
}

function handOut(identity: Identity, change: Change, consent: Consent, tellsHardEnd: boolean, now: number): Answer {
  const { lifetimes, store } = identity;
  const value = { ...consent, expiresAt: now + lifetimes.refreshMs };
  change.put({ type: 'consent', value });
  const access = accessToken(store.world.seed, {
    consent: consent.id,
    number: change.next('access'),
    until: now + lifetimes.accessMs,
  });
  change.commit();
  return json(200, {
    token_type: 'bearer',
    access_token: access,
    expires_in: seconds(lifetimes.accessMs),
    refresh_token: value.refresh,
    x_refresh_token_expires_in: seconds(lifetimes.refreshMs),
    ...(tellsHardEnd ? { x_refresh_token_hard_expires_in: seconds(consent.grantedAt + lifetimes.hardMs - now) } : {}),
  });
}

/** HTTP Basic with client id and secret. */
function knowsApp(app: OAuthApp, authorization: string): boolean {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1] ?? '';
  return sameText(Buffer.from(encoded, 'base64').toString(), `${app.clientId}:${app.clientSecret}`);
}

/** POST /v2/oauth2/tokens/revoke: ends the consent that either of its tokens belongs to. */
export function revocationEndpoint(identity: Identity, authorization: string, token: string): Answer {
  if (!knowsApp(identity.app, authorization)) return invalidClient();
  const { world } = identity.store;
  const claims = readAccessToken(world.seed, token);
  const consent = [...world.consents.values()].find(
    (each) => each.refresh === token || each.former === token || each.id === claims?.consent,
  );
  if (!consent || consent.ended) return json(400, { error: 'invalid_request' });
  endConsent(identity.store, consent);
  return { status: 200, body: '', contentType: 'text/plain' };
}

/** All tokens of the consent are dead. */
export function endConsent(store: Store, consent: Consent): void {
  const change = store.begin();
  change.put({ type: 'consent', value: { ...consent, ended: true } });
  change.commit();
}

interface AccessClaims {
  consent: string;
  number: number;
  /** Milliseconds. */
  until: number;
}

const signature = (seed: number, text: string) =>
  createHmac('sha256', opaqueFrom(seed, 'signing key')).update(text).digest('base64url');

/** Opaque to the caller; it carries what it is good for, so that nothing has to be kept about it. */
function accessToken(seed: number, claims: AccessClaims): string {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${text}.${signature(seed, text)}`;
}

function readAccessToken(seed: number, token: string): AccessClaims | null {
  const [text, given] = token.split('.');
  if (text === undefined || given === undefined || !sameText(given, signature(seed, text))) return null;
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as AccessClaims;
}

/** The consent of a bearer token that is good now, or the 401 that says what is wrong with it. */
export function authenticate({ store }: Identity, authorization: string, now: number): Consent | Answer {
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
  const claims = readAccessToken(store.world.seed, token);
  const consent = claims && store.world.consents.get(claims.consent);
  if (consent && !consent.ended && now < claims.until) return consent;
  const detail = claims && now >= claims.until ? `Token expired: ${token}` : `Token revoked: ${token}`;
  const problem = { code: '3200', name: 'AuthenticationFailed', detail, type: 'AUTHENTICATION' };
  return gatewayFault(401, problem, now, { 'www-authenticate': 'Bearer realm="Intuit", error="invalid_token"' });
}
