import { randomUUID } from 'node:crypto';
import type { SalesConnector } from '@daybook/connectors/kit/contract';
import { sign } from '@daybook/connectors/kit/signature';
import { normalizeDeliveries } from '@daybook/workers/normalize-deliveries';
import { planReplay, replay } from '@daybook/workers/replay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let connector: SalesConnector;
let address: string;
let account: string;
let secret: string;

beforeAll(async () => {
  world = await openWorld({ seed: 7 });
  const [pairing] = world.pairings;
  if (!pairing) throw new Error('The sandbox has no shop.');
  connector = pairing.channel.connector;
  account = pairing.shop;
  secret = world.sandbox.apps[connector.id]?.clientSecret ?? '';
  const [row] = await world.database.sql<{ id: string }[]>`
    select id from connections where connector = ${connector.id} and account = ${account}`;
  address = `${world.url}/webhooks/${connector.id}/${row?.id}`;
});
afterAll(() => world.close());

interface Sent {
  topic?: string;
  body?: string | Buffer;
  eventId?: string;
  headers?: Record<string, string | undefined>;
  to?: string;
}

async function send({
  topic = 'orders/create',
  body = '{}',
  eventId = randomUUID(),
  headers = {},
  to = address,
}: Sent) {
  const bytes = Buffer.from(body);
  const all: Record<string, string | undefined> = {
    'content-type': 'application/json',
    'x-shopify-topic': topic,
    'x-shopify-event-id': eventId,
    'x-shopify-shop-domain': account,
    [connector.signature.header]: sign(connector.signature, { body: bytes, url: to, at: new Date() }, secret),
    ...headers,
  };
  const present = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const response = await fetch(to, { method: 'POST', headers: present, body: bytes });
  return {
    status: response.status,
    answer: (await response.json()) as { status?: string; error?: { code: string; message: string } },
  };
}

/** The signature of other bytes, or by another secret. */
function signedFor(body: string, by: string) {
  const message = { body: Buffer.from(body), url: '', at: new Date() };
  return { [connector.signature.header]: sign(connector.signature, message, by) };
}

/** A small paid order that adds up: one line, one gateway. */
function order(id: string, change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    id: Number(id),
    name: `#${id}`,
    currency: 'GBP',
    taxes_included: true,
    test: false,
    financial_status: 'paid',
    created_at: '2026-11-02T10:00:00Z',
    processed_at: '2026-11-02T10:00:00Z',
    updated_at: '2026-11-02T10:00:00Z',
    total_price: '12.00',
    subtotal_price: '12.00',
    total_tax: '2.00',
    total_discounts: '0.00',
    payment_gateway_names: ['shopify_payments'],
    line_items: [
      {
        id: 1,
        title: 'Mug',
        quantity: 1,
        current_quantity: 1,
        price: '12.00',
        tax_lines: [{ title: 'VAT', rate: 0.2, price: '2.00' }],
        discount_allocations: [],
      },
    ],
    shipping_lines: [],
    refunds: [],
    ...change,
  });
}

async function delivery(eventId: string) {
  const [row] = await world.database.sql<{ state: string; reason: string | null; code: string | null }[]>`
    select state, reason, code from deliveries where event_id = ${eventId} order by id desc limit 1`;
  return row;
}
const count = async (table: 'deliveries' | 'events' | 'journal_entries') => {
  const [row] = await world.database.sql<{ count: bigint }[]>`select count(*) from ${world.database.sql(table)}`;
  return row?.count;
};

describe('what intake refuses is answered at once and stores nothing', () => {
  const refused: [string, Sent | (() => Sent), number, string][] = [
    ['an unknown connection', () => ({ to: address.replace(/[^/]+$/, randomUUID()) }), 404, 'UNKNOWN_CONNECTION'],
    [
      'a connection id that is none',
      () => ({ to: `${world.url}/webhooks/${connector.id}/1' or 1=1` }),
      404,
      'UNKNOWN_CONNECTION',
    ],
    [
      "a channel that is not the connection's",
      () => ({ to: address.replace(`/${connector.id}/`, '/other/') }),
      404,
      'UNKNOWN_CONNECTION',
    ],
    [
      'a wrong signature',
      () => ({
        headers: signedFor('{}', 'another'),
      }),
      401,
      'BAD_SIGNATURE',
    ],
    ['no signature', () => ({ headers: { [connector.signature.header]: undefined } }), 401, 'BAD_SIGNATURE'],
    [
      'a changed byte',
      () => ({
        body: '{"a":1}',
        headers: signedFor('{"a":2}', secret),
      }),
      401,
      'BAD_SIGNATURE',
    ],
    [
      "a body under another shop's name",
      { headers: { 'x-shopify-shop-domain': 'somebody-else.myshopify.com' } },
      401,
      'BAD_SIGNATURE',
    ],
    ['20 MB', { body: Buffer.alloc(20 * 1024 * 1024, 32) }, 413, 'TOO_LARGE'],
  ];
  it.each(refused)('%s', async (_what, sent, status, code) => {
    const before = await count('deliveries');
    const result = await send(typeof sent === 'function' ? sent() : sent);
    expect(result).toMatchObject({ status, answer: { error: { code } } });
    expect(await count('deliveries')).toBe(before);
  });
});

describe('what is signed is stored, and refused later in plain sight when it makes no sense', () => {
  const stored: [string, Sent, string, string | null][] = [
    ['an empty body', { body: '' }, 'refused', 'PAYLOAD_NOT_JSON'],
    ['invalid JSON', { body: '{"id": 1,' }, 'refused', 'PAYLOAD_NOT_JSON'],
    ['an unknown topic', { topic: 'fulfillments/create' }, 'ignored', null],
    ['an unknown currency', { body: order('9001', { currency: 'ZZZ' }) }, 'refused', 'CURRENCY_UNKNOWN'],
    ['too many decimals', { body: order('9002', { total_price: '12.001' }) }, 'refused', 'INVALID_AMOUNT_SCALE'],
    [
      'totals that do not add up',
      { body: order('9003', { total_price: '13.00' }) },
      'refused',
      'PAYLOAD_CONTRADICTS_ITSELF',
    ],
  ];
  it.each(stored)('%s', async (_what, sent, state, code) => {
    const eventId = randomUUID();
    const entries = await count('journal_entries');
    expect(await send({ ...sent, eventId })).toMatchObject({ status: 200, answer: { status: 'stored' } });
    await world.settle();
    const row = await delivery(eventId);
    expect(row?.state).toBe(state);
    if (code !== null) expect(row?.code).toBe(code);
    expect(row?.reason).toMatch(/\w{3}/);
    expect(await count('journal_entries')).toBe(entries);
  });

  it('valid JSON of another topic is refused with the field that is missing', async () => {
    const eventId = randomUUID();
    await send({ topic: 'orders/create', body: '{"hello":"world"}', eventId });
    await world.settle();
    expect(await delivery(eventId)).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/id|currency|line_items/),
    });
  });

  it('a delivery without its headers is kept under the hash of its bytes', async () => {
    const body = order('9010');
    const result = await send({ body, headers: { 'x-shopify-topic': undefined, 'x-shopify-event-id': undefined } });
    expect(result.status).toBe(200);
    await world.settle();
    const [row] = await world.database
      .sql`select state, reason from deliveries where topic = '(none)' and body = ${Buffer.from(body)}`;
    expect(row).toMatchObject({ state: expect.stringMatching(/ignored|refused/) });
  });
});

describe('repeats change nothing, contradictions are shown', () => {
  it('a duplicate delivery is one delivery, one event, one entry', async () => {
    const eventId = randomUUID();
    const body = order('9100');
    expect((await send({ body, eventId })).answer.status).toBe('stored');
    expect((await send({ body, eventId })).answer.status).toBe('duplicate');
    await world.settle();
    const [row] = await world.database.sql`
      select count(distinct e.id)::int as events, count(distinct j.id)::int as entries
      from events e join journal_entries j on j.event_id = e.id where e.source_id = '9100'`;
    expect(row).toEqual({ events: 1, entries: 1 });
  });

  it('the same order under another event id and topic posts nothing new', async () => {
    await send({ body: order('9100'), topic: 'orders/paid' });
    const entries = await count('journal_entries');
    await world.settle();
    expect(await count('journal_entries')).toBe(entries);
  });

  it('the same revision with other content is a conflict that names the order', async () => {
    const eventId = randomUUID();
    const dearer = {
      total_price: '24.00',
      subtotal_price: '24.00',
      total_tax: '4.00',
      line_items: [
        {
          id: 1,
          title: 'Mug',
          quantity: 1,
          current_quantity: 1,
          price: '24.00',
          tax_lines: [{ title: 'VAT', rate: 0.2, price: '4.00' }],
          discount_allocations: [],
        },
      ],
    };
    await send({ body: order('9100', dearer), eventId });
    await world.settle();
    expect(await delivery(eventId)).toMatchObject({
      state: 'refused',
      code: 'SOURCE_KEY_CONFLICT',
      reason: expect.stringContaining('#9100'),
    });
    const [entry] = await world.database
      .sql`select count(*)::int as count from journal_entries where source_key like '%:9100%'`;
    expect(entry).toEqual({ count: 1 });
  });

  it('of two re-reads under way at once the older answer does not win', async () => {
    const state = (net: number) =>
      order('9110', {
        total_price: `${net}.00`,
        subtotal_price: `${net}.00`,
        total_tax: '0.00',
        line_items: [
          {
            id: 1,
            title: 'Mug',
            quantity: 1,
            current_quantity: 1,
            price: `${net}.00`,
            tax_lines: [],
            discount_allocations: [],
          },
        ],
      });
    await send({ body: state(12) });
    await world.settle();
    const { deps } = world.hub;
    const [company] = await world.database.sql<{ id: string }[]>`
      select company_id as id from connections where connector = ${connector.id} and account = ${account}`;
    const normalizeDue = (fetch: NonNullable<SalesConnector['fetch']>) =>
      normalizeDeliveries(
        { companyId: company?.id ?? '', refs: [] },
        { ...deps, sales: new Map([[connector.id, { ...connector, fetch }]]) },
      );
    await send({ body: state(24) });
    // The first worker's answer is on its way while the order changes once more and a second worker hears of that.
    await normalizeDue(async () => {
      await send({ body: state(36) });
      await normalizeDue(async () => state(36));
      return state(24);
    });
    await normalizeDue(async () => state(36));
    const [newest] = await world.database.sql<{ total: number }[]>`
      select (payload->>'total')::int as total from events where source_id = '9110' order by revision desc limit 1`;
    expect(newest).toEqual({ total: 3600 });
    await world.settle();
  });

  it('the same bytes sent again by an attacker change nothing', async () => {
    const body = order('9100');
    for (let time = 0; time < 5; time += 1)
      expect((await send({ body, eventId: `replayed-${time % 2}` })).status).toBe(200);
    const entries = await count('journal_entries');
    await world.settle();
    expect(await count('journal_entries')).toBe(entries);
  });
});

describe('facts that miss something wait', () => {
  it('a refund for an unknown sale waits, then becomes an issue, and posts when the sale arrives', async () => {
    const refund = JSON.stringify({
      id: 77001,
      order_id: 9200,
      created_at: '2026-11-03T09:00:00Z',
      processed_at: '2026-11-03T09:00:00Z',
      note: null,
      refund_line_items: [
        {
          id: 5,
          line_item_id: 1,
          quantity: 1,
          restock_type: 'return',
          subtotal: 10.0,
          total_tax: 2.0,
          subtotal_set: {
            shop_money: { amount: '10.00', currency_code: 'GBP' },
            presentment_money: { amount: '10.00', currency_code: 'GBP' },
          },
          total_tax_set: {
            shop_money: { amount: '2.00', currency_code: 'GBP' },
            presentment_money: { amount: '2.00', currency_code: 'GBP' },
          },
          line_item: {
            id: 1,
            title: 'Mug',
            quantity: 1,
            price: '12.00',
            tax_lines: [{ title: 'VAT', rate: 0.2, price: '2.00' }],
          },
        },
      ],
      order_adjustments: [],
      refund_shipping_lines: [],
      transactions: [
        {
          id: 88,
          order_id: 9200,
          kind: 'refund',
          gateway: 'shopify_payments',
          status: 'success',
          amount: '12.00',
          currency: 'GBP',
          created_at: '2026-11-03T09:00:00Z',
          test: false,
        },
      ],
    });
    await send({ body: refund, topic: 'refunds/create' });
    await world.workOnce();
    await world.workOnce();
    const state = async () =>
      (
        await world.database.sql<
          { state: string; code: string }[]
        >`select state, code from events where source_id = '77001'`
      )[0];
    expect(await state()).toMatchObject({ state: 'waiting', code: 'SALE_UNKNOWN' });
    await world.settle(72);
    const [issue] = await world.database.sql<
      { message: string }[]
    >`select message from issues where code = 'SALE_UNKNOWN' and state = 'open'`;
    expect(issue?.message).toMatch(/9200/);
    await send({ body: order('9200') });
    await world.settle();
    expect(await state()).toMatchObject({ state: 'posted' });
    const open = await world.database.sql`select 1 from issues where code = 'SALE_UNKNOWN' and state = 'open'`;
    expect(open).toHaveLength(0);
  });
});

it('an uninstall that is read again does not end a connection made anew since', async () => {
  const { sql } = world.database;
  const { id } = (
    await sql<{ id: string }[]>`select id from connections where connector = ${connector.id} and account = ${account}`
  )[0] as { id: string };
  const state = async () => (await sql<{ state: string }[]>`select state from connections where id = ${id}`)[0]?.state;
  const eventId = randomUUID();
  await send({ topic: 'app/uninstalled', body: JSON.stringify({ id: 1, domain: account }), eventId });
  await world.settle();
  expect(await state()).toBe('disconnected');
  await sql`update connections set state = 'active' where id = ${id}`;
  const [row] = await sql<{ id: bigint }[]>`select id from deliveries where event_id = ${eventId}`;
  const plan = await planReplay(sql, { deliveryId: row?.id });
  expect(plan.deliveries).toEqual([row?.id]);
  await replay(world.hub.deps, plan);
  await world.settle();
  expect(await delivery(eventId)).toMatchObject({ state: 'ignored' });
  expect(await state()).toBe('active');
});
