import { describe, expect, test } from 'vitest';
import { disputeOf, feeOf, moved, payoutOf, refundOf, saleOf, taxed } from '../test/books.ts';
import { canonicalJson } from './canonical-json.ts';
import { channelSchemas, eventHash, makeEvent, toWire } from './events.ts';

const head = {
  version: 1,
  channel: 'webshop',
  id: '1001',
  revision: '1',
  occurredAt: '2026-03-10T12:00:00Z',
  currency: 'GBP',
  test: false,
};
const sale = {
  ...head,
  type: 'sale',
  pricesIncludeTax: false,
  lines: [{ kind: 'product', net: 1000, taxes: [{ name: 'VAT', rate: '20', amount: 200 }] }],
  tenders: [{ kind: 'cash', amount: 1200 }],
  total: 1200,
};

describe('an event that does not add up cannot be made', () => {
  const refusals: [why: string, input: object, message: RegExp][] = [
    [
      'lines and total',
      { ...sale, total: 1300, due: 100 },
      /lines with their taxes come to GBP 12\.00, but total is GBP 13\.00/,
    ],
    ['tenders and total', { ...sale, due: 1 }, /tenders plus due come to GBP 12\.01, but total is GBP 12\.00/],
    [
      'a discount',
      { ...sale, lines: [{ kind: 'product', listNet: 900, discount: 50, net: 1000 }] },
      /lines\.0\.net: net must equal/,
    ],
    [
      'a negative discount',
      { ...sale, lines: [{ kind: 'product', listNet: 1000, discount: -200, net: 1200 }] },
      /must not be negative/,
    ],
    ['an unknown currency', { ...sale, currency: 'XYZ' }, /currency: is not an ISO 4217/],
    ['a fraction of a cent', { ...sale, total: 1200.5 }, /sale 1001: total/],
    ['an amount as decimal text', { ...sale, total: '12.00' }, /sale 1001: total/],
    ['a local time', { ...sale, occurredAt: '2026-03-10T12:00:00+01:00' }, /occurredAt: must be a UTC instant/],
    ['an unknown field', { ...sale, discount: 5 }, /discount/],
    ['another version', { ...sale, version: 2 }, /version/],
    ['no type at all', {}, /^event : /],
    ['a refund', { ...head, type: 'refund', sale: null, lines: [], tenders: [], total: 5 }, /come to GBP 0\.00/],
    [
      'a payment of nothing',
      { ...head, type: 'payment', sale: { id: '1' }, tender: { kind: 'cash', amount: 0 }, amount: 0 },
      /greater than 0/,
    ],
    [
      'a payment for nothing',
      { ...head, type: 'payment', tender: { kind: 'cash', amount: 5 }, amount: 5 },
      /needs sale or invoiceNumber/,
    ],
    [
      'a payment of two amounts',
      { ...head, type: 'payment', sale: { id: '1' }, tender: { kind: 'cash', amount: 4 }, amount: 5 },
      /must be equal/,
    ],
    [
      'a payout',
      {
        ...head,
        type: 'payout',
        processor: 'p',
        amount: 10,
        arrivalDate: '2026-03-12',
        lines: [{ kind: 'sale', gross: 9, fee: 0, net: 9 }],
      },
      /net of the lines come to GBP 0\.09, but total is GBP 0\.10/,
    ],
  ];
  test.each(refusals)('%s', (_, input, message) => {
    expect(() => makeEvent(input)).toThrow(message);
  });
});

test('list net is net and discount where the source does not say', () => {
  const made = makeEvent({ ...sale, lines: [{ kind: 'product', discount: 100, net: 1200 }] });
  expect(made.type === 'sale' && made.lines[0]?.listNet).toBe(1300n);
});

test('a payout without lines is not itemised yet, and is sound', () => {
  const payout = { ...head, type: 'payout', processor: 'p', amount: -500, arrivalDate: '2026-03-12', lines: [] };
  expect(makeEvent(payout)).toMatchObject({ amount: -500n });
});

test('every event type of the design has a schema', () => {
  const types = [
    'dispute',
    'fee',
    'payment',
    'payout',
    'refund',
    'register_close',
    'sale',
    'settlement',
    'stock',
    'void',
  ];
  expect(Object.keys(channelSchemas).sort()).toEqual(types);
});

test('what is written to the wire reads back as the same event, also above 2^53', () => {
  const large = 9_007_199_254_740_993n;
  const made = saleOf({
    currency: 'GBP',
    lines: [{ kind: 'product', net: large }],
    tenders: [{ kind: 'cash', amount: large }],
  });
  const wire = toWire(made);
  expect(wire).toContain('"total":"9007199254740993"');
  expect(makeEvent(JSON.parse(wire))).toEqual(made);
  expect(toWire(refundOf({ currency: 'GBP' }))).toContain('"total":0');
});

test('the hash is of what an event says: field order and revision do not count, an amount does', () => {
  const lines = [{ kind: 'product' as const, net: 1000n, taxes: taxed(200n, '20') }];
  const tenders = [{ kind: 'cash' as const, amount: 1200n }];
  const first = saleOf({ currency: 'GBP', lines, tenders });
  expect(eventHash(saleOf({ tenders, lines, currency: 'GBP', revision: '2' }))).toBe(eventHash(first));
  expect(eventHash(saleOf({ currency: 'EUR', lines, tenders }))).not.toBe(eventHash(first));
  expect(canonicalJson({ b: 1n, a: [undefined, { d: null, c: 'x' }], e: undefined })).toBe(
    '{"a":[null,{"c":"x","d":null}],"b":1}',
  );
});

test('the hash of a payout does not depend on the order of its lines, but on what they say', () => {
  const lines = [moved('sale', 900n, 'ch_1'), moved('fee', -20n, 'fee_1'), moved('reserve', -80n)];
  const payout = payoutOf({ currency: 'GBP', amount: 800n, lines });
  const hash = eventHash(payout);
  expect(eventHash(payoutOf({ currency: 'GBP', revision: '2', amount: 800n, lines: lines.toReversed() }))).toBe(hash);
  const other = [moved('sale', 900n, 'ch_2'), ...lines.slice(1)];
  expect(eventHash(payoutOf({ currency: 'GBP', amount: 800n, lines: other }))).not.toBe(hash);
  const held = [moved('sale', 900n, 'ch_1'), moved('fee', -20n, 'fee_1'), moved('adjustment', -80n)];
  expect(eventHash(payoutOf({ currency: 'GBP', amount: 800n, lines: held }))).not.toBe(hash);
  expect(eventHash(payoutOf({ currency: 'GBP', amount: 800n, lines, arrivalDate: '2026-03-13' }))).not.toBe(hash);
});

test('a fee is the same once it has been paid out; a dispute is another fact at every stage', () => {
  const fee = feeOf({ currency: 'GBP' });
  expect(eventHash(feeOf({ currency: 'GBP', payout: { id: 'po_1' } }))).toBe(eventHash(fee));
  expect(eventHash(feeOf({ currency: 'GBP', taxCode: 'RC20' }))).not.toBe(eventHash(fee));
  const stages = ['opened', 'won', 'lost'] as const;
  const hashes = stages.map((status) => eventHash(disputeOf({ currency: 'GBP', amount: 100n, status })));
  expect(new Set(hashes).size).toBe(3);
});
