import type { CanonicalEvent } from '@daybook/domain';
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

/** Events of an outcome; none where it is ignored. */
export const eventsOf = (result: Normalized): CanonicalEvent[] => ('events' in result ? result.events : []);

/** Cents as Square writes them. */
export const usd = (amount: number) => ({ amount, currency: 'USD' });

/** An order of one line, paid by one card, with changes. */
export function order(changes: Record<string, unknown> = {}, line: Record<string, unknown> = {}) {
  return {
    id: 'O1',
    location_id: 'L1',
    state: 'COMPLETED',
    version: 2,
    created_at: '2026-11-03T10:00:00Z',
    updated_at: '2026-11-03T10:00:05Z',
    closed_at: '2026-11-03T10:00:05Z',
    line_items: [
      { uid: 'l1', name: 'Mug', quantity: '1', total_money: usd(1000), gross_sales_money: usd(1000), ...line },
    ],
    total_money: usd(1000),
    tenders: [tender()],
    ...changes,
  };
}
/** The one card of that order. */
export const tender = (changes: Record<string, unknown> = {}) => ({
  id: 'P1',
  payment_id: 'P1',
  type: 'CARD',
  created_at: '2026-11-03T10:00:01Z',
  amount_money: usd(1000),
  card_details: { status: 'CAPTURED' },
  ...changes,
});
/** Its payment. */
export const payment = (changes: Record<string, unknown> = {}) => ({
  id: 'P1',
  order_id: 'O1',
  status: 'COMPLETED',
  source_type: 'CARD',
  created_at: '2026-11-03T10:00:01.500Z',
  updated_at: '2026-11-03T10:00:02.000Z',
  amount_money: usd(1000),
  total_money: usd(1000),
  ...changes,
});
