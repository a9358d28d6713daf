import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, line, newShop, openLedger, post, reversal, sale } from '../test/fixtures.ts';
import { attemptOn, BALANCED, type RawEntry, rawEntry } from '../test/raw-entries.ts';
import { asDomainError } from './refusal.ts';

let ledger: Ledger;
let shop: string;
beforeAll(async () => {
  ledger = await openLedger();
  shop = await newShop(ledger);
  await post(ledger, shop, [sale('1001'), sale('1002')]);
});
afterAll(() => ledger.drop());

const attempt = (...statements: string[]) => attemptOn(ledger, ...statements);
const statement = (entry: RawEntry) => rawEntry(shop, entry);

test('an entry written by hand is accepted when it keeps every rule, so that each refusal below has its own reason', async () => {
  expect(await attempt(statement({ lines: BALANCED }))).toBe('accepted');
  expect(await attempt(statement({ lines: BALANCED }), statement({ lines: BALANCED }))).toBe('accepted');
});

describe('an entry that cannot be inserted', () => {
  const cases: [string, RawEntry, RegExp][] = [
    ['has no lines', { lines: [] }, /^ENTRY_UNBALANCED: .* at least two lines/],
    ['has one line', { lines: [{ debit: 500 }] }, /^ENTRY_UNBALANCED: /],
    [
      'has debits and credits that differ',
      { lines: [{ debit: 500 }, { account: '4000', credit: 499 }] },
      /^ENTRY_UNBALANCED: .* debits come to 500, credits to 499/,
    ],
    [
      'balances in pounds but not in euros',
      {
        lines: [
          { account: '1242', debit: 500, currency: 'EUR', tc: 600 },
          { account: '4000', credit: 500, currency: 'EUR', tc: 599 },
        ],
      },
      /^ENTRY_UNBALANCED: .* debits and credits in EUR differ/,
    ],
    [
      'balances only across currencies',
      {
        lines: [
          { account: '1242', debit: 500, currency: 'EUR', tc: 500 },
          { account: '4000', credit: 500 },
        ],
      },
      /^ENTRY_UNBALANCED: .* debits and credits in (EUR|GBP) differ/,
    ],
    [
      'translates its own currency',
      {
        lines: [
          { debit: 500, tc: 600 },
          { account: '4000', credit: 500, tc: 600 },
        ],
      },
      /^ENTRY_UNBALANCED: .*own currency/,
    ],
    ['has a line with both sides', { lines: [{ debit: 5, credit: 5 }, ...BALANCED] }, /journal_lines_side/],
    ['has a line with neither side', { lines: [{}, ...BALANCED] }, /journal_lines_side/],
    ['has a negative line', { lines: [{ debit: -500 }, { account: '4000', credit: -500 }] }, /journal_lines_side/],
    ['has a negative foreign amount', { lines: [{ debit: 5, tc: -5 }, ...BALANCED] }, /journal_lines_tc/],
    [
      'uses an account the company does not have',
      {
        lines: [
          { account: '9999', debit: 500 },
          { account: '4000', credit: 500 },
        ],
      },
      /^ACCOUNT_UNRESOLVED: .* no account 9999/,
    ],
    [
      'uses a tax code the company does not have',
      { lines: [{ debit: 500 }, { account: '4000', credit: 500, taxCode: 'S99' }] },
      /^TAX_UNRESOLVED: .* no tax code S99/,
    ],
    [
      'counts more lines than it has',
      { lineCount: 3, lines: BALANCED },
      /^ENTRY_IMMUTABLE: .* none can be added later/,
    ],
    [
      'numbers its lines from 2',
      { lines: BALANCED.map((each, at) => ({ ...each, lineNo: at + 2 })) },
      /^ENTRY_IMMUTABLE: /,
    ],
    [
      'has lines of another day',
      { lines: BALANCED.map((each) => ({ ...each, postingDate: '2026-03-11' })) },
      /^ENTRY_UNBALANCED: .* another company or posting date/,
    ],
    ['skips a number', { number: '4', lines: BALANCED }, /^JOURNAL_GAP: .* from 3 on/],
    ['repeats a number', { number: '2', lines: BALANCED }, /journal_entries_number|^JOURNAL_GAP/],
    ['skips a sequence', { sequence: '4', lines: BALANCED }, /^JOURNAL_GAP: .* goes on with 3/],
    ['breaks the chain', { previous: "sha256('x')", lines: BALANCED }, /^JOURNAL_CHAIN: /],
    ['repeats a source key', { key: 'shopify:harbour:sale:1001', lines: BALANCED }, /journal_entries_source/],
    [
      'names a fiscal year that is not there',
      { year: '2031', number: '1', lines: BALANCED },
      /^PERIOD_CLOSED: .* 2031/,
    ],
    [
      'is dated outside its fiscal year',
      { postingDate: '2025-12-31', lines: BALANCED },
      /^PERIOD_CLOSED: .* no period/,
    ],
    [
      'is dated after the current period',
      { postingDate: '2026-04-01', lines: BALANCED },
      /^PERIOD_CLOSED: .* after the current/,
    ],
    ['belongs to an event that is not there', { eventId: 77, lines: BALANCED }, /^EVENT_INVALID: /],
    [
      'is manual and leaves out the document on the debtors account',
      {
        type: 'GEN',
        channel: null,
        lines: [
          { account: '1100', debit: 500, party: 'Dune Trading' },
          { account: '4000', credit: 500 },
        ],
      },
      /^SUBLEDGER_DETAIL_REQUIRED: .* account 1100 by hand without the party and the document/,
    ],
    [
      'is manual and leaves out the party on the debtors account',
      {
        type: 'GEN',
        channel: null,
        lines: [
          { account: '1100', debit: 500 },
          { account: '4000', credit: 500 },
        ],
      },
      /^SUBLEDGER_DETAIL_REQUIRED: .* account 1100/,
    ],
    ['has a type that is not one', { type: 'ABC', lines: BALANCED }, /journal_entries_type/],
    [
      'reverses an entry without mirroring it',
      { reverses: `(select id from journal_entries where source_key = 'shopify:harbour:sale:1001')`, lines: BALANCED },
      /^ENTRY_UNBALANCED: .* reverse/,
    ],
    ['reverses an entry that is not there', { reverses: '987654', lines: BALANCED }, /^ENTRY_UNBALANCED: .* reverse/],
  ];
  test.each(cases)('%s', async (_name, entry, refusal) => {
    expect(await attempt(statement(entry))).toMatch(refusal);
  });

  test('a manual entry on the debtors account that names party and document, and one dated ahead, are accepted', async () => {
    const lines = [
      { account: '1100', debit: 500, party: 'Dune Trading', document: 'INV-7' },
      { account: '4000', credit: 500 },
    ];
    expect(await attempt(statement({ type: 'GEN', channel: null, lines }))).toBe('accepted');
    expect(await attempt(statement({ type: 'GEN', channel: null, postingDate: '2026-04-01', lines }))).toBe('accepted');
  });

  test('lines without an entry', async () => {
    const orphans = `insert into journal_lines (entry_id, line_no, company_id, account, posting_date, debit, credit, currency,
      amount_tc, role) values (987654, 1, '${shop}', '1241', '2026-03-10', 5, 0, 'GBP', 5, 'x')`;
    expect(await attempt(orphans)).toMatch(/^ENTRY_UNBALANCED: .* does not exist/);
  });

  test('an entry whose lines come in a statement of their own', async () => {
    expect(await attempt(statement({ lines: [], lineCount: 2 }))).toMatch(/^ENTRY_UNBALANCED: .* by the statement/);
  });

  test('a balanced pair of lines added to a posted entry', async () => {
    const pair = `insert into journal_lines (entry_id, line_no, company_id, account, posting_date, debit, credit, currency,
      amount_tc, role) select id, n, '${shop}', '1241', '2026-03-10', case n when 4 then 5 else 0 end,
      case n when 4 then 0 else 5 end, 'GBP', 5, 'x' from journal_entries, unnest(array[4, 5]) n
      where company_id = '${shop}' and number = 1`;
    expect(await attempt(pair)).toMatch(/^ENTRY_IMMUTABLE: .* none can be added later/);
  });

  test('lines of one company in the entry of another', async () => {
    const other = await newShop(ledger);
    const lines = BALANCED.map((each) => ({ ...each, company: other }));
    expect(await attempt(statement({ lines }))).toMatch(/^ENTRY_UNBALANCED: .* another company/);
  });
});

describe('what is posted cannot be changed', () => {
  const mine = `where company_id = (select company_id from journal_entries where source_key = 'shopify:harbour:sale:1001')`;
  test.each([
    ['the amount of a line', `update journal_lines set debit = debit + 1 ${mine}`],
    ['the account of a line', `update journal_lines set account = '4009' ${mine}`],
    ['a line, by deleting it', `delete from journal_lines ${mine}`],
    ['all lines, by truncating', 'truncate journal_lines'],
    ['the memo of an entry', `update journal_entries set memo = 'x' ${mine}`],
    ['the date of an entry', `update journal_entries set posting_date = '2026-03-11' ${mine}`],
    ['the event of an entry', `update journal_entries set event_id = 5 ${mine}`],
    ['the hash of an entry', `update journal_entries set hash = sha256('x') ${mine}`],
    ['the reversal link, without a reversal', `update journal_entries set reversed_by = id ${mine}`],
    ['an entry, by deleting it', `delete from journal_entries ${mine}`],
    ['all entries, by truncating', 'truncate journal_entries'],
    ['the head of the journal', `update journal_heads set entries = 0 ${mine}`],
    ['the head, by deleting it', `delete from journal_heads ${mine}`],
    ['the counter of the year', `update fiscal_years set last_number = 0 ${mine}`],
    ['the days of the year', `update fiscal_years set label = 'x' ${mine}`],
    ['the year, by deleting it', `delete from fiscal_years ${mine}`],
    ['all years, by truncating', 'truncate fiscal_years cascade'],
    ['a period with entries, by deleting it', `delete from periods ${mine} and starts_on = '2026-03-01'`],
    ['an account in use, by deleting it', `delete from accounts ${mine} and code = '2200'`],
    ['the code of an account in use', `update accounts set code = '2299' ${mine} and code = '2200'`],
    ['the type of an account in use', `update accounts set type = 'asset' ${mine} and code = '2200'`],
    ['a tax code in use, by deleting it', `delete from tax_codes ${mine} and code = 'S20'`],
    ['the rate of a tax code in use', `update tax_codes set rate = 19 ${mine} and code = 'S20'`],
    [
      'the currency of the company',
      `update companies set currency = 'EUR' where id = (select company_id from journal_entries limit 1)`,
    ],
  ])('%s', async (_name, change) => {
    expect(await attempt(change)).toMatch(/^ENTRY_IMMUTABLE: /);
  });

  test('a reversal link that is set once stays, whoever asks', async () => {
    const other = await newShop(ledger);
    await post(ledger, other, [sale('1'), reversal(sale('1'))]);
    const here = `where company_id = '${other}' and number = 1`;
    expect(await attempt(`update journal_entries set reversed_by = null ${here}`)).toMatch(/^ENTRY_IMMUTABLE: /);
    expect(await attempt(`update journal_entries set reversed_by = 1 ${here}`)).toMatch(/^ENTRY_IMMUTABLE: /);
  });

  test('names of accounts, unused accounts and unused tax codes are free', async () => {
    expect(
      await attempt(
        `update accounts set name = 'Renamed' ${mine}`,
        `update accounts set code = '5999' ${mine} and code = '5010' and not exists (select from account_roles)`,
        `delete from tax_codes ${mine} and code = 'RC20' and not exists (select from tax_rules r where r.code = 'RC20')`,
        `insert into accounts select company_id, '7999', 'Spare', 'expense', 'debit', false from fiscal_years ${mine}`,
        `delete from accounts ${mine} and code = '7999'`,
      ),
    ).toBe('accepted');
  });
});

describe('the calendar', () => {
  const year = (label: string, from: string, to: string) =>
    `insert into fiscal_years (company_id, label, starts_on, ends_on) values ('${shop}', '${label}', '${from}', '${to}')`;

  test('years leave no day out, do not overlap and are not longer than 18 months', async () => {
    expect(await attempt(year('2027', '2027-01-02', '2027-12-31'))).toMatch(/leaves days out/);
    expect(await attempt(year('2027', '2026-12-31', '2027-12-31'))).toMatch(/overlaps its neighbour/);
    expect(await attempt(year('2027', '2027-01-01', '2028-07-01'))).toMatch(/fiscal_years_length/);
    expect(await attempt(year('2027', '2027-01-01', '2028-06-30'))).toBe('accepted');
  });

  test('periods lie in their year', async () => {
    const months = `insert into periods (company_id, fiscal_year, starts_on, ends_on)
      values ('${shop}', '2026', '2027-01-01', '2027-01-31')`;
    expect(await attempt(year('2027', '2027-01-01', '2027-12-31'), months)).toMatch(/leaves its fiscal year/);
  });

  test.each([
    ['soft_closed', 'SAL', /^PERIOD_CLOSED: .* soft closed/],
    ['soft_closed', 'INV', /^accepted$/],
    ['locked', 'INV', /^PERIOD_CLOSED: .* locked/],
    ['closed', 'SAL', /^PERIOD_CLOSED: .* closed/],
  ])('a period that is %s takes an entry of type %s like this: %s', async (state, type, outcome) => {
    const close = `update periods set state = '${state}' where company_id = '${shop}' and starts_on = '2026-03-01'`;
    expect(await attempt(close, statement({ type, lines: BALANCED }))).toMatch(outcome);
  });

  test('closing a period waits for a posting under way, and a posting that comes later sees it closed', async () => {
    const other = await newShop(ledger);
    let closed: PromiseLike<unknown> = Promise.resolve();
    const order: string[] = [];
    await ledger.sql.begin(async (tx) => {
      await tx.unsafe(statement({ company: other, lines: BALANCED }));
      closed =
        ledger.sql`update periods set state = 'locked' where company_id = ${other} and starts_on = '2026-03-01'`.then(
          () => order.push('closed'),
        );
      await waitUntilBlocked();
      order.push('posted');
    });
    await closed;
    expect(order).toEqual(['posted', 'closed']);
    expect(await attempt(statement({ company: other, lines: BALANCED }))).toMatch(/^PERIOD_CLOSED: .* locked/);
  });

  async function waitUntilBlocked(): Promise<void> {
    for (;;) {
      const blocked = await ledger.sql`
        select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
      if (blocked.length > 0) return;
    }
  }
});

test('two entries written at once with the same number: the second waits, then is refused, and no gap stays', async () => {
  const other = await newShop(ledger);
  const first = statement({ company: other, lines: BALANCED });
  const second = statement({ company: other, lines: BALANCED });
  const results = await Promise.allSettled([ledger.sql.unsafe(first), ledger.sql.unsafe(second)]);
  const accepted = results.filter((each) => each.status === 'fulfilled').length;
  const rows = await ledger.sql`select number from journal_entries where company_id = ${other} order by number`;
  expect(rows.map((row) => row.number)).toEqual(Array.from({ length: accepted }, (_, at) => at + 1));
  expect(accepted).toBeGreaterThanOrEqual(1);
});

test('refusals of the database become DomainErrors with code, sentence and what to mend', async () => {
  const refused = await ledger.sql
    .unsafe(statement({ lines: [{ account: '9999', debit: 5 }, { credit: 5 }] }))
    .catch(asDomainError);
  expect(refused).toMatchObject({
    name: 'DomainError',
    code: 'ACCOUNT_UNRESOLVED',
    subject: '9999',
    message: 'The chart of accounts has no account 9999. Add it, or map the role to another.',
  });
  const gap = await ledger.sql.unsafe(statement({ sequence: '9', lines: BALANCED })).catch(asDomainError);
  expect(gap).toMatchObject({ name: 'PostgresError', message: expect.stringMatching(/^JOURNAL_GAP: /) });
  const unbalanced = sale('unbalanced', { lines: [line('1241', 5n), line('4000', -4n)] });
  await expect(post(ledger, shop, [unbalanced])).rejects.toMatchObject({
    code: 'ENTRY_UNBALANCED',
    message: 'Entry shopify:harbour:sale:unbalanced: debits come to 5, credits to 4 (minor units).',
  });
});

test('one open issue per cause, however many stay solved', async () => {
  const issue = (
    state: string,
  ) => `insert into issues (company_id, code, fingerprint, message, state, opened_at, last_seen_at)
    values ('${shop}', 'X', 'same', 'm', '${state}', now(), now())`;
  expect(await attempt(issue('open'), issue('resolved'), issue('resolved'))).toBe('accepted');
  expect(await attempt(issue('open'), issue('open'))).toMatch(/issues_open/);
});
