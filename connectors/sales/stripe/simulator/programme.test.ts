import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordinal } from './programme.ts';
import { scripts } from './scripts.ts';
import { type Stand, stand } from './test-support.ts';

const SEEDS = [1, 2, 3, 5, 8];
const STEPS = 90;

interface WireMovement {
  id: string;
  amount: number;
  fee: number;
  net: number;
  currency: string;
  type: string;
  reporting_category: string;
  exchange_rate: number | null;
  source: string | null;
}
interface WireCharge {
  id: string;
  amount: number;
  amount_captured: number;
  captured: boolean;
  status: string;
  currency: string;
  balance_transaction: string | null;
  payment_intent: string | null;
  livemode: boolean;
}
interface WireEvent {
  id: string;
  type: string;
  created: number;
  livemode: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the payload of any event
  data: { object: any; previous_attributes?: any };
}
interface WirePayout {
  id: string;
  amount: number;
  status: string;
  balance_transaction: string;
  failure_balance_transaction: string | null;
}

const total = (amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

describe.each(SEEDS)('a programme with seed %i', (seed) => {
  let at: Stand;
  let played: string[];
  let movements: Map<string, WireMovement>;
  let charges: WireCharge[];
  let payouts: WirePayout[];
  let events: WireEvent[];

  /** Everything of a list, page by page, as any client would read it. */
  async function all<Made extends { id: string }>(path: string): Promise<Made[]> {
    const found: Made[] = [];
    for (;;) {
      const last = found.at(-1);
      const join = path.includes('?') ? '&' : '?';
      const { body } = await at.call(`${path}${join}limit=100${last ? `&starting_after=${last.id}` : ''}`);
      found.push(...(body.data as Made[]));
      if (!body.has_more) return found;
    }
  }

  beforeAll(async () => {
    at = await stand({ seed });
    played = await at.trade(STEPS);
    movements = new Map((await all<WireMovement>('/v1/balance_transactions')).map((each) => [each.id, each]));
    charges = await all<WireCharge>('/v1/charges');
    payouts = await all<WirePayout>('/v1/payouts');
    events = (await all<WireEvent>('/v1/events')).reverse();
  });
  afterAll(() => at.stripe.close());

  const byCategory = (...categories: string[]) =>
    [...movements.values()].filter(({ reporting_category: category }) => categories.includes(category));
  const typesOf = (object: string) => events.filter(({ data }) => data.object.id === object).map(({ type }) => type);

  test('the first steps go through every kind once, with payouts between them', () => {
    const kinds = Object.keys(scripts);
    const free = played.filter((_, step) => {
      const place = ordinal(step);
      return place !== null && place < kinds.length;
    });
    expect(new Set(free)).toEqual(new Set(kinds));
    for (const what of ['payout made', 'payout arrived', 'payout reconciled', 'payout failed', 'payout, negative'])
      expect(played).toContain(what);
  });

  test('every line of the ledger is its amount less its fee', () => {
    for (const movement of movements.values()) {
      expect(movement.net).toBe(movement.amount - movement.fee);
      expect(movement.currency).toBe('usd');
    }
  });

  test('every payment costs 2.9 % and 30 cents of what it is worth in dollars', () => {
    const paid = byCategory('charge');
    expect(paid.length).toBeGreaterThan(20);
    for (const { amount, fee } of paid) expect(fee).toBe(Math.floor((amount * 29 + 500) / 1_000) + 30);
  });

  test('money paid in dollars arrives to the cent, other money at the rate told', () => {
    const scale: Record<string, number> = { eur: 1, jpy: 100 };
    for (const charge of charges.filter(({ status, captured }) => status === 'succeeded' && captured)) {
      const movement = movements.get(charge.balance_transaction ?? '');
      if (charge.currency === 'usd') {
        expect([movement?.amount, movement?.exchange_rate]).toEqual([charge.amount_captured, null]);
        continue;
      }
      const exact = charge.amount_captured * (movement?.exchange_rate ?? 0) * (scale[charge.currency] ?? 0);
      expect(Math.abs((movement?.amount ?? 0) - exact)).toBeLessThanOrEqual(0.5 + 1e-6);
    }
    expect(new Set(charges.map(({ currency }) => currency))).toEqual(new Set(['usd', 'eur', 'jpy']));
  });

  test('a payout is the sum of its lines, and each line goes with one payout', async () => {
    expect(payouts.length).toBeGreaterThan(7);
    const seen = new Set<string>();
    for (const payout of payouts) {
      const list = await all<WireMovement>(`/v1/balance_transactions?payout=${payout.id}`);
      const lines = list.filter(({ id }) => id !== payout.balance_transaction);
      expect(list.length, 'the payout’s own line is among them').toBe(lines.length + 1);
      expect(total(lines.map(({ net }) => net))).toBe(payout.amount);
      expect(movements.get(payout.balance_transaction)?.net).toBe(-payout.amount);
      for (const { id } of lines) {
        expect(seen.has(id), `${id} in one payout only`).toBe(false);
        seen.add(id);
      }
    }
  });

  test('a failed payout returns to the balance, and goes with a later one', () => {
    const failed = payouts.filter(({ status }) => status === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    for (const payout of failed) {
      const back = movements.get(payout.failure_balance_transaction ?? '');
      expect(back).toMatchObject({ net: payout.amount, type: 'payout_failure', source: payout.id });
      expect(typesOf(payout.id)).toContain('payout.failed');
    }
  });

  test('what Stripe owes is its balance and what is on its way', async () => {
    const { body } = await at.call('/v1/balance');
    const balance = total([...body.available, ...body.pending].map(({ amount }) => amount));
    const underway = total(payouts.filter(({ status }) => status === 'in_transit').map(({ amount }) => amount));
    // Money held back has left the balance, but is still owed.
    const held = -total(byCategory('risk_reserved_funds').map(({ net }) => net));
    const [owed] = at.stripe.balances(at.account);
    expect(owed).toMatchObject({ processor: 'stripe', currency: 'USD' });
    expect((owed?.clearing ?? 0n) + (owed?.reserve ?? 0n)).toBe(BigInt(balance + underway + held));
  });

  test('a reserve is held, shown by a payout, and released', () => {
    const moved = byCategory('risk_reserved_funds').map(({ net, type }) => [type, Math.sign(net)]);
    expect(moved).toEqual(
      expect.arrayContaining([
        ['reserve_hold', -1],
        ['reserve_release', 1],
      ]),
    );
  });

  test('dispute money leaves with a fee of $15, and a won one brings the fee back or not', () => {
    for (const { fee } of byCategory('dispute')) expect(fee).toBe(1_500);
    expect(new Set(byCategory('dispute_reversal').map(({ fee }) => fee + 0))).toEqual(new Set([0, -1_500]));
    const inquiries = events.filter(
      ({ data }) => data.object.object === 'dispute' && data.object.status.startsWith('warning'),
    );
    expect(inquiries.length).toBeGreaterThan(0);
    for (const { data } of inquiries) expect(data.object.balance_transactions).toEqual([]);
  });

  test('a stand-alone fee belongs to no payment', () => {
    const fees = byCategory('fee');
    expect(fees.length).toBeGreaterThan(0);
    for (const fee of fees) expect(fee).toMatchObject({ type: 'stripe_fee', source: null, fee: 0 });
  });

  test('a payment is told before its fee is known, and again when it is', () => {
    const succeeded = events.filter(({ type }) => type === 'charge.succeeded');
    expect(succeeded.length).toBeGreaterThan(20);
    for (const { data } of succeeded) expect(data.object.balance_transaction).toBeNull();
    for (const charge of charges.filter(({ balance_transaction: known }) => known !== null)) {
      const told = events.find(
        ({ type, data }) =>
          type === 'charge.updated' &&
          data.object.id === charge.id &&
          data.previous_attributes?.balance_transaction === null,
      );
      expect(told?.data.object.balance_transaction).toBe(charge.balance_transaction);
    }
  });

  test('one sale is four to ten events', () => {
    const paid = charges.filter(({ status, payment_intent: intent }) => status === 'succeeded' && intent !== null);
    for (const { id, payment_intent: intent } of paid) {
      const count = events.filter(({ data }) => [id, intent].includes(data.object.id)).length;
      expect(count).toBeGreaterThanOrEqual(4);
    }
  });

  test('some changes are told by two different events', () => {
    const keys = events.map(({ type, created, data }) => `${type} ${created} ${JSON.stringify(data)}`);
    expect(keys.length).toBeGreaterThan(new Set(keys).size);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test('events of test mode are none of the live lists’ business', () => {
    expect(events.every(({ livemode }) => livemode)).toBe(true);
    expect(charges.every(({ livemode }) => livemode)).toBe(true);
  });
});
