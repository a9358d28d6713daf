import { describe, expect, test } from 'vitest';
import { processingFee } from './balance.ts';
import { simulatedCafe } from './cafe.ts';
import { balancesOf, totalsOf } from './figures.ts';
import { KINDS, playStep } from './programme.ts';
import { openStore, type SquareEvent, type State } from './state.ts';
import { isOnBalance } from './till.ts';
import type { Money, Order, OrderReturn, Payment } from './wire.ts';

const SEEDS = [1, 2, 3, 5, 8, 13];
const STEPS = 140;

/** A programme from its first step: the state it leaves, what was played, and all that was announced. */
function play(seed: number, steps = STEPS) {
  const store = openStore(undefined);
  const cafe = simulatedCafe(seed);
  const played: string[] = [];
  const told: SquareEvent[] = [];
  for (let step = 0; step < steps; step += 1) {
    const now = Date.parse('2026-03-01T09:00:00Z') + step * 3_600_000;
    const { what, ...left } = playStep({ seed, cafe, step, now, objects: store.state.objects });
    store.record({ kind: 'step', step, ...left, deliveries: [] });
    played.push(what);
    told.push(...left.events);
  }
  return { state: store.state, played, told, cafe };
}

const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const of = (money: Money | undefined) => money?.amount ?? 0n;
const all = <Entry>(map: Map<string, Entry>) => [...map.values()];

describe.each(SEEDS)('a programme with seed %i', (seed) => {
  const { state, played, told, cafe } = play(seed);
  const { orders, payments, refunds, payouts, movements, disputes, shifts } = state.objects;
  const sold = all(orders).filter(({ line_items }) => line_items !== undefined);

  test('the first steps go through every kind once', () => {
    expect(new Set(played.slice(0, KINDS.length))).toEqual(new Set(KINDS));
  });

  test('an order is the sum of its lines, charges, tips and rounding; tax on top only where it is additive', () => {
    expect(sold.length).toBeGreaterThan(STEPS / 2);
    for (const order of sold) addsUp(order);
  });

  test('what an order takes back is the sum of its parts, and never more than was sold', () => {
    const returns = all(orders).flatMap(({ returns: back = [] }) => back);
    expect(returns.length).toBeGreaterThan(5);
    for (const back of returns) returnAddsUp(back);
    for (const sale of sold) takenBackFits(sale, state);
  });

  test('a completed order is paid to the cent, and each tender is its payment', () => {
    for (const order of sold.filter(({ state: reached }) => reached === 'COMPLETED')) {
      const tenders = order.tenders ?? [];
      const net = of(order.net_amounts.total_money);
      // An exchange for something cheaper pays the difference back instead.
      expect(sum(tenders.map(({ amount_money }) => amount_money.amount))).toBe(net > 0n ? net : 0n);
      expect(of(order.net_amount_due_money)).toBe(0n);
      for (const tender of tenders) expect(tender.amount_money).toEqual(payments.get(tender.payment_id)!.total_money);
      expect(of(order.total_tip_money)).toBe(sum(tenders.map(({ tip_money }) => of(tip_money))));
    }
  });

  test('a payment’s total is its amount with the tip, and cash is a multiple of five cents', () => {
    for (const payment of all(payments)) {
      expect(of(payment.total_money)).toBe(of(payment.amount_money) + of(payment.tip_money));
      if (payment.source_type === 'CASH') expect(of(payment.total_money) % 5n).toBe(0n);
      if (payment.status !== 'COMPLETED') expect(payment.processing_fee).toBeUndefined();
    }
  });

  test('a refund is the total of its own order, and the sale keeps its totals', () => {
    for (const refund of all(refunds)) {
      const own = orders.get(refund.order_id)!;
      expect(of(own.net_amounts.total_money)).toBe(-of(refund.amount_money));
      expect(of(own.return_amounts!.total_money)).toBe(of(refund.amount_money) + of(own.total_money));
      expect('total_money' in own).toBe(own.line_items !== undefined);
      const sale = orders.get(payments.get(refund.payment_id)!.order_id)!;
      expect(own.returns!.map(({ source_order_id }) => source_order_id)).toEqual([sale.id]);
      expect(of(sale.net_amounts.total_money)).toBe(of(sale.total_money) - of(sale.return_amounts?.total_money));
      expect(own.state).toBe({ PENDING: 'OPEN', COMPLETED: 'COMPLETED', REJECTED: 'CANCELED' }[refund.status]);
    }
    for (const payment of all(payments)) refundedFits(payment, state);
  });

  test('a payout is the sum of its entries, and every movement is carried once', () => {
    const stages = new Set(told.flatMap(({ type }) => (type.startsWith('payout.') ? [type] : [])));
    expect(stages).toEqual(new Set(['payout.sent', 'payout.paid', 'payout.failed']));
    expect(all(payouts).some(({ amount_money }) => amount_money.amount < 0n)).toBe(true);
    for (const payout of all(payouts)) {
      const entries = all(movements).filter(({ payout_id }) => payout_id === payout.id);
      expect(sum(entries.map(({ net_amount_money }) => net_amount_money.amount))).toBe(of(payout.amount_money));
      expect(new Set(entries.map(({ location_id }) => location_id))).toEqual(new Set([payout.location_id]));
    }
    for (const entry of all(movements)) {
      expect(of(entry.gross_amount_money) - of(entry.fee_amount_money)).toBe(of(entry.net_amount_money));
    }
  });

  test('all kinds of entries occur that the café’s balance can have', () => {
    const types = new Set(all(movements).map(({ type }) => type));
    expect(types).toEqual(
      new Set([
        'CHARGE',
        'REFUND',
        'FEE',
        'TAX_ON_FEE',
        'OPEN_DISPUTE',
        'DISPUTE',
        'ADJUSTMENT',
        'RESERVE_HOLD',
        'RESERVE_RELEASE',
        'DEPOSIT_FEE',
        'GIFT_CARD_LOAD_FEE',
        'SUBSCRIPTION_FEE',
        'RETURNED_PAYOUT',
      ]),
    );
  });

  test('what Square owes is what waits for a payout or is under way, with the charges whose fee is not known', () => {
    const { clearing, reserve } = balancesOf(state.objects);
    const paid = new Set(all(payouts).flatMap(({ id, status }) => (status === 'PAID' ? [id] : [])));
    const failed = new Set(all(payouts).flatMap(({ id, status }) => (status === 'FAILED' ? [id] : [])));
    const owed = all(movements).filter(({ payout_id }) => payout_id === undefined || !paid.has(payout_id));
    // What a failed payout carried is owed by the entry that returned it.
    const open = owed.filter(({ payout_id }) => payout_id === undefined || !failed.has(payout_id));
    const hidden = all(payments).filter(
      (each) => each.status === 'COMPLETED' && isOnBalance(each) && each.processing_fee === undefined,
    );
    const kept = all(movements).filter(({ type, payout_id }) => /^RESERVE/.test(type) && paid.has(payout_id!));
    expect(reserve).toBe(-sum(kept.map(({ net_amount_money }) => net_amount_money.amount)));
    expect(clearing).toBe(
      sum(open.map(({ net_amount_money }) => net_amount_money.amount)) +
        sum(hidden.map(({ total_money }) => total_money.amount)),
    );
  });

  test('its totals are the money taken less the money given back, with exchanges as what was paid for them', () => {
    const { total, count } = totalsOf(state.objects);
    const taken = all(payments).filter(({ status, order_id }) => {
      return status === 'COMPLETED' && orders.get(order_id)!.state === 'COMPLETED';
    });
    const back = all(refunds).filter(({ status }) => status === 'COMPLETED');
    expect(total).toBe(
      sum(taken.map(({ total_money }) => total_money.amount)) -
        sum(back.map(({ amount_money }) => amount_money.amount)),
    );
    expect(count).toBe(sold.filter(({ state: reached }) => reached === 'COMPLETED').length);
  });

  test('fees are 2.6 % and 15 cents, told by a later update than the completion', () => {
    // 2.6 % of 20.00 is 52 cents; of 12.34 it is 32.084, so 32.
    expect([processingFee(2000n), processingFee(1234n)]).toEqual([67n, 47n]);
    for (const { processing_fee: fees = [], total_money } of all(payments)) {
      if (fees[0] !== undefined) expect(of(fees[0].amount_money)).toBe(processingFee(of(total_money)));
    }
    const completions = told.filter(
      ({ type, body }) => type === 'payment.updated' && /"status":"COMPLETED"/.test(body),
    );
    expect(completions.some(({ body }) => !body.includes('"processing_fee"'))).toBe(true);
    expect(completions.some(({ body }) => body.includes('"ADJUSTMENT"'))).toBe(true);
  });

  test('disputes take money once and give it back once, inquiries never', () => {
    for (const dispute of all(disputes)) {
      const moved = all(movements).filter(({ details }) => details?.dispute_id === dispute.id);
      const expected = { INQUIRY_CLOSED: [], WON: ['OPEN_DISPUTE', 'DISPUTE'] }[dispute.state as string];
      expect(moved.map(({ type }) => type)).toEqual(expected ?? ['OPEN_DISPUTE']);
    }
  });

  test('a drawer holds what went in and out, and is closed with what somebody counted', () => {
    expect(all(shifts).some(({ state: reached }) => reached === 'CLOSED')).toBe(true);
    for (const shift of all(shifts)) {
      const parts = [shift.opened_cash_money, shift.cash_payment_money, shift.cash_refunds_money];
      const others = [shift.cash_paid_in_money, shift.cash_paid_out_money];
      expect(sum([...parts, ...others].map(of))).toBe(of(shift.expected_cash_money));
      expect(of(shift.cash_paid_out_money) <= 0n && of(shift.cash_refunds_money) <= 0n).toBe(true);
    }
  });

  test('an event that comes again is the same to the byte, and other events have other ids', () => {
    const ids = new Map<string, string>();
    for (const { id, body } of told) {
      expect(ids.get(id) ?? body).toBe(body);
      ids.set(id, body);
      expect(JSON.parse(body)).toMatchObject({ merchant_id: cafe.merchantId, event_id: id });
    }
    expect(ids.size).toBeGreaterThan(STEPS * 3);
    expect(told.length).toBeGreaterThan(ids.size);
  });

  test('no step reaches beyond the moment it is played at', () => {
    const last = Date.parse('2026-03-01T09:00:00Z') + STEPS * 3_600_000;
    expect(Math.max(...told.map(({ at }) => at))).toBeLessThan(last);
  });
});

function addsUp(order: Order): void {
  const { line_items: lines = [], service_charges: charges = [], tenders = [], taxes = [] } = order;
  const additive = new Set(taxes.flatMap(({ uid, type }) => (type === 'ADDITIVE' ? [uid] : [])));
  for (const line of lines) {
    const extras = sum((line.modifiers ?? []).map(({ total_price_money }) => of(total_price_money)));
    const list = of(line.variation_total_price_money) + extras;
    const onTop = (line.applied_taxes ?? []).filter(({ tax_uid }) => additive.has(tax_uid));
    const added = sum(onTop.map(({ applied_money }) => of(applied_money)));
    expect(of(line.total_money)).toBe(list - of(line.total_discount_money) + added);
    expect(of(line.total_money)).toBe(
      of(line.gross_sales_money) - of(line.total_discount_money) + of(line.total_tax_money),
    );
    const cut = (line.applied_discounts ?? []).map(({ applied_money }) => of(applied_money));
    expect(of(line.total_discount_money)).toBe(sum(cut));
  }
  const applied = [...lines, ...charges].flatMap(({ applied_taxes = [] }) => applied_taxes);
  for (const { uid, applied_money } of taxes) {
    const own = applied.filter(({ tax_uid }) => tax_uid === uid);
    expect(of(applied_money)).toBe(sum(own.map((each) => of(each.applied_money))));
  }
  expect(of(order.total_tax_money)).toBe(sum(taxes.map(({ applied_money }) => of(applied_money))));
  const tips = sum(tenders.map(({ tip_money }) => of(tip_money)));
  const rounding = of(order.rounding_adjustment?.amount_money);
  expect(rounding >= -2n && rounding <= 2n).toBe(true);
  const parts = [...lines, ...charges].map(({ total_money }) => of(total_money));
  expect(of(order.total_money)).toBe(sum(parts) + tips + rounding);
}

function returnAddsUp(back: OrderReturn): void {
  const { return_line_items: lines, return_service_charges: charges = [], return_tips: tips = [] } = back;
  const parts = [...lines, ...charges].map(({ total_money }) => of(total_money));
  const tipped = sum(tips.map(({ applied_money }) => of(applied_money)));
  const rounding = of(back.rounding_adjustment?.amount_money);
  expect(of(back.return_amounts.total_money)).toBe(sum(parts) + tipped + rounding);
  const taxes = sum((back.return_taxes ?? []).map(({ applied_money }) => of(applied_money)));
  expect(of(back.return_amounts.tax_money)).toBe(taxes);
}

function takenBackFits(sale: Order, { objects }: State): void {
  const live = all(objects.orders).filter(({ state }) => state !== 'CANCELED');
  const returns = live.flatMap(({ returns: back = [] }) => back.filter((each) => each.source_order_id === sale.id));
  const total = sum(returns.map(({ return_amounts }) => of(return_amounts.total_money)));
  expect(total <= of(sale.total_money)).toBe(true);
  for (const line of sale.line_items ?? []) {
    const back = returns.flatMap((each) =>
      each.return_line_items.filter((one) => one.source_line_item_uid === line.uid),
    );
    expect(sum(back.map(({ total_money }) => of(total_money))) <= of(line.total_money)).toBe(true);
  }
}

function refundedFits({ id, refund_ids = [], refunded_money, total_money }: Payment, { objects }: State): void {
  const done = refund_ids.map((each) => objects.refunds.get(each)!).filter(({ status }) => status === 'COMPLETED');
  expect(of(refunded_money), id).toBe(sum(done.map(({ amount_money }) => of(amount_money))));
  expect(of(refunded_money) <= of(total_money)).toBe(true);
}
