import type { Api } from '../../kit/contract.ts';
import { plainHttp } from '../../kit/test-http.ts';

/** A connection to a shop that only exists in nock. */
export function testApi(): Api {
  return {
    http: plainHttp,
    hosts: { api: 'https://daybook-demo.myshopify.com', auth: 'https://daybook-demo.myshopify.com' },
    credentials: {
      accessToken: 'shpat_1',
      accessTokenExpiresAt: null,
      refreshToken: null,
      refreshTokenExpiresAt: null,
      scopes: [],
    },
    settings: {},
    account: 'daybook-demo.myshopify.com',
    now: () => new Date('2026-11-21T10:00:00Z'),
    log: () => undefined,
  };
}
