import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { stubApi } from './test-support.ts';

interface Stored {
  id: number;
  date_modified_gmt: string;
  refunds: { id: number; total: string }[];
}

const second = (count: number) => `2026-05-01T08:00:${String(count).padStart(2, '0')}`;
const stored = (id: number, at: number, refunds: Stored['refunds'] = []): Stored => ({
  id,
  date_modified_gmt: second(at),
  refunds,
});
const delivery = (topic: string, body: unknown) => ({ topic, headers: {}, body: Buffer.from(JSON.stringify(body)) });

/** A store that sorts and pages as the real one does; `between` runs before each list is answered. */
function storeOf(orders: Stored[], between: (asked: number) => void = () => undefined) {
  let lists = 0;
  return stubApi(({ url }) => {
    const { pathname, searchParams: query } = new URL(url);
    const [, refundsOf] = /\/orders\/(\d+)\/refunds$/.exec(pathname) ?? [];
    if (refundsOf) return { text: JSON.stringify([{ id: 900, amount: '1.00' }]) };
    if (pathname.endsWith('/payments/deposits')) {
      return { status: 404, text: '{"code":"rest_no_route","message":"No route","data":{"status":404}}' };
    }
    lists += 1;
    between(lists);
    const after = query.get('modified_after') ?? '';
    const size = Number.parseInt(query.get('per_page') ?? '10', 10);
    const page = Number.parseInt(query.get('page') ?? '1', 10);
    const found = orders
      .filter((order) => order.date_modified_gmt > after)
      .sort((a, b) =>
        a.date_modified_gmt < b.date_modified_gmt ? -1 : a.date_modified_gmt > b.date_modified_gmt ? 1 : a.id - b.id,
      );
    return { text: JSON.stringify(found.slice((page - 1) * size, page * size)) };
  });
}

async function read(
  feed: string,
  api: Parameters<NonNullable<typeof connector.changesSince>>[1],
  cursor: string | null = null,
) {
  const range = { feed, cursor, from: '2026-05-01T00:00:00.000Z', to: '2026-05-01T09:00:00.000Z' };
  const pages = [];
  for await (const page of connector.changesSince?.(range, api) ?? []) pages.push(page);
  const ids = pages.flatMap((page) =>
    page.deliveries.map(({ body }) => {
      const { order, id } = JSON.parse(body.toString()) as { order?: { id: string }; id?: string };
      return order?.id ?? id;
    }),
  );
  return { pages, ids, cursor: pages.at(-1)?.cursor };
}

describe('orders that changed', () => {
  test('are asked for in UTC, oldest first, and brought with their refunds in full', async () => {
    const { api, asked } = storeOf([stored(1, 5, [{ id: 900, total: '-1.00' }]), stored(2, 3)]);
    const { ids, pages, cursor } = await read('orders', api);
    expect(ids).toEqual(['2', '1']);
    expect(Object.fromEntries(new URL(asked[0]?.url ?? '').searchParams)).toEqual({
      modified_after: '2026-04-30T23:59:59',
      dates_are_gmt: 'true',
      orderby: 'modified',
      order: 'asc',
      status: 'any',
      per_page: '100',
      page: '1',
    });
    expect(JSON.parse(pages[0]?.deliveries[1]?.body.toString() ?? '')).toMatchObject({ refunds: [{ id: '900' }] });
    expect(cursor).toBe('2026-05-01T08:00:05Z');
  });

  test('that move to the end while we read shift no page under us', async () => {
    const orders = Array.from({ length: 250 }, (_, index) => stored(index + 1, Math.floor(index / 5)));
    // After the first page its first ten orders change: page numbers would now skip ten others.
    const { api } = storeOf(orders, (lists) => {
      if (lists === 2) for (const order of orders.slice(0, 10)) order.date_modified_gmt = '2026-05-01T08:30:00';
    });
    const { ids } = await read('orders', api);
    expect(new Set(ids).size).toBe(250);
    // The ten are told again, because they changed again.
    expect(ids).toHaveLength(260);
  });

  test('all in one second are read to the last', async () => {
    const { api } = storeOf(Array.from({ length: 230 }, (_, index) => stored(index + 1, 7)));
    expect(new Set((await read('orders', api)).ids).size).toBe(230);
  });

  test('overlap the last look, and come with the same event id', async () => {
    const { api } = storeOf([stored(1, 5), stored(2, 9)]);
    const first = await read('orders', api);
    const again = await read('orders', api, first.cursor);
    expect(again.ids).toEqual(first.ids);
    const idsOf = ({ pages }: typeof first) => pages.flatMap((page) => page.deliveries.map((each) => each.eventId));
    expect(idsOf(again)).toEqual(idsOf(first));
  });

  test('after the end of the range wait for the next look', async () => {
    const { api } = storeOf([stored(1, 5), { ...stored(2, 0), date_modified_gmt: '2026-05-01T09:00:01' }]);
    const { ids, cursor } = await read('orders', api);
    expect(ids).toEqual(['1']);
    expect(cursor).toBe('2026-05-01T08:00:05Z');
  });
});

describe('the other feeds', () => {
  test('refunds: the orders of thirty days are read again, but not at every look', async () => {
    const { api, asked } = storeOf([stored(1, 5)]);
    const { cursor } = await read('refunds', api, '2026-05-01T01:00:00.000Z');
    expect(cursor).toBe('2026-05-01T09:00:00.000Z');
    expect(new URL(asked[0]?.url ?? '').searchParams.get('after')).toBe('2026-04-01T08:59:59');
    const soon = storeOf([stored(1, 5)]);
    expect((await read('refunds', soon.api, '2026-05-01T04:00:00.000Z')).pages).toEqual([]);
    expect(soon.asked).toEqual([]);
  });

  test('deposits: a store without that plugin has none', async () => {
    expect((await read('deposits', storeOf([]).api)).pages).toEqual([]);
  });

  test('deposits: payouts by their day, with their state as part of the event id', async () => {
    const data = [{ id: 'po_1', date: 1773187200000, amount: 5, status: 'paid', currency: 'gbp' }];
    const { api } = stubApi(() => ({ text: JSON.stringify({ data, total_count: 1 }) }));
    const { pages, cursor } = await read('deposits', api);
    expect(pages[0]?.deliveries).toMatchObject([{ topic: 'deposits', eventId: 'deposits:po_1:paid' }]);
    expect(cursor).toBe('2026-05-01T09:00:00.000Z');
  });

  test('another feed is not one of a store', async () => {
    await expect(read('invoices', storeOf([]).api)).rejects.toMatchObject({ kind: 'unsupported' });
  });
});

describe('reading again', () => {
  const fetch = (name: string, body: unknown, topic = 'order.updated') => {
    const { api, asked } = stubApi(({ url }) => ({
      text: /refunds\?/.test(url)
        ? '[{"id":900,"amount":"1.00"}]'
        : JSON.stringify(stored(7, 5, [{ id: 900, total: '-1.00' }])),
    }));
    return connector.fetch!(name, delivery(topic, body), api).then((text) => ({
      read: JSON.parse(text) as unknown,
      paths: asked.map(({ url }) => new URL(url).pathname.split('/wc/v3')[1]),
    }));
  };

  test('an order comes with its refunds, for an order, one read before, or a refund', async () => {
    const link = { id: 900, amount: '1.00', _links: { up: [{ href: 'https://x.example/wp-json/wc/v3/orders/7' }] } };
    for (const body of [{ id: 7 }, { order: { id: '7' }, refunds: [] }, link]) {
      const { read: order, paths } = await fetch('order', body);
      expect(order).toMatchObject({ order: { id: '7' }, refunds: [{ id: '900' }] });
      expect(paths).toEqual(['/orders/7', '/orders/7/refunds']);
    }
  });

  test('refunds are a list', async () => {
    expect(await fetch('refunds', { id: 7 })).toMatchObject({ read: [{ id: '900' }], paths: ['/orders/7/refunds'] });
  });

  test('a delivery that names no order, or another name, is refused', async () => {
    await expect(fetch('order', { weather: 'fine' })).rejects.toMatchObject({ kind: 'rejected' });
    await expect(fetch('customer', { id: 7 })).rejects.toMatchObject({ kind: 'unsupported' });
  });

  test('an order that is gone is said to be', async () => {
    const { api } = stubApi(() => ({
      status: 404,
      text: '{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}',
    }));
    await expect(connector.fetch!('order', delivery('order.updated', { id: 7 }), api)).rejects.toMatchObject({
      code: 'CHANNEL_OBJECT_MISSING',
    });
  });
});
