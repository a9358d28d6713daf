import { isLosslessNumber, parse } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import { type Dispute, type Movement, owed, type Payout } from './balance.ts';
import { factBody } from './facts.ts';
import type { Order } from './order.ts';
import { kindsOf, playStep } from './programme.ts';
import { type Shop, simulatedShops } from './shops.ts';
import { totalsOf } from './totals.ts';

const SEEDS = [1, 2, 3, 5, 8, 13];
const STEPS = 120;

interface MoneySet {
  shop_money: { amount: string; currency_code: string };
  presentment_money: { amount: string; currency_code: string };
}
interface WireTax {
  price: string;
  price_set: MoneySet;
  rate: unknown;
}
interface WireLine {
  id: unknown;
  quantity: unknown;
  current_quantity: unknown;
  price_set: MoneySet;
  tax_lines: WireTax[];
  discount_allocations: { amount_set: MoneySet }[];
  tip_payment_gateway?: string | null;
  gift_card: boolean;
}
interface WireShipping {
  price_set: MoneySet;
  discounted_price_set: MoneySet;
  tax_lines: WireTax[];
}
interface WireTransaction {
  kind: string;
  status: string;
  amount: string;
  currency: string;
}
interface WireRefund {
  order_id: unknown;
  refund_line_items: {
    line_item_id: unknown;
    quantity: unknown;
    subtotal: unknown;
    subtotal_set: MoneySet;
    total_tax_set: MoneySet;
  }[];
  refund_shipping_lines: { subtotal_amount_set: MoneySet; tax_amount_set: MoneySet }[];
  order_adjustments: { kind: string; amount: string; tax_amount: string; amount_set: MoneySet }[];
  transactions: WireTransaction[];
}
interface WireOrder {
  id: unknown;
  updated_at: string;
  financial_status: string;
  taxes_included: boolean;
  currency: string;
  presentment_currency: string;
  total_price_set: MoneySet;
  subtotal_price_set: MoneySet;
  total_tax_set: MoneySet;
  total_discounts_set: MoneySet;
  total_shipping_price_set: MoneySet;
  total_tip_received: string;
  total_price: string;
  current_total_price_set: MoneySet;
  tax_lines: WireTax[];
  line_items: WireLine[];
  shipping_lines: WireShipping[];
  refunds: WireRefund[];
}

type Side = 'shop_money' | 'presentment_money';
const cents = (text: string) => BigInt(text.replace('.', ''));
const on = (side: Side) => (set: MoneySet) => cents(set[side].amount);
const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const count = (value: unknown) => Number(`${value}`);

/** A shop's whole programme: final orders and everything it announced, in order. */
function play(seed: number, shop: Shop, steps = STEPS) {
  const orders = new Map<string, Order>();
  const balance = {
    movements: new Map<string, Movement>(),
    payouts: new Map<string, Payout>(),
    disputes: new Map<string, Dispute>(),
  };
  const played: string[] = [];
  const told: { topic: string; body: string }[] = [];
  for (let step = 0; step < steps; step += 1) {
    const now = Date.parse('2026-03-01T09:00:00Z') + step * 3_600_000;
    const result = playStep({ seed, shop, step, now, orders: [...orders.values()], balance });
    played.push(result.what);
    for (const order of result.versions) orders.set(order.id, order);
    for (const each of result.balance.movements) balance.movements.set(each.id, each);
    for (const each of result.balance.payouts) balance.payouts.set(each.id, each);
    for (const each of result.balance.disputes) balance.disputes.set(each.id, each);
    for (const fact of result.facts) told.push({ topic: fact.topic, body: factBody(fact, result.versions, shop) });
  }
  return { orders: [...orders.values()], balance, played, told };
}

const isOrder = (topic: string) => /^orders\/(create|paid|updated|cancelled)$/.test(topic);

describe.each(SEEDS)('a programme with seed %i', (seed) => {
  for (const shop of simulatedShops(seed)) {
    const { orders, balance, played, told } = play(seed, shop);
    const bodies = told.filter(({ topic }) => isOrder(topic)).map(({ body }) => parse(body) as WireOrder);
    const last = new Map<string, WireOrder>();
    for (const body of bodies) {
      const known = last.get(`${body.id}`);
      if (known === undefined || Date.parse(body.updated_at) >= Date.parse(known.updated_at)) {
        // Two states of one second: the one that says more about money is the later one.
        const tie = known?.updated_at === body.updated_at && known.financial_status !== 'pending';
        if (!tie) last.set(`${body.id}`, body);
      }
    }

    test(`${shop.name}: the first steps go through every kind once`, () => {
      const kinds = kindsOf(shop);
      expect(new Set(played.slice(0, kinds.length))).toEqual(new Set(kinds));
    });

    test(`${shop.name}: every order told adds up in both currencies`, () => {
      for (const body of bodies) {
        for (const side of ['shop_money', 'presentment_money'] as const) addsUp(body, side);
        const tips = sum(body.line_items.filter(isTip).map((line) => cents(line.price_set.shop_money.amount)));
        expect(cents(body.total_tip_received)).toBe(tips);
        expect(body.total_price).toBe(body.total_price_set.shop_money.amount);
      }
    });

    test(`${shop.name}: tax on each line is what its rate says, to half a cent a tax`, () => {
      for (const body of bodies) for (const line of body.line_items) taxedByRate(line, body.taxes_included);
    });

    test(`${shop.name}: a refund's money is what its lines, shipping and adjustments are worth`, () => {
      const refunds = told.filter(({ topic }) => topic === 'refunds/create');
      expect(refunds.length).toBeGreaterThan(5);
      for (const { body } of refunds) {
        const refund = parse(body) as WireRefund;
        const order = last.get(`${refund.order_id}`)!;
        const money = sum(refund.transactions.map((transaction) => cents(transaction.amount)));
        const worth = worthOf(refund, order.taxes_included, 'presentment_money');
        // Money that repays what an edit took off has no lines and no adjustments at all.
        if (worth === 0n) expect(refund.order_adjustments).toEqual([]);
        else expect(money).toBe(worth);
        for (const transaction of refund.transactions) expect(transaction.currency).toBe(order.presentment_currency);
        for (const line of refund.refund_line_items) expect(isLosslessNumber(line.subtotal)).toBe(true);
      }
    });

    test(`${shop.name}: its own totals are the fold of what it told`, () => {
      expect(totalsOf(orders)).toEqual(fold([...last.values()]));
      expect(orders.length).toBe(last.size);
    });

    test(`${shop.name}: every payment through Shopify Payments is on its balance, charges less 2.9 % + 30`, () => {
      const paid = orders
        .flatMap((order) => order.payments)
        .filter(({ gateway, status }) => gateway === 'shopify_payments' && status === 'success')
        .filter(({ kind }) => kind !== 'authorization' && kind !== 'void');
      const moved = [...balance.movements.values()].filter(({ paymentId }) => paymentId !== null);
      const expected = paid.map(({ id, kind, amount: { shop: amount } }) => {
        if (kind === 'refund') return { paymentId: id, type: 'REFUND', amount: -amount, fee: 0n };
        // Half-up of a positive amount in whole cents.
        return { paymentId: id, type: 'CHARGE', amount, fee: (2n * 29n * amount + 1000n) / 2000n + 30n };
      });
      const byPayment = (a: { paymentId: string | null }, b: { paymentId: string | null }) =>
        `${a.paymentId}` < `${b.paymentId}` ? -1 : 1;
      const found = moved.map(({ paymentId, type, amount, fee }) => ({ paymentId, type, amount, fee }));
      expect(found.sort(byPayment)).toEqual(expected.sort(byPayment));
    });

    test(`${shop.name}: payouts are what they carry; some were paid, one came back, one was drawn from the bank`, () => {
      const payouts = [...balance.payouts.values()];
      for (const { id, amount } of payouts) {
        const carried = [...balance.movements.values()].filter(
          ({ payoutId, type }) => payoutId === id && type !== 'TRANSFER',
        );
        expect(sum(carried.map((movement) => movement.amount - movement.fee))).toBe(amount);
      }
      const statuses = payouts.map(({ status }) => status);
      expect(statuses).toEqual(expect.arrayContaining(['PAID', 'FAILED']));
      expect(payouts.filter(({ amount, status }) => amount < 0n && status === 'PAID')).not.toEqual([]);
    });

    test(`${shop.name}: a chargeback takes its amount and 15.00; both come back when it is won`, () => {
      const disputes = [...balance.disputes.values()];
      expect(new Set(disputes.map(({ status }) => status))).toEqual(new Set(['NEEDS_RESPONSE', 'WON', 'LOST']));
      for (const { id, type, status, amount } of disputes) {
        const moved = [...balance.movements.values()].filter(({ sourceId }) => sourceId === id);
        const taken = { type: 'DISPUTE_WITHDRAWAL', amount: -amount, fee: 1500n };
        const back = { type: 'DISPUTE_REVERSAL', amount, fee: -1500n };
        const expected = type === 'INQUIRY' ? [] : status === 'WON' ? [taken, back] : [taken];
        expect(moved).toEqual(expected.map((each) => expect.objectContaining(each)));
      }
      const announced = told.filter(({ topic }) => topic === 'disputes/create').map(({ body }) => parse(body));
      expect(new Set(announced.map((body) => `${(body as { id: unknown }).id}`))).toEqual(
        new Set(balance.disputes.keys()),
      );
    });

    test(`${shop.name}: what it is owed is what was sold through it and neither taken nor paid out`, () => {
      const paid = (payoutId: string | null) => balance.payouts.get(payoutId ?? '')?.status === 'PAID';
      const nets = [...balance.movements.values()]
        .filter(({ type, payoutId }) => {
          if (type === 'TRANSFER' || type === 'TRANSFER_FAILURE' || type.startsWith('RESERVED')) return false;
          return type !== 'ADJUSTMENT' || paid(payoutId);
        })
        .map(({ amount, fee }) => amount - fee);
      const out = [...balance.payouts.values()].filter(({ id }) => paid(id)).map(({ amount }) => amount);
      const { clearing, reserve } = owed(balance);
      expect(clearing + reserve).toBe(sum(nets) - sum(out));
    });

    test(`${shop.name}: what it keeps is the money it took less the money it gave back`, () => {
      const success = orders.flatMap((order) => order.payments).filter((payment) => payment.status === 'success');
      const moved = (...kinds: string[]) =>
        sum(success.filter((payment) => kinds.includes(payment.kind)).map((payment) => payment.amount.shop));
      expect(totalsOf(orders).total).toBe(moved('sale', 'capture') - moved('refund'));
    });
  }
});

const isTip = (line: WireLine) => line.tip_payment_gateway !== undefined;
const lineTax = (line: { tax_lines: WireTax[] }, side: Side) =>
  sum(line.tax_lines.map((tax) => on(side)(tax.price_set)));
const discounted = (line: WireLine, side: Side) =>
  on(side)(line.price_set) * BigInt(count(line.quantity)) -
  sum(line.discount_allocations.map((allocation) => on(side)(allocation.amount_set)));

function addsUp(body: WireOrder, side: Side): void {
  const amount = on(side);
  const goods = body.line_items.filter((line) => !isTip(line));
  const subtotal = sum(goods.map((line) => discounted(line, side)));
  const tips = sum(body.line_items.filter(isTip).map((line) => discounted(line, side)));
  const shipping = sum(body.shipping_lines.map((line) => amount(line.discounted_price_set)));
  const tax = sum([...body.line_items, ...body.shipping_lines].map((line) => lineTax(line, side)));
  const off = sum([
    ...goods.flatMap((line) => line.discount_allocations.map((allocation) => amount(allocation.amount_set))),
    ...body.shipping_lines.map((line) => amount(line.price_set) - amount(line.discounted_price_set)),
  ]);
  expect(amount(body.subtotal_price_set)).toBe(subtotal);
  expect(amount(body.total_shipping_price_set)).toBe(shipping);
  expect(amount(body.total_tax_set)).toBe(tax);
  expect(lineTax(body, side)).toBe(tax);
  expect(amount(body.total_discounts_set)).toBe(off);
  expect(amount(body.total_price_set)).toBe(subtotal + tips + shipping + (body.taxes_included ? 0n : tax));
  for (const line of body.line_items) expect(discounted(line, side)).toBeGreaterThanOrEqual(0n);
}

function taxedByRate(line: WireLine, included: boolean): void {
  const price = count(discounted(line, 'shop_money'));
  const rates = line.tax_lines.map((tax) => count(tax.rate));
  const whole = rates.reduce((total, rate) => total + rate, 0);
  const taxes = line.tax_lines.map((tax) => count(cents(tax.price)));
  if (line.gift_card || isTip(line)) expect(line.tax_lines).toEqual([]);
  if (included) {
    const exact = (price * whole) / (1 + whole);
    expect(Math.abs(taxes.reduce((total, tax) => total + tax, 0) - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
  } else {
    taxes.forEach((tax, index) => {
      expect(Math.abs(tax - price * rates[index]!)).toBeLessThanOrEqual(0.5 + 1e-6);
    });
  }
}

function worthOf(refund: WireRefund, included: boolean, side: Side): bigint {
  const amount = on(side);
  const lines = refund.refund_line_items;
  const shipping = refund.refund_shipping_lines;
  const tax = sum([
    ...lines.map((line) => amount(line.total_tax_set)),
    ...shipping.map((line) => amount(line.tax_amount_set)),
  ]);
  return (
    sum(lines.map((line) => amount(line.subtotal_set))) +
    sum(shipping.map((line) => amount(line.subtotal_amount_set))) +
    (included ? 0n : tax) -
    sum(refund.order_adjustments.map((adjustment) => amount(adjustment.amount_set)))
  );
}

/** Totals worked out from the latest bodies alone, by the definition in totals.ts. */
function fold(orders: WireOrder[]) {
  const shop = on('shop_money');
  const result = { count: 0, total: 0n, tax: 0n };
  for (const order of orders) {
    if (['voided', 'pending', 'authorized'].includes(order.financial_status)) continue;
    const given = new Map<string, number>();
    for (const line of order.refunds.flatMap((refund) => refund.refund_line_items)) {
      given.set(`${line.line_item_id}`, (given.get(`${line.line_item_id}`) ?? 0) + count(line.quantity));
    }
    const sold = order.line_items.filter(
      (line) => count(line.current_quantity) + (given.get(`${line.id}`) ?? 0) === count(line.quantity),
    );
    const tax = sum([...sold, ...order.shipping_lines].map((line) => lineTax(line, 'shop_money')));
    const total =
      sum(sold.map((line) => discounted(line, 'shop_money'))) +
      sum(order.shipping_lines.map((line) => shop(line.discounted_price_set))) +
      (order.taxes_included ? 0n : tax);
    result.count += 1;
    result.total += total;
    result.tax += tax;
    for (const refund of order.refunds) {
      result.total -= worthOf(refund, order.taxes_included, 'shop_money');
      result.tax -= sum(refund.refund_line_items.map((line) => shop(line.total_tax_set)));
      result.tax -= sum(refund.refund_shipping_lines.map((line) => shop(line.tax_amount_set)));
      for (const adjustment of refund.order_adjustments) {
        expect([adjustment.kind, adjustment.tax_amount]).toEqual(['refund_discrepancy', '0.00']);
        const goodwill = -shop(adjustment.amount_set);
        // Half-up of a positive ratio in whole cents.
        result.tax -= (2n * goodwill * tax + total) / (2n * total);
      }
    }
  }
  return result;
}
