import { random } from '../../../kit/random.ts';
import { sameText } from '../../../kit/signature.ts';
import { MERCHANT, PLATFORM } from './catalogue.ts';
import { noAccess, Refusal } from './refusals.ts';
import { letters } from './stage.ts';
import type { AccountState, Store } from './state.ts';

/** Who asks: whose key it is, and which account it acts for. */
export interface Caller {
  state: AccountState;
  /** The platform may act for connected accounts; a token is what OAuth gave it for one. */
  by: 'platform' | 'merchant' | 'token';
  readable: readonly string[];
}

/** The key the merchant finds on the settings page and may hand out. */
export function merchantKey(seed: number): string {
  return `rk_live_51${letters(random(seed, MERCHANT.account, 'key'), 40)}`;
}

export interface KeyRing {
  seed: number;
  store: Store;
  /** The platform's secret key. */
  platformKey(): string;
}

/**
 * Finds out who asks. `authorization` is the header, Bearer or Basic with the key as the name; `account` is the
 * Stripe-Account header. Throws 401 for a key nobody has, 403 for an account that the key may not act for.
 */
export function callerOf(ring: KeyRing, authorization: string | undefined, account: string | undefined): Caller {
  const key = keyIn(authorization);
  const { merchant, platform } = ring.store;
  const by = ownerOf(ring, key);
  if (by === undefined) throw new Refusal(401, `Invalid API Key provided: ${masked(key)}`);
  const connected: string[] = merchant.grant === null ? [] : [MERCHANT.account];
  if (by === 'platform') {
    const readable = [PLATFORM.account, ...connected];
    if (account === undefined || account === PLATFORM.account) return { state: platform, by, readable };
    if (!connected.includes(account)) throw noAccess(account);
    return { state: merchant, by, readable };
  }
  if (account !== undefined && account !== MERCHANT.account) throw noAccess(account);
  return { state: merchant, by, readable: [MERCHANT.account] };
}

/** Whether the key or the account named makes this a request about a connected account, not about one's own. */
export function isOnBehalf({ by, state }: Caller): boolean {
  return by === 'token' || (by === 'platform' && state.account !== PLATFORM.account);
}

function ownerOf({ seed, store, platformKey }: KeyRing, key: string): Caller['by'] | undefined {
  if (sameText(key, platformKey())) return 'platform';
  if (sameText(key, merchantKey(seed))) return 'merchant';
  const grant = store.merchant.grant;
  const tokens = grant === null ? [] : [grant.accessToken, ...grant.earlier];
  return tokens.some((token) => sameText(key, token)) ? 'token' : undefined;
}

function keyIn(authorization: string | undefined): string {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  const key = /^basic$/i.test(scheme)
    ? Buffer.from(value, 'base64').toString().split(':')[0]
    : /^bearer$/i.test(scheme)
      ? value
      : '';
  if (key) return key;
  const message =
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
  throw new Refusal(401, message);
}

/** A key as error messages show it. */
function masked(key: string): string {
  return `${key.slice(0, 8)}${'*'.repeat(Math.max(4, key.length - 12))}${key.length > 12 ? key.slice(-4) : ''}`;
}
