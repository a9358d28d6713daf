import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CanonicalEvent } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';

/** Real and documented payloads lie beside the repository; what they must give was worked out from them by hand. */
const folder = fileURLToPath(new URL('../../../../shared/contracts/shopify/samples/', import.meta.url));
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

const read = (file: string) => readFileSync(`${folder}${file}`, 'utf8');

function outcome(file: string, topic: string, fetched: Record<string, string> = {}): unknown {
  try {
    return connector.normalize({ topic, headers: {}, body: Buffer.from(read(file)) }, { settings: {}, fetched });
  } catch (error) {
    return error;
  }
}
const eventsOf = (result: unknown) => (result as { events: CanonicalEvent[] }).events;

describe.skipIf(!isThere)('the sample payloads', () => {
  test('orders_create: the lines are 414.95 and shipping is free, so total_price 404.95 is refused', () => {
    // 89.99 + 19.99 + 24.99 + 159.99 + 119.99 = 414.95; nothing says which line the discount of 20.00 belongs to.
    expect(outcome('orders_create.docs.json', 'orders/create')).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(
        /#9999 \(820982911946154508\).*USD 414\.95.*total_price says USD 404\.95.*USD 10\.00/,
      ),
    });
  });

  test('order_paid_paypal_ils: 5.00 + 17 % = 5.85, one wallet tender', () => {
    const [sale] = eventsOf(outcome('order_paid_paypal_ils.real.json', 'orders/paid'));
    expect(sale).toMatchObject({
      type: 'sale',
      id: '2523017871515',
      revision: '2020-06-25T23:08:30Z',
      occurredAt: '2020-06-25T23:08:29Z',
      currency: 'ILS',
      test: false,
      order: { number: '#1008' },
      customer: { id: '3765495070875', country: 'IL' },
      pricesIncludeTax: false,
      lines: [{ net: 500n, taxes: [{ name: 'VAT', rate: '17', amount: 85n, collectedBy: 'merchant' }] }],
      tenders: [{ kind: 'wallet', amount: 585n }],
      total: 585n,
      due: 0n,
    });
  });

  test('graphql_order: eleven lines come to 1,341,615.95; refunded units stay sold', () => {
    // 8,600 + 120,000 + 149,990 + 205,000 + 157,190 + 5 × 139,990 + 885.95 = 1,341,615.95 = totalPriceSet.
    const [sale, ...others] = eventsOf(outcome('graphql_order.connector_snapshot.json', 'orders'));
    expect(others).toEqual([]);
    expect(sale).toMatchObject({
      type: 'sale',
      id: '18697849798701',
      // updatedAt is masked in the file; closedAt is the newest time it states.
      revision: '2026-08-18T17:51:39Z',
      total: 134161595n,
      tenders: [{ kind: 'other', processor: 'manual', amount: 134161595n }],
      due: 0n,
    });
    expect(sale?.type === 'sale' && sale.lines).toHaveLength(11);
  });

  test('graphql_order with its transactions: 1,340,730.00 were paid, 885.95 were set against returned goods', () => {
    const transactions = read('graphql_order_transactions.connector_snapshot.json');
    const [sale] = eventsOf(outcome('graphql_order.connector_snapshot.json', 'orders', { transactions }));
    expect(sale).toMatchObject({
      tenders: [
        { kind: 'other', processor: 'manual', amount: 134073000n },
        { kind: 'store_credit', processor: 'exchange', amount: 88595n },
      ],
      due: 0n,
    });
  });

  test('refunds_create: lines of 414.95 against 75.00 + 10.00 paid back are refused', () => {
    expect(outcome('refunds_create.docs.json', 'refunds/create')).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/refund 890088186047892319.*USD 414\.95.*USD 85\.00.*USD 329\.95/),
    });
  });

  test('rest_refund: 2 × (199.00 + 3.98) = 405.96 against 209.00 paid back is refused', () => {
    expect(outcome('rest_refund.json', 'refunds')).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/refund 509562969.*USD 405\.96.*USD 209\.00.*USD 196\.96/),
    });
  });

  test('rest_payouts: payout 974708905 comes to 51.69 − 3.31 + 2.01 = 50.39, not 51.69, and is refused', () => {
    expect(outcome('rest_payouts.json', 'payouts')).toMatchObject({
      kind: 'rejected',
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/payout 974708905.*CAD 50\.39.*CAD 51\.69.*CAD -1\.30/),
    });
  });

  test('rest_payouts, each by itself: two are paid and add up, one failed, two are on their way', () => {
    const { payouts } = JSON.parse(read('rest_payouts.json')) as { payouts: { id: number }[] };
    const one = (id: number) => {
      const body = Buffer.from(JSON.stringify(payouts.find((each) => each.id === id)));
      return connector.normalize({ topic: 'payouts', headers: {}, body }, { settings: {}, fetched: {} });
    };
    // 44.52 − 1.32 = 43.20, −3.54 + 0.23 = −3.31, 2.13 − 0.12 = 2.01: together 41.90.
    for (const id of [710174591, 623721858]) {
      expect(eventsOf(one(id))).toMatchObject([
        {
          type: 'payout',
          amount: 4190n,
          lines: [
            { kind: 'sale', gross: 4452n, fee: 132n, net: 4320n },
            { kind: 'refund', gross: -354n, fee: -23n, net: -331n },
            { kind: 'adjustment', gross: 213n, fee: 12n, net: 201n },
          ],
        },
      ]);
    }
    expect(eventsOf(one(512467833))).toMatchObject([{ amount: 0n, lines: [], revision: '2-failed' }]);
    expect(one(854088011)).toEqual({
      ignored: 'payout 854088011 is scheduled: not paid yet, it is booked once it is paid',
    });
    expect(one(39438702)).toEqual({
      ignored: 'payout 39438702 is in_transit: not paid yet, it is booked once it is paid',
    });
  });

  test('disputes_create: CAD 11.50 are held since the first of January, UTC', () => {
    expect(eventsOf(outcome('disputes_create.docs.json', 'disputes/create'))).toMatchObject([
      {
        type: 'dispute',
        id: '285332461850802050',
        status: 'opened',
        currency: 'CAD',
        amount: 1150n,
        occurredAt: '2022-01-01T00:00:00Z',
        sale: { id: '820982911946154500' },
      },
    ]);
  });

  test.for([
    ['orders_edited.docs.json', 'orders/edited', { needs: 'order' }],
    ['tender_transactions_create.docs.json', 'tender_transactions/create', { needs: 'order' }],
    ['graphql_order_transactions.connector_snapshot.json', 'transactions', { needs: 'order' }],
    ['order_transactions_create.docs.json', 'order_transactions/create', { ignored: /^authorised, not captured/ }],
    ['app_uninstalled.docs.json', 'app/uninstalled', { notice: { code: 'disconnected' } }],
  ] as const)('%s carries no fact of its own', ([file, topic, expected]) => {
    const result = outcome(file, topic) as Record<string, unknown>;
    expect(result.ignored).toMatch('ignored' in expected ? expected.ignored : /\S/);
    const { ignored: _ignored, ...rest } = expected as { ignored?: unknown };
    expect(result).toMatchObject(rest);
  });
});
