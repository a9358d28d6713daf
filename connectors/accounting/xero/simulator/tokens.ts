import { createHmac } from 'node:crypto';
import { sameText } from '../../../kit/signature.ts';
import { opaqueFrom, uuidFrom } from '../../../kit/simulator-ids.ts';

export interface TokenLifetimes {
  accessMs: number;
  refreshMs: number;
  /** How long a refresh token that was exchanged already still works; 0 = not at all. */
  graceMs: number;
}

export const DEFAULT_LIFETIMES: TokenLifetimes = {
  accessMs: 30 * 60_000,
  refreshMs: 60 * 24 * 60 * 60_000,
  graceMs: 30 * 60_000,
};

/** What an access token says; like Xero's, it is a JWT, so nothing has to be kept about it. */
export interface AccessClaims {
  nbf: number;
  /** Seconds. */
  exp: number;
  iss: string;
  client_id: string;
  xero_userid: string;
  authentication_event_id: string;
  jti: string;
  scope: string[];
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signature(seed: number, signed: string): string {
  return createHmac('sha256', opaqueFrom(seed, 'signing key')).update(signed).digest('base64url');
}

/** A signed token valid from `now` for the given time. */
export function accessToken(
  seed: number,
  grant: { clientId: string; authEventId: string; scopes: string[]; tokenId: string },
  now: number,
  lifetimeMs: number,
): string {
  const claims: AccessClaims = {
    nbf: Math.floor(now / 1000),
    exp: Math.floor((now + lifetimeMs) / 1000),
    iss: 'https://identity.xero.com',
    client_id: grant.clientId,
    xero_userid: uuidFrom(seed, 'user'),
    authentication_event_id: grant.authEventId,
    jti: grant.tokenId,
    scope: grant.scopes,
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${signature(seed, signed)}`;
}

/** The claims of a token that we signed, expired or not; null for any other text. */
export function readAccessToken(seed: number, token: string): AccessClaims | null {
  const [head, claims, given] = token.split('.');
  if (head === undefined || claims === undefined || given === undefined) return null;
  if (!sameText(given, signature(seed, `${head}.${claims}`))) return null;
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as AccessClaims;
}
