import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, reversal, sale } from '../test/fixtures.ts';
import { postedEntries } from './post.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

test('entries are numbered from 1 in the order given, and every field is stored', async () => {
  const shop = await newShop(ledger);
  const outcomes = await post(ledger, shop, [sale('1001'), sale('1002', { memo: 'quotes " and \\ and {braces}' })]);
  expect(outcomes).toMatchObject([
    { outcome: 'posted', number: 1, fiscalYear: '2026' },
    { outcome: 'posted', number: 2, fiscalYear: '2026' },
  ]);
  expect(await postedEntries(ledger.sql, shop, ['shopify:harbour:sale:1002'])).toEqual([
    { ...sale('1002'), memo: 'quotes " and \\ and {braces}', occurredAt: '2026-03-10T11:30:00.000Z' },
  ]);
});
