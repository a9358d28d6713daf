import { describe, expect, test } from 'vitest';
import { closeOf, disputeOf, factsWith, feeOf, moved, payoutOf, saleOf, settlementOf } from '../test/books.ts';
import { card } from '../test/examples.ts';
import { books, expectedEntry, isThere, postedEntry } from '../test/month.ts';
import { entriesFor } from './posting-rules.ts';

/** Fees, payouts, disputes, the conversion and the cash days of the acceptance month (accounting.md J). */
describe.skipIf(!isThere)('the acceptance month', () => {
  test('E05 and E10: processing fees, at the date of the charge', () => {
    const fee = feeOf({ currency: 'GBP', amount: 176n, occurredAt: '2026-03-04T13:44:09Z' });
    expect(postedEntry(fee)).toEqual(expectedEntry('E05', 'FEE'));
    const later = feeOf({ currency: 'GBP', amount: 403n, occurredAt: '2026-03-07T03:00:00Z' });
    expect(postedEntry(later)).toEqual(expectedEntry('E10', 'FEE'));
  });

  test('E06 and E18: payouts', () => {
    const square = payoutOf({ currency: 'GBP', processor: 'square', amount: 26586n, arrivalDate: '2026-03-05' });
    expect(postedEntry(square)).toEqual(expectedEntry('E06'));
    const shopify = { processor: 'shopify_payments', amount: 9001n, arrivalDate: '2026-03-12' };
    expect(postedEntry(payoutOf({ currency: 'GBP', ...shopify }))).toEqual(expectedEntry('E18'));
  });

  test('E10: the euros of E09 settled in pounds', () => {
    const e09 = saleOf({
      currency: 'EUR',
      occurredAt: '2026-03-06T20:15:44Z',
      lines: [
        { kind: 'product', sku: 'LAMP', quantity: '2', net: 12000n, taxCode: 'EXP0' },
        { kind: 'shipping', net: 1500n, taxCode: 'EXP0' },
      ],
      tenders: [card('stripe', 13500n)],
    });
    const settled = settlementOf({
      currency: 'GBP',
      occurredAt: '2026-03-07T03:00:00Z',
      from: { currency: 'EUR', amount: 13500n },
      amount: 11611n,
    });
    const facts = factsWith({ related: new Map([['sale:1001', entriesFor(e09, factsWith(), books)]]) });
    expect(postedEntry(settled, facts)).toEqual(expectedEntry('E10'));
  });

  test('E19 and E29: a dispute opened and lost', () => {
    const opened = disputeOf({ currency: 'GBP', amount: 10400n, fee: 2000n, occurredAt: '2026-03-13T08:00:00Z' });
    expect(postedEntry(opened)).toEqual(expectedEntry('E19'));
    const lost = disputeOf({
      currency: 'GBP',
      amount: 10400n,
      status: 'lost',
      occurredAt: '2026-03-24T08:00:00Z',
    });
    expect(postedEntry(lost)).toEqual(expectedEntry('E29'));
  });

  test('E20: the same reverse charge on a processor’s fee', () => {
    const fee = feeOf({ currency: 'GBP', amount: 2500n, taxCode: 'RC20', occurredAt: '2026-03-15T07:00:00Z' });
    const isTax = (line: string) => line.startsWith('2200 ') || line.startsWith('2201 ');
    const taxes = expectedEntry('E20')?.lines.filter(isTax);
    expect(taxes).toHaveLength(2);
    expect(postedEntry(fee)?.lines.filter(isTax)).toEqual(taxes);
  });

  test('E21: a payout with a reserve withheld', () => {
    const payout = payoutOf({
      currency: 'GBP',
      amount: 35272n,
      arrivalDate: '2026-03-16',
      lines: [moved('sale', 40272n, 'W-501'), moved('reserve', -5000n)],
    });
    expect(postedEntry(payout)).toEqual(expectedEntry('E21'));
  });

  test('E03 and E32: cash days; the event does not say what was spent on, so the company says where it belongs', () => {
    const first = closeOf({
      currency: 'GBP',
      occurredAt: '2026-03-03T18:05:00Z',
      openingBalance: 15000n,
      revenueShould: 18240n,
      revenueActual: 18140n,
      expenditure: 1250n,
      bankDeposit: 16000n,
    });
    const cleaning = books.roles.get('expense.cleaning') ?? '';
    const chosen = { ...books, roles: new Map([...books.roles, ['expense.cash', cleaning]]) };
    expect(postedEntry(first, factsWith(), chosen)).toEqual(expectedEntry('E03'));
    const second = closeOf({
      currency: 'GBP',
      occurredAt: '2026-03-27T18:02:00Z',
      openingBalance: 15890n,
      revenueShould: 8100n,
      revenueActual: 8440n,
      bankDeposit: 10000n,
    });
    expect(postedEntry(second)).toEqual(expectedEntry('E32'));
  });
});
