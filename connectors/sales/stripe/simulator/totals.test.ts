import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stand, stand } from './test-support.ts';

/** Enough steps to see every kind of sale more than once, and no payout on its way at the end. */
const STEPS = 120;
const SEEDS = [4, 6, 9];

interface Sold {
  total: bigint;
  tax: bigint;
  back: bigint;
}

describe.each(SEEDS)('what a merchant with seed %i sold and kept', (seed) => {
  let at: Stand;

  beforeAll(async () => {
    at = await stand({ seed });
    await at.trade(STEPS);
  });
  afterAll(() => at.stripe.close());

  // biome-ignore lint/suspicious/noExplicitAny: objects of the API as they come
  async function all(path: string): Promise<any[]> {
    const found: { id: string }[] = [];
    for (;;) {
      const last = found.at(-1);
      const { body } = await at.call(`${path}?limit=100${last ? `&starting_after=${last.id}` : ''}`);
      found.push(...body.data);
      if (!body.has_more) return found;
    }
  }

  /** Sales by the intent or charge that pays them, worked out from what the API lists alone. */
  async function sales(): Promise<Map<string, Sold>> {
    const sold = new Map<string, Sold>();
    const payments = await all('/v1/invoice_payments');
    const intentOf = new Map(payments.map(({ invoice, payment }) => [invoice, payment.payment_intent]));
    const taxes = new Map(
      (await all('/v1/checkout/sessions')).map((each) => [each.payment_intent, each.total_details.amount_tax]),
    );
    for (const invoice of await all('/v1/invoices')) {
      if (!['open', 'paid'].includes(invoice.status)) continue;
      const tax = BigInt(invoice.total_taxes[0].amount);
      sold.set(intentOf.get(invoice.id), { total: BigInt(invoice.total), tax, back: 0n });
    }
    for (const charge of await all('/v1/charges')) {
      const key = charge.payment_intent ?? charge.id;
      if (charge.status !== 'succeeded' || !charge.captured || charge.currency !== 'usd' || sold.has(key)) continue;
      sold.set(key, { total: BigInt(charge.amount_captured), tax: BigInt(taxes.get(key) ?? 0), back: 0n });
    }
    for (const refund of await all('/v1/refunds')) {
      if (refund.status === 'failed' || refund.reason === 'expired_uncaptured_charge') continue;
      const sale = sold.get(refund.payment_intent ?? refund.charge);
      if (sale !== undefined) sale.back += BigInt(refund.amount);
    }
    return sold;
  }

  test('its totals are the fold of what its API lists, in dollars alone', async () => {
    const sold = [...(await sales()).values()];
    const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
    expect(sold.length).toBeGreaterThan(30);
    expect(at.stripe.totals(at.account)).toEqual({
      count: sold.length,
      total: sum(sold.map(({ total, back }) => total - back)),
      // Half-up of a positive ratio in whole cents.
      tax: sum(sold.map(({ total, tax, back }) => tax - (2n * back * tax + total) / (2n * total))),
    });
  });

  test('a sale given back in full leaves no tax, and nothing is ever given back twice', async () => {
    const whole = [...(await sales()).values()].filter(({ back }) => back > 0n);
    expect(whole.length).toBeGreaterThan(2);
    for (const { total, back } of whole) expect(back <= total).toBe(true);
    expect(whole.some(({ total, back }) => total === back)).toBe(true);
  });

  test('a credit note is one of the refunds, with its share of the invoice’s tax', async () => {
    const notes = await all('/v1/credit_notes');
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) {
      const refund = (await at.call(`/v1/refunds/${note.refunds[0].refund}`)).body;
      const invoice = (await at.call(`/v1/invoices/${note.invoice}`)).body;
      expect(refund.amount).toBe(note.total);
      expect(note.total_taxes[0].amount * invoice.total).toBe(note.total * invoice.total_taxes[0].amount);
    }
  });

  test('every invoice adds up the way Stripe says', async () => {
    for (const invoice of await all('/v1/invoices')) {
      // biome-ignore lint/suspicious/noExplicitAny: a line of an invoice
      const lines: any[] = invoice.lines.data;
      const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
      const off = (line: (typeof lines)[number], own: boolean) =>
        sum(
          line.discount_amounts
            .filter(({ discount }: { discount: string }) => line.discounts.includes(discount) === own)
            .map(({ amount }: { amount: number }) => amount),
        );
      expect(invoice.subtotal).toBe(sum(lines.map((line) => line.amount - off(line, true))));
      expect(invoice.total_excluding_tax).toBe(invoice.subtotal - sum(lines.map((line) => off(line, false))));
      expect(invoice.total).toBe(invoice.total_excluding_tax + sum(lines.map((line) => line.taxes[0].amount)));
      expect(sum(invoice.total_discount_amounts.map(({ amount }: { amount: number }) => amount))).toBe(
        sum(lines.map((line) => off(line, true) + off(line, false))),
      );
    }
  });
});
