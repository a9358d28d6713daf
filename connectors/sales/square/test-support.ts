import type { Api, NormalizeContext, Normalized } from '../../kit/contract.ts';
import { plainHttp } from '../../kit/test-http.ts';
import { connector } from './connector.ts';

export const HOST = 'https://connect.squareup.com';
export const APP = { clientId: 'sq0idp-1', clientSecret: 'sq0csp-hush', token: 'EAAA-application' };
export const NOW = new Date('2026-11-21T10:00:00Z');

/** A connection to a seller that only exists in nock; what it logged is collected in `logged`. */
export function testApi(logged: string[] = []): Api {
  return {
    http: plainHttp,
    hosts: { api: HOST, auth: HOST },
    credentials: { accessToken: 'EAAA-seller' },
    settings: {},
    app: APP,
    account: 'MLR4T9WQ0DAYB',
    now: () => NOW,
    log: (message) => void logged.push(message),
  };
}

/** Normalises a body under a topic, with what was fetched as objects. */
export function normalized(
  topic: string,
  body: unknown,
  fetched: Record<string, unknown> = {},
  settings: NormalizeContext['settings'] = {},
): Normalized {
  const texts = Object.entries(fetched).map(([name, value]) => [name, JSON.stringify(value)]);
  const delivery = { topic, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  return connector.normalize(delivery, { settings, fetched: Object.fromEntries(texts) });
}
