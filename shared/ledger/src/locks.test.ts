import { ENTRY_TYPES } from '@daybook/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, newShop, openLedger } from '../test/fixtures.ts';
import { attemptOn, BALANCED, type RawEntry, rawEntry } from '../test/raw-entries.ts';

let ledger: Ledger;
let shop: string;
/** Events of a channel and of a person. */
let told: number;
let entered: number;
beforeAll(async () => {
  ledger = await openLedger();
  shop = await newShop(ledger);
  told = await newEvent('sales');
  entered = await newEvent('entered');
});
afterAll(() => ledger.drop());

async function newEvent(kind: string): Promise<number> {
  const [event] = await ledger.sql<{ id: bigint }[]>`
    with made as (
      insert into connections (company_id, connector, kind, label, account)
      values (${shop}, ${kind}, ${kind}, ${kind}, ${kind}) returning id)
    insert into events (company_id, connection_id, delivery_id, type, source_id, revision, content_hash, payload,
      occurred_at, recorded_at, state)
    select ${shop}, id, 1, 'sale', '1', '1', 'hash', '{}', now(), now(), 'posted' from made returning id`;
  return Number(event?.id);
}

const attempt = (...statements: string[]) => attemptOn(ledger, ...statements);
const statement = (entry: RawEntry) => rawEntry(shop, entry);
const lock = (change: string) =>
  `insert into lock_dates (company_id) values ('${shop}') on conflict do nothing; update lock_dates set ${change}`;

const ORDINARY = ENTRY_TYPES.filter((type) => type !== 'CLS');
const TAXED = [{ debit: 500 }, { account: '4000', credit: 500, taxKind: 'net_out' }];

test.each([
  ['sales', ['SAL', 'RFD', 'DEP'], BALANCED],
  ['purchases', ['FEE', 'PUR'], BALANCED],
  ['tax', [], BALANCED],
  ['tax', ORDINARY, TAXED],
  ['everything', ORDINARY, BALANCED],
  ['hard', ORDINARY, BALANCED],
])('the lock date for %s stops entries of types %j up to its day and no others', async (kind, stopped, lines) => {
  const refused: string[] = [];
  for (const type of ORDINARY) {
    const tried = statement({ type, eventId: told, lines });
    expect([type, await attempt(lock(`${kind} = '2026-03-09'`), tried)]).toEqual([type, 'accepted']);
    const answer = await attempt(lock(`${kind} = '2026-03-10'`), tried);
    if (answer === 'accepted') continue;
    expect(answer).toMatch(new RegExp(`^PERIOD_CLOSED: .*${kind}`));
    refused.push(type);
  }
  expect(refused.sort()).toEqual([...stopped].sort());
});

test('the hard lock date only moves forward, and its row stays', async () => {
  const hard = lock(`hard = '2026-02-28'`);
  expect(await attempt(hard, lock(`hard = '2026-03-01'`))).toBe('accepted');
  for (const back of [lock(`hard = '2026-02-27'`), lock('hard = null'), 'delete from lock_dates']) {
    expect(await attempt(hard, back)).toMatch(/^PERIOD_CLOSED: .* only moves forward/);
  }
  expect(await attempt(hard, 'truncate lock_dates')).toMatch(/^ENTRY_IMMUTABLE/);
});

test.each([
  ['soft_closed', ['FXR', 'GEN', 'INV']],
  ['locked', []],
  ['closed', []],
])('a period that is %s takes entries of types %j and no others', async (state, taken) => {
  const close = `update periods set state = '${state}' where company_id = '${shop}' and starts_on = '2026-03-01'`;
  const accepted: string[] = [];
  for (const type of ENTRY_TYPES) {
    const answer = await attempt(close, statement({ type, eventId: entered, lines: BALANCED }));
    if (answer === 'accepted') accepted.push(type);
    else expect(answer).toMatch(/^PERIOD_CLOSED: /);
  }
  expect(accepted.sort()).toEqual(taken);
});

test('nobody writes a closing entry into a year that is not being closed', async () => {
  const closing = (day: string, channel: string | null = null) =>
    statement({ type: 'CLS', channel, postingDate: day, lines: BALANCED });
  const state = (to: string) => `update fiscal_years set state = '${to}' where company_id = '${shop}'`;
  expect(await attempt(closing('2026-12-31'))).toMatch(/^PERIOD_CLOSED: .* made by closing the fiscal year/);
  expect(await attempt(state('closed'), closing('2026-12-31'))).toMatch(/^PERIOD_CLOSED/);
  expect(await attempt(state('closing'), closing('2026-12-30'))).toMatch(/^PERIOD_CLOSED/);
  expect(await attempt(state('closing'), closing('2026-12-31', 'shopify'))).toMatch(/^PERIOD_CLOSED/);
  const locked = `update periods set state = 'locked' where company_id = '${shop}'`;
  expect(await attempt(locked, lock(`hard = '2026-12-31'`), state('closing'), closing('2026-12-31'))).toBe('accepted');
});

test('what people date ahead is accepted, what a channel dates ahead is not', async () => {
  const ahead = (type: string, eventId: number) =>
    attempt(statement({ type, eventId, postingDate: '2026-04-01', lines: BALANCED }));
  expect(await ahead('BNK', entered)).toBe('accepted');
  expect(await ahead('GEN', told)).toMatch(/^PERIOD_CLOSED: .* after the current period/);
});
