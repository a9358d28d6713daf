import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, openBench } from './test-client.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.sage.close());

const balances = () => bench.sage.balances(bench.books);
const DAY = { date: '2026-11-09' };
const transfer = (from: string, to: string, more = {}) => ({
  ...DAY,
  from_bank_account_id: bench.bank(from),
  to_bank_account_id: bench.bank(to),
  amount: 815.63,
  reference: 'PAY-1',
  ...more,
});
const other = (type: string, lines: object[], total: number) => ({
  ...DAY,
  transaction_type_id: type,
  bank_account_id: bench.bank('1241'),
  reference: 'F-1',
  total_amount: total,
  payment_lines: lines,
});
const journal = (...lines: object[]) => ({ ...DAY, reference: 'J-1', journal_lines: lines });
const side = (code: string, debit: number, credit: number) => ({
  ledger_account_id: bench.ledger(code),
  debit,
  credit,
});

describe('money of banks', () => {
  test('is transferred between two bank accounts', async () => {
    await bench.make('bank_transfer', transfer('1241', '1200'));
    expect(balances()).toEqual({ '1200': 81_563n, '1241': -81_563n });
    expect(await bench.refusal('bank_transfer', transfer('1241', '1241'))).toMatchObject({
      source: 'to_bank_account_id',
    });
    expect(await bench.refusal('bank_transfer', transfer('1241', '2120'))).toMatchObject({
      source: 'to_bank_account_id',
    });
  });

  test('is spent with input VAT, and received with output VAT', async () => {
    const ledger = bench.ledger('7905');
    const fee = { ledger_account_id: ledger, tax_rate_id: 'GB_STANDARD', tax_amount: 0.37, total_amount: 2.24 };
    await bench.make('other_payment', other('OTHER_PAYMENT', [fee], 2.24));
    expect(balances()).toEqual({ '1241': -224n, '7905': 187n, '2201': 37n });
    await bench.make('other_payment', other('OTHER_RECEIPT', [fee], 2.24));
    expect(balances()).toEqual({ '2201': 37n, '2200': -37n });
    expect(await bench.refusal('other_payment', other('OTHER_PAYMENT', [fee], 2.25))).toMatchObject({
      source: 'total_amount',
    });
    const onBank = { ...fee, ledger_account_id: bench.ledger('1200') };
    expect(await bench.refusal('other_payment', other('OTHER_PAYMENT', [onBank], 2.24))).toMatchObject({
      source: 'payment_lines.ledger_account_id',
    });
  });
});

describe('journals', () => {
  test('balance, and say debit and credit on every line', async () => {
    await bench.make('journal', journal(side('8110', 54.1, 0), side('1249', 0, 54.1)));
    expect(balances()).toEqual({ '8110': 5_410n, '1249': -5_410n });
    const uneven = journal(side('8110', 54.1, 0), side('1249', 0, 54));
    expect(await bench.refusal('journal', uneven)).toMatchObject({ source: 'journal_lines' });
    const { credit: _, ...half } = side('8110', 54.1, 0);
    expect(await bench.refusal('journal', journal(half, side('1249', 0, 54.1)))).toMatchObject({
      source: 'journal_lines.credit',
    });
  });

  test('are refused on debtors and creditors, and taken on VAT', async () => {
    const debtors = journal(side('1100', 1, 0), side('4000', 0, 1));
    expect(await bench.refusal('journal', debtors)).toMatchObject({ status: 422, source: 'ledger_account_id' });
    await bench.make('journal', journal(side('2201', 1, 0), side('7905', 0, 1)));
  });
});

describe('lists', () => {
  const get = async (path: string) => (await bench.call('GET', path)).body;

  test('come in pages, with what was asked for', async () => {
    for (const number of [1, 2, 3]) {
      await bench.make('bank_transfer', transfer('1241', '1200', { reference: `PAY-${number}` }));
    }
    const first = await get('/bank_transfers?items_per_page=2&attributes=reference');
    expect(first).toMatchObject({
      $total: 3,
      $page: 1,
      $next: '/bank_transfers?items_per_page=2&attributes=reference&page=2',
      $back: null,
      $itemsPerPage: 2,
    });
    expect(Object.keys(first.$items[0])).toEqual(['id', 'displayed_as', '$path', 'reference']);
    expect((await get('/bank_transfers?items_per_page=2&page=2')).$items).toHaveLength(1);
    expect((await bench.call('GET', '/bank_transfers?items_per_page=201')).status).toBe(400);
  });

  test('know the filters that the provider documents, and no others', async () => {
    await bench.make('bank_transfer', transfer('1241', '1200'));
    expect((await get('/bank_transfers?from_date=2026-11-09&to_date=2026-11-09')).$total).toBe(1);
    expect((await get('/bank_transfers?from_date=2026-11-10')).$total).toBe(0);
    expect((await get('/bank_transfers?search=nothing')).$total).toBe(1);
    await bench.make('journal', journal(side('8110', 1, 0), side('1249', 0, 1)));
    expect((await get('/journals?from_date=2030-01-01')).$total).toBe(1);
    expect((await get('/journals?updated_or_created_since=2026-11-21T12:00:00Z')).$total).toBe(1);
    expect((await get('/journals?updated_or_created_since=2026-11-21T12:00:01Z')).$total).toBe(0);
  });
});

describe('repeating', () => {
  const id = '0123456789abcdef0123456789abcdef';

  test('an idempotency id makes nothing twice, for seven days', async () => {
    const body = { ...transfer('1241', '1200'), idempotency_id: id };
    const made = await bench.make('bank_transfer', body);
    expect(await bench.make('bank_transfer', body)).toEqual(made);
    expect(balances()).toEqual({ '1200': 81_563n, '1241': -81_563n });
    expect((await bench.call('GET', '/bank_transfers')).body.$total).toBe(1);
  });

  test('without one everything is made again', async () => {
    await bench.make('bank_transfer', transfer('1241', '1200'));
    await bench.make('bank_transfer', transfer('1241', '1200'));
    expect((await bench.call('GET', '/bank_transfers')).body.$total).toBe(2);
  });

  test('a refusal is not remembered', async () => {
    const body = { ...transfer('1241', '1200'), idempotency_id: id };
    bench.sage.lock(bench.books, '2026-12-31');
    await bench.refusal('bank_transfer', body);
    bench.sage.lock(bench.books, '2025-12-31');
    await bench.make('bank_transfer', body);
  });

  test('an id of another form is refused', async () => {
    const body = { ...transfer('1241', '1200'), idempotency_id: 'a-b-c' };
    expect(await bench.refusal('bank_transfer', body)).toMatchObject({ source: 'idempotency_id' });
  });
});

describe('what is no document', () => {
  test('contacts have a reference of their own', async () => {
    const contact = { name: 'Ada', contact_type_ids: ['CUSTOMER'], reference: 'DB-1' };
    await bench.make('contact', contact);
    expect(await bench.refusal('contact', contact)).toMatchObject({ status: 422, source: 'reference' });
    expect((await bench.call('GET', '/contacts?search=db-1&attributes=reference')).body.$items).toMatchObject([
      { reference: 'DB-1' },
    ]);
    await bench.make('contact', contact, { business: bench.trading });
  });

  test('requests of another form are named as such', async () => {
    const status = async (method: string, path: string, body?: unknown) =>
      (await bench.call(method, path, { body })).status;
    expect(await status('GET', '/weather')).toBe(404);
    expect(await status('PUT', '/journals', {})).toBe(405);
    expect(await status('POST', '/journals', { journals: {} })).toBe(400);
    expect(await status('DELETE', `/journals/${'0'.repeat(32)}`)).toBe(404);
  });

  test('too many calls in a minute wait', async () => {
    const busy = await openBench({ requestsPerMinute: 4 });
    const statuses: number[] = [];
    for (const _ of [1, 2, 3]) statuses.push((await busy.call('GET', '/currencies')).status);
    // Two were spent on the way in.
    expect(statuses).toEqual([200, 200, 429]);
    busy.clock.now += 60_000;
    expect((await busy.call('GET', '/currencies')).status).toBe(200);
    await busy.sage.close();
  });

  test('POSTs that overlap on one business are counted, those on two are not', async () => {
    const both = (first: string, second: string) =>
      Promise.all([first, second].map((business) => bench.call('POST', '/journals', { business, body: {} })));
    bench.sage.inject({ kind: 'slow', count: 4, delayMs: 100, path: '/journals' });
    await both(bench.books, bench.trading);
    expect([bench.sage.overlaps(bench.books), bench.sage.overlaps(bench.trading)]).toEqual([0, 0]);
    await both(bench.books, bench.books);
    expect(bench.sage.overlaps(bench.books)).toBe(1);
  });
});
