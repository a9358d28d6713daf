import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, NOW, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { bookMonth, isThere } from '../test/month.ts';
import { lateItems } from './late.ts';
import { setPeriodState } from './periods.ts';
import { journal } from './reports.ts';
import { reverseEntry } from './reversal.ts';
import { closeYear } from './year-end.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const act = (now = NOW, reason: string | undefined = 'typed twice') => ({ by: 'Ada', now, reason });
const reverse = (shop: string, entry: string, date?: string, now?: Date) =>
  reverseEntry(ledger.sql, shop, { entry, date }, act(now));
const KEY = 'shopify:harbour:sale:1';

describe('a reversal', () => {
  test('turns debit and credit on the original date while that is open; both name each other and stay', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1')]);
    expect(await reverse(shop, '2026/1')).toEqual({
      sourceKey: `${KEY}:reversal`,
      postingDate: '2026-03-10',
      fiscalYear: '2026',
      number: 2,
      reverses: { fiscalYear: '2026', number: 1 },
    });
    const { entries } = await journal(ledger.sql, shop);
    expect(entries).toMatchObject([
      { sourceKey: KEY, reversedBy: `${KEY}:reversal` },
      { reverses: KEY, memo: 'Reversal: Shopify order 1 (typed twice)' },
    ]);
    expect(entries[1]?.lines.map(({ account, debit, credit }) => [account, debit, credit])).toEqual([
      ['1241', 0n, 2400n],
      ['4000', 2000n, 0n],
      ['2200', 400n, 0n],
    ]);
  });

  test('goes to the first open day when the original date is closed, and is then a late item of that period', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1')]);
    const now = new Date('2026-04-02T10:00:00Z');
    await setPeriodState(ledger.sql, shop, { day: '2026-03-01', state: 'soft_closed' }, { by: 'Ada', now });
    expect(await reverse(shop, KEY, undefined, now)).toMatchObject({ postingDate: '2026-04-01' });
    const april = { from: '2026-04-01', to: '2026-04-30' };
    expect(await lateItems(ledger.sql, shop, { ...april, taxed: true })).toMatchObject([
      { number: 2, postingDate: '2026-04-01', taxPoint: '2026-03-10', sourceKey: `${KEY}:reversal` },
    ]);
    expect(await lateItems(ledger.sql, shop, { from: '2026-03-01', to: '2026-03-31' })).toEqual([]);
  });

  test('has the day that is asked for when that is open and not before the entry', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1')]);
    await ledger.sql`update periods set state = 'locked' where company_id = ${shop} and starts_on = '2026-04-01'`;
    for (const day of ['2026-03-09', '2026-04-10']) {
      await expect(reverse(shop, KEY, day)).rejects.toMatchObject({ code: 'PERIOD_CLOSED', subject: day });
    }
    expect(await reverse(shop, KEY, '2026-03-14')).toMatchObject({ postingDate: '2026-03-14' });
  });

  test('is made once; taking it back posts the lines afresh', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1')]);
    await reverse(shop, KEY);
    await expect(reverse(shop, KEY)).rejects.toMatchObject({ code: 'ENTRY_IMMUTABLE' });
    await reverse(shop, `${KEY}:reversal`);
    const { entries } = await journal(ledger.sql, shop);
    expect(entries.map(({ reverses, lines }) => [reverses, lines[0]?.debit])).toEqual([
      [null, 2400n],
      [KEY, 0n],
      [null, 2400n],
    ]);
  });

  test('needs a reason and an entry that is there and not part of a closing', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1')]);
    const bare = reverseEntry(ledger.sql, shop, { entry: KEY }, { by: 'Ada', now: NOW });
    await expect(bare).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    await expect(reverse(shop, '2026/7')).rejects.toMatchObject({ code: 'EVENT_INVALID', subject: '2026/7' });
    await ledger.sql`update periods set state = 'locked' where company_id = ${shop}`;
    await closeYear(ledger.sql, shop, '2026', { by: 'Ada', now: new Date('2027-02-01T00:00:00Z') });
    await expect(reverse(shop, 'closing:2026:1:OPN')).rejects.toMatchObject({
      code: 'ENTRY_IMMUTABLE',
      message: expect.stringContaining('Reopen'),
    });
  });

  test('of two people who reverse at once one succeeds', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1', { lines: [line('1241', 5n), line('4000', -5n)] })]);
    const outcomes = await Promise.allSettled([reverse(shop, KEY), reverse(shop, KEY)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

test.runIf(isThere)(
  'the reversal case of the acceptance month: breakage of a lamp is taken back on 31 March',
  async () => {
    const shop = await bookMonth(ledger);
    const made = await reverse(shop, 'stock:adj:12', '2026-03-31', new Date('2026-03-31T22:00:00Z'));
    const { entries } = await journal(ledger.sql, shop, { from: '2026-03-01', to: '2026-03-31' });
    const entry = entries.find(({ number }) => number === made.number);
    expect(entry?.postingDate).toBe('2026-03-31');
    // Its original booked 33.05 from stock (1001) to adjustments (5020).
    const lines = entry?.lines.map(({ account, debit, credit }) => [account, debit, credit]);
    expect(lines?.sort()).toEqual([
      ['1001', 3305n, 0n],
      ['5020', 0n, 3305n],
    ]);
    const original = entries.find(({ sourceKey }) => sourceKey === 'stock:adj:12');
    expect([original?.reversedBy, entry?.reverses]).toEqual([made.sourceKey, 'stock:adj:12']);
    // One lamp at 33.05 comes back to the 12 lamps at 395.84 of the month's end.
    const [lamps] = await ledger.sql`
    select m.quantity::text as moved, m.value, i.quantity::text as quantity, i.value as total from stock_movements m
    join items i on i.company_id = m.company_id and i.sku = m.sku
    where m.company_id = ${shop} and m.source_key = ${made.sourceKey}`;
    expect(lamps).toEqual({ moved: '1.000000', value: 3305n, quantity: '13.000000', total: 42_889n });
  },
);

test.runIf(isThere)(
  'goods that have left since, or would be left at less than nothing, refuse the reversal',
  async () => {
    const shop = await ledger.sql<{ id: string }[]>`select id from companies where slug = 'acceptance-month'`;
    const id = shop[0]?.id ?? '';
    // Of the 13 lamps at 428.89, 12 leave by hand; the 10 that note 31 brought are not there any more.
    await ledger.sql`update items set quantity = 1, value = 3299 where company_id = ${id} and sku = 'LAMP'`;
    const lamps = await ledger.sql<{ key: string }[]>`
    select source_key as key from stock_movements where company_id = ${id} and sku = 'LAMP' and kind = 'receipt'`;
    const late = new Date('2026-03-31T22:00:00Z');
    for (const { key } of lamps) {
      await expect(reverse(id, key, '2026-03-31', late)).rejects.toMatchObject({
        code: 'INSUFFICIENT_STOCK',
        subject: 'LAMP',
      });
    }
    expect(lamps).not.toEqual([]);
  },
);
