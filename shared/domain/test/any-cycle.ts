import fc from 'fast-check';
import type { CanonicalEvent, Payout } from '../src/events.ts';
import { sum } from '../src/money.ts';
import { taxOnNet } from '../src/tax.ts';
import { disputeOf, feeOf, moved, payoutOf, refundOf, saleOf, settlementOf, taxed } from './books.ts';
import { card } from './examples.ts';

type PayoutLine = Payout['lines'][number];

/** Facts of one charge, and the lines it gives the payouts of each currency. */
interface Charge {
  events: CanonicalEvent[];
  lines: Record<'GBP' | 'EUR', PayoutLine[]>;
}

const day = (number: number) => ({ occurredAt: `2026-03-${10 + number}T12:00:00Z` });

const charge = fc.record({
  sold: fc.constantFrom('GBP' as const, 'EUR' as const, 'JPY' as const),
  settledIn: fc.constantFrom('GBP' as const, 'EUR' as const),
  net: fc.bigInt(100n, 20_000n),
  parts: fc.integer({ min: 1, max: 3 }),
  rate: fc.bigInt(40n, 90n),
  fee: fc.bigInt(0n, 300n),
  refunded: fc.constantFrom(0n, 0n, 37n, 100n),
  dispute: fc.constantFrom('none', 'none', 'won', 'lost'),
  disputed: fc.constantFrom(100n, 61n),
  disputeFee: fc.constantFrom(0n, 1500n),
  feeBack: fc.boolean(),
  days: fc.array(fc.nat(8), { minLength: 5, maxLength: 5 }),
});

type Given = typeof charge extends fc.Arbitrary<infer Value> ? Value : never;

function chargeOf(given: Given, index: number): Charge {
  const { sold, net, days } = given;
  const id = `ch_${index}`;
  const tax = taxOnNet(net, '20');
  const total = net + tax;
  const balance = sold === 'JPY' ? given.settledIn : sold;
  const sale = saleOf({
    currency: sold,
    id,
    ...day(days[0] ?? 0),
    lines: [{ kind: 'product', id: 'a', net, taxes: taxed(tax, '20') }],
    tenders: [card('stripe', total)],
  });
  const arrived = converted(given, { id, total, balance, of: { sale: { id } } });
  const fee = feeOf({ currency: balance, id: `fee_${index}`, amount: given.fee, sale: { id }, ...day(days[0] ?? 0) });
  const events: CanonicalEvent[] = [sale, ...arrived.events, fee];
  const gross = arrived.amount;
  const lines: PayoutLine[] = [{ kind: 'sale', gross, fee: given.fee, net: gross - given.fee, source: id }];
  for (const more of [refundOfCharge(given, id, total, balance), disputeOfCharge(given, id, gross, balance)]) {
    events.push(...more.events);
    lines.push(...more.lines);
  }
  const none = { GBP: [], EUR: [] };
  return { events, lines: { ...none, [balance]: lines } };
}

/** What a charge or refund becomes on the balance: itself, or what the processor makes of its yen. */
function converted(
  { sold, parts, rate, days }: Given,
  what: { id: string; total: bigint; balance: 'GBP' | 'EUR'; of: { sale: { id: string }; refund?: { id: string } } },
) {
  const { id, total, balance, of } = what;
  if (sold !== 'JPY') return { events: [], amount: total };
  // Only pounds arrive in parts: of foreign money each part would be a payout's own share of one sale.
  const count = balance === 'GBP' ? BigInt(parts) : 1n;
  const pieces = Array.from({ length: Number(count) }, (_, index) => {
    const upTo = (piece: number) => (total * BigInt(piece)) / count;
    return upTo(index + 1) - upTo(index);
  });
  const events = pieces.map((yen, index) =>
    settlementOf({
      currency: balance,
      id: `fx_${id}_${index}`,
      from: { currency: 'JPY', amount: yen },
      amount: (yen * rate) / 100n,
      ...of,
      ...day(days[1] ?? 0),
    }),
  );
  return { events, amount: sum(events.map((each) => each.amount)) };
}

function refundOfCharge(given: Given, sale: string, total: bigint, balance: 'GBP' | 'EUR') {
  const amount = (total * given.refunded) / 100n;
  if (amount === 0n) return { events: [], lines: [] };
  const id = `re_${sale}`;
  const refund = refundOf({
    currency: given.sold,
    id,
    sale: { id: sale },
    ...day(given.days[2] ?? 0),
    lines: [{ kind: 'adjustment', net: amount, taxUnknown: true }],
    tenders: [card('stripe', amount)],
  });
  const charged = converted(given, { id, total: -amount, balance, of: { sale: { id: sale }, refund: { id } } });
  const net = given.sold === 'JPY' ? charged.amount : -amount;
  return { events: [refund, ...charged.events], lines: [moved('refund', net, id)] };
}

function disputeOfCharge(given: Given, sale: string, gross: bigint, balance: 'GBP' | 'EUR') {
  const amount = (gross * given.disputed) / 100n;
  if (given.dispute === 'none' || amount === 0n) return { events: [], lines: [] };
  const id = `dp_${sale}`;
  const head = { currency: balance, id, sale: { id: sale }, amount };
  const fee = given.disputeFee;

  // Two refunds of one foreign sale are translated one by one, so that their order may move a cent between accounts.
  const status = given.dispute === 'lost' && (given.sold === 'GBP' || given.refunded === 0n) ? 'lost' : 'won';
  const back = given.feeBack && status === 'won' ? fee : 0n;
  const events = [
    disputeOf({ ...head, fee, ...day(given.days[3] ?? 0) }),
    disputeOf({ ...head, status, fee: -back, ...day(given.days[4] ?? 0) }),
  ];
  const taken = moved('dispute', -amount - fee, id);
  return { events, lines: status === 'won' ? [taken, moved('dispute', amount + back, id)] : [taken] };
}

/** Everything a processor's balance went through until all of it was paid out; events in the order they happened. */
export const anyCycle: fc.Arbitrary<CanonicalEvent[]> = fc
  .record({
    charges: fc.array(charge, { minLength: 1, maxLength: 5 }),
    reserve: fc.record({ GBP: fc.bigInt(0n, 900n), EUR: fc.bigInt(0n, 900n) }),
    toSecond: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
    released: fc.bigInt(0n, 100n),
  })
  .map(({ charges, reserve, toSecond, released }) => {
    const made = charges.map(chargeOf);
    const payouts = (['GBP', 'EUR'] as const).flatMap((currency) => {
      const lines = made.flatMap((each) => each.lines[currency]);
      const held = reserve[currency];
      const early = (held * released) / 100n;
      const batches = [
        [...lines.filter((_, index) => !toSecond[index]), moved('reserve', -held)],
        [...lines.filter((_, index) => toSecond[index]), moved('reserve', early)],
        [moved('reserve', held - early)],
      ];
      return batches.map((batch, index) =>
        payoutOf({
          currency,
          id: `po_${currency}_${index}`,
          arrivalDate: `2026-03-${19 + index}`,
          lines: batch,
          amount: sum(batch.map((line) => line.net)),
        }),
      );
    });
    return [...made.flatMap((each) => each.events), ...payouts];
  });
