import { createHash } from 'node:crypto';
import type { OAuthApp } from '../../../kit/contract.ts';
import { random } from '../../../kit/random.ts';
import { sameText } from '../../../kit/signature.ts';
import { shortId } from './ids.ts';
import type { Grant, Store } from './state.ts';

const DAY_MS = 24 * 3_600_000;
const ACCESS_MS = 30 * DAY_MS;
const SHORT_MS = DAY_MS;
/** A refresh token of the PKCE flow works once, within this time. */
const PKCE_REFRESH_MS = 90 * DAY_MS;

/** What a consent allowed, kept until the code is exchanged. */
export interface Consent {
  merchantId: string;
  scopes: string[];
  pkce: boolean;
}

/** How the access token is wanted: for a day instead of a month, with fewer scopes. */
export interface Wishes {
  shortLived: boolean;
  scopes: string[] | null;
}

/** Whose call it is. The application's own token has no seller behind it. */
export interface Access {
  kind: 'oauth' | 'seller' | 'application';
  merchantId: string | null;
  /** null = everything. */
  scopes: string[] | null;
  /** Milliseconds, or null for a token that never ends. */
  expires: number | null;
}

export interface Tokens {
  grant(consent: Consent, wishes: Wishes): object;
  /** A new access token, or null when the refresh token is unknown, used up or past its time. */
  refresh(refreshToken: string, pkce: boolean, wishes: Wishes): object | null;
  /** Whose token it is, or why it is worth nothing. */
  use(token: string): Access | 'unknown' | 'expired' | 'revoked';
  /** The personal access token of the seller's own account. */
  sellersOwn: string;
}

export interface TokensOptions {
  seed: number;
  store: Store;
  merchantId: string;
  app(): OAuthApp;
  now(): Date;
}

/** Access and refresh tokens of all consents, and the personal access tokens that never expire. */
export function tokens(options: TokensOptions): Tokens {
  const { seed, store, merchantId, app, now } = options;
  const sellersOwn = `EAAA${shortId(random(seed, 'personal access token'), 60)}`;
  const keep = (grant: Grant, instead: string | null, short: boolean): object => {
    store.record({ kind: 'granted', grant, instead });
    return answer(grant, short);
  };
  return {
    sellersOwn,
    grant: (consent, wishes) => {
      const chance = random(seed, 'grant', store.state.made);
      const at = now().getTime();
      const grant: Grant = {
        ...consent,
        refreshToken: `EQAA${shortId(chance, 60)}`,
        refreshExpires: consent.pkce ? at + PKCE_REFRESH_MS : null,
        access: [accessToken(chance, at, consent.scopes, wishes)],
      };
      return keep(grant, null, wishes.shortLived);
    },
    refresh: (refreshToken, pkce, wishes) => {
      const known = store.state.grants.find((grant) => grant.refreshToken === refreshToken && grant.pkce === pkce);
      const at = now().getTime();
      if (known === undefined || (known.refreshExpires !== null && known.refreshExpires <= at)) return null;
      const chance = random(seed, 'grant', store.state.made);
      const rotated = pkce
        ? { refreshToken: `EQAA${shortId(chance, 60)}`, refreshExpires: at + PKCE_REFRESH_MS }
        : { refreshToken, refreshExpires: null };
      // Earlier access tokens work to their own end; the few newest are remembered beyond it.
      const earlier = known.access.filter(({ expires }, index) => expires > at || index >= known.access.length - 5);
      const access = [...earlier, accessToken(chance, at, known.scopes, wishes)];
      return keep({ ...known, ...rotated, access }, refreshToken, wishes.shortLived);
    },
    use: (token) => {
      if (sameText(token, app().token ?? app().clientSecret)) {
        return { kind: 'application', merchantId: null, scopes: null, expires: null };
      }
      if (token === sellersOwn) return { kind: 'seller', merchantId, scopes: null, expires: null };
      return oauthAccess(store, token, now().getTime());
    },
  };
}

function oauthAccess(store: Store, token: string, at: number): ReturnType<Tokens['use']> {
  for (const { access, merchantId } of store.state.grants) {
    const found = access.find((each) => each.token === token);
    if (found === undefined) continue;
    return found.expires <= at
      ? 'expired'
      : { kind: 'oauth', merchantId, scopes: found.scopes, expires: found.expires };
  }
  return store.state.revoked.has(token) ? 'revoked' : 'unknown';
}

function accessToken(chance: ReturnType<typeof random>, at: number, granted: string[], wishes: Wishes) {
  const token = `EAAA${shortId(chance, 60)}`;
  const scopes = wishes.scopes === null ? granted : granted.filter((scope) => wishes.scopes!.includes(scope));
  return { token, expires: at + (wishes.shortLived ? SHORT_MS : ACCESS_MS), scopes };
}

function answer({ access, merchantId, refreshToken, refreshExpires }: Grant, shortLived: boolean): object {
  const { token, expires } = access.at(-1)!;
  return {
    access_token: token,
    token_type: 'bearer',
    expires_at: seconds(expires),
    merchant_id: merchantId,
    refresh_token: refreshToken,
    short_lived: shortLived,
    ...(refreshExpires === null ? {} : { refresh_token_expires_at: seconds(refreshExpires) }),
  };
}

/** Whole seconds, UTC: "2026-11-21T14:30:00Z". */
export function seconds(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** base64url of SHA-256 over the verifier: what the authorise page was given as challenge. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
