import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CanonicalEvent } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';

/** Real and documented payloads lie beside the repository; what they must give was worked out from them by hand. */
const folder = fileURLToPath(new URL('../../../../shared/contracts/woocommerce/samples/', import.meta.url));
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

function outcome(file: string, topic: string, settings: Record<string, string> = {}): unknown {
  const body = readFileSync(`${folder}${file}`);
  try {
    return connector.normalize({ topic, headers: {}, body }, { settings, fetched: {} });
  } catch (error) {
    return error;
  }
}
const eventsOf = (result: unknown) => (result as { events: CanonicalEvent[] }).events;

describe.skipIf(!isThere)('the sample payloads', () => {
  test('order.created: 6.00 + 0.45, 12.00 + 0.90 and 10.00 shipping are 29.35 by bank transfer', () => {
    expect(eventsOf(outcome('order.created.docs.json', 'order.created'))).toMatchObject([
      {
        type: 'sale',
        id: '727',
        revision: '2017-03-22T19:28:08Z',
        occurredAt: '2017-03-22T19:28:08Z',
        currency: 'USD',
        test: false,
        pricesIncludeTax: false,
        lines: [
          {
            kind: 'product',
            id: '315',
            quantity: '2',
            net: 600n,
            taxes: [{ name: 'State Tax', rate: null, amount: 45n }],
          },
          { kind: 'product', id: '316', sku: 'Bar3', net: 1200n, taxes: [{ amount: 90n }] },
          { kind: 'shipping', id: '317', title: 'Flat Rate', net: 1000n, taxes: [] },
        ],
        tenders: [{ kind: 'bank_transfer', processor: 'manual', amount: 2935n }],
        total: 2935n,
        due: 0n,
      },
    ]);
  });

  test('order_list_two: the second order has no date_paid, so neither it nor its refunds are facts', () => {
    const events = eventsOf(outcome('order_list_two.docs.json', 'orders'));
    expect(events.map((each) => [each.type, each.id])).toEqual([['sale', '727']]);
    const second = JSON.stringify(JSON.parse(readFileSync(`${folder}order_list_two.docs.json`, 'utf8'))[1]);
    const delivery = { topic: 'order.updated', headers: {}, body: Buffer.from(second) };
    expect(connector.normalize(delivery, { settings: {}, fetched: {} })).toEqual({
      ignored: 'order 723 is not paid yet: it is completed',
    });
  });

  test('order_refund: 10.00 by hand, without lines, of order 723 by its link', () => {
    expect(outcome('order_refund.docs.json', 'refunds')).toMatchObject({ needs: 'order' });
    expect(eventsOf(outcome('order_refund.docs.json', 'refunds', { currency: 'USD' }))).toMatchObject([
      {
        type: 'refund',
        id: '726',
        occurredAt: '2017-03-21T20:07:11Z',
        sale: { id: '723' },
        lines: [{ kind: 'adjustment', net: 1000n, taxes: [], taxUnknown: true }],
        tenders: [{ kind: 'other', processor: 'manual', amount: 1000n }],
        total: 1000n,
      },
    ]);
  });

  test('order_subscription_renewal: 14.50 in test mode, with a fee of 1.03', () => {
    expect(eventsOf(outcome('order_subscription_renewal.json', 'order.updated'))).toMatchObject([
      {
        type: 'sale',
        id: '526',
        test: true,
        occurredAt: '2023-04-18T17:16:11Z',
        memo: 'Order 526, renewal of subscription 282',
        lines: [{ kind: 'product', sku: 'woo-polo', net: 1450n, taxes: [] }],
        tenders: [{ kind: 'card', processor: 'woocommerce_payments', id: 'pi_3MyI8TFmpgWy4Lrl0rLQ6JZD' }],
        total: 1450n,
      },
      { type: 'fee', id: '526:fee', processor: 'woocommerce_payments', amount: 103n, currency: 'USD', test: true },
    ]);
  });

  test('order_with_coupon_and_fee: 31.20 goods, 133.00 shipping and 125.50 fee are not 31.20', () => {
    // 30.00 + 1.20 + 0.00 + 133.00 + 125.50 = 289.70; a fixture edited by hand, as its notes say.
    expect(outcome('order_with_coupon_and_fee.json', 'order.updated')).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/order 963.*USD 289\.70.*total says USD 31\.20.*USD 258\.50/),
    });
  });

  test('refund_single: 27.00 of goods and 7.62 of shipping against an amount of 27.00', () => {
    expect(outcome('refund_single.json', 'refunds', { currency: 'USD' })).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/refund 562.*USD 34\.62.*amount says USD 27\.00.*USD 7\.62/),
    });
  });

  test('wcpay_charge: the order tells the sale, the charge its fee of 1.27 in test mode', () => {
    expect(eventsOf(outcome('wcpay_charge.json', 'charges'))).toMatchObject([
      { type: 'fee', id: '211:fee', sale: { id: '211' }, amount: 127n, currency: 'USD', test: true },
    ]);
  });

  test('tax rates and webhook subscriptions are no facts', () => {
    expect(outcome('tax_rates.json', 'taxes')).toEqual({ ignored: expect.stringContaining('taxes') });
    expect(outcome('webhook_resource.docs.json', 'webhooks')).toEqual({ ignored: expect.stringContaining('webhooks') });
  });
});
