import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CanonicalEvent } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';

/** Real and documented payloads lie beside the repository; what they must give was worked out from them by hand. */
const folder = fileURLToPath(new URL('../../../../shared/contracts/square/samples/', import.meta.url));
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

const read = (file: string) => readFileSync(`${folder}${file}`, 'utf8');

function outcome(file: string, topic: string, fetched: Record<string, string> = {}, settings = {}) {
  return connector.normalize({ topic, headers: {}, body: Buffer.from(read(file)) }, { settings, fetched });
}
const eventsOf = (result: unknown) => (result as { events: CanonicalEvent[] }).events;

describe.skipIf(!isThere)('the sample payloads', () => {
  test('order_custom_amount: 20.56 in the sandbox, paid by one card', () => {
    const settings = { environment: 'sandbox' };
    expect(eventsOf(outcome('order_custom_amount.real_sandbox.json', 'orders', {}, settings))).toMatchObject([
      {
        type: 'sale',
        id: 'hD1xqUBBHQ3ejMBQiSSmncrYg7OZY',
        revision: 'v0000000004',
        occurredAt: '2021-06-18T13:30:27Z',
        currency: 'USD',
        test: true,
        location: { id: 'LH2XR7AMG39HX' },
        lines: [{ kind: 'product', title: '20$ money payment', quantity: '1', net: 2056n, taxes: [] }],
        tenders: [{ kind: 'card', processor: 'square', amount: 2056n, id: 'rLBl9k8kKVV8uXNymUEct6S2ebIZY' }],
        total: 2056n,
        due: 0n,
      },
    ]);
  });

  test('order_open: nobody paid for it', () => {
    expect(outcome('order_open.real_sandbox.json', 'orders')).toEqual({
      ignored: 'order LBi8XNjxZP5fY0PJUjIzp9NcA8JZY over USD 2.00 is not paid yet: its completed payment will book it',
    });
  });

  test('payments: the completed one needs its order, the voided one moved no money', () => {
    const file = 'payments_completed_and_voided.real_sandbox.json';
    expect(outcome(file, 'payments')).toMatchObject({ needs: 'order', ignored: /^needs order: payment nneK6/ });
    const { payments } = JSON.parse(read(file)) as { payments: { id: string }[] };
    const one = (index: number) =>
      connector.normalize(
        { topic: 'payments', headers: {}, body: Buffer.from(JSON.stringify(payments[index])) },
        { settings: {}, fetched: {} },
      );
    expect(one(1)).toEqual({
      ignored: 'payment loPWmSQLvpSMgfvHH1ims8VUTDaZY was canceled before capture: no money moved',
    });
  });

  test('payments, only what settles: a fee of 2.85', () => {
    const file = 'payments_completed_and_voided.real_sandbox.json';
    expect(eventsOf(outcome(file, 'payments', {}, { records: 'settlements' }))).toMatchObject([
      {
        type: 'fee',
        id: 'nneK6BjIQRXh32F97v8JOXfm9oAZY:INITIAL:2023-01-04T19:30:18.000Z',
        processor: 'square',
        amount: 285n,
        occurredAt: '2023-01-04T17:30:17.374Z',
      },
    ]);
  });

  test('the discount of a half: 5.00 − 2.50, and 2 × 3.00 − 3.00, once a card paid 5.50', () => {
    const { order } = JSON.parse(read('order_fixed_percentage_discount.spec.json')) as { order: object };
    const payment = JSON.parse(read('event.payment.updated.spec.json')) as {
      data: { object: { payment: { order_id: string } } };
    };
    // The sample names no order id; the payment of another sample pays it here.
    const paid = { ...payment.data.object.payment, amount_money: usd(550), total_money: usd(550) };
    const fetched = { order: JSON.stringify({ order: { ...order, id: paid.order_id } }) };
    const body = Buffer.from(JSON.stringify({ payment: paid }));
    const result = connector.normalize({ topic: 'payments', headers: {}, body }, { settings: {}, fetched });
    expect(eventsOf(result)).toMatchObject([
      {
        type: 'sale',
        id: '03O3USaPaAaFnI6kkwB1JxGgBsUZY',
        lines: [
          { title: 'Item 1', quantity: '1', unitPrice: '5.00', listNet: 500n, discount: 250n, net: 250n },
          { title: 'Item 2', quantity: '2', unitPrice: '3.00', listNet: 600n, discount: 300n, net: 300n },
        ],
        tenders: [{ kind: 'card', amount: 550n, id: 'hYy9pRFVxpDsO1FB05SunFWUe9JZY' }],
        total: 550n,
      },
    ]);
  });

  test('dispute.created: 88.01 are held', () => {
    expect(eventsOf(outcome('event.dispute.created.spec.json', 'dispute.created'))).toMatchObject([
      {
        type: 'dispute',
        id: 'ORSEVtZAJxb37RA1EiGw',
        revision: 'v0000000001',
        status: 'opened',
        amount: 8801n,
        fee: 0n,
        processor: 'square',
        occurredAt: '2020-02-19T21:24:53.258Z',
      },
    ]);
  });

  test.for([
    ['event.payment.created.spec.json', 'payment.created', { ignored: /is authorised, not captured/ }],
    ['event.payment.updated.spec.json', 'payment.updated', { needs: 'order' }],
    ['list_payments.spec.json', 'payments', { needs: 'order' }],
    ['event.order.created.spec.json', 'order.created', { needs: 'order' }],
    ['event.order.updated.spec.json', 'order.updated', { needs: 'order' }],
    ['event.refund.created.spec.json', 'refund.created', { ignored: /is pending/ }],
    ['event.payout.sent.spec.json', 'payout.sent', { ignored: /is not paid yet/ }],
    ['event.inventory.count.updated.spec.json', 'inventory.count.updated', { ignored: /every change of stock/ }],
    [
      'event.oauth.authorization.revoked.spec.json',
      'oauth.authorization.revoked',
      { notice: { code: 'disconnected' } },
    ],
    ['catalog_taxes.real_sandbox.json', 'catalog.version.updated', { ignored: /prices and items/ }],
  ] as const)('%s carries no fact of its own', ([file, topic, expected]) => {
    const result = outcome(file, topic) as Record<string, unknown>;
    expect(result.ignored).toMatch('ignored' in expected ? expected.ignored : /\S/);
    const { ignored: _ignored, ...rest } = expected as { ignored?: unknown };
    expect(result).toMatchObject(rest);
  });

  test('the headers of events are read from their envelopes', () => {
    const body = Buffer.from(read('event.payment.updated.spec.json'));
    expect(connector.header({}, body)).toEqual({
      topic: 'payment.updated',
      eventId: '6a8f5f28-54a1-4eb0-a98a-3111513fd4fc',
      account: '6SSW7HV8K2ST5',
      triggeredAt: '2020-02-06T21:27:34.308Z',
    });
  });
});

function usd(amount: number) {
  return { amount, currency: 'USD' };
}
