import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';

/** Real and documented payloads lie beside the repository; what they must give was worked out from them by hand. */
const folder = fileURLToPath(new URL('../../../../shared/contracts/stripe/', import.meta.url));
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

const read = (file: string) => readFileSync(`${folder}${file}`, 'utf8');

function outcome(topic: string, text: string, fetched: Record<string, string> = {}): unknown {
  try {
    return connector.normalize({ topic, headers: {}, body: Buffer.from(text) }, { settings: {}, fetched });
  } catch (error) {
    return error;
  }
}

const sale = (total: bigint, more: object = {}) => ({
  type: 'sale',
  id: 'ch_000000000000000000000000',
  currency: 'USD',
  test: true,
  total,
  due: 0n,
  tenders: [{ kind: 'card', processor: 'stripe', amount: total }],
  ...more,
});

/** File, the topic it comes under, and what it must give. */
const SAMPLES: readonly (readonly [file: string, topic: string, expected: object])[] = [
  ['event.charge.succeeded', 'charge.succeeded', { events: [sale(2_000n, { occurredAt: '2022-03-26T18:40:32Z' })] }],
  ['event.payment_intent.succeeded', 'payment_intent.succeeded', { events: [sale(2_000n)] }],
  [
    'event.invoice.paid',
    'invoice.paid',
    { events: [sale(2_000n, { order: { id: 'in_000000000000000000000000', number: 'EE1DF78D-0001' } })] },
  ],
  [
    'event.charge.refunded',
    'charge.refunded',
    {
      events: [
        sale(100n),
        {
          type: 'refund',
          id: 're_000000000000000000000000',
          sale: { id: 'ch_000000000000000000000000' },
          total: 100n,
          lines: [{ kind: 'adjustment', net: 100n, taxUnknown: true }],
        },
      ],
    },
  ],
  [
    'event.charge.refund.updated',
    'charge.refund.updated',
    { events: [{ type: 'refund', total: 100n, test: true, occurredAt: '2022-03-26T18:39:05Z' }] },
  ],
  ['event.charge.dispute.created', 'charge.dispute.created', { ignored: expect.stringMatching(/inquiry/) }],
  [
    'event.checkout.session.completed',
    'checkout.session.completed',
    // Play money is not looked up, so nothing more is asked for.
    { ignored: expect.stringMatching(/^needs payment: /) },
  ],
  [
    'event.payout.paid',
    'payout.paid',
    // 1648425600 is midnight on the 28th of March; made by hand, so it has no lines.
    { events: [{ type: 'payout', amount: 1_100n, arrivalDate: '2022-03-28', lines: [], test: true }] },
  ],
  ['event.account.application.deauthorized', 'account.application.deauthorized', { notice: { code: 'disconnected' } }],
  [
    'balance_transaction.charge_pending',
    'balance_transactions',
    {
      events: [
        {
          type: 'fee',
          id: 'txn_fake_ch_fakefakefakefakefake0001',
          amount: 88n,
          currency: 'USD',
          sale: { id: 'ch_fakefakefakefakefake0001' },
        },
      ],
    },
  ],
  [
    'balance_transactions_charge_and_payout.real',
    'balance_transactions',
    // The payout's own line bears no fee.
    {
      events: [
        { type: 'fee', amount: 184n },
        { type: 'fee', amount: 152n },
      ],
    },
  ],
  ['openapi_fixture.balance_transaction', 'balance_transactions', { ignored: expect.stringMatching(/bears no fee/) }],
  [
    'openapi_fixture.refund',
    'refunds',
    { events: [{ type: 'refund', id: 're_1Pgc72B7WZ01zgkWqPvrRrPE', total: 100n, test: false }] },
  ],
  ['openapi_fixture.payout', 'payouts', { ignored: expect.stringMatching(/not paid yet/) }],
  [
    'openapi_fixture.credit_note',
    'credit_notes',
    // 1690 in all, but 2510249.47 taken off the invoice and 13871549.14 refunded: a shape, no true note.
    { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: 'total' },
  ],
  ['openapi_fixture.event', 'events', { ignored: expect.stringMatching(/nothing in it/) }],
  ['openapi_fixture.invoice_payment', 'invoice_payments', { ignored: expect.stringMatching(/no accounting fact/) }],
  [
    'openapi_fixture.payment_intent_amount_details_line_item',
    'payment_intent_amount_details_line_items',
    { ignored: expect.stringMatching(/no accounting fact/) },
  ],
];

describe.skipIf(!isThere)('the sample payloads', () => {
  test('all of them are here', () => {
    const files = readdirSync(`${folder}samples`).map((file) => file.replace(/\.json$/, ''));
    expect(SAMPLES.map(([file]) => file).sort()).toEqual(files.sort());
  });

  test.for(SAMPLES)('%s as %s', ([file, topic, expected]) => {
    expect(outcome(topic, read(`samples/${file}.json`))).toMatchObject(expected);
  });
});

describe.skipIf(!isThere)('the provider’s example of every resource', () => {
  const { resources } = (isThere ? JSON.parse(read('openapi_fixtures3.json')) : { resources: {} }) as {
    resources: Record<string, Record<string, unknown>>;
  };
  const TOPICS: Readonly<Record<string, string>> = {
    charge: 'charges',
    'checkout.session': 'checkout_sessions',
    credit_note: 'credit_notes',
    dispute: 'disputes',
    invoice: 'invoices',
    payment_intent: 'payment_intents',
    payout: 'payouts',
    refund: 'refunds',
    balance_transaction: 'balance_transactions',
  };

  test.for(Object.entries(TOPICS))('a %s is read or refused for a reason, never for its shape', ([name, topic]) => {
    const resource = resources[name];
    expect(resource, name).toBeDefined();
    const result = outcome(topic, JSON.stringify(resource)) as Record<string, unknown>;
    // Amounts inside one example do not add up; the fields themselves must all be understood.
    const isUnderstood = 'events' in result || 'ignored' in result || result.code === 'PAYLOAD_CONTRADICTS_ITSELF';
    expect(isUnderstood, `${name}: ${String(result.message)}`).toBe(true);
  });

  test('no other resource is taken for a fact', () => {
    const others = Object.entries(resources).filter(([name]) => !(name in TOPICS));
    expect(others.length).toBeGreaterThan(100);
    for (const [name, resource] of others)
      expect(outcome(`${name}s`, JSON.stringify(resource)), name).toHaveProperty('ignored');
  });
});
