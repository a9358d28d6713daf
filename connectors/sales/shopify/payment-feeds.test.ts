import { describe, expect, test } from 'vitest';
import type { Api, ChangePage, HttpClient } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { testApi } from './test-support.ts';

const FROM = '2026-11-01T00:00:00.000Z';
const TO = '2026-11-21T10:00:00.000Z';
const FEEDS = ['balance_transactions', 'payouts', 'disputes'] as const;

type Asked = { query: string; variables: { query?: string; after?: string | null; id?: string } };

/** A connection whose shop answers every query by `reply`, and what it was asked. */
function shop(reply: (asked: Asked) => unknown): { api: Api; asked: Asked[] } {
  const asked: Asked[] = [];
  const request: HttpClient['request'] = async ({ body = '' }) => {
    const query = JSON.parse(body) as Asked;
    asked.push(query);
    return { status: 200, headers: {}, text: JSON.stringify(reply(query)) };
  };
  return { api: { ...testApi(), http: { request } }, asked };
}

const listed = (list: string, nodes: unknown[], endCursor: string | null = null) => ({
  data: { shopifyPaymentsAccount: { [list]: { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor } } } },
});

async function poll({ api }: { api: Api }, feed: string, cursor: string | null = null, to = TO): Promise<ChangePage[]> {
  const pages: ChangePage[] = [];
  for await (const page of connector.changesSince?.({ feed, cursor, from: FROM, to }, api) ?? []) pages.push(page);
  return pages;
}
const ids = (pages: ChangePage[]) => pages.flatMap(({ deliveries }) => deliveries.map(({ eventId }) => eventId));
const last = (pages: ChangePage[]) => pages.at(-1)?.cursor ?? '';

const gbp = (amount: string) => ({ amount, currencyCode: 'GBP' });
const charge = (id: number, at: string, payout: number | null = null, net = '9.41') => ({
  id: `gid://shopify/ShopifyPaymentsBalanceTransaction/${id}`,
  type: 'CHARGE',
  test: false,
  transactionDate: at,
  amount: gbp('10.0'),
  fee: gbp('0.59'),
  net: gbp(net),
  associatedOrder: { id: 'gid://shopify/Order/5001' },
  associatedPayout: { id: payout === null ? null : `gid://shopify/ShopifyPaymentsPayout/${payout}` },
});
const payout = (id: number, status: string, net: string) => ({
  id: `gid://shopify/ShopifyPaymentsPayout/${id}`,
  legacyResourceId: `${id}`,
  issuedAt: '2026-11-10T00:00:00Z',
  status,
  transactionType: 'DEPOSIT',
  net: gbp(net),
});

describe('a shop without Shopify Payments', () => {
  test.for(FEEDS)('has no %s', async (feed) => {
    const none = shop(() => ({ data: { shopifyPaymentsAccount: null } }));
    expect(ids(await poll(none, feed))).toEqual([]);
  });
});

describe('a scope that was not granted', () => {
  test.for(FEEDS)('is named when %s are read', async (feed) => {
    const message = 'Access denied for payouts field. Required access: `read_shopify_payments_payouts` access scope.';
    const refusing = shop(() => ({
      data: { shopifyPaymentsAccount: null },
      errors: [{ message, extensions: { code: 'ACCESS_DENIED' } }],
    }));
    await expect(poll(refusing, feed)).rejects.toMatchObject({
      kind: 'unauthorized',
      code: 'CHANNEL_SCOPE_MISSING',
      message: expect.stringContaining('read_shopify_payments_payouts'),
    });
  });
});

describe('movements on the balance', () => {
  test('are read page by page; the cursor is the newest time read, and the next look starts an hour before it', async () => {
    const at = '2026-11-05T10:00:00Z';
    const pages = [
      listed('balanceTransactions', [charge(1, '2026-11-05T09:00:00Z'), charge(2, at)], 'next'),
      listed('balanceTransactions', [charge(3, at)]),
    ];
    const balance = shop(({ variables }) => pages[variables.after === 'next' ? 1 : 0]);
    const read = await poll(balance, 'balance_transactions');
    expect(ids(read).map((id) => id.split('/').at(-1))).toEqual(['1', '2', '3']);
    expect(last(read)).toBe(at);
    expect(balance.asked[0]?.variables.query).toBe(`processed_at:>='${FROM}' AND processed_at:<='${TO}'`);
    await poll(balance, 'balance_transactions', at);
    expect(balance.asked[2]?.variables.query).toBe(
      `processed_at:>='2026-11-05T09:00:00.000Z' AND processed_at:<='${TO}'`,
    );
  });
});

describe('payouts', () => {
  /** A list of payouts and the movements that a search for one of them finds. */
  const paying = (payouts: unknown[], movements: unknown[]) =>
    shop(({ query }) =>
      query.includes('DaybookPayouts') ? listed('payouts', payouts) : listed('balanceTransactions', movements),
    );

  test('come with their own movements only, whatever the search finds', async () => {
    const paid = paying([payout(601, 'PAID', '9.41')], [charge(1, FROM, 601), charge(2, FROM, 602), charge(3, FROM)]);
    const pages = await poll(paid, 'payouts');
    expect(ids(pages)).toEqual(['601:paid:1']);
    expect(paid.asked[1]?.variables.query).toBe('payments_transfer_id:601');
    const [delivery] = pages.flatMap(({ deliveries }) => deliveries);
    expect(connector.normalize(delivery!, { settings: {}, fetched: {} })).toMatchObject({
      events: [
        { type: 'payout', amount: 941n, lines: [{ kind: 'sale', gross: 1000n, fee: 59n, net: 941n, source: '5001' }] },
        { type: 'fee', id: '1', amount: 59n },
      ],
    });
  });

  test('whose state was read are not read again; one that changed is', async () => {
    const before = paying([payout(601, 'PAID', '9.41'), payout(602, 'SCHEDULED', '5.00')], [charge(1, FROM, 601)]);
    const first = await poll(before, 'payouts');
    expect(ids(first)).toEqual(['601:paid:1', '602:scheduled:0']);
    expect(ids(await poll(before, 'payouts', last(first)))).toEqual([]);
    const after = paying([payout(601, 'PAID', '9.41'), payout(602, 'FAILED', '5.00')], []);
    expect(ids(await poll(after, 'payouts', last(first)))).toEqual(['602:failed:0']);
  });

  test('whose movements do not come to the amount yet are read again until they do', async () => {
    const lagging = paying([payout(601, 'PAID', '18.82')], [charge(1, FROM, 601)]);
    const early = await poll(lagging, 'payouts');
    expect(ids(early)).toEqual(['601:paid:1']);
    const caughtUp = paying([payout(601, 'PAID', '18.82')], [charge(1, FROM, 601), charge(2, FROM, 601)]);
    const whole = await poll(caughtUp, 'payouts', last(early));
    expect(ids(whole)).toEqual(['601:paid:2']);
    expect(ids(await poll(caughtUp, 'payouts', last(whole)))).toEqual([]);
  });

  test('are looked for thirty days back, but never before what was first asked for', async () => {
    const quiet = paying([], []);
    const first = last(await poll(quiet, 'payouts'));
    expect(first).toBe(FROM);
    const later = last(await poll(quiet, 'payouts', first, '2026-12-31T10:00:00.000Z'));
    expect(later).toBe('2026-12-01T10:00:00.000Z');
    await poll(quiet, 'payouts', later, '2026-12-31T11:00:00.000Z');
    expect(quiet.asked.map(({ variables }) => variables.query)).toEqual([
      `issued_at:>='${FROM}' AND issued_at:<='${TO}'`,
      `issued_at:>='${FROM}' AND issued_at:<='2026-12-31T10:00:00.000Z'`,
      `issued_at:>='2026-12-01T10:00:00.000Z' AND issued_at:<='2026-12-31T11:00:00.000Z'`,
    ]);
  });

  test('name the refunds in them, which only their orders tell', async () => {
    const refund = { ...charge(4, FROM, 601, '-9.41'), type: 'REFUND', amount: gbp('-9.41'), fee: gbp('0.0') };
    const order = {
      id: 'gid://shopify/Order/5001',
      transactions: [],
      refunds: [
        { id: 'gid://shopify/Refund/77', transactions: { nodes: [{ id: 'gid://shopify/OrderTransaction/88' }] } },
      ],
    };
    const refunding = shop(({ query }) => {
      if (query.includes('DaybookPayouts')) return listed('payouts', [payout(601, 'PAID', '-9.41')]);
      if (query.includes('DaybookOrderLinks')) return { data: { order } };
      return listed('balanceTransactions', [{ ...refund, sourceOrderTransactionId: '88' }]);
    });
    const [delivery] = (await poll(refunding, 'payouts')).flatMap(({ deliveries }) => deliveries);
    expect(connector.normalize(delivery!, { settings: {}, fetched: {} })).toMatchObject({
      events: [{ type: 'payout', amount: -941n, lines: [{ kind: 'refund', net: -941n, source: '77' }] }],
    });
  });
});

describe('disputes', () => {
  const dispute = (status: string) => ({
    id: 'gid://shopify/ShopifyPaymentsDispute/611',
    initiatedAt: '2026-11-05T10:00:00Z',
    finalizedOn: status === 'LOST' ? '2026-11-20' : null,
    status,
    type: 'CHARGEBACK',
    amount: gbp('43.99'),
    order: { id: 'gid://shopify/Order/5001' },
  });

  test('are read once in each state', async () => {
    const open = shop(() => listed('disputes', [dispute('NEEDS_RESPONSE')]));
    const first = await poll(open, 'disputes');
    expect(ids(first)).toEqual(['611:NEEDS_RESPONSE']);
    expect(ids(await poll(open, 'disputes', last(first)))).toEqual([]);
    const decided = shop(() => listed('disputes', [dispute('LOST')]));
    expect(ids(await poll(decided, 'disputes', last(first)))).toEqual(['611:LOST']);
  });
});

describe('what was converted', () => {
  test('has its orders re-read, each once', async () => {
    const { api, asked } = shop(() => ({
      data: { order: { id: 'gid://shopify/Order/5001', transactions: [], refunds: [] } },
    }));
    const body = Buffer.from(JSON.stringify({ transactions: [charge(1, FROM), charge(2, FROM)] }));
    const text = await connector.fetch?.('orders', { topic: 'balance_transactions', headers: {}, body }, api);
    expect(JSON.parse(text ?? '')).toMatchObject({ orders: [{ id: 'gid://shopify/Order/5001' }] });
    expect(asked.map(({ variables }) => variables.id)).toEqual(['gid://shopify/Order/5001']);
  });
});
