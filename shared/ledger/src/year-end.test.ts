import type { ResolvedEntry } from '@daybook/domain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, sale } from '../test/fixtures.ts';
import { bookMonth, isThere, month } from '../test/month.ts';
import { balancesAt, closingPreview } from './closing-balances.ts';
import { journal, trialBalance } from './reports.ts';
import { verifyCompany } from './verify.ts';
import { closeYear, reopenYear } from './year-end.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.drop());

const ACT = { by: 'Ada', now: new Date('2027-02-03T10:00:00Z') };
const lockAll = (shop: string, year = '2026') =>
  ledger.sql`update periods set state = 'locked' where company_id = ${shop} and fiscal_year = ${year}`;

/** Account, amount and currency of the lines of a closing entry, debit positive. */
async function linesOf(shop: string, key: string): Promise<string[]> {
  const rows = await ledger.sql<{ text: string }[]>`
    select l.account || ' ' || (l.debit - l.credit) || ' ' || l.currency
      || case when l.debit > 0 then l.amount_tc else -l.amount_tc end as text
    from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${shop} and e.source_key = ${`closing:${key}`} order by l.line_no`;
  return rows.map(({ text }) => text);
}

const balanceOf = async (shop: string, account: string, to = '2026-12-31') => {
  const [row] = await ledger.sql<{ balance: bigint }[]>`
    select coalesce(sum(debit - credit), 0)::bigint as balance from journal_lines
    where company_id = ${shop} and account = ${account} and posting_date <= ${to}`;
  return row?.balance ?? 0n;
};

/** What verify finds in a company's books. */
async function failures(shop: string): Promise<string[]> {
  const { checks } = await verifyCompany(ledger.sql, shop);
  return checks.flatMap(({ name, firstBad }) => (firstBad === undefined ? [] : [`${name}: ${firstBad}`]));
}

/** A sale of 24.00 with 4.00 tax, 10.00 of it in euros at 0.85 more, and a fee of 1.00. */
async function tradedShop(): Promise<string> {
  const shop = await newShop(ledger);
  const euros: ResolvedEntry = sale('2', {
    lines: [
      { ...line('1242', 850n), currency: 'EUR', amountTc: 1000n },
      { ...line('4003', -850n), currency: 'EUR', amountTc: -1000n },
    ],
  });
  const fee = sale('3', { entryType: 'FEE', lines: [line('7905', 100n), line('1241', -100n)] });
  await post(ledger, shop, [sale('1'), euros, fee]);
  return shop;
}

describe('closing a year', () => {
  test('posts the result to equity, every balance to the closing account, and the same turned into the next year', async () => {
    const shop = await tradedShop();
    await lockAll(shop);
    const closed = await closeYear(ledger.sql, shop, '2026', ACT);
    expect(closed).toEqual({
      label: '2026',
      outcome: 'closed',
      run: 1,
      entries: [
        { step: 'CLS-1', fiscalYear: '2026', number: 4 },
        { step: 'CLS-2', fiscalYear: '2026', number: 5 },
        { step: 'CLS-3', fiscalYear: '2026', number: 6 },
        { step: 'OPN', fiscalYear: '2027', number: 1 },
      ],
    });
    // Revenue 20.00 + 8.50 less a fee of 1.00 is a profit of 27.50.
    expect(await linesOf(shop, '2026:1:CLS-1')).toEqual([
      '4000 2000 GBP2000',
      '4003 850 GBP850',
      '7905 -100 GBP-100',
      '3950 -2750 GBP-2750',
    ]);
    expect(await linesOf(shop, '2026:1:CLS-2')).toEqual(['3950 2750 GBP2750', '3200 -2750 GBP-2750']);
    expect(await linesOf(shop, '2026:1:CLS-3')).toEqual([
      '1241 -2300 GBP-2300',
      '3990 2300 GBP2300',
      '1242 -850 EUR-1000',
      '3990 850 EUR1000',
      '2200 400 GBP400',
      '3990 -400 GBP-400',
      '3200 2750 GBP2750',
      '3990 -2750 GBP-2750',
    ]);
    for (const account of ['3950', '3990', '3980', '1241', '1242', '4000']) {
      expect([account, await balanceOf(shop, account)]).toEqual([account, 0n]);
    }
    expect(await balanceOf(shop, '3980', '2027-12-31')).toBe(0n);
    expect(await balanceOf(shop, '1242', '2027-12-31')).toBe(850n);
    const states = await ledger.sql`
      select distinct p.state, y.state as year from periods p join fiscal_years y on y.company_id = p.company_id
        and y.label = p.fiscal_year where p.company_id = ${shop} and y.label = '2026'`;
    expect([...states]).toEqual([{ state: 'closed', year: 'closed' }]);
    await expect(post(ledger, shop, [sale('late')])).rejects.toMatchObject({ code: 'PERIOD_CLOSED' });
  });

  test('asks for locked periods, the year before, and an end that has come', async () => {
    const shop = await tradedShop();
    const close = (label: string, now = ACT.now) => closeYear(ledger.sql, shop, label, { ...ACT, now });
    await expect(close('2026')).rejects.toMatchObject({
      code: 'YEAR_NOT_CLOSABLE',
      message: expect.stringContaining('period from 2026-01-01 is open'),
    });
    await lockAll(shop);
    await expect(close('2026', new Date('2026-12-31T10:00:00Z'))).rejects.toMatchObject({ code: 'YEAR_NOT_CLOSABLE' });
    await post(ledger, shop, []);
    await close('2026');
    await lockAll(shop, '2027');
    await closeYear(ledger.sql, shop, '2027', { ...ACT, now: new Date('2028-02-01T10:00:00Z') });
    await lockAll(shop, '2028');
    const reopen = reopenYear(ledger.sql, shop, '2026', { ...ACT, reason: 'forgot a bill' });
    await expect(reopen).rejects.toMatchObject({
      code: 'YEAR_NOT_REOPENABLE',
      message: expect.stringContaining('2027 is closed too'),
    });
  });

  test('goes on where it died between two steps, and of two workers one does it', async () => {
    const shop = await tradedShop();
    await lockAll(shop);
    await expect(
      closeYear(ledger.sql, shop, '2026', ACT, () => {
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    const [year] = await ledger.sql`select state from fiscal_years where company_id = ${shop} and label = '2026'`;
    expect(year).toEqual({ state: 'closing' });
    const both = await Promise.all([1, 2].map(() => closeYear(ledger.sql, shop, '2026', ACT)));
    expect(both.map(({ outcome, run }) => [outcome, run]).sort()).toEqual([
      ['closed', 1],
      ['was_closed', 1],
    ]);
    expect(await closeYear(ledger.sql, shop, '2026', ACT)).toMatchObject({ outcome: 'was_closed' });
    const [count] = await ledger.sql`select count(*)::int as n from journal_entries where company_id = ${shop}`;
    expect(count).toEqual({ n: 7 });
  });

  test('tells how far it is, period by period', async () => {
    const shop = await tradedShop();
    await lockAll(shop);
    const told: string[] = [];
    await closeYear(ledger.sql, shop, '2026', ACT, (done, of) => told.push(`${done}/${of}`));
    expect(told).toEqual([...Array.from({ length: 13 }, (_, done) => `${done}/12`)]);
  });

  test('opens the auxiliary accounts a chart lacks, also where their usual number is taken', async () => {
    const shop = await newShop(ledger);
    const aux = ['closing.income_summary', 'closing.balance', 'equity.opening'];
    await ledger.sql`delete from account_roles where company_id = ${shop} and role = any(${aux})`;
    await ledger.sql`delete from accounts where company_id = ${shop} and code in ('3950', '3980')`;
    await post(ledger, shop, [sale('1')]);
    await lockAll(shop);
    await closeYear(ledger.sql, shop, '2026', ACT);
    const roles = await ledger.sql`
      select role || ' ' || account as text from account_roles where company_id = ${shop} and role = any(${aux}) order by role`;
    expect(roles.map(({ text }) => text)).toEqual([
      'closing.balance closing.balance',
      'closing.income_summary 3950',
      'equity.opening 3980',
    ]);
  });

  test('a year in which nothing happened closes without an entry', async () => {
    const shop = await newShop(ledger);
    await lockAll(shop);
    expect(await closeYear(ledger.sql, shop, '2026', ACT)).toMatchObject({ outcome: 'closed', entries: [] });
  });
});

test('verify names an account that a closed year left, and an opening that is not the closing turned', async () => {
  const shop = await tradedShop();
  const owed = { party: 'Dune', document: 'INV-1' };
  await post(ledger, shop, [sale('4', { lines: [line('1100', 500n, owed), line('4000', -500n)] })]);
  await lockAll(shop);
  await closeYear(ledger.sql, shop, '2026', ACT);
  expect(await failures(shop)).toEqual([]);
  await ledger.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`
      update journal_lines set debit = debit + 1 where account = '1242' and debit > 0 and entry_id = (
        select id from journal_entries where company_id = ${shop} and source_key = 'closing:2026:1:OPN')`;
    await tx`update journal_lines set credit = credit + 2 where company_id = ${shop} and account = '4003' and credit > 0`;
  });
  expect(await failures(shop)).toEqual(
    expect.arrayContaining([
      'closed years leave nothing behind: account 4003 holds -2 (minor units) at the end of the closed year',
      'opening balances are closing balances turned: closing 1 of fiscal year 2026, line 5: account 1242 closes with 850 ' +
        'and opens with 851 (minor units)',
    ]),
  );
}, 120_000);

describe('reopening', () => {
  test('takes every step back by entries, needs a reason, and leaves the periods locked', async () => {
    const shop = await tradedShop();
    await lockAll(shop);
    await closeYear(ledger.sql, shop, '2026', ACT);
    await expect(reopenYear(ledger.sql, shop, '2026', ACT)).rejects.toMatchObject({ code: 'REASON_REQUIRED' });
    const reversed = await reopenYear(ledger.sql, shop, '2026', { ...ACT, reason: 'a bill was forgotten' });
    expect(reversed.map(({ step }) => step)).toEqual(['OPN', 'CLS-3', 'CLS-2', 'CLS-1']);
    expect(await balanceOf(shop, '4000')).toBe(-2000n);
    expect(await balanceOf(shop, '1241', '2027-12-31')).toBe(2300n);
    const states = await ledger.sql`
      select distinct state from periods where company_id = ${shop} and fiscal_year = '2026'`;
    expect([...states]).toEqual([{ state: 'locked' }]);
    const [kept] = await ledger.sql`
      select changed_by, reason from calendar_changes where company_id = ${shop} and after = 'open'`;
    expect(kept).toEqual({ changed_by: 'Ada', reason: 'a bill was forgotten' });
  });

  test.each([['hard'], ['tax']])('is refused behind a lock date for %s that covers the last day', async (kind) => {
    const shop = await tradedShop();
    await lockAll(shop);
    await closeYear(ledger.sql, shop, '2026', ACT);
    await ledger.sql`insert into lock_dates ${ledger.sql({ company_id: shop, [kind]: '2026-12-31' })}`;
    const reopen = reopenYear(ledger.sql, shop, '2026', { ...ACT, reason: 'a bill was forgotten' });
    await expect(reopen).rejects.toMatchObject({ code: 'YEAR_NOT_REOPENABLE' });
  });
});

test('close, reopen, correct, close: the balances are those of a year that was closed once, and OPN is CLS-3 turned', async () => {
  const account = fc.constantFrom('1200', '1241', '2200', '3000', '4000', '5000', '7905');
  const amount = fc.integer({ min: -99_999, max: 99_999 }).filter((minor) => minor !== 0);
  const entry = fc.tuple(account, account, amount).filter(([from, to]) => from !== to);
  const shape = fc.tuple(fc.array(entry, { maxLength: 8 }), fc.array(entry, { maxLength: 3 }));
  let made = 0;
  const toPost = (rows: [string, string, number][]) =>
    rows.map(([to, from, minor]) => {
      made += 1;
      return sale(`p${made}`, { entryType: 'FEE', lines: [line(to, BigInt(minor)), line(from, BigInt(-minor))] });
    });
  await fc.assert(
    fc.asyncProperty(shape, async ([first, correction]) => {
      const [shop, once] = [await newShop(ledger), await newShop(ledger)];
      await post(ledger, shop, toPost(first));
      await post(ledger, once, [...toPost(first), ...toPost(correction)]);
      const before = await balancesAt(ledger.sql, shop, '2026-12-31');
      const preview = await closingPreview(ledger.sql, shop, '2026-12-31');
      await lockAll(shop);
      await closeYear(ledger.sql, shop, '2026', ACT);
      expect(await balancesAt(ledger.sql, shop, '2026-12-31')).toEqual(before);
      expect(await balancesAt(ledger.sql, shop, '2027-01-01')).toEqual(preview.opening);
      await reopenYear(ledger.sql, shop, '2026', { ...ACT, reason: 'correction' });
      await ledger.sql`update periods set state = 'open' where company_id = ${shop} and starts_on = '2026-03-01'`;
      await post(ledger, shop, toPost(correction));
      for (const each of [shop, once]) {
        await lockAll(each);
        await closeYear(ledger.sql, each, '2026', ACT);
      }
      const opening = await balancesAt(ledger.sql, once, '2027-01-01');
      expect(await balancesAt(ledger.sql, shop, '2027-01-01')).toEqual(opening);
      const auxiliary = await Promise.all(['3950', '3980', '3990'].map((code) => balanceOf(shop, code, '2027-12-31')));
      expect(auxiliary).toEqual([0n, 0n, 0n]);
      const turned = (await linesOf(shop, '2026:2:CLS-3')).map((text) =>
        text.replace('3990', '3980').replace(/(-?)(\d+) GBP(-?)/, (_all, sign, minor, tc) => {
          return `${sign ? '' : '-'}${minor} GBP${tc ? '' : '-'}`;
        }),
      );
      expect(await linesOf(shop, '2026:2:OPN')).toEqual(turned);
      const { gaps } = await journal(ledger.sql, shop);
      expect(gaps.map(({ firstMissing }) => firstMissing)).toEqual([null, null]);
      expect((await trialBalance(ledger.sql, shop, { to: '2027-12-31' })).difference).toBe(0n);
    }),
    { numRuns: 12 },
  );
}, 120_000);

describe.runIf(isThere)('the acceptance month, closed as if it were a year', () => {
  test('has the result, retained earnings and opening balances that the file expects', async () => {
    const shop = await bookMonth(ledger);
    const expected = month.expected.closing_preview;
    const preview = await closingPreview(ledger.sql, shop, '2026-03-31');
    expect(preview).toMatchObject({
      result: BigInt(expected.result),
      retainedBefore: BigInt(expected.retained_earnings_before),
      retainedAfter: BigInt(expected.retained_earnings_after),
    });
    const opening = Object.fromEntries(preview.opening.map(({ account, balance }) => [account, Number(balance)]));
    expect(opening).toEqual(expected.next_opening_balances);
    const later = new Date('2027-02-01T00:00:00Z');
    await lockAll(shop);
    await closeYear(ledger.sql, shop, '2026', { by: 'Ada', now: later });
    expect(await balancesAt(ledger.sql, shop, '2027-01-01')).toEqual(preview.opening);
  });
});
