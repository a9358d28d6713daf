import { createHmac } from 'node:crypto';
import type { OAuthApp } from '../../../kit/contract.ts';
import { sameText } from '../../../kit/signature.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { type Answer, json, Refused } from './answer.ts';
import { type Codes, spendCode } from './consent.ts';
import type { Store } from './store.ts';
import type { Consent } from './world.ts';

export interface TokenLifetimes {
  accessMs: number;
  /** A refresh token works this long; every refresh hands out another one and kills it. */
  refreshMs: number;
}

export const DEFAULT_LIFETIMES: TokenLifetimes = { accessMs: 5 * 60_000, refreshMs: 31 * 24 * 60 * 60_000 };

export interface Identity {
  store: Store;
  app: OAuthApp;
  codes: Codes;
  lifetimes: TokenLifetimes;
}

const refused = (status: number, error: string) => json(status, { error });

/** POST /token, form-encoded, client id and secret in the body. */
export function tokenEndpoint(identity: Identity, form: URLSearchParams, now: number): Answer {
  const { app, store, codes } = identity;
  if (!knowsApp(app, form)) return refused(401, 'invalid_client');
  const consents = store.world.consents;
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const consent = consents.get(spendCode(codes, form, now) ?? '');
      return consent && !consent.ended ? handOut(identity, consent, now) : refused(400, 'invalid_grant');
    }
    case 'refresh_token': {
      const token = form.get('refresh_token') ?? '';
      const consent = [...consents.values()].find((each) => each.refresh !== '' && sameText(each.refresh, token));
      const isGood = consent && !consent.ended && now < consent.expiresAt;
      return isGood ? handOut(identity, consent, now) : refused(400, 'invalid_grant');
    }
    default:
      return refused(400, 'unsupported_grant_type');
  }
}

function handOut({ store, lifetimes }: Identity, consent: Consent, now: number): Answer {
  const refresh = opaqueFrom(store.world.seed, 'refresh', store.next('refresh'));
  store.commit({ type: 'consent', value: { ...consent, refresh, expiresAt: now + lifetimes.refreshMs } });
  const claims = { consent: consent.id, number: store.next('access'), until: now + lifetimes.accessMs };
  return json(200, {
    access_token: accessToken(store.world.seed, claims),
    token_type: 'bearer',
    expires_in: Math.floor(lifetimes.accessMs / 1000),
    refresh_token: refresh,
    refresh_token_expires_in: Math.floor(lifetimes.refreshMs / 1000),
    scope: 'full_access',
    requested_by_id: store.world.seed.toString(),
  });
}

/** POST /revoke: the consent that the refresh token belongs to ends. */
export function revocationEndpoint({ app, store }: Identity, form: URLSearchParams): Answer {
  if (!knowsApp(app, form)) return refused(401, 'invalid_client');
  const token = form.get('token') ?? '';
  for (const consent of store.world.consents.values()) {
    if (consent.refresh === token && token !== '')
      store.commit({ type: 'consent', value: { ...consent, ended: true } });
  }
  return json(200, {});
}

function knowsApp(app: OAuthApp, form: URLSearchParams): boolean {
  return (
    sameText(form.get('client_id') ?? '', app.clientId) && sameText(form.get('client_secret') ?? '', app.clientSecret)
  );
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

/** Throws 401 for a bearer token that is not good now. */
export function checkBearer({ store }: Identity, authorization: string, now: number): void {
  const [text = '', given = ''] = (/^Bearer (.+)$/.exec(authorization)?.[1] ?? '').split('.');
  const isOurs = text !== '' && sameText(given, signature(store.world.seed, text));
  const claims = isOurs ? (JSON.parse(Buffer.from(text, 'base64url').toString()) as AccessClaims) : null;
  const consent = store.world.consents.get(claims?.consent ?? '');
  if (claims && consent && !consent.ended && now < claims.until) return;
  throw new Refused('The access token is invalid or has expired.', '', 401, 'AuthorizationFailure');
}
