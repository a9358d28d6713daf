import { createCompany } from '@daybook/ledger/company';
import { trialBalance } from '@daybook/ledger/reports';
import { verifyCompany } from '@daybook/ledger/verify';
import { enterEvents } from '@daybook/workers/enter';
import { setGranularity } from '@daybook/workers/summaries/granularity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventInput, makeEvent } from '../../shared/domain/src/events.ts';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** The cash book through the API (accounting.md F); figures of the worked day are those of F5. */
let world: World;
let companies = 0;

beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-03-12T09:00:00Z') });
}, 120_000);
afterAll(async () => {
  await world?.close();
});

interface Shop {
  id: string;
  slug: string;
}

const HEAD = { version: 1, channel: 'tills', revision: '1', currency: 'EUR', test: false } as const;

/** A German shop with 200.00 in the drawer, which a person has put on the books. */
async function newShop(): Promise<Shop> {
  companies += 1;
  const slug = `tills-${companies}`;
  const given = { slug, name: 'Tills', country: 'DE', currency: 'EUR', timeZone: 'Europe/Berlin', now: world.now() };
  const { id } = await world.database.sql.begin((tx) => createCompany(tx, given));
  const shop = { id, slug };
  const lines = [
    { role: 'cash.drawer', amount: 20000 },
    { role: 'equity.capital', amount: -20000 },
  ];
  await enter(shop, { type: 'journal', id: 'float', occurredAt: '2026-03-01T08:00:00Z', date: '2026-03-01', lines });
  return shop;
}

async function enter(shop: Shop, given: Partial<EventInput> & { type: string }): Promise<void> {
  await enterEvents(shop.id, [makeEvent({ ...HEAD, ...given })], world.hub.deps);
}

/** A sale without tax, paid in cash. */
function cashSale(id: string, amount: number, at: string) {
  const lines = [{ kind: 'tip' as const, net: amount }];
  return {
    type: 'sale' as const,
    id,
    occurredAt: at,
    pricesIncludeTax: false,
    lines,
    tenders: [{ kind: 'cash' as const, amount }],
    total: amount,
  };
}

const MAIN = {
  name: 'Main till',
  startsOn: '2026-03-02',
  endsOn: '2026-03-11',
  tolerance: 200,
  companyCode: '1000',
  site: 'Kiel',
  registers: [{ register: 'R1' }],
  auditor: 'Anna Prüfer',
  clerk: 'Karl Kasse',
};

const F5 = {
  receiptNumber: 'Z-1',
  openingBalance: 20000,
  revenueShould: 84550,
  revenueActual: 84300,
  revaluation: 6000,
  devaluation: 1000,
  salesNonCash: 121040,
  expenditures: [{ role: 'expense.office', amount: 2380, taxCode: 'U19', receipt: 'B-7' }],
  bankDeposit: 70000,
  reason: 'counted twice, a note is missing',
};

const api = (shop: Shop, path: string, json?: unknown, method?: string) =>
  ask(world.url, `/api/v1${path}${path.includes('?') ? '&' : '?'}company=${shop.slug}`, {
    ...(json !== undefined && { json }),
    ...(method !== undefined && { method }),
  });
const openBook = (shop: Shop, change: object = {}) => api(shop, '/cash-books', { ...MAIN, ...change });
const day = (date: string, step = '') => `/cash-books/Main%20till/registers/R1/days/${date}${step}`;

async function submit(shop: Shop, date: string, draft: object) {
  await api(shop, day(date), { draft }, 'PUT');
  return api(shop, day(date, '/submit'), {});
}

async function balanceOf(shop: Shop, role: string): Promise<bigint> {
  const report = await trialBalance(world.database.sql, shop.id, { to: '2026-12-31' });
  const [row] = await world.database.sql<{ account: string }[]>`
    select account from account_roles where company_id = ${shop.id} and role = ${role}`;
  return report.rows.find(({ account }) => account === row?.account)?.closing ?? 0n;
}

async function entriesOfType(shop: Shop, type: string): Promise<number> {
  const [row] = await world.database.sql<{ count: number }[]>`
    select count(*)::int as count from journal_entries where company_id = ${shop.id} and entry_type = ${type}`;
  return row?.count ?? 0;
}

describe('a day of the cash book', () => {
  it('goes from a draft over its submission to its approval, and the drawer holds what F5 says', async () => {
    const shop = await newShop();
    expect((await openBook(shop)).body).toMatchObject({
      name: 'Main till',
      status: 'ended',
      registers: [{ register: 'R1', account: '1000' }],
    });
    await enter(shop, { ...cashSale('1001', 79550, '2026-03-10T12:00:00Z'), register: 'R1' });

    const next = await api(shop, '/cash-books/Main%20till/registers/R1/next-day');
    expect(next.body).toMatchObject({ date: '2026-03-02', entryStatus: 'draft', draft: { openingBalance: '20000' } });
    expect((await api(shop, day('2026-03-10'))).body).toMatchObject({
      cashTenders: '79550',
      draft: { openingBalance: '20000' },
    });

    const { reason, ...unexplained } = F5;
    const refused = await submit(shop, '2026-03-10', unexplained);
    expect([refused.status, refused.body]).toEqual([422, refusal('REASON_REQUIRED')]);
    expect(await entriesOfType(shop, 'CSH')).toBe(0);
    expect((await api(shop, day('2026-03-10'))).body).toMatchObject({ entryStatus: 'draft', eventId: null });

    expect((await submit(shop, '2026-03-10', { ...F5, reason })).body).toMatchObject({
      entryStatus: 'submitted',
      checkStatus: 'unchecked',
    });
    expect(await balanceOf(shop, 'cash.drawer')).toBe(31920n);
    // 23.80 with 19 % inside: 3.80.
    expect([await balanceOf(shop, 'tax.input'), await balanceOf(shop, 'storedvalue.liability')]).toEqual([
      380n,
      -5000n,
    ]);

    const approve = (by: string) => api(shop, day('2026-03-10', '/approve'), { by });
    expect((await approve('karl kasse')).body).toEqual(refusal('SEGREGATION_OF_DUTIES'));
    expect((await approve('Somebody Else')).body).toEqual(refusal('SEGREGATION_OF_DUTIES'));
    expect((await approve('Anna Prüfer')).body).toMatchObject({ entryStatus: 'submitted', checkStatus: 'approved' });
    const { checks } = await verifyCompany(world.database.sql, shop.id);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: expect.stringContaining('cash book closes'), rows: 1 }),
    );

    const report = (await api(shop, '/reports/cash-book')).body;
    expect(report.sections).toHaveLength(1);
    expect(report.sections[0].rows[0]).toMatchObject({
      cashDifference: '-250',
      salesCash: '79300',
      salesTotal: '200340',
      cashExpenditure: '2380',
      closingBalance: '31920',
      change: '11920',
      checkStatus: 'approved',
    });
    expect((await api(shop, '/cash-books/Main%20till/archive', {})).body).toMatchObject({ status: 'archived' });
    const late = await api(shop, day('2026-03-11'), { draft: {} }, 'PUT');
    expect(late.body).toEqual(refusal('CASH_BOOK_REFUSED'));
    expect((await api(shop, '/cash-books?archived=true&site=Kiel&name=TILL')).body.cashBooks).toHaveLength(1);
    expect((await api(shop, '/cash-books?archived=false')).body.cashBooks).toEqual([]);
  });

  it('is not approved while the channel took another amount in cash, and a correction reverses it', async () => {
    const shop = await newShop();
    await openBook(shop);
    // It names no register, and there is but one.
    await enter(shop, cashSale('1001', 79550, '2026-03-10T12:00:00Z'));
    await submit(shop, '2026-03-10', { ...F5, revenueShould: 84500, revenueActual: 84300 });
    const refused = await api(shop, day('2026-03-10', '/approve'), { by: 'Anna Prüfer' });
    expect(refused.body).toEqual(refusal('CASH_DAY_MISMATCH'));
    expect(refused.body.error.message).toMatch(/comes to EUR 795\.00, but .* took EUR 795\.50/);

    const corrected = await api(shop, day('2026-03-10', '/correct'), { draft: F5 });
    expect(corrected.body).toMatchObject({ entryStatus: 'corrected', checkStatus: 'unchecked' });
    // The first, its reversal, and the new one.
    expect(await entriesOfType(shop, 'CSH')).toBe(3);
    expect(await balanceOf(shop, 'cash.drawer')).toBe(31920n);
    expect((await api(shop, day('2026-03-10', '/approve'), { by: 'Anna Prüfer' })).body).toMatchObject({
      checkStatus: 'approved',
    });
    const again = await api(shop, day('2026-03-10', '/correct'), { draft: { ...F5, bankDeposit: 69900 } });
    expect(again.body).toMatchObject({ entryStatus: 'corrected', checkStatus: 'unchecked' });
    expect((await api(shop, day('2026-03-10', '/submit'), {})).body).toEqual(refusal('CASH_BOOK_REFUSED'));
  });

  it('is compared with the sales of its register, also where they are booked as one entry per day', async () => {
    const shop = await newShop();
    const { sql } = world.database;
    const [own] = await sql<{ id: string }[]>`select id from connections where company_id = ${shop.id}`;
    await setGranularity(sql, { connectionId: own?.id ?? '', fromDate: '2026-03-01', mode: 'daily_summary' });
    await sql`
      insert into accounts (company_id, code, name, type, normal_side)
      values (${shop.id}, '1002', 'Second till', 'asset', 'debit')`;
    await openBook(shop, { registers: [{ register: 'R1' }, { register: 'R2', account: '1002' }] });
    await enter(shop, { ...cashSale('1001', 70000, '2026-03-10T09:00:00Z'), register: 'R1' });
    await enter(shop, { ...cashSale('1002', 9550, '2026-03-10T12:00:00Z'), register: 'R1' });
    await enter(shop, { ...cashSale('1003', 4400, '2026-03-10T12:00:00Z'), register: 'R2' });
    await submit(shop, '2026-03-10', F5);
    const early = await api(shop, day('2026-03-10', '/approve'), { by: 'Anna Prüfer' });
    expect(early.body).toEqual(refusal('CASH_DAY_MISMATCH'));
    await world.settle(6);
    expect(await entriesOfType(shop, 'SAL')).toBe(2);
    expect((await api(shop, day('2026-03-10'))).body).toMatchObject({ cashTenders: '79550' });
    const approved = await api(shop, day('2026-03-10', '/approve'), { by: 'Anna Prüfer' });
    expect(approved.body).toMatchObject({ checkStatus: 'approved' });
  });

  it('that no longer closes with what is in the drawer is named by verify', async () => {
    const shop = await newShop();
    await openBook(shop);
    await enter(shop, { ...cashSale('1001', 79550, '2026-03-10T12:00:00Z'), register: 'R1' });
    await submit(shop, '2026-03-10', F5);
    const lines = [
      { role: 'cash.drawer', amount: -100 },
      { role: 'cash.transit', amount: 100 },
    ];
    await enter(shop, { type: 'journal', id: 'j', occurredAt: '2026-03-10T20:00:00Z', date: '2026-03-10', lines });
    const { checks } = await verifyCompany(world.database.sql, shop.id);
    expect(checks.filter(({ ok }) => !ok).map(({ firstBad }) => firstBad)).toEqual([
      'register R1 on 2026-03-10 closes with EUR 319.20, cash account 1000 stands at EUR 318.20',
    ]);
  });

  it('goes back to the clerk with a comment when it is rejected, and is entered anew', async () => {
    const shop = await newShop();
    await openBook(shop);
    await submit(shop, '2026-03-10', F5);
    const reject = (comment: string) => api(shop, day('2026-03-10', '/reject'), { by: 'Anna Prüfer', comment });
    expect((await reject(' ')).body).toEqual(refusal('REASON_REQUIRED'));
    expect((await reject('the bank slip says 600')).body).toMatchObject({
      entryStatus: 'draft',
      checkStatus: 'rejected',
      comment: 'the bank slip says 600',
    });
    const unapproved = (await api(shop, '/unapproved-cash-days?from=2026-03-01&to=2026-03-31')).body.days;
    expect(unapproved).toMatchObject([
      { register: 'R1', date: '2026-03-10', entryStatus: 'draft', checkStatus: 'rejected' },
    ]);
    const anew = await submit(shop, '2026-03-10', { ...F5, bankDeposit: 60000 });
    expect(anew.body).toMatchObject({ entryStatus: 'submitted', checkStatus: 'unchecked', comment: null });
    expect(await balanceOf(shop, 'cash.transit')).toBe(60000n);
  });

  it('opens with what the day before closed with, or says why not', async () => {
    const shop = await newShop();
    await openBook(shop);
    await submit(shop, '2026-03-04', {
      receiptNumber: 'Z-1',
      openingBalance: 20000,
      revenueShould: 0,
      revenueActual: 0,
    });
    expect((await api(shop, '/cash-books/Main%20till/registers/R1/next-day')).body).toMatchObject({
      date: '2026-03-05',
      draft: { openingBalance: '20000' },
    });
    const other = { receiptNumber: 'Z-2', openingBalance: 19000, revenueShould: 0, revenueActual: 0 };
    expect((await submit(shop, '2026-03-06', other)).body).toEqual(refusal('REASON_REQUIRED'));
    const told = await submit(shop, '2026-03-06', { ...other, openingReason: 'float lent to the market stall' });
    expect(told.body).toMatchObject({ entryStatus: 'submitted' });
    const rows = (await api(shop, '/reports/cash-book')).body.sections[0].rows;
    expect(rows.map((row: { openingGap: string }) => row.openingGap)).toEqual(['0', '-1000']);
  });

  it('is booked once when two people submit it at the same time', async () => {
    const shop = await newShop();
    await openBook(shop);
    await api(shop, day('2026-03-10'), { draft: F5 }, 'PUT');
    const answers = await Promise.all([1, 2, 3].map(() => api(shop, day('2026-03-10', '/submit'), {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
    expect(await entriesOfType(shop, 'CSH')).toBe(1);
  });

  it('says what a draft lacks', async () => {
    const shop = await newShop();
    await openBook(shop);
    const lacking = await submit(shop, '2026-03-10', { openingBalance: 20000, revenueShould: 0 });
    expect(lacking.body).toEqual(refusal('EVENT_INVALID'));
    expect(lacking.body.error.message).toMatch(/receiptNumber.*revenueActual/);
  });
});

describe('a cash book', () => {
  it('keeps a register in one book per day, and gives each register a cash account of its own', async () => {
    const shop = await newShop();
    await openBook(shop);
    const overlapping = await openBook(shop, { name: 'Other', startsOn: '2026-03-11', endsOn: '2026-04-30' });
    expect(overlapping.body).toEqual(refusal('CASH_BOOK_REFUSED'));
    const following = await openBook(shop, { name: 'April', startsOn: '2026-03-12', endsOn: '2026-04-30' });
    expect(following.body).toMatchObject({ status: 'active' });
    const shared = await openBook(shop, { name: 'Second', registers: [{ register: 'R2' }] });
    expect(shared.body).toEqual(refusal('CASH_BOOK_REFUSED'));
    expect(shared.body.error.message).toMatch(/1000 is the cash account of register R1/);
    const names = (await api(shop, '/cash-books')).body.cashBooks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['April', 'Main till']);
  });

  it('leaves what its register is in connected books as it was', async () => {
    const shop = await newShop();
    const { sql } = world.database;
    const [books] = await sql<{ id: string }[]>`
      insert into connections (company_id, connector, kind, label, account)
      values (${shop.id}, 'books', 'accounting', 'Books', 'org-1') returning id`;
    await sql`
      insert into mappings (connection_id, kind, ours, theirs)
      values (${books?.id ?? ''}, 'account', 'cash.drawer', '090')`;
    await openBook(shop);
    const mapped = await sql<{ theirs: string }[]>`
      select theirs from mappings where connection_id = ${books?.id ?? ''} and ours = 'cash.drawer.R1'`;
    expect(mapped).toEqual([{ theirs: '090' }]);
  });

  it('is archived only after its last day, when all its days are approved', async () => {
    const shop = await newShop();
    await openBook(shop);
    await openBook(shop, { name: 'April', startsOn: '2026-03-12', endsOn: '2026-04-30' });
    expect((await api(shop, '/cash-books/April/archive', {})).body).toEqual(refusal('CASH_BOOK_REFUSED'));
    await submit(shop, '2026-03-10', F5);
    const open = await api(shop, '/cash-books/Main%20till/archive', {});
    expect(open.body.error.message).toMatch(
      /has 1 day that nobody has approved; the first is 2026-03-10 of register R1/,
    );
    expect((await api(shop, '/cash-books/Nowhere', undefined)).body).toEqual(refusal('CASH_BOOK_UNKNOWN'));
  });
});

describe("a till's own closing", () => {
  const close = (id: string, at: string) =>
    ({
      type: 'register_close',
      id,
      occurredAt: at,
      register: 'R1',
      openedAt: at,
      closedAt: at,
      openingBalance: 20000,
      revenueShould: 5000,
      revenueActual: 4900,
      expenditure: 300,
    }) as const;

  it('fills in the draft of its day instead of being booked where the register is kept in a cash book', async () => {
    const shop = await newShop();
    await openBook(shop);
    await enter(shop, close('shift-1', '2026-03-10T18:00:00Z'));
    await enter(shop, close('shift-2', '2026-03-01T18:00:00Z'));
    // The one before the book's first day.
    expect(await entriesOfType(shop, 'CSH')).toBe(1);
    const { body } = await api(shop, day('2026-03-10'));
    expect(body).toMatchObject({
      entryStatus: 'draft',
      draft: {
        receiptNumber: 'shift-1',
        revenueShould: '5000',
        revenueActual: '4900',
        expenditures: [{ amount: '300' }],
      },
    });
    const unapproved = (await api(shop, '/unapproved-cash-days?from=2026-03-01&to=2026-03-31')).body.days;
    expect(unapproved).toMatchObject([{ date: '2026-03-10', entryStatus: 'draft' }]);
  });

  it('keeps a book from starting before it where it is booked already', async () => {
    const shop = await newShop();
    await enter(shop, close('shift-1', '2026-03-05T18:00:00Z'));
    const refused = await openBook(shop);
    expect(refused.body.error.message).toMatch(/register R1 on 2026-03-05 is booked as entry 2026\/2/);
    expect((await openBook(shop, { startsOn: '2026-03-06' })).status).toBe(200);
  });
});
