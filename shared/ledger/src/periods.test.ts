import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { calendarChanges } from './calendar-changes.ts';
import { loadBooks } from './company.ts';
import { calendarOf, checkBeforeLock, type PeriodState, setLockDate, setPeriodState } from './periods.ts';
import { closeYear } from './year-end.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const NOW = new Date('2026-04-05T10:00:00Z');
const act = (reason?: string) => ({ by: 'Ada', now: NOW, reason });
const set = (shop: string, day: string, state: Exclude<PeriodState, 'closed'>, reason?: string) =>
  setPeriodState(ledger.sql, shop, { day, state }, act(reason));

test('a year has its months and a closing period on its last day, which only the system opens', async () => {
  const { years, locks } = await calendarOf(ledger.sql, await newShop(ledger));
  expect(years).toMatchObject([{ label: '2026', startsOn: '2026-01-01', endsOn: '2026-12-31', state: 'open' }]);
  expect(years[0]?.periods).toHaveLength(13);
  expect(years[0]?.periods.at(-1)).toEqual({
    startsOn: '2026-12-31',
    endsOn: '2026-12-31',
    kind: 'closing',
    state: 'locked',
  });
  expect(locks).toEqual({ sales: null, purchases: null, tax: null, everything: null, hard: null });
});

describe('a period', () => {
  test('is closed softly, locked and unlocked with a reason, and every step is kept', async () => {
    const shop = await newShop(ledger);
    expect(await set(shop, '2026-03-15', 'soft_closed')).toMatchObject({
      startsOn: '2026-03-01',
      state: 'soft_closed',
    });
    await set(shop, '2026-03-31', 'locked');
    await set(shop, '2026-03-31', 'locked');
    await expect(set(shop, '2026-03-01', 'open')).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    await set(shop, '2026-03-01', 'open', 'a bill was forgotten');
    const kept = await calendarChanges(ledger.sql, shop);
    expect(kept.map(({ subject, before, after, reason }) => [subject, before, after, reason])).toEqual([
      ['2026-03-01', 'locked', 'open', 'a bill was forgotten'],
      ['2026-03-01', 'soft_closed', 'locked', null],
      ['2026-03-01', 'open', 'soft_closed', null],
    ]);
    await expect(ledger.sql`delete from calendar_changes`).rejects.toThrow(/^ENTRY_IMMUTABLE/);
  });

  test('is not opened behind the hard lock date, in a closed year, or where there is none', async () => {
    const shop = await newShop(ledger);
    await set(shop, '2026-01-01', 'locked');
    await setLockDate(ledger.sql, shop, { kind: 'hard', day: '2026-01-31' }, act());
    await expect(set(shop, '2026-01-15', 'open', 'why not')).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringContaining('hard lock date 2026-01-31'),
    });
    await expect(set(shop, '2031-01-15', 'locked')).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
    await ledger.sql`update periods set state = 'locked' where company_id = ${shop}`;
    await closeYear(ledger.sql, shop, '2026', { by: 'Ada', now: new Date('2027-02-01T00:00:00Z') });
    await expect(set(shop, '2026-05-15', 'open', 'why not')).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringContaining('2026 is closed'),
    });
  });

  test('with a balance in suspense is locked only with a reason that accepts it', async () => {
    const shop = await newShop(ledger);
    await post(ledger, shop, [sale('1', { entryType: 'PYT', lines: [line('9998', 500n), line('1241', -500n)] })]);
    expect(await checkBeforeLock(ledger.sql, shop, '2026-03-01')).toEqual([
      { check: 'suspense', blocks: false, amount: 500n, message: expect.stringContaining('GBP 5.00') },
    ]);
    expect(await checkBeforeLock(ledger.sql, shop, '2026-02-01')).toEqual([]);
    await expect(set(shop, '2026-03-01', 'locked')).rejects.toMatchObject({ code: 'PERIOD_NOT_READY' });
    await set(shop, '2026-03-01', 'locked', 'the processor looks into it');
  });

  test('with a fact that is not booked is locked only with a reason; one of a later day does not matter', async () => {
    const shop = await newShop(ledger);
    await ledger.sql`
      with made as (insert into connections (company_id, connector, kind, label, account)
        values (${shop}, 'a-shop', 'sales', 'Shop', 'harbour') returning id)
      insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
        occurred_at, recorded_at, state)
      select ${shop}, id, 1, 'refund', 'r1', '1', 'hash', '{}', '2026-03-31T23:30:00Z', now(), 'waiting' from made`;
    // 23:30 UTC on 31 March is 1 April in London.
    expect(await checkBeforeLock(ledger.sql, shop, '2026-03-01')).toEqual([]);
    expect(await checkBeforeLock(ledger.sql, shop, '2026-04-01')).toMatchObject([{ check: 'events', amount: 1n }]);
    await expect(set(shop, '2026-04-01', 'locked')).rejects.toMatchObject({
      code: 'PERIOD_NOT_READY',
      message: expect.stringContaining('refund r1'),
    });
  });
});

describe('lock dates', () => {
  test('move forward freely, back only with a reason, the hard one never', async () => {
    const shop = await newShop(ledger);
    const lock = (kind: 'tax' | 'hard', day: string | null, reason?: string) =>
      setLockDate(ledger.sql, shop, { kind, day }, act(reason));
    expect(await lock('tax', '2026-02-28')).toMatchObject({ tax: '2026-02-28', hard: null });
    await expect(lock('tax', '2026-01-31')).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    expect(await lock('tax', null, 'the return is corrected')).toMatchObject({ tax: null });
    await lock('hard', '2026-01-31');
    await expect(lock('hard', '2026-01-30', 'please')).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
    expect(await lock('hard', '2026-02-28')).toMatchObject({ hard: '2026-02-28' });
  });

  test('are what the posting rules and the guards of the database go by', async () => {
    const shop = await newShop(ledger);
    await setLockDate(ledger.sql, shop, { kind: 'sales', day: '2026-03-10' }, act());
    const books = await loadBooks(ledger.sql, shop);
    const kind = { entryType: 'SAL' as const, taxed: true, byHand: false };
    expect(books.openFrom?.('2026-03-10', kind)).toBe('2026-03-11');
    expect([books.isOpen('2026-03-10'), books.firstOpenDay]).toEqual([true, '2026-01-01']);
    await expect(post(ledger, shop, [sale('1')])).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringContaining('lock date for sales'),
    });
    await post(ledger, shop, [sale('1', { entryType: 'PYT' })]);
  });
});
