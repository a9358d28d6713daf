import { random } from '../../../kit/random.ts';
import type { Grant, Store } from './state.ts';

const ACCESS_SECONDS = 3600;
const REFRESH_SECONDS = 90 * 24 * 3600;
/** Public apps' calls with a token that never expires are refused from this day on. */
const EXPIRING_ONLY_FROM = Date.parse('2027-01-01T00:00:00Z');

/** What the token endpoint answers. */
export type TokenAnswer = Record<string, string | number>;

export interface Tokens {
  /** A consent: tokens that replace all earlier ones of the shop. */
  grant(account: string, scopes: string[], expiring: boolean): TokenAnswer;
  /** New pair for a refresh token, or null when it is unknown, replaced or past its time. */
  refresh(account: string, refreshToken: string): TokenAnswer | null;
  /** Scopes of a valid access token, or null. Its first use ends the refresh token before it. */
  use(account: string, accessToken: string): string[] | null;
}

/** Offline tokens of the installed app, one set per shop. */
export function tokens(seed: number, store: Store, now: () => Date): Tokens {
  const make = (account: string, scopes: string[], expiring: boolean, previous: Grant['previous']): Grant => {
    const chance = random(seed, account, 'token', store.shop(account)!.made);
    const at = now().getTime();
    return {
      scopes,
      accessToken: `shpat_${chance.hex(32)}`,
      accessExpires: expiring ? at + ACCESS_SECONDS * 1000 : null,
      refreshToken: expiring ? `shprt_${chance.hex(32)}` : null,
      refreshExpires: expiring ? at + REFRESH_SECONDS * 1000 : null,
      previous,
    };
  };
  const keep = (account: string, grant: Grant): Grant => {
    store.record({ account, kind: 'grant', grant });
    return grant;
  };
  const forgetPrevious = (account: string, grant: Grant) => {
    if (grant.previous?.refreshToken == null) return;
    keep(account, { ...grant, previous: { ...grant.previous, refreshToken: null } });
  };
  return {
    grant: (account, scopes, expiring) => answer(keep(account, make(account, scopes, expiring, null))),
    refresh: (account, refreshToken) => {
      const grant = store.shop(account)?.grant;
      if (grant == null) return null;
      const current = grant.refreshToken === refreshToken && grant.refreshExpires! > now().getTime();
      const earlier = grant.previous !== null && grant.previous.refreshToken === refreshToken;
      if (!current && !earlier) return null;
      const { accessToken, accessExpires } = grant;
      // A replacement that was never used is dropped when its predecessor is used again: its answer was lost.
      const previous = current ? { accessToken, accessExpires, refreshToken } : grant.previous;
      return answer(keep(account, make(account, grant.scopes, true, previous)));
    },
    use: (account, accessToken) => {
      const grant = store.shop(account)?.grant;
      if (grant == null) return null;
      const at = now().getTime();
      if (grant.accessToken === accessToken) {
        if (!alive(grant.accessExpires, at)) return null;
        forgetPrevious(account, grant);
        return grant.scopes;
      }
      const { previous } = grant;
      return previous?.accessToken === accessToken && alive(previous.accessExpires, at) ? grant.scopes : null;
    },
  };
}

function alive(expires: number | null, at: number): boolean {
  return expires === null ? at < EXPIRING_ONLY_FROM : at < expires;
}

function answer(grant: Grant): TokenAnswer {
  const base = { access_token: grant.accessToken, scope: grant.scopes.join(',') };
  if (grant.refreshToken === null) return base;
  return {
    ...base,
    expires_in: ACCESS_SECONDS,
    refresh_token: grant.refreshToken,
    refresh_token_expires_in: REFRESH_SECONDS,
  };
}
