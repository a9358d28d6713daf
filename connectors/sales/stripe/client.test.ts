import { describe, expect, test } from 'vitest';
import type { ChangePage } from '../../kit/contract.ts';
import { API_VERSION, callerOf, get, listAll } from './client.ts';
import { connector } from './connector.ts';
import { eventOf, eventsOf, list, made, stubbed } from './test-support.ts';

const error = (code: string | null, message: string) => JSON.stringify({ error: { code, message, type: 'api_error' } });

describe('an answer', () => {
  test.for([
    [
      401,
      error(null, 'Invalid API Key provided: sk_live_***1'),
      {},
      { kind: 'unauthorized', code: 'CHANNEL_UNAUTHORIZED' },
    ],
    [
      403,
      error(null, 'The provided key does not have the required permissions'),
      {},
      { kind: 'unauthorized', code: 'CHANNEL_SCOPE_MISSING', subject: '/v1/charges/ch_1' },
    ],
    [
      429,
      error('rate_limit', 'Request rate limit exceeded'),
      { 'stripe-rate-limited-reason': 'endpoint-rate' },
      { kind: 'rate_limited', retryAfterMs: 2_000, message: expect.stringMatching(/endpoint-rate/) },
    ],
    [429, '', { 'retry-after': '7' }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    [
      429,
      error('lock_timeout', 'This object cannot be accessed right now'),
      {},
      { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' },
    ],
    [409, error('idempotency_key_in_use', 'in use'), {}, { kind: 'retryable' }],
    [
      404,
      error('resource_missing', 'No such charge'),
      {},
      { kind: 'rejected', code: 'CHANNEL_OBJECT_MISSING', subject: '/v1/charges/ch_1' },
    ],
    [
      400,
      error('parameter_unknown', 'Received unknown parameter: x'),
      {},
      { kind: 'rejected', code: 'CHANNEL_REFUSED', message: expect.stringMatching(/unknown parameter/) },
    ],
    [402, error('card_declined', 'no'), {}, { kind: 'rejected' }],
    [500, 'oops', {}, { kind: 'retryable', code: 'CHANNEL_UNAVAILABLE' }],
    [503, '<html></html>', {}, { kind: 'retryable' }],
    [200, '<html></html>', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '{"weather":"fine"}', {}, { kind: 'retryable', code: 'CHANNEL_ANSWER_UNREADABLE' }],
    [200, '[]', {}, { kind: 'retryable' }],
    [200, '12', {}, { kind: 'retryable' }],
  ] as const)('of %d %s means what it means', async ([status, text, headers, expected]) => {
    const { api } = stubbed({ 'GET /v1/charges/ch_1': { status, text, headers } });
    const failure = await get(callerOf(api), '/v1/charges/ch_1').catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ name: 'ConnectorError', ...expected });
    expect((failure as Error).message.length).toBeGreaterThan(20);
    expect((failure as Error).message).not.toMatch(/sk_live/);
  });

  test('is asked for with the key, in one version of the API', async () => {
    const { api, asked } = stubbed({ 'GET /v1/charges/ch_1': made.charge() });
    await get(callerOf(api), '/v1/charges/ch_1', { expand: ['balance_transaction', 'refunds'] });
    expect(asked).toMatchObject([
      {
        line: 'GET /v1/charges/ch_1?expand[]=balance_transaction&expand[]=refunds',
        headers: { authorization: 'Bearer sk_live_1', 'stripe-version': API_VERSION },
      },
    ]);
  });

  test('a list is read to its end', async () => {
    const page = (search: string) =>
      search.includes('starting_after=re_2') ? list([{ id: 're_3' }]) : list([{ id: 're_1' }, { id: 're_2' }], true);
    const { api, asked } = stubbed({ 'GET /v1/refunds': page });
    const found = await listAll(callerOf(api), '/v1/refunds', { charge: 'ch_1' });
    expect(found.map(({ id }) => id)).toEqual(['re_1', 're_2', 're_3']);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /v1/refunds?limit=100&charge=ch_1',
      'GET /v1/refunds?limit=100&charge=ch_1&starting_after=re_2',
    ]);
  });
});

describe('reading for a delivery', () => {
  const nothing = { 'GET /v1/checkout/sessions': list([]), 'GET /v1/invoice_payments': list([]) };

  test('a payment: its charge with the movement, the intent, and the session with its items', async () => {
    const { api, asked } = stubbed({
      ...nothing,
      'GET /v1/charges/ch_1': made.charge({ balance_transaction: made.movement() }),
      'GET /v1/payment_intents/pi_1': made.intent(),
      'GET /v1/checkout/sessions/cs_live_1': made.session(),
      'GET /v1/checkout/sessions': list([made.session()]),
      'GET /v1/checkout/sessions/cs_live_1/line_items': list([made.item()]),
    });
    const delivery = eventOf('checkout.session.completed', made.session());
    const payment = await connector.fetch!('payment', delivery, api);
    expect(connector.normalize(delivery, { settings: {}, fetched: { payment } })).toMatchObject({
      events: [
        { type: 'sale', id: 'ch_1', total: 12_000n, lines: [{ taxes: [{ rate: '20' }] }] },
        { type: 'fee', amount: 200n },
      ],
    });
    expect(asked.map(({ line }) => line)).toContain(
      'GET /v1/checkout/sessions/cs_live_1/line_items?limit=100&expand[]=data.taxes',
    );
  });

  test('a charge nothing was bought through gets the lines that its seller sent along', async () => {
    const details = { tip: { amount: 500 }, tax: { total_tax_amount: 1_500 } };
    const line = {
      id: 'uli_1',
      object: 'payment_intent_amount_details_line_item',
      product_name: 'Mug',
      product_code: 'M-1',
      quantity: 2,
      unit_cost: 5_000,
      discount_amount: null,
      tax: null,
    };
    const { api } = stubbed({
      ...nothing,
      'GET /v1/charges/ch_1': made.charge(),
      'GET /v1/payment_intents/pi_1': made.intent({ amount_details: details }),
      'GET /v1/payment_intents/pi_1/amount_details_line_items': list([line]),
    });
    const delivery = eventOf('charge.succeeded', made.charge());
    const settings = { lookups: 'on' };
    expect(connector.normalize(delivery, { settings, fetched: {} })).toMatchObject({ needs: 'payment' });
    const payment = await connector.fetch!('payment', delivery, api);
    // 2 × 50.00 + 15.00 tax + 5.00 tip = 120.00
    expect(connector.normalize(delivery, { settings, fetched: { payment } })).toMatchObject({
      events: [
        {
          lines: [
            { kind: 'product', sku: 'M-1', net: 10_000n, taxes: [{ amount: 1_500n }] },
            { kind: 'tip', net: 500n },
          ],
        },
      ],
    });
  });

  test('an invoice: all its lines, the rates behind its taxes, and the charge behind its payment', async () => {
    const invoice = made.invoice({ collection_method: 'send_invoice', lines: list([made.invoiceLine()], true) });
    const payment = made.invoicePayment({ payment: { type: 'payment_intent', payment_intent: made.intent() } });
    const { api } = stubbed({
      'GET /v1/invoices/in_1': invoice,
      'GET /v1/invoices/in_1/lines': list([made.invoiceLine()]),
      'GET /v1/invoice_payments': list([payment]),
      'GET /v1/tax_rates/txr_1': made.taxRate(),
      'GET /v1/charges/ch_1': made.charge(),
    });
    const delivery = eventOf('invoice.paid', invoice);
    expect(connector.normalize(delivery, { settings: {}, fetched: {} })).toMatchObject({ needs: 'payment' });
    const fetched = { payment: await connector.fetch!('payment', delivery, api) };
    expect(connector.normalize(delivery, { settings: {}, fetched })).toMatchObject({
      events: [
        { type: 'sale', id: 'in_1', lines: [{ taxes: [{ name: 'VAT', rate: '20' }] }] },
        { type: 'payment', id: 'ch_1' },
        { type: 'sale', id: 'ch_1', total: 0n },
      ],
    });
  });

  test('what a thin event names is read under the API only, wherever its address points', async () => {
    const { api, asked } = stubbed({ 'GET /v1/charges/ch_1': made.charge() });
    const thin = (url: string) => ({
      topic: 'v1.charge.succeeded',
      headers: {},
      body: Buffer.from(
        JSON.stringify({
          id: 'evt_1',
          object: 'v2.core.event',
          type: 'v1.charge.succeeded',
          related_object: { id: 'ch_1', type: 'charge', url },
        }),
      ),
    });
    for (const url of ['/v1/charges/ch_1', 'https://elsewhere.example/v1/charges/ch_1', '//elsewhere.example']) {
      const related = await connector.fetch!('related_object', thin(url), api);
      expect(connector.normalize(thin(url), { settings: {}, fetched: { related } })).toMatchObject({
        events: [{ id: 'ch_1' }],
      });
    }
    expect(asked.map(({ line }) => line)).toEqual(Array.from({ length: 3 }, () => 'GET /v1/charges/ch_1'));
  });

  test('a refund: its movement, the invoice its charge paid, and the credit note that tells its lines', async () => {
    const refund = made.refund({
      amount: 2_400,
      balance_transaction: made.movement({
        id: 'txn_2',
        amount: -2_400,
        fee: 0,
        net: -2_400,
        reporting_category: 'refund',
        source: 're_1',
      }),
    });
    const line = { ...made.invoiceLine({ id: 'cnli_1', amount: 2_000 }), invoice_line_item: 'il_1' };
    const note = {
      ...{
        id: 'cn_1',
        object: 'credit_note',
        number: 'A-0001-CN-01',
        status: 'issued',
        currency: 'gbp',
        created: 1_794_400_000,
      },
      ...{
        livemode: true,
        invoice: 'in_1',
        total: 2_400,
        type: 'post_payment',
        pre_payment_amount: 0,
        post_payment_amount: 2_400,
      },
      refunds: [{ amount_refunded: 2_400, refund: 're_1' }],
      lines: list([
        { ...line, taxes: [{ amount: 400, tax_behavior: 'exclusive', tax_rate_details: { tax_rate: 'txr_1' } }] },
      ]),
    };
    const { api } = stubbed({
      'GET /v1/refunds/re_1': refund,
      'GET /v1/charges/ch_1': made.charge(),
      'GET /v1/payment_intents/pi_1': made.intent(),
      'GET /v1/checkout/sessions': list([]),
      'GET /v1/invoice_payments': list([made.invoicePayment()]),
      'GET /v1/invoices/in_1': made.invoice(),
      'GET /v1/tax_rates/txr_1': made.taxRate(),
      'GET /v1/credit_notes': list([note]),
    });
    const settings = { lookups: 'on' };
    expect(await eventsOf(eventOf('refund.created', made.refund({ amount: 2_400 })), api, settings)).toMatchObject([
      {
        type: 'refund',
        sale: { id: 'ch_1' },
        lines: [{ id: 'il_1', net: 2_000n, taxes: [{ name: 'VAT', rate: '20', amount: 400n }] }],
      },
    ]);
    // The charge tells of the same refund without that, so it leaves it to the refund's own event.
    const charge = eventOf('charge.refunded', made.charge({ amount_refunded: 2_400, refunds: list([refund]) }));
    expect((await eventsOf(charge, api, settings)).map(({ type }) => type)).toEqual(['sale']);
  });

  test('a thin event of a dispute leads to the dispute, and from there to its charge', async () => {
    const movement = made.movement({ amount: -12_000, fee: 2_000, net: -14_000, reporting_category: 'dispute' });
    const dispute = made.dispute({ balance_transactions: [movement] });
    const { api } = stubbed({
      'GET /v1/disputes/dp_1': dispute,
      'GET /v1/charges/ch_1': made.charge({ payment_intent: null }),
    });
    const body = {
      id: 'evt_1',
      object: 'v2.core.event',
      type: 'v1.charge.dispute.closed',
      created: '2026-11-21T09:00:00Z',
    };
    const thin = {
      topic: 'v1.charge.dispute.closed',
      headers: {},
      body: Buffer.from(JSON.stringify({ ...body, related_object: { id: 'dp_1', type: 'dispute' } })),
    };
    expect(await eventsOf(thin, api, { lookups: 'on' })).toMatchObject([
      { type: 'dispute', status: 'opened', amount: 12_000n, fee: 2_000n, sale: { id: 'ch_1' } },
    ]);
  });

  test('a name nobody asks for is unsupported', async () => {
    const { api } = stubbed({});
    const delivery = eventOf('charge.succeeded', made.charge());
    await expect(connector.fetch!('weather', delivery, api)).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

describe('a feed', () => {
  const range = { cursor: null, from: '2026-11-01T00:00:00Z', to: '2026-11-21T10:00:00Z' };
  async function pages(feed: string, answers: Record<string, unknown>, changes: object = {}) {
    const { api, asked } = stubbed(answers);
    const read: ChangePage[] = [];
    for await (const page of connector.changesSince!({ ...range, feed, ...changes }, api)) read.push(page);
    return { read, lines: asked.map(({ line }) => line) };
  }

  test('gives the oldest first, and ends at the time it was asked for', async () => {
    const event = (id: string, type: string) => ({
      id,
      object: 'event',
      type,
      created: 1_794_000_000,
      data: { object: made.charge() },
    });
    const newestFirst = [
      event('evt_3', 'charge.updated'),
      event('evt_2', 'customer.updated'),
      event('evt_1', 'charge.succeeded'),
    ];
    const { read, lines } = await pages('events', { 'GET /v1/events': list(newestFirst) });
    expect(read.flatMap(({ deliveries }) => deliveries.map(({ topic, eventId }) => `${topic} ${eventId}`))).toEqual([
      'charge.succeeded evt_1',
      'charge.updated evt_3',
    ]);
    // 1793491200 is the first of November; the last second asked for counts.
    expect(lines).toEqual(['GET /v1/events?limit=100&created[gte]=1793491200&created[lt]=1795255201']);
    expect(read.at(-1)?.cursor).toBe('2026-11-21T10:00:01Z');
  });

  test('goes on ten minutes before its cursor, and right at it in the middle of a run', async () => {
    const from = async (cursor: string) =>
      (await pages('payouts', { 'GET /v1/payouts': list([]) }, { cursor })).lines[0]?.match(/gte\]=(\d+)/)?.[1];
    expect(await from('2026-11-21T09:00:00Z')).toBe(String(1_795_251_600 - 600));
    expect(await from('2026-11-21T09:00:00Z+')).toBe('1795251600');
  });

  test('brings along what moved on the balance', async () => {
    const movement = made.movement({ source: made.charge() });
    const other = made.movement({ id: 'txn_2', source: 'po_1', reporting_category: 'payout' });
    const { read, lines } = await pages('balance_transactions', {
      'GET /v1/balance_transactions': list([other, movement]),
    });
    expect(read.flatMap(({ deliveries }) => deliveries.map(({ topic, eventId }) => `${topic} ${eventId}`))).toEqual([
      'balance_transactions txn_1',
      'charges ch_1',
      'balance_transactions txn_2',
    ]);
    expect(lines[0]).toMatch(/expand\[\]=data\.source/);
  });

  /** So many payouts, some seconds apart, listed as Stripe does. */
  function payouts(count: number, apart: number) {
    const first = 1_793_491_200;
    const all = Array.from({ length: count }, (_, index) => ({
      ...{ id: `po_${index}`, object: 'payout', created: first + Math.floor(index * apart) },
    }));
    const answer = (search: string) => {
      const read = (name: string) => new RegExp(`${name}=([^&]+)`).exec(decodeURIComponent(search))?.[1];
      const [gte, lt] = [Number(read('created\\[gte\\]')), Number(read('created\\[lt\\]'))];
      const inside = all.filter(({ created }) => created >= gte && created < lt).reverse();
      const start = read('starting_after') ? inside.findIndex(({ id }) => id === read('starting_after')) + 1 : 0;
      return list(inside.slice(start, start + 100), inside.length > start + 100);
    };
    return { all, answer };
  }
  const idsOf = (read: ChangePage[]) => read.flatMap(({ deliveries }) => deliveries.map(({ eventId }) => eventId));

  test.for([
    // Spread evenly over the twenty days, and all within a quarter of an hour of the last of them.
    [9_600, 180, 200],
    [9_600, 0.1, 1_000],
  ] as const)(
    '%d objects, %d seconds apart, are read oldest first and handed over in pages',
    async ([count, apart, most]) => {
      const { all, answer } = payouts(count, apart);
      const { read, lines } = await pages('payouts', { 'GET /v1/payouts': answer });
      expect(idsOf(read)).toEqual(all.map(({ id }) => id));
      expect(Math.max(...read.map(({ deliveries }) => deliveries.length))).toBeLessThanOrEqual(300);
      const cursors = read.map(({ cursor }) => cursor.replace('+', ''));
      expect(cursors).toEqual([...cursors].sort());
      expect(read.slice(0, -1).every(({ cursor }) => cursor.endsWith('+'))).toBe(true);
      // 96 pages hold them all; what is read in vain stays bearable.
      expect(lines.length).toBeLessThan(most);
    },
  );

  test('goes on from any of its pages without losing one', async () => {
    const { all, answer } = payouts(1_500, 0.5);
    const { read } = await pages('payouts', { 'GET /v1/payouts': answer });
    expect(read.length).toBeGreaterThan(3);
    for (const [index, { cursor }] of read.entries()) {
      const after = await pages('payouts', { 'GET /v1/payouts': answer }, { cursor });
      const both = new Set([...idsOf(read.slice(0, index + 1)), ...idsOf(after.read)]);
      expect(
        all.filter(({ id }) => !both.has(id)),
        `after ${cursor}`,
      ).toEqual([]);
    }
  });

  test('numbers of polled objects stay as they were written', async () => {
    const text =
      '{"object":"list","has_more":false,"data":[{"id":"po_1","object":"payout","amount":900719925474099301}]}';
    const { read } = await pages('payouts', { 'GET /v1/payouts': { status: 200, text } });
    expect(read.flatMap(({ deliveries }) => deliveries.map(({ body }) => body.toString()))).toEqual([
      '{"id":"po_1","object":"payout","amount":900719925474099301}',
    ]);
  });
});
