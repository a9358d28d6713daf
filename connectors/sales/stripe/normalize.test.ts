import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { RawDelivery } from '../../kit/contract.ts';
import { fixtureNames } from '../../kit/fixture.ts';
import { connector } from './connector.ts';
import { eventOf, list, made } from './test-support.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * How each `.expected.json` was worked out from its payload and the documents, by hand. That it comes out is held in
 * test/conformance.test.ts.
 */
const WHY: Readonly<Record<string, string>> = {
  authorised: 'an authorisation is not money (accounting.md C13)',
  'buyers-currency': 'the seller takes USD 20.00, the buyer saw JPY 3 120',
  'captured-in-part': '100.00 authorised, 65.00 captured two days later: only that counts, on that day',
  charge: '20.00 by card, nothing more is known',
  'checkout-contradicting': '26.40 + 11.00 = 37.40, amount_total says 43.99',
  'checkout-tax-inclusive': 'C2: 30 → 25.00 list net, 26.40 − 4.40 = 22.00; 12.50 → 11.00; 7.49 − 0.36, 6.59 − 0.31',
  'checkout-tax-on-top': '49.98 − 5.00 = 44.98 + 3.71; shipping 5.00 + 0.41; together 54.10; a bank debit is `other`',
  'checkout-thin': 'the event has neither line items nor the charge',
  'checkout-unpaid': 'completed with payment_status unpaid is not money',
  'credit-note-before-payment':
    '20.00 + 3.80 off an open invoice: given back as credit, which pays the invoice at once',
  'credit-note-refunded': 'all 23.80 through one refund, which therefore gets the lines of the note',
  'credit-note-thin': 'the refund behind it is only named',
  'credit-note-voided': 'the invoice asks for the amount again, for which there is no event',
  'debit-pending': 'a debit may still fail',
  'destination-payment': 'what a connected account sees of a destination charge: py_, no intent, no buyer',
  disconnected: 'a notice, no fact',
  'dispute-inquiry': 'warning_* moves no money',
  'dispute-lost': 'the status says so; 54.10 withdrawn, the fee was told when it opened (C17c)',
  'dispute-opened': '54.10 and the fee of 15.00 withdrawn (C17a)',
  'dispute-won': '54.10 and the fee come back, so the fee is −15.00 (C17b)',
  'fee-known': '0.88 + tax on it 0.18 + application fee 0.60 = 1.66',
  'fee-not-expanded': 'the news of the event is an id',
  'fee-reread': '0.88 on 20.00',
  'fees-alone': '10.00 and 2.00 VAT on it; the reserve is told by the payout that lists it',
  'icelandic-fraction': '5 000.50 ISK do not exist',
  'icelandic-krona': 'sent with two decimals, has none: 500000 → 5 000',
  'intent-alone': 'names its charge but does not hold it: one line, at the time of the event',
  'invoice-automatic-open': 'charged automatically: no credit, so nothing before the charge',
  'invoice-on-terms': '100.00 + 19.00, owed until 10 December; the rate is only named by its id',
  'invoice-on-terms-paid': 'the invoice stays the sale, the charge pays 119.00 and is no sale of its own',
  'invoice-paid-at-once':
    '119.00 − 10 % = 107.10, 17.10 in it, net 90.00; list 119.00 − 19.00 = 100.00, discount 10.00',
  'invoice-voided': 'undone, whatever was told before',
  'kuwaiti-dinar': 'three decimals on both sides',
  'malagasy-ariary': 'no decimals here, two in ISO 4217: 700 → 70000',
  'other-mode': 'a live endpoint of a platform also gets the test events of its accounts',
  'payout-by-hand': 'a manual payout cannot be taken apart',
  'payout-contradicting': '969.73 − 54.10 = 915.63 without the reserve, amount says 815.63',
  'payout-failed': 'amount 0, later than paid',
  'payout-in-transit': 'not paid yet',
  'payout-negative': '35.00 were refunded with nothing to set against it: taken from the bank',
  'payout-not-itemised': 'reconciliation is in progress',
  'payout-with-reserve': 'C16a: 1 000.00 − 30.27 − 54.10 − 100.00 = 815.63; the fee of the charge comes along',
  'play-money': 'livemode false',
  'refund-failed': 'the same refund, later, with nothing in it',
  'refund-of-authorisation': 'no money was ever taken',
  'refund-partial': '5.00 given back, tax unknown',
  'refund-pending': 'booked on success only',
  'refund-settled-in-dollars': 'JPY 11 000 left, USD 74.14 left (C18c)',
  'refunded-with-list': '5.00 and 7.00 succeeded, 3.00 is pending',
  'refunded-without-list': 'the difference of two totals is no refund',
  'settled-in-dollars': 'EUR 50.00 became USD 54.21, of which 2.41 are the fee (C18b)',
  'settled-without-source': 'nobody knows how many euro it were',
  'settlements-only': 'the shop in front owns the sale',
  'thin-event': 'names its object only',
  'thin-event-reread': 'the charge, read for it',
  'tip-and-shipping': '2 × 10.00 + tax 1.60 + shipping 5.00 + tip 3.00 = 29.60',
  yen: '11 000; JPY has no decimals',
};

function outcome({ topic, body }: Pick<RawDelivery, 'topic' | 'body'>, fetched: Record<string, unknown> = {}): unknown {
  const texts = Object.fromEntries(Object.entries(fetched).map(([name, value]) => [name, JSON.stringify(value)]));
  try {
    return connector.normalize({ topic, headers: {}, body }, { settings: {}, fetched: texts });
  } catch (error) {
    return error;
  }
}

/** A polled object or list under its plural name. */
function polled(topic: string, value: unknown) {
  return { topic, body: Buffer.from(JSON.stringify(value)) };
}

describe('fixtures', () => {
  test('each one has its arithmetic written down', () => {
    expect(Object.keys(WHY).sort()).toEqual(fixtureNames(folder));
  });
});

describe('money', () => {
  test.for([
    // Stripe's own table: no decimals, three, two where ISO 4217 has none, two as usual.
    ['bif', 5_000, 5_000n],
    ['clp', 5_000, 5_000n],
    ['mga', 5_000, 500_000n],
    ['vnd', 5_000, 5_000n],
    ['xpf', 5_000, 5_000n],
    ['bhd', 5_120, 5_120n],
    ['tnd', 5_120, 5_120n],
    ['ugx', 500_000, 5_000n],
    ['huf', 104_500, 104_500n],
    ['twd', 80_000, 80_000n],
    ['eur', 1_999, 1_999n],
  ] as const)('%s %d is %d of its smallest unit', ([currency, amount, minor]) => {
    const charge = made.charge({ currency, amount, amount_captured: amount });
    expect(outcome(eventOf('charge.succeeded', charge))).toMatchObject({
      events: [{ currency: currency.toUpperCase(), total: minor, tenders: [{ amount: minor }] }],
    });
  });

  test('an amount that its currency cannot have is refused by name', () => {
    const charge = made.charge({ currency: 'ugx', amount: 150, amount_captured: 150 });
    expect(outcome(eventOf('charge.succeeded', charge))).toMatchObject({
      kind: 'rejected',
      code: 'INVALID_AMOUNT_SCALE',
      subject: 'charge ch_1, amount_captured',
      message: expect.stringMatching(/150 .*UGX/),
    });
  });

  test('a currency that is none, and an amount that is no integer, are refused', () => {
    expect(outcome(eventOf('charge.succeeded', made.charge({ currency: 'zzz' })))).toMatchObject({
      code: 'CURRENCY_UNKNOWN',
    });
    expect(outcome(eventOf('charge.succeeded', made.charge({ amount_captured: 12.5 })))).toMatchObject({
      code: 'PAYLOAD_UNREADABLE',
      message: expect.stringMatching(/amount_captured: must be an integer/),
    });
  });

  test('amounts above 2^53 keep every digit', () => {
    const body = Buffer.from(
      JSON.stringify(made.charge()).replaceAll('12000', '900719925474099301').replace('"ch_1"', '"ch_2"'),
    );
    expect(outcome({ topic: 'charges', body })).toMatchObject({ events: [{ id: 'ch_2', total: 900719925474099301n }] });
  });
});

describe('a charge', () => {
  test('is one sale by its id, whichever of its events tells of it', () => {
    for (const type of ['charge.succeeded', 'charge.captured', 'charge.updated'])
      expect(outcome(eventOf(type, made.charge()))).toMatchObject({ events: [{ type: 'sale', id: 'ch_1' }] });
    const expanded = made.intent({ latest_charge: made.charge() });
    expect(outcome(eventOf('payment_intent.succeeded', expanded))).toEqual(
      outcome(eventOf('charge.succeeded', made.charge())),
    );
    expect(outcome(polled('charges', list([made.charge()])))).toEqual(
      outcome(eventOf('charge.succeeded', made.charge())),
    );
  });

  test('told with its checkout session it has a later revision than alone', () => {
    const alone = outcome(eventOf('charge.succeeded', made.charge())) as { events: { revision: string }[] };
    const picture = list([made.charge(), made.intent(), made.session({ line_items: list([made.item()]) })]);
    const told = outcome(eventOf('checkout.session.completed', made.session()), { payment: picture }) as typeof alone;
    expect(told.events).toMatchObject([
      { id: 'ch_1', lines: [{ net: 10_000n, taxes: [{ name: 'VAT', rate: '20', amount: 2_000n }], quantity: '2' }] },
    ]);
    expect((told.events[0]?.revision ?? '') > (alone.events[0]?.revision ?? '~')).toBe(true);
  });

  test('what is read for a delivery is known by what it is, not by the name it came under', () => {
    const parts = {
      charge: made.charge(),
      payment_intent: made.intent(),
      line_items: made.session({ line_items: list([made.item()]) }),
    };
    expect(outcome(eventOf('checkout.session.completed', made.session()), parts)).toMatchObject({
      events: [{ id: 'ch_1', total: 12_000n, lines: [{ taxes: [{ amount: 2_000n }] }] }],
    });
  });

  test('captured in part, it is not explained by lines of the whole', () => {
    const part = made.charge({ amount_captured: 6_000 });
    const picture = list([part, made.intent(), made.session({ line_items: list([made.item()]) })]);
    expect(outcome(eventOf('checkout.session.completed', made.session()), { payment: picture })).toMatchObject({
      events: [{ total: 6_000n, lines: [{ kind: 'product', net: 6_000n, taxes: [] }] }],
    });
  });

  test('which its session contradicts is refused with both amounts', () => {
    const less = made.charge({ amount: 11_000, amount_captured: 11_000 });
    const picture = list([less, made.intent(), made.session({ line_items: list([made.item()]) })]);
    expect(outcome(eventOf('checkout.session.completed', made.session()), { payment: picture })).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/charge ch_1.*GBP 120\.00.*GBP 110\.00.*GBP 10\.00/),
    });
  });

  test.for([
    ['card', 'card'],
    ['card_present', 'card'],
    ['cashapp', 'wallet'],
    ['klarna', 'pay_later'],
    // Their money is on Stripe's balance, not on a bank account of ours.
    ['sepa_debit', 'other'],
    ['customer_balance', 'other'],
  ] as const)('paid by %s is a tender %s at Stripe', ([type, kind]) => {
    const charge = made.charge({ payment_method_details: { type } });
    expect(outcome(eventOf('charge.succeeded', charge))).toMatchObject({
      events: [{ tenders: [{ kind, processor: 'stripe' }] }],
    });
  });

  test('that failed or expired is no sale', () => {
    for (const changes of [{ status: 'failed' }, { captured: false, amount_captured: 0, refunded: true }])
      expect(outcome(eventOf('charge.failed', made.charge(changes)))).toMatchObject({
        ignored: expect.stringMatching(/charge ch_1/),
      });
  });
});

describe('movements on the balance', () => {
  test('a fee is the same whether it comes with its charge, its list or its payout', () => {
    const movement = made.movement();
    const fee = (result: unknown) =>
      (result as { events: { type: string }[] }).events.filter(({ type }) => type === 'fee');
    const byCharge = fee(outcome(eventOf('charge.updated', made.charge({ balance_transaction: movement }))));
    const byList = fee(outcome(polled('balance_transactions', list([movement]))));
    const payout = eventOf('payout.reconciliation_completed', made.payout());
    const byPayout = fee(outcome(payout, { balance_transactions: list([movement]) }));
    expect(byCharge).toMatchObject([{ id: 'txn_1', amount: 200n, currency: 'GBP', sale: { id: 'ch_1' } }]);
    expect([byList, byPayout]).toEqual([byCharge, byCharge]);
  });

  test('a fee that is given back is negative', () => {
    const back = made.movement({ amount: -1_000, fee: -20, net: -980, reporting_category: 'refund', source: 're_1' });
    expect(outcome(polled('balance_transactions', back))).toMatchObject({ events: [{ type: 'fee', amount: -20n }] });
  });

  test('what does not add up is refused', () => {
    expect(outcome(polled('balance_transactions', made.movement({ net: 11_801 })))).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/txn_1.*GBP 118\.00.*GBP 118\.01/),
    });
  });

  test('a debit that failed after all converts nothing: its sale was never booked', () => {
    const failed = made.charge({ status: 'failed' });
    const movement = made.movement({ currency: 'usd', exchange_rate: 1.31, source: failed, fee: 0, net: 12_000 });
    expect(outcome(polled('balance_transactions', movement))).toMatchObject({
      ignored: expect.stringMatching(/txn_1/),
    });
  });
});

describe('a payout', () => {
  test('that does not come to its amount names both sums', () => {
    const payout = eventOf('payout.paid', made.payout());
    expect(outcome(payout, { balance_transactions: list([made.movement({ fee: 100, net: 11_900 })]) })).toMatchObject({
      kind: 'rejected',
      message: expect.stringMatching(/payout po_1.*GBP 119\.00.*GBP 118\.00.*GBP 1\.00/),
    });
  });

  test('lists what Stripe may invent as an adjustment, which a person gets to see', () => {
    const movement = made.movement({
      reporting_category: 'climate_order_purchase',
      fee: 0,
      amount: 11_800,
      source: null,
    });
    const result = outcome(eventOf('payout.paid', made.payout()), { balance_transactions: list([movement]) });
    expect(result).toMatchObject({ events: [{ lines: [{ kind: 'adjustment', net: 11_800n, source: 'txn_1' }] }] });
  });

  test('with an earlier one that came back pays its sales again, and posts nothing for it', () => {
    const back = made.movement({ reporting_category: 'payout_reversal', fee: 0, amount: 11_800, source: 'po_0' });
    const result = outcome(eventOf('payout.paid', made.payout()), { balance_transactions: list([back]) });
    expect(result).toMatchObject({ events: [{ lines: [{ kind: 'sale', net: 11_800n, source: 'po_0' }] }] });
  });

  test('itemised is later than not itemised, failed is later than both', () => {
    const revision = (changes: object, fetched = {}) =>
      (outcome(eventOf('payout.paid', made.payout({ ...changes })), fetched) as { events: { revision: string }[] })
        .events[0]?.revision ?? '';
    const plain = revision({});
    const itemised = revision({}, { balance_transactions: list([made.movement()]) });
    const failed = revision({ status: 'failed' });
    expect([failed, plain, itemised].sort()).toEqual([plain, itemised, failed]);
  });
});

describe('refunds and disputes', () => {
  test('a refund that fails is later than the one that succeeded', () => {
    const told = (status: string) =>
      outcome(eventOf('refund.updated', made.refund({ status }))) as { events: { revision: string; total: bigint }[] };
    const [done, undone] = [told('succeeded').events[0], told('failed').events[0]];
    expect([done?.total, undone?.total]).toEqual([1_200n, 0n]);
    expect((undone?.revision ?? '') > (done?.revision ?? '~')).toBe(true);
  });

  test('its tax is unknown unless a credit note tells its lines', () => {
    expect(outcome(polled('refunds', made.refund()))).toMatchObject({
      events: [{ sale: { id: 'ch_1' }, lines: [{ kind: 'adjustment', net: 1_200n, taxes: [], taxUnknown: true }] }],
    });
  });

  test('a dispute that opened without its money moving is not booked yet', () => {
    expect(outcome(eventOf('charge.dispute.created', made.dispute()))).toMatchObject({
      ignored: 'dispute dp_1 (needs_response) has moved no money yet',
    });
  });

  test('a dispute in another currency is booked in the one it was withdrawn in', () => {
    const withdrawn = made.movement({
      amount: -15_720,
      fee: 2_000,
      net: -17_720,
      currency: 'usd',
      exchange_rate: 1.31,
      reporting_category: 'dispute',
      source: 'dp_1',
    });
    expect(outcome(polled('disputes', made.dispute({ balance_transactions: [withdrawn] })))).toMatchObject({
      events: [{ status: 'opened', currency: 'USD', amount: 15_720n, fee: 2_000n, sale: { id: 'ch_1' } }],
    });
  });
});

describe('bodies', () => {
  test('a list of one resource gives the facts of each, and is held back when one needs something', () => {
    const two = list([made.charge(), made.charge({ id: 'ch_2' })]);
    expect(outcome(polled('charges', two))).toMatchObject({ events: [{ id: 'ch_1' }, { id: 'ch_2' }] });
    const one = made.movement({ id: 'txn_5', exchange_rate: 1.2, source: 'ch_9' });
    expect(outcome(polled('balance_transactions', list([made.movement(), one])))).toMatchObject({ needs: 'source' });
  });

  test('an object that is not what its topic promises is refused', () => {
    expect(outcome(eventOf('charge.succeeded', made.refund()))).toMatchObject({
      code: 'PAYLOAD_UNREADABLE',
      message: expect.stringMatching(/must hold a charge, but holds refund/),
    });
  });

  test('events of other things are ignored', () => {
    const plan = { id: 'evt_2', object: 'event', type: 'plan.created', data: { object: { id: 'p', object: 'plan' } } };
    expect(outcome(polled('events', list([plan])))).toHaveProperty('ignored');
    expect(outcome(eventOf('customer.created', { id: 'cus_1', object: 'customer' }))).toHaveProperty('ignored');
  });

  test('only what settles is taken where a shop in front owns the sales', () => {
    const delivery = eventOf('charge.updated', made.charge({ balance_transaction: made.movement() }));
    const result = connector.normalize(delivery, { settings: { records: 'settlements' }, fetched: {} });
    expect(result).toMatchObject({ events: [{ type: 'fee', amount: 200n }] });
  });

  test('play money never asks a live connection to read it', () => {
    const session = made.session({ livemode: false });
    const result = outcome(eventOf('checkout.session.completed', session, { livemode: false }));
    expect(result).toEqual({ ignored: expect.stringMatching(/^needs payment/) });
  });
});
