import { describe, expect, test } from 'vitest';
import { detail, eventsOf, outcome, plainOrder } from './test-support.ts';

/** The refusal of figures that disagree, by field and words. */
const refused = (subject: string, said: string) =>
  expect.objectContaining({
    kind: 'rejected',
    code: 'PAYLOAD_CONTRADICTS_ITSELF',
    subject,
    message: expect.stringContaining(said),
  });

const listed = (total: string) => plainOrder({ refunds: [{ id: 90, total }] });
const back = (changes: Record<string, unknown>) => ({
  ...{ id: 91, name: 'Cup', quantity: -1, total: '-10.00', total_tax: '-2.00' },
  ...{ taxes: [{ id: 1, total: '-2.00' }], meta_data: [{ key: '_refunded_item_id', value: '70' }], ...changes },
});

describe('the taxes of a line', () => {
  test('that its rates do not come to are refused, with both amounts', () => {
    const said = 'order 7: the taxes of its rates come to GBP 5.00, but line_items[0].total_tax says GBP 2.00';
    expect(outcome('order.updated', plainOrder({}, { taxes: [{ id: 1, total: '5.00' }] }))).toEqual(
      refused('line_items[0].total_tax', said),
    );
  });

  test('of a refund neither', () => {
    const told = detail(90, { line_items: [back({ taxes: [{ id: 1, total: '-9.00' }] })] });
    const said = 'refund 90 of order 7: the taxes of its rates come to GBP -9.00';
    expect(outcome('order.updated', listed('-12.00'), { fetched: { refunds: [told] } })).toEqual(
      refused('line_items[0].total_tax', said),
    );
  });

  test('that only its rates tell: 1.25 + 0.75', () => {
    const taxes = [
      { id: 1, total: '1.25' },
      { id: 2, total: '0.75' },
    ];
    const body = plainOrder({}, { total_tax: null, taxes });
    expect(eventsOf(outcome('order.updated', body))).toMatchObject([
      { lines: [{ net: 1000n, taxes: [{ amount: 125n }, { amount: 75n }] }], total: 1200n },
    ]);
  });
});

describe('a refund', () => {
  test('whose details tell another amount than its order lists is refused, with both', () => {
    const said = 'order 7: the details of refund 90 come to GBP 12.00, but refunds.total says GBP 5.00';
    expect(outcome('order.updated', listed('-5.00'), { fetched: { refunds: [detail(90)] } })).toEqual(
      refused('refunds.total', said),
    );
  });

  test('whose lines have the sign of a sale is refused: taking them away would double them', () => {
    const told = detail(90, {
      line_items: [back({ total: '10.00', total_tax: '2.00', taxes: [{ id: 1, total: '2' }] })],
    });
    const said = 'refund 90 of order 7: its lines with their taxes come to GBP -12.00, but amount says GBP 12.00';
    expect(outcome('order.updated', listed('-12.00'), { fetched: { refunds: [told] } })).toEqual(
      refused('amount', said),
    );
  });

  test('of an order whose payment failed is refused: nothing was paid that could go back', () => {
    const body = { ...listed('-12.00'), status: 'failed' };
    const said = 'order 7: its refunds come to GBP 12.00, but status failed says GBP 0.00';
    expect(outcome('order.updated', body)).toEqual(refused('status failed', said));
  });

  test('of the tax only puts nothing back on the shelf', () => {
    const sold = { meta_data: [{ key: '_restock_refunded_items', value: '1' }] };
    const body = { ...plainOrder({}, sold), refunds: [{ id: 90, total: '-2.00' }] };
    const told = detail(90, { amount: '2.00', line_items: [back({ quantity: 0, total: '0.00' })] });
    const events = eventsOf(outcome('order.updated', body, { fetched: { refunds: [told] } }));
    expect(events.find(({ id }) => id === '90')).toMatchObject({
      lines: [{ net: 0n, taxes: [{ rate: '20', amount: 200n }], restock: false }],
      total: 200n,
    });
  });

  test('in a store without decimals may be a crown off its lines: 5 + 5 + 5 of 4.50 each are 14', () => {
    const lines = [70, 71, 72].map((id) => back({ id, total: '-5', total_tax: '0', taxes: [], meta_data: [] }));
    const order = plainOrder({ currency: 'CZK', total: '14', total_tax: '0' });
    const events = eventsOf(
      outcome('refunds', detail(90, { parent_id: 7, amount: '14', line_items: lines }), { fetched: { order } }),
    );
    expect(events).toMatchObject([
      { lines: [{ net: 500n }, { net: 500n }, { net: 500n }, { kind: 'rounding', net: -100n }], total: 1400n },
    ]);
  });

  test('that a refunded order does not list has to be read before anything is booked', () => {
    const body = plainOrder({ status: 'refunded', refunds: [] });
    expect(outcome('order.updated', body)).toMatchObject({
      ignored: expect.stringMatching(/^needs refunds: order 7/),
      needs: 'refunds',
    });
    expect(eventsOf(outcome('order.updated', body, { fetched: { refunds: [] } }))).toMatchObject([
      { type: 'sale', total: 1200n },
    ]);
  });
});

test('a paid order of an old version of the API, which does not say when, is refused instead of left as unpaid', () => {
  const { date_paid_gmt: _gmt, date_paid: _local, ...old } = plainOrder({ status: 'completed' });
  expect(outcome('order.updated', old)).toMatchObject({
    code: 'PAYLOAD_UNREADABLE',
    subject: 'date_paid_gmt',
    message: expect.stringMatching(/order 7 is paid.*WP REST API Integration v3/),
  });
  expect(outcome('order.updated', { ...old, date_paid_gmt: null })).toEqual({
    ignored: 'order 7 is not paid yet: it is completed',
  });
});

test('a body that cannot be read is named with its order', () => {
  expect(outcome('order.updated', plainOrder({ id: 10_727, total: null }))).toMatchObject({
    code: 'PAYLOAD_UNREADABLE',
    subject: 'total',
    message: expect.stringContaining('order 10727'),
  });
});
