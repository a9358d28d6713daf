import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpClient } from '../../kit/contract.ts';

/** An HttpClient over the global fetch, which nock intercepts. For tests of this folder only. */
export const plainHttp: HttpClient = {
  request: async ({ method, url, headers, body }) => {
    try {
      const init = {
        method,
        redirect: 'manual' as const,
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      };
      const response = await fetch(url, init);
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    } catch (cause) {
      throw new ConnectorError('retryable', `No answer from ${url}.`, { code: 'NO_ANSWER', ambiguous: true, cause });
    }
  },
};

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
