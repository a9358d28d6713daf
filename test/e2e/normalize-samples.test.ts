import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '@daybook/cli/program';
import { afterAll, describe, expect, it, test } from 'vitest';
import { daybook, type Ran } from '../support/command.ts';

/** Real and documented payloads lie beside the repository. */
const folder = fileURLToPath(new URL('../../../shared/contracts/', import.meta.url));
const isThere = existsSync(folder);
if (!isThere)
  process.stdout.write('Skipped: the sample payloads are not beside this repository (../shared/contracts).\n');

const scratch = mkdtempSync(join(tmpdir(), 'daybook-normalize-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** One command line in this process, which is the same as a process of its own (below) and much quicker. */
async function run(args: string[], input: string | Buffer = ''): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await program(['normalize', ...args], {
    env: {},
    out: (text) => (out += text),
    err: (text) => (err += text),
    read: async () => Buffer.from(input),
    live: false,
    closed: () => false,
  });
  return { code, out, err };
}

/** `events` with how many, the words that say why it is ignored, or the code it is refused with. */
type Outcome = number | RegExp | string;

function expectOutcome({ code, out, err }: Ran, expected: Outcome): void {
  if (typeof expected === 'string') {
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^daybook: [^\n]+\n$/);
    expect(err).toContain(`[${expected}, see docs/errors.md]`);
    return;
  }
  expect([code, err]).toEqual([0, '']);
  const answer = JSON.parse(out) as { events?: unknown[]; ignored?: string };
  if (typeof expected === 'number') expect(answer.events).toHaveLength(expected);
  else expect(answer).toEqual({ ignored: expect.stringMatching(expected) });
}

const CONTRADICTS = 'PAYLOAD_CONTRADICTS_ITSELF';
const NEEDS_ORDER = /^needs order\b/;

/** Channel, file, topic as acceptance would name it, and what must come out. */
const SAMPLES: readonly (readonly [channel: string, file: string, topic: string, expected: Outcome])[] = [
  ['stripe', 'balance_transaction.charge_pending', 'balance_transactions', 1],
  ['stripe', 'balance_transactions_charge_and_payout.real', 'balance_transactions', 2],
  ['stripe', 'event.account.application.deauthorized', 'account.application.deauthorized', /disconnected/],
  ['stripe', 'event.charge.dispute.created', 'charge.dispute.created', /inquiry/],
  ['stripe', 'event.charge.refund.updated', 'charge.refund.updated', 1],
  ['stripe', 'event.charge.refunded', 'charge.refunded', 2],
  ['stripe', 'event.charge.succeeded', 'charge.succeeded', 1],
  ['stripe', 'event.checkout.session.completed', 'checkout.session.completed', /^needs payment\b/],
  ['stripe', 'event.invoice.paid', 'invoice.paid', 1],
  ['stripe', 'event.payment_intent.succeeded', 'payment_intent.succeeded', 1],
  ['stripe', 'event.payout.paid', 'payout.paid', 1],
  ['stripe', 'openapi_fixture.balance_transaction', 'balance_transactions', /no fee/],
  ['stripe', 'openapi_fixture.credit_note', 'credit_notes', CONTRADICTS],
  ['stripe', 'openapi_fixture.event', 'events', /no(thing| ).*accounting fact/],
  ['stripe', 'openapi_fixture.invoice_payment', 'invoice_payments', /no accounting fact/],
  [
    'stripe',
    'openapi_fixture.payment_intent_amount_details_line_item',
    'payment_intent_amount_details_line_items',
    /no accounting fact/,
  ],
  ['stripe', 'openapi_fixture.payout', 'payouts', /not paid yet/],
  ['stripe', 'openapi_fixture.refund', 'refunds', 1],
  ['square', 'catalog_taxes.real_sandbox', 'catalog.version.updated', /read with each order/],
  ['square', 'event.dispute.created.spec', 'dispute.created', 1],
  ['square', 'event.inventory.count.updated.spec', 'inventory.count.updated', /every change of stock/],
  ['square', 'event.oauth.authorization.revoked.spec', 'oauth.authorization.revoked', /withdrawn/],
  ['square', 'event.order.created.spec', 'order.created', NEEDS_ORDER],
  ['square', 'event.order.updated.spec', 'order.updated', NEEDS_ORDER],
  ['square', 'event.payment.created.spec', 'payment.created', /authorised, not captured/],
  ['square', 'event.payment.updated.spec', 'payment.updated', NEEDS_ORDER],
  ['square', 'event.payout.sent.spec', 'payout.sent', /not paid yet/],
  ['square', 'event.refund.created.spec', 'refund.created', /pending/],
  ['square', 'list_payments.spec', 'payments', NEEDS_ORDER],
  ['square', 'order_custom_amount.real_sandbox', 'orders', 1],
  // The answer of a calculation: an order that nobody placed has no id.
  ['square', 'order_fixed_percentage_discount.spec', 'orders', 'PAYLOAD_UNREADABLE'],
  ['square', 'order_open.real_sandbox', 'orders', /not paid yet/],
  ['square', 'payments_completed_and_voided.real_sandbox', 'payments', NEEDS_ORDER],
  ['woocommerce', 'order.created.docs', 'order.created', 1],
  // The second was completed, but never paid: its date_paid is null.
  ['woocommerce', 'order_list_two.docs', 'orders', 1],
  ['woocommerce', 'order_refund.docs', 'refunds', NEEDS_ORDER],
  // The sale and the gateway's fee.
  ['woocommerce', 'order_subscription_renewal', 'order.updated', 2],
  ['woocommerce', 'order_with_coupon_and_fee', 'orders', CONTRADICTS],
  ['woocommerce', 'refund_single', 'refunds', NEEDS_ORDER],
  ['woocommerce', 'tax_rates', 'taxes', /no accounting fact/],
  ['woocommerce', 'wcpay_charge', 'order.updated', 'PAYLOAD_UNREADABLE'],
  ['woocommerce', 'webhook_resource.docs', 'webhooks', /no accounting fact/],
  ['shopify', 'app_uninstalled.docs', 'app/uninstalled', /uninstalled/],
  ['shopify', 'disputes_create.docs', 'disputes/create', 1],
  ['shopify', 'graphql_order.connector_snapshot', 'orders', 1],
  ['shopify', 'graphql_order_transactions.connector_snapshot', 'transactions', NEEDS_ORDER],
  ['shopify', 'order_paid_paypal_ils.real', 'orders/paid', 1],
  ['shopify', 'order_transactions_create.docs', 'order_transactions/create', /authorised, not captured/],
  ['shopify', 'orders_create.docs', 'orders/create', CONTRADICTS],
  ['shopify', 'orders_edited.docs', 'orders/edited', NEEDS_ORDER],
  ['shopify', 'refunds_create.docs', 'refunds/create', CONTRADICTS],
  ['shopify', 'rest_payouts', 'payouts', CONTRADICTS],
  ['shopify', 'rest_refund', 'refunds', CONTRADICTS],
  ['shopify', 'tender_transactions_create.docs', 'tender_transactions/create', NEEDS_ORDER],
];
const pathOf = (channel: string, file: string) => join(folder, channel, 'samples', `${file}.json`);

describe.skipIf(!isThere)('the sample payloads by the command line', () => {
  test.each(['stripe', 'square', 'woocommerce', 'shopify'])('all of %s are here', (channel) => {
    const files = readdirSync(join(folder, channel, 'samples')).map((file) => file.replace(/\.json$/, ''));
    const named = SAMPLES.filter(([of]) => of === channel).map(([, file]) => file);
    expect(named.sort()).toEqual(files.sort());
  });

  test.each(SAMPLES)('%s %s as %s', async (channel, file, topic, expected) => {
    expectOutcome(await run([channel, '--topic', topic, pathOf(channel, file)]), expected);
  });

  test('what is fetched makes a thin payload a fact, from a file or standard input', async () => {
    const payment = JSON.parse(readFileSync(pathOf('square', 'event.payment.updated.spec'), 'utf8')).data.object
      .payment;
    const order = {
      id: payment.order_id,
      location_id: payment.location_id,
      state: 'COMPLETED',
      version: 3,
      created_at: payment.created_at,
      updated_at: payment.updated_at,
      closed_at: payment.updated_at,
      line_items: [
        {
          uid: 'a',
          name: 'Tea',
          quantity: '1',
          base_price_money: payment.amount_money,
          gross_sales_money: payment.amount_money,
          total_money: payment.amount_money,
        },
      ],
      total_money: payment.amount_money,
      tenders: [{ id: payment.id, payment_id: payment.id, type: 'CARD', amount_money: payment.amount_money }],
    };
    const given = join(scratch, 'order.json');
    writeFileSync(given, JSON.stringify({ order }));
    const thin = pathOf('square', 'event.payment.updated.spec');
    const byFile = await run(['square', '--topic', 'payment.updated', '--fetched', `order=${given}`, thin]);
    expectOutcome(byFile, 1);
    expect(JSON.parse(byFile.out).events).toMatchObject([
      { type: 'sale', id: payment.order_id, total: payment.amount_money.amount, due: 0, test: false },
    ]);
    const args = ['square', '--topic', 'payment.updated', '--fetched', 'order=-', thin];
    expect(await run(args, JSON.stringify({ order }))).toEqual(byFile);
    const header = ['--header', 'square-environment=Sandbox'];
    const played = await run(['square', '--topic', 'payment.updated', ...header, '--fetched', `order=${given}`, thin]);
    expect(JSON.parse(played.out).events).toMatchObject([{ type: 'sale', test: true }]);
  });

  test('a connection that only settles ignores a sale and says why', async () => {
    const args = ['--setting', 'records=settlements', pathOf('stripe', 'event.charge.succeeded')];
    expectOutcome(await run(['stripe', '--topic', 'charge.succeeded', ...args]), /records=settlements/);
  });

  test('a process of its own needs no settings, no home and no network, and prints the same', async () => {
    const path = pathOf('shopify', 'order_paid_paypal_ils.real');
    const options = { cwd: scratch, env: { HOME: scratch } };
    const before = readdirSync(scratch);
    const alone = await daybook(['normalize', 'shopify', '--topic', 'orders/paid', path], options);
    expect(alone).toEqual(await run(['shopify', '--topic', 'orders/paid', path]));
    expectOutcome(alone, 1);
    const refused = await daybook(['normalize', 'stripe', '--topic', 'charge.succeeded', path], options);
    expectOutcome(refused, 'PAYLOAD_UNREADABLE');
    const piped = await daybook(['normalize', 'shopify', '--topic', 'orders/paid', '-'], {
      ...options,
      input: readFileSync(path, 'utf8'),
    });
    expect(piped).toEqual(alone);
    expect(readdirSync(scratch)).toEqual(before);
  }, 30_000);

  test('line ends and a mark of an editor in front change nothing', async () => {
    const text = readFileSync(pathOf('woocommerce', 'order.created.docs'), 'utf8');
    const args = ['woocommerce', '--topic', 'order.created', '-'];
    const plain = await run(args, text);
    expectOutcome(plain, 1);
    expect(await run(args, text.replaceAll('\n', '\r\n'))).toEqual(plain);
    expect(await run(args, `\uFEFF${text}`)).toEqual(plain);
  });
});

const CHANNELS: readonly (readonly [channel: string, topic: string])[] = [
  ['stripe', 'charge.succeeded'],
  ['square', 'payment.updated'],
  ['woocommerce', 'order.updated'],
  ['shopify', 'orders/paid'],
];

describe.each(CHANNELS)('%s: odd input', (channel, topic) => {
  const refused: [string, string | Buffer, string][] = [
    ['nothing', '', 'PAYLOAD_NOT_JSON'],
    ['white space', ' \r\n', 'PAYLOAD_NOT_JSON'],
    ['a page', '<!doctype html><title>Maintenance</title>', 'PAYLOAD_NOT_JSON'],
    ['what was cut off', '{"id": 1, "object": "char', 'PAYLOAD_NOT_JSON'],
    ['another encoding', Buffer.from('{"id":1}', 'utf16le'), 'PAYLOAD_NOT_JSON'],
    ['the same name twice', '{"id":1,"id":2}', 'PAYLOAD_NOT_JSON'],
    ['endless nesting', '['.repeat(200_000), 'PAYLOAD_NOT_JSON'],
    ['null', 'null', 'PAYLOAD_UNREADABLE'],
    ['nothing at all in it', '{}', 'PAYLOAD_UNREADABLE'],
    ['something else', '{"weather":{"degrees":12}}', 'PAYLOAD_UNREADABLE'],
  ];
  it.each(refused)('%s is refused in one line', async (_what, body, code) => {
    expectOutcome(await run([channel, '--topic', topic, '-'], body), code);
  });

  it('an empty list of what was polled is no fact', async () => {
    const polled = channel === 'stripe' ? 'charges' : 'orders';
    expectOutcome(await run([channel, '--topic', polled, '-'], '[]'), /./);
  });

  it.each(['nonsense', 'constructor', '__proto__', 'hasOwnProperty'])('topic %s is ignored', async (name) => {
    expectOutcome(await run([channel, '--topic', name, '-'], '{}'), /./);
  });

  const misused: [string, string[], RegExp][] = [
    ['no topic', ['-'], /--topic/],
    ['an empty topic', ['--topic', ' ', '-'], /--topic is empty/],
    ['a setting without a value', ['--topic', topic, '--setting', 'records', '-'], /must look like name=value/],
    ['a setting that cannot be', ['--topic', topic, '--setting', 'records=both', '-'], /records=both/],
    ['a currency that is none', ['--topic', topic, '--setting', 'currency=QQQ', '-'], /ISO 4217/],
    ['a file that is not there', ['--topic', topic, '/nowhere/x.json'], /there is no such file/],
    ['standard input twice', ['--topic', topic, '--fetched', 'order=-', '-'], /read once only/],
  ];
  it.each(misused)('%s is explained in one line', async (_what, args, words) => {
    const { code, out, err } = await run([channel, ...args], '{}');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^daybook: [^\n]+\n$/);
    expect(err).toMatch(words);
  });
});
