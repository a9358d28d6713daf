import type { OAuthApp } from '../../../kit/contract.ts';
import { sameText } from '../../../kit/signature.ts';
import { opaqueFrom } from '../../../kit/simulator-ids.ts';
import { type Answer, gatewayProblem, json } from './answer.ts';
import { type Codes, spendCode } from './consent.ts';
import { connectionInstant } from './dates.ts';
import type { Change, Store } from './store.ts';
import { type AccessClaims, accessToken, readAccessToken, type TokenLifetimes } from './tokens.ts';
import type { RefreshToken } from './world.ts';

export interface Identity {
  store: Store;
  app: OAuthApp;
  codes: Codes;
  lifetimes: TokenLifetimes;
}

const invalidGrant = () => json(400, { error: 'invalid_grant' });

/** POST /connect/token. */
export function tokenEndpoint(identity: Identity, authorization: string, form: URLSearchParams, now: number): Answer {
  if (!knowsApp(identity.app, authorization)) return json(400, { error: 'invalid_client' });
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(identity, form, now);
    case 'refresh_token':
      return exchangeRefreshToken(identity, form.get('refresh_token') ?? '', now);
    default:
      return json(400, { error: 'unsupported_grant_type' });
  }
}

/** HTTP Basic with client id and secret. */
function knowsApp(app: OAuthApp, authorization: string): boolean {
  const encoded = /^Basic (.+)$/i.exec(authorization)?.[1] ?? '';
  const given = Buffer.from(encoded, 'base64').toString();
  const plain = [app.clientId, app.clientSecret];
  // RFC 6749 section 2.3.1 has both parts form-encoded; many clients leave that out, and Xero takes both.
  return sameText(given, plain.join(':')) || sameText(given, plain.map(encodeURIComponent).join(':'));
}

function exchangeCode(identity: Identity, form: URLSearchParams, now: number): Answer {
  const issued = spendCode(identity.codes, form, now);
  if (!issued) return invalidGrant();
  const change = identity.store.begin();
  return tokenAnswer(identity, change, issued, now);
}

/**
 * Every refresh gives a new pair and spends the old token. Within the grace a spent token still works, which is what
 * saves a caller that lost the answer; after it the caller is locked out.
 */
function exchangeRefreshToken(identity: Identity, token: string, now: number): Answer {
  const { world } = identity.store;
  const known = world.refreshTokens.get(token);
  if (!known || world.endedConsents.has(known.authEventId)) return invalidGrant();
  if (now - known.issuedAt >= identity.lifetimes.refreshMs) return invalidGrant();
  if (known.spentAt !== null && now - known.spentAt >= identity.lifetimes.graceMs) return invalidGrant();
  const change = identity.store.begin();
  change.put({ type: 'refresh_token', value: { ...known, spentAt: known.spentAt ?? now } });
  return tokenAnswer(identity, change, known, now);
}

function tokenAnswer(
  identity: Identity,
  change: Change,
  consent: { authEventId: string; scopes: string[] },
  now: number,
): Answer {
  const { authEventId, scopes } = consent;
  const { seed } = identity.store.world;
  const tokenId = change.newId('token');
  const refresh: RefreshToken | null = scopes.includes('offline_access')
    ? { token: opaqueFrom(seed, 'refresh', tokenId), authEventId, scopes, issuedAt: now, spentAt: null }
    : null;
  if (refresh) change.put({ type: 'refresh_token', value: refresh });
  change.commit();
  const claims = { clientId: identity.app.clientId, authEventId, scopes, tokenId };
  return json(200, {
    access_token: accessToken(seed, claims, now, identity.lifetimes.accessMs),
    expires_in: Math.floor(identity.lifetimes.accessMs / 1000),
    token_type: 'Bearer',
    ...(refresh ? { refresh_token: refresh.token } : {}),
    scope: scopes.join(' '),
  });
}

/** POST /connect/revocation: ends every consent of the person for our app, and with them all connections. */
export function revocationEndpoint(identity: Identity, authorization: string, form: URLSearchParams): Answer {
  if (!knowsApp(identity.app, authorization)) return json(400, { error: 'invalid_client' });
  if (identity.store.world.refreshTokens.has(form.get('token') ?? '')) endConsents(identity.store);
  return { status: 200, body: '', contentType: 'text/plain' };
}

/** All tokens dead, all connections gone. */
export function endConsents(store: Store): void {
  const change = store.begin();
  const consents = new Set([...store.world.refreshTokens.values()].map((each) => each.authEventId));
  for (const { id, authEventId } of store.world.connections.values()) {
    consents.add(authEventId);
    change.put({ type: 'connection_removed', value: { id } });
  }
  for (const authEventId of consents) change.put({ type: 'consent_ended', value: { authEventId } });
  change.commit();
}

/** The claims of a bearer token that is good now, or the 401 that says what is wrong with it. */
export function authenticate(
  identity: Identity,
  authorization: string,
  now: number,
  instance: string,
): AccessClaims | Answer {
  const { world } = identity.store;
  const claims = readAccessToken(world.seed, /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '');
  if (!claims || world.endedConsents.has(claims.authentication_event_id)) {
    return gatewayProblem(401, 'Unauthorized', 'AuthenticationUnsuccessful', instance);
  }
  if (now >= claims.exp * 1000) {
    const expired = new Date(claims.exp * 1000).toISOString();
    return gatewayProblem(401, 'Unauthorized', `TokenExpired: token expired at ${expired}`, instance);
  }
  return claims;
}

/** GET /connections: all of the person's connections, whichever consent the token is from, unless filtered. */
export function listConnections(store: Store, authEventId: string | null): Answer {
  const rows = [...store.world.connections.values()]
    .filter((each) => authEventId === null || each.authEventId === authEventId)
    .map((each) => ({
      id: each.id,
      authEventId: each.authEventId,
      tenantId: each.tenantId,
      tenantType: 'ORGANISATION',
      tenantName: store.world.organisations.get(each.tenantId)?.name ?? '',
      createdDateUtc: connectionInstant(each.createdAt),
      updatedDateUtc: connectionInstant(each.updatedAt),
    }));
  return json(200, rows);
}

/** DELETE /connections/{id}. */
export function deleteConnection(store: Store, id: string): Answer {
  if (!store.world.connections.has(id)) return json(404, { Title: 'Not Found', Status: 404 });
  const change = store.begin();
  change.put({ type: 'connection_removed', value: { id } });
  change.commit();
  return { status: 204, body: '', contentType: 'text/plain' };
}
