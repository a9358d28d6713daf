import { expect, test } from 'vitest';
import { APP, connect, failureOf, kindOf, opened, openWorld, REDIRECT_URI, type Subject } from './conformance-world.ts';
import type { Api, Connector, TokenSet } from './contract.ts';
import type { AccountingSimulator, SalesSimulator } from './simulator.ts';

const HOUR = 3_600_000;

/** Consent, exchange, refresh and expiry, against the folder's own simulator. */
export function oauthConformance(subject: Subject): void {
  const oauth = subject.connector.oauth!;
  const world = opened(() => openWorld<SalesSimulator | AccountingSimulator>(subject));
  const connecting = () => ({ ...world(), now: world().clock.now });
  const refresh = (tokens: TokenSet) =>
    oauth.refresh({ tokens, app: APP, hosts: world().hosts, http: world().http, now: world().clock.now });

  test('a consent ends in tokens, and names the tenants behind them', async () => {
    const { tokens, fields } = await connect(oauth, connecting());
    expect(tokens.accessToken).not.toBe('');
    const accounts = await oauth.accounts({ ...connecting(), tokens, fields });
    expect(accounts.map(({ account }) => account)).toContain(world().account);
  });

  test('an authorization code is worth one exchange', async () => {
    const { query, codeVerifier } = await connect(oauth, connecting());
    const again = () => oauth.exchange({ ...connecting(), query, codeVerifier, app: APP, redirectUri: REDIRECT_URI });
    expect(['unauthorized', 'rejected']).toContain(kindOf(await failureOf(again)));
  });

  test('a callback without a code, or with an error instead, is refused', async () => {
    const { query, fields } = await connect(oauth, connecting());
    const { code: _code, ...without } = query;
    for (const bad of [without, { ...without, error: 'access_denied' }]) {
      const verify = () => oauth.verifyCallback({ query: bad, app: APP, fields, now: world().clock.now });
      expect(kindOf(await failureOf(verify))).toBe('rejected');
    }
  });

  test('a refresh gives new tokens that work', async () => {
    const { tokens } = await connect(oauth, connecting());
    // Access that never expires has nothing to renew.
    if (tokens.refreshToken === null) return expect(tokens.accessTokenExpiresAt).toBeNull();
    const first = await refresh(tokens);
    expect(first.accessToken).not.toBe(tokens.accessToken);
    const second = await refresh(first);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(await failureOf(() => anyCall(subject.connector, { ...world().api, credentials: second }))).toHaveProperty(
      'answered',
    );
  });

  test('a refresh with a token the provider never gave is unauthorized', async () => {
    const { tokens } = await connect(oauth, connecting());
    expect(kindOf(await failureOf(() => refresh({ ...tokens, refreshToken: 'never-given' })))).toBe('unauthorized');
  });

  test('a call with an expired or invented token is unauthorized', async () => {
    const { tokens } = await connect(oauth, connecting());
    const invented = { ...world().api, credentials: { ...tokens, accessToken: 'never-given' } };
    expect(kindOf(await failureOf(() => anyCall(subject.connector, invented)))).toBe('unauthorized');
    const expires = tokens.accessTokenExpiresAt;
    if (expires === null) return;
    world().clock.now = new Date(Date.parse(expires) + HOUR);
    const late = { ...world().api, credentials: tokens };
    expect(kindOf(await failureOf(() => anyCall(subject.connector, late)))).toBe('unauthorized');
  });
}

/** The cheapest authenticated call a connector has. */
async function anyCall(connector: Connector, api: Api): Promise<unknown> {
  if (connector.kind === 'accounting') return connector.readBooks(api);
  const [feed = ''] = connector.feeds;
  const range = { feed, cursor: null, from: api.now().toISOString(), to: api.now().toISOString() };
  for await (const page of connector.changesSince?.(range, api) ?? []) return page;
  return null;
}
