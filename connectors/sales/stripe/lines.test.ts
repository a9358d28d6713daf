import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import { eventOf, list, made } from './test-support.ts';

function outcome(
  type: string,
  object: unknown,
  fetched: unknown[] = [],
  settings: Record<string, string> = {},
): unknown {
  const texts = Object.fromEntries(fetched.map((value, index) => [`part${index}`, JSON.stringify(value)]));
  try {
    return connector.normalize(eventOf(type, object), { settings, fetched: texts });
  } catch (error) {
    return error;
  }
}

/** The sale of a checkout whose items are these. */
function checkout(items: unknown[], changes: Record<string, unknown>, taken: number) {
  const session = made.session({ amount_total: taken, ...changes });
  const charge = made.charge({ amount: taken, amount_captured: taken });
  return outcome('checkout.session.completed', session, [
    charge,
    made.intent(),
    { ...session, line_items: list(items) },
  ]);
}

describe('lines of a checkout', () => {
  test('with one tax inside the price and another on top of it', () => {
    // 100.00 with 20.00 inside, 5.00 on top: 105.00 = 80.00 + 20.00 + 5.00.
    const taxes = [
      { amount: 2_000, rate: made.taxRate({ inclusive: true }) },
      { amount: 500, rate: made.taxRate({ id: 'txr_2', display_name: 'City Tax', percentage: 5 }) },
    ];
    const item = made.item({ amount_tax: 2_500, amount_total: 10_500, taxes });
    expect(checkout([item], { total_details: { amount_tax: 2_500 } }, 10_500)).toMatchObject({
      events: [
        {
          pricesIncludeTax: true,
          lines: [
            {
              net: 8_000n,
              taxes: [
                { rate: '20', amount: 2_000n },
                { name: 'City Tax', rate: '5', amount: 500n },
              ],
            },
          ],
        },
      ],
    });
  });

  test('whose tax comes without a rate are booked with the amount alone', () => {
    expect(checkout([made.item({ taxes: undefined })], {}, 12_000)).toMatchObject({
      events: [{ lines: [{ net: 10_000n, taxes: [{ name: 'Tax', rate: null, amount: 2_000n }] }] }],
    });
  });

  test('that bear no tax for a reason name it, at a rate of nothing', () => {
    const taxes = [{ amount: 0, taxability_reason: 'reverse_charge', rate: made.taxRate() }];
    const item = made.item({ amount_tax: 0, amount_total: 10_000, taxes });
    expect(checkout([item], { total_details: { amount_tax: 0 } }, 10_000)).toMatchObject({
      events: [{ lines: [{ net: 10_000n, taxes: [{ name: 'VAT (reverse charge)', rate: '0', amount: 0n }] }] }],
    });
  });

  test('whose taxes are not their tax are refused', () => {
    const taxes = [{ amount: 1_999, rate: made.taxRate() }];
    expect(checkout([made.item({ taxes })], {}, 12_000)).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/line item li_1.*GBP 19\.99.*amount_tax says GBP 20\.00/),
    });
  });

  test('with a total that is neither with nor without the tax are refused', () => {
    const item = made.item({ amount_total: 11_000, taxes: undefined });
    expect(checkout([item], { amount_total: 11_000 }, 11_000)).toMatchObject({ code: 'PAYLOAD_CONTRADICTS_ITSELF' });
  });

  test('may be read by themselves, where there is only one session they can belong to', () => {
    const parts = [list([made.item()]), made.charge()];
    expect(outcome('checkout.session.completed', made.session(), parts)).toMatchObject({
      events: [{ id: 'ch_1', lines: [{ net: 10_000n, taxes: [{ amount: 2_000n }] }] }],
    });
  });

  test('of a session the buyer saw in another currency explain nothing', () => {
    const session = made.session({ currency: 'usd', line_items: list([made.item()]) });
    const parts = [made.charge(), made.intent(), session];
    expect(outcome('checkout.session.completed', made.session(), parts)).toMatchObject({
      events: [{ currency: 'GBP', total: 12_000n, lines: [{ net: 12_000n, taxes: [] }] }],
    });
  });
});

describe('lines of an invoice', () => {
  const paid = (changes: Record<string, unknown>) =>
    outcome('invoice.paid', made.invoice({ charge: 'ch_1', ...changes }), [made.taxRate()]);
  const free = { taxes: [] };

  test('discounted one by one: amounts are before the discount', () => {
    // 100.00 − 10.00 + 20.00 − 0 = 110.00
    const lines = [
      made.invoiceLine({ ...free, discount_amounts: [{ amount: 1_000, discount: 'di_1' }] }),
      made.invoiceLine({ ...free, id: 'il_2', amount: 2_000 }),
    ];
    const total = { total: 11_000, amount_due: 11_000, amount_paid: 11_000 };
    expect(paid({ ...total, lines: list(lines), total_discount_amounts: [{ amount: 1_000 }] })).toMatchObject({
      events: [
        {
          lines: [
            { listNet: 10_000n, discount: 1_000n, net: 9_000n },
            { discount: 0n, net: 2_000n },
          ],
        },
      ],
    });
  });

  test('with the discount inside their amounts: it is not taken off twice', () => {
    const lines = [
      made.invoiceLine({ ...free, amount: 9_000, discount_amounts: [{ amount: 1_000, discount: 'di_1' }] }),
    ];
    const total = { total: 9_000, amount_due: 9_000, amount_paid: 9_000 };
    expect(paid({ ...total, lines: list(lines), total_discount_amounts: [{ amount: 1_000 }] })).toMatchObject({
      events: [{ lines: [{ discount: 0n, net: 9_000n }] }],
    });
  });

  test('discounted as a whole: split by value, the larger remainder first', () => {
    // 10.00 off 100.00 and 50.00: 6.67 and 3.33.
    const lines = [made.invoiceLine(free), made.invoiceLine({ ...free, id: 'il_2', amount: 5_000 })];
    const total = { total: 14_000, amount_due: 14_000, amount_paid: 14_000 };
    expect(paid({ ...total, lines: list(lines), total_discount_amounts: [{ amount: 1_000 }] })).toMatchObject({
      events: [
        {
          lines: [
            { discount: 667n, net: 9_333n },
            { discount: 333n, net: 4_667n },
          ],
        },
      ],
    });
  });

  test('with shipping and its tax', () => {
    const shipping_cost = {
      amount_subtotal: 500,
      amount_tax: 100,
      amount_total: 600,
      taxes: [{ amount: 100, rate: made.taxRate() }],
    };
    const total = { total: 12_600, amount_due: 12_600, amount_paid: 12_600 };
    expect(paid({ ...total, shipping_cost })).toMatchObject({
      events: [{ lines: [{}, { kind: 'shipping', net: 500n, taxes: [{ rate: '20', amount: 100n }] }] }],
    });
  });

  test('that come to another total are refused with both', () => {
    expect(paid({ total: 12_100, amount_due: 12_100, amount_paid: 12_100 })).toMatchObject({
      code: 'PAYLOAD_CONTRADICTS_ITSELF',
      message: expect.stringMatching(/invoice A-0001 \(in_1\).*GBP 120\.00.*total says GBP 121\.00/),
    });
  });

  test('of which only the first came are read whole before anything is booked', () => {
    expect(paid({ lines: list([made.invoiceLine()], true) })).toMatchObject({ needs: 'payment' });
  });
});

describe('lines of a payment intent', () => {
  const sold = (amount_details: unknown) =>
    outcome('payment_intent.succeeded', made.intent({ amount_details, latest_charge: made.charge() }));
  const line = (changes: object) => ({
    id: 'uli_1',
    product_name: 'Mug',
    product_code: 'M-1',
    quantity: 3,
    unit_cost: 4_000,
    discount_amount: null,
    tax: null,
    ...changes,
  });

  test('with a discount of the whole, and the tax of each', () => {
    // 3 × 40.00 − 20.00 = 100.00, + 20.00 tax = 120.00
    const details = { tip: {}, discount_amount: 2_000, line_items: list([line({ tax: { total_tax_amount: 2_000 } })]) };
    expect(sold(details)).toMatchObject({
      events: [
        {
          lines: [
            {
              sku: 'M-1',
              quantity: '3',
              listNet: 12_000n,
              discount: 2_000n,
              net: 10_000n,
              taxes: [{ amount: 2_000n }],
            },
          ],
        },
      ],
    });
  });

  test('that do not come to the amount prove nothing: what is left of the amount is one line', () => {
    const details = { tip: { amount: 1_000 }, tax: { total_tax_amount: 500 }, line_items: list([line({})]) };
    // 120.00 − 10.00 tip − 5.00 tax = 105.00
    expect(sold(details)).toMatchObject({
      events: [
        {
          lines: [
            { kind: 'product', net: 10_500n, taxes: [{ amount: 500n }] },
            { kind: 'tip', net: 1_000n },
          ],
        },
      ],
    });
    expect(sold({ tip: { amount: 20_000 } })).toMatchObject({ events: [{ lines: [{ net: 12_000n, taxes: [] }] }] });
  });
});

describe('a connection that only settles', () => {
  const settings = { records: 'settlements', lookups: 'on' };

  test('asks for nothing that only concerns sales', () => {
    for (const [type, object] of [
      ['charge.succeeded', made.charge()],
      ['checkout.session.completed', made.session()],
      ['invoice.paid', made.invoice()],
      ['charge.refunded', made.charge({ amount_refunded: 100 })],
    ] as const)
      expect(outcome(type, object, [], settings), type).toEqual({
        ignored: 'this connection only records settlements (setting records=settlements)',
      });
  });

  test('still asks what is in a payout', () => {
    expect(outcome('payout.paid', made.payout(), [], settings)).toMatchObject({ needs: 'balance_transactions' });
  });
});
