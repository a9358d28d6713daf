import fc from 'fast-check';
import type { EventInput, Refund, Sale } from '../src/events.ts';
import { allocate, sum } from '../src/money.ts';
import { taxOnNet } from '../src/tax.ts';
import { refundOf, saleOf } from './books.ts';

/** Sales of every shape the canonical model allows, for properties of the rules. */
type SaleInput = Extract<EventInput, { type: 'sale' }>;
type LineInput = SaleInput['lines'][number];
type TenderInput = SaleInput['tenders'][number];

export const CURRENCIES = ['GBP', 'EUR', 'JPY'] as const;

const rate = fc.constantFrom('20', '5', '0');

const goods = fc
  .record({
    kind: fc.constantFrom('product', 'shipping', 'fee'),
    listNet: fc.bigInt(0n, 20_000n),
    discounted: fc.bigInt(0n, 100n),
    rate,
    wobble: fc.constantFrom(0n, 0n, 0n, 1n),
    channel: fc.constantFrom(false, false, false, true),
    count: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ kind, listNet, discounted, rate: percent, wobble, channel, count }): LineInput => {
    const discount = (listNet * discounted) / 200n;
    const net = listNet - discount;
    const tax = percent === '0' ? 0n : taxOnNet(net, percent) + wobble;
    const collectedBy = channel ? 'channel' : 'merchant';
    const taxes = [{ name: 'VAT', rate: percent, amount: tax, collectedBy } as const];
    return { kind, quantity: String(count), listNet, discount, net, taxes } as LineInput;
  });

const others = fc
  .record({ kind: fc.constantFrom('tip', 'gift_card', 'duty', 'donation'), net: fc.bigInt(1n, 9_000n) })
  .map((line): LineInput => line as LineInput);

const lines = fc
  .tuple(fc.array(goods, { minLength: 1, maxLength: 5 }), fc.array(others, { maxLength: 2 }))
  .map(([first, more]) => [...first, ...more].map((line, index) => ({ ...line, id: `l${index}` })));

const TENDERS: Omit<TenderInput, 'amount'>[] = [
  { kind: 'card', processor: 'stripe' },
  { kind: 'wallet', processor: 'paypal' },
  { kind: 'cash' },
  { kind: 'gift_card' },
  { kind: 'store_credit' },
  { kind: 'bank_transfer' },
];

/** Weights of the tenders, the last one of what is left due. */
const shares = fc
  .array(fc.constantFrom(0n, 0n, 1n, 3n), { minLength: TENDERS.length, maxLength: TENDERS.length })
  .map((weights) => (weights.every((weight) => weight === 0n) ? [1n, ...weights.slice(1)] : weights));

/** A sale in a currency, paid in full or (with `due`) partly owed. */
export function anySale(options: { due: boolean; currency?: string; revision?: string }): fc.Arbitrary<Sale> {
  const currency = options.currency ? fc.constant(options.currency) : fc.constantFrom(...CURRENCIES);
  const owed = options.due ? fc.constantFrom(0n, 0n, 1n, 9n) : fc.constant(0n);
  return fc
    .record({ currency, lines, shares, owed })
    .map(({ currency: code, lines: sold, shares: weights, owed: left }) => {
      const total = sum(
        sold.map((line) => BigInt(line.net) + sum((line.taxes ?? []).map((tax) => BigInt(tax.amount)))),
      );
      const parts = allocate(total, [...weights, left]);
      const tenders = TENDERS.map((tender, index) => ({ ...tender, amount: parts[index] ?? 0n }));
      return saleOf({
        currency: code,
        revision: options.revision ?? '1',
        lines: sold,
        tenders: tenders.filter((tender) => tender.amount !== 0n),
        due: parts.at(-1) ?? 0n,
      });
    });
}

/** The refund that gives all of a sale back, line by line and to every tender. */
export function fullRefund(sale: Sale): Refund {
  const { currency, lines: sold, tenders } = sale;
  return refundOf({ currency, occurredAt: '2026-03-20T09:00:00Z', lines: sold, tenders });
}

/** The same in two steps: `part` percent of every line and tender, then the rest. */
export function refundInTwo(sale: Sale, part: bigint): [Refund, Refund] {
  const cut = (amount: bigint) => (amount * part) / 100n;
  const step = (id: string, of: (amount: bigint) => bigint) => {
    const given = sale.lines.map((line) => {
      const net = of(line.net);
      // Cut apart, list and net may leave a discount below zero by a unit.
      const cutDiscount = of(line.listNet) - net;
      const discount = cutDiscount < 0n ? 0n : cutDiscount;
      const taxes = line.taxes.map((tax) => ({ ...tax, amount: of(tax.amount) }));
      return {
        ...line,
        listNet: net + discount,
        discount,
        net,
        taxes,
      };
    });
    const total = sum(given.map((line) => line.net + sum(line.taxes.map((tax) => tax.amount))));
    return { id, given, total };
  };
  const first = step('9001', cut);
  const second = step('9002', (amount) => amount - cut(amount));
  const paid = allocate(
    first.total,
    sale.tenders.map((tender) => tender.amount),
  );
  const make = ({ id, given }: typeof first, amounts: bigint[]) =>
    refundOf({
      currency: sale.currency,
      id,
      lines: given,
      tenders: sale.tenders.map((tender, index) => ({ ...tender, amount: amounts[index] ?? 0n })),
    });
  return [
    make(first, paid),
    make(
      second,
      sale.tenders.map((tender, index) => tender.amount - (paid[index] ?? 0n)),
    ),
  ];
}
