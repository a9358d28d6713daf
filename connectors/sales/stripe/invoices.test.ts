import { type CanonicalEvent, sum } from '@daybook/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NormalizeContext, RawDelivery } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { eventOf, type Facts, learn, list, made, meanings, newest } from './test-support.ts';

const SEED = 20261121;

type Delivery = RawDelivery & { fetched: Record<string, string> };

function learned(deliveries: readonly Delivery[], settings: NormalizeContext['settings'] = {}): Facts {
  const facts: Facts = new Map();
  for (const { fetched, ...delivery } of deliveries) {
    const result = connector.normalize(delivery, { settings, fetched });
    learn(facts, 'events' in result ? result.events : [], delivery.topic);
  }
  return facts;
}

/** Revenue of the newest sales, and the money that came for them: tenders and payments. */
function sums(facts: Facts): { revenue: bigint; cash: bigint } {
  const all: CanonicalEvent[] = [...newest(facts).values()];
  const sales = all.filter((event) => event.type === 'sale');
  const paid = all.flatMap((event) => (event.type === 'payment' ? [event.amount] : []));
  return {
    revenue: sum(sales.map(({ total }) => total)),
    cash: sum([...sales.flatMap(({ tenders }) => tenders.map(({ amount }) => amount)), ...paid]),
  };
}

const open = { status: 'open', amount_paid: 0, status_transitions: { finalized_at: 1_794_200_100, paid_at: null } };
const terms = { collection_method: 'send_invoice', due_date: 1_796_800_000 };
const rate = made.taxRate();

/** Every event of one paid invoice, each with what is read for it. `lookups` decides what the connector asks for. */
function deliveriesOf(changes: Record<string, unknown>, isConnected: boolean): Record<string, Delivery> {
  const paid = made.invoice(changes);
  const whole = list([made.charge(), made.intent(), made.invoicePayment(), paid, rate]);
  const payment = { payment: JSON.stringify(whole) };
  const with_ = (delivery: RawDelivery, fetched: Record<string, string>) => ({ ...delivery, fetched });
  return {
    finalized: with_(eventOf('invoice.finalized', { ...paid, ...open }), isConnected ? payment : {}),
    intent: with_(eventOf('payment_intent.succeeded', made.intent()), isConnected ? payment : {}),
    charge: with_(eventOf('charge.succeeded', made.charge()), isConnected ? payment : {}),
    updated: with_(eventOf('charge.updated', made.charge({ description: 'other words' })), isConnected ? payment : {}),
    paid: with_(eventOf('invoice.paid', paid), payment),
  };
}

/** Any of the deliveries, in any order, some of them twice. */
function anyOf(all: Record<string, Delivery>) {
  const names = Object.keys(all);
  return fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 9 });
}
const pick = (all: Record<string, Delivery>, names: string[]) => names.map((name) => all[name] as Delivery);

describe('an invoice with a due date', () => {
  const connected = deliveriesOf(terms, true);
  const settings = { lookups: 'on' };

  test('is revenue once and cash once whatever arrives first, twice or never, where lookups are on', () => {
    fc.assert(
      fc.property(anyOf(connected), (names) => {
        const facts = learned(pick(connected, names), settings);
        // Whatever is heard of first: by then Stripe knows that it was paid.
        expect(sums(facts)).toEqual({ revenue: 12_000n, cash: 12_000n });
        expect(meanings(facts)).toEqual(meanings(learned(pick(connected, Object.keys(connected)), settings)));
      }),
      { seed: SEED },
    );
  });

  test('is the same without lookups once the invoice was heard to be paid', () => {
    const plain = deliveriesOf(terms, false);
    fc.assert(
      fc.property(anyOf(plain), (names) => {
        const facts = learned(pick(plain, [...names, 'paid']));
        expect(sums(facts)).toEqual({ revenue: 12_000n, cash: 12_000n });
      }),
      { seed: SEED },
    );
  });

  test('is owed while it is open, with its due date, and later paid by the charge', () => {
    const opened = newest(learned([connected.finalized as Delivery].map((each) => ({ ...each, fetched: {} }))));
    expect([...opened.values()]).toMatchObject([
      {
        type: 'sale',
        id: 'in_1',
        // 1794200100 is 2026-11-09T04:55:00Z; 1796800000 is in the ninth of December.
        occurredAt: '2026-11-09T04:55:00Z',
        order: { id: 'in_1', number: 'A-0001' },
        total: 12_000n,
        due: 12_000n,
        tenders: [],
        terms: { dueDate: '2026-12-09' },
      },
    ]);
    const all = newest(learned([connected.paid as Delivery]));
    expect(all.get('sale in_1')).toMatchObject({ due: 12_000n, lines: [{ net: 10_000n, taxes: [{ rate: '20' }] }] });
    expect(all.get('payment ch_1')).toMatchObject({ sale: { id: 'in_1' }, amount: 12_000n });
    expect(all.get('sale ch_1')).toMatchObject({ total: 0n, lines: [], tenders: [] });
  });

  test('a refund of its charge goes against the invoice, not against the charge', () => {
    const refund = eventOf('refund.created', made.refund());
    const fetched = { refund: (connected.paid as Delivery).fetched.payment as string };
    const result = connector.normalize(refund, { settings, fetched });
    expect(result).toMatchObject({ events: [{ type: 'refund', id: 're_1', sale: { id: 'in_1' } }] });
  });

  test('voided it is nothing any more, whichever came first', () => {
    const voided = { ...eventOf('invoice.voided', made.invoice({ ...terms, ...open, status: 'void' })), fetched: {} };
    const facts = newest(learned([voided]));
    expect([...facts.values()]).toMatchObject([{ type: 'void', id: 'in_1', sale: { id: 'in_1' } }]);
    const sale = newest(learned([{ ...(connected.finalized as Delivery), fetched: {} }])).get('sale in_1');
    expect((facts.get('void in_1')?.revision ?? '') >= (sale?.revision ?? '~')).toBe(true);
  });

  test('paid outside Stripe it is settled by money we do not hold at Stripe', () => {
    const invoice = made.invoice({ ...terms, amount_paid: 0, amount_paid_off_stripe: 12_000 });
    const facts = newest(learned([{ ...eventOf('invoice.paid', invoice), fetched: {} }]));
    expect(facts.get('payment in_1')).toMatchObject({ amount: 12_000n, tender: { kind: 'other' } });
    expect(facts.get('sale in_1')).toMatchObject({ due: 12_000n });
  });
});

describe('an invoice that is charged automatically', () => {
  test('is the sale of its charge: revenue once, cash once, whatever is missing or comes first', () => {
    for (const isConnected of [true, false]) {
      const all = deliveriesOf({}, isConnected);
      const settings: Record<string, string> = isConnected ? { lookups: 'on' } : {};
      fc.assert(
        fc.property(anyOf(all), (names) => {
          const taken = names.some((name) => isConnected || name !== 'finalized');
          const expected = taken ? 12_000n : 0n;
          expect(sums(learned(pick(all, names), settings))).toEqual({ revenue: expected, cash: expected });
        }),
        { seed: SEED },
      );
    }
  });

  test('has the lines and taxes of the invoice in the end', () => {
    const all = deliveriesOf({}, false);
    expect(newest(learned(Object.values(all))).get('sale ch_1')).toMatchObject({
      id: 'ch_1',
      order: { id: 'in_1', number: 'A-0001' },
      lines: [{ net: 10_000n, taxes: [{ name: 'VAT', rate: '20', amount: 2_000n }] }],
      tenders: [{ kind: 'card', processor: 'stripe', amount: 12_000n }],
    });
  });

  test('a balance the customer had pays its part', () => {
    const invoice = made.invoice({ amount_due: 9_000, amount_paid: 9_000, charge: 'ch_1' });
    const paid = { ...eventOf('invoice.paid', invoice), fetched: {} };
    expect(newest(learned([paid])).get('sale ch_1')).toMatchObject({
      total: 12_000n,
      tenders: [
        { kind: 'card', amount: 9_000n },
        { kind: 'store_credit', amount: 3_000n },
      ],
    });
  });

  test('below zero it is credit on the customer’s balance', () => {
    const line = made.invoiceLine({ amount: -3_000, taxes: [] });
    const invoice = made.invoice({ total: -3_000, amount_due: 0, amount_paid: 0, lines: list([line]) });
    expect(newest(learned([{ ...eventOf('invoice.paid', invoice), fetched: {} }])).get('refund in_1')).toMatchObject({
      sale: null,
      total: 3_000n,
      lines: [{ net: 3_000n }],
      tenders: [{ kind: 'store_credit', amount: 3_000n }],
    });
  });

  test('paid by two charges it is owed, and each pays its part', () => {
    const second = made.charge({ id: 'ch_2', payment_intent: 'pi_2', amount: 5_000, amount_captured: 5_000 });
    const fetched = {
      payment: JSON.stringify(
        list([
          made.charge({ amount: 7_000, amount_captured: 7_000 }),
          second,
          made.invoicePayment({ amount_paid: 7_000, payment: { type: 'charge', charge: 'ch_1' } }),
          made.invoicePayment({ id: 'inpay_2', amount_paid: 5_000, payment: { type: 'charge', charge: 'ch_2' } }),
        ]),
      ),
    };
    const facts = learned([{ ...eventOf('invoice.paid', made.invoice()), fetched }]);
    expect(sums(facts)).toEqual({ revenue: 12_000n, cash: 12_000n });
    expect(newest(facts).get('payment ch_2')).toMatchObject({ amount: 5_000n, sale: { id: 'in_1' } });
  });
});
