import type { OAuthApp } from '../../../kit/contract.ts';
import { random } from '../../../kit/random.ts';
import { MERCHANT, PLATFORM } from './catalogue.ts';
import { letters } from './stage.ts';
import type { Grant, Store } from './state.ts';
import type { Announcement, Application, Thing } from './things.ts';
import type { Webhooks } from './webhooks.ts';

/** Whether the merchant lets the platform in, and by which tokens. */
export interface Connections {
  /** A consent was exchanged: the account is connected, and the platform is told. */
  connect(scope: string): Grant;
  /** Another access token beside the one before, or null for a refresh token nobody has. */
  refresh(refreshToken: string): Grant | null;
  /** Ends a token whose code was used twice. */
  revoke(accessToken: string): void;
  /** The connection ends: tokens die, and the platform is told last of all. */
  disconnect(): Promise<void>;
  /** What the token endpoint answers. */
  answer(grant: Grant): Record<string, string | boolean>;
}

export interface ConnectionsOptions {
  seed: number;
  store: Store;
  post: Webhooks;
  app(): OAuthApp;
  now(): Date;
}

/** Connections of the one merchant to the one platform. */
export function connections({ seed, store, post, app, now }: ConnectionsOptions): Connections {
  const { merchant } = store;
  const account = merchant.account;
  const fresh = (prefix: string) => `${prefix}${letters(random(seed, account, prefix, merchant.made), 40)}`;
  const keep = (grant: Grant | null, type: string | null) => {
    const told = type === null ? [] : [announce(type)];
    const deliveries = post.address(told, `grant-${merchant.made}`);
    const made = type === null ? [] : [application()];
    store.record({ account, kind: 'grant', grant, made, told, deliveries });
    return deliveries;
  };
  const application = (): Application & Thing => {
    const { clientId: id } = app();
    return { kind: 'application', id, created: PLATFORM.created, live: true };
  };
  const announce = (type: string): Announcement => {
    const { clientId: about } = app();
    const id = `evt_1${letters(random(seed, account, 'grant event', merchant.made), 23)}`;
    const created = Math.floor(now().getTime() / 1_000);
    return { id, type, created, about, version: merchant.versions(about), live: true, request: null };
  };
  return {
    connect: (scope) => {
      const grant = { scope, accessToken: fresh('sk_live_51'), refreshToken: fresh('rt_'), earlier: [] };
      void post.send(keep(grant, 'account.application.authorized'));
      return grant;
    },
    refresh: (refreshToken) => {
      const known = merchant.grant;
      if (known === null || known.refreshToken !== refreshToken) return null;
      const earlier = [...known.earlier, known.accessToken];
      const grant = { ...known, accessToken: fresh('sk_live_51'), earlier };
      keep(grant, null);
      return grant;
    },
    revoke: (accessToken) => {
      const known = merchant.grant;
      if (known === null) return;
      const earlier = known.earlier.filter((token) => token !== accessToken);
      const isCurrent = known.accessToken === accessToken;
      keep({ ...known, earlier, ...(isCurrent ? { accessToken: fresh('revoked_'), refreshToken: '' } : {}) }, null);
    },
    disconnect: () => post.send(keep(null, 'account.application.deauthorized')),
    answer: ({ accessToken, refreshToken, scope }) => ({
      access_token: accessToken,
      livemode: true,
      refresh_token: refreshToken,
      token_type: 'bearer',
      stripe_publishable_key: `pk_live_51${letters(random(seed, MERCHANT.account, 'publishable'), 40)}`,
      stripe_user_id: MERCHANT.account,
      scope,
    }),
  };
}
