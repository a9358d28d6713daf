import { accountingConnectors, salesConnectors } from '@daybook/connectors/registry';
import { verifyCompany } from '@daybook/ledger/verify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollPatiently } from '../support/poll-patiently.ts';
import { openWorld, type World } from '../support/world.ts';

const SEED = 41;
/** Enough for a payout day, disputes and refunds in every shop. */
const TRADES = 60;
/** What a person is meant to look at in a healthy hub. */
const EXPECTED_ISSUES = ['SUSPENSE_POSTED', 'ORDER_DELETED'];

const connectors = [...salesConnectors, ...accountingConnectors];
let world: World;

beforeAll(async () => {
  world = await openWorld({ seed: SEED, only: connectors.map(({ id }) => id) });
  for (let step = 1; step <= TRADES; step += 1) {
    for (const { channel, shop } of world.pairings) await channel.simulator.trade(shop);
    if (step % 15 !== 0) continue;
    await world.settle(1);
    world.advance(6 * 60 * 60_000);
  }
  await world.settle(48);
  // Fees and payouts are polled; what is told twice changes nothing.
  await pollPatiently(world);
  await world.settle(48);
}, 600_000);
afterAll(() => world?.close());

describe(`every channel into every set of books (seed ${SEED})`, () => {
  test('each connector takes part', () => {
    const ids = new Set(world.pairings.flatMap(({ channel, books }) => [channel.connector.id, books?.connector.id]));
    expect(ids).toEqual(new Set(connectors.map(({ id }) => id)));
  });

  test('shop, ledger and books agree to the cent, and so do processors and their clearing accounts', async () => {
    for (const proof of await world.prove()) {
      expect(proof, proof.slug).toMatchObject({ equal: true });
      for (const { processor, currency, owed, ledger } of proof.processors)
        expect(ledger, `${proof.slug}: ${processor} ${currency}`).toBe(owed);
    }
  });

  test('nothing is left over: every event is booked, every document is in the books, no issue needs mending', async () => {
    const { sql } = world.hub.deps;
    const issues = await sql<{ code: string; message: string }[]>`
      select code, message from issues where state = 'open' and code <> all(${EXPECTED_ISSUES})`;
    expect(issues.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
    const documents = await sql`select kind, state, number, reason from documents where state <> 'pushed' limit 5`;
    expect([...documents]).toEqual([]);
    const events = await sql`
      select type, state, source_id, reason from events
      where state not in ('posted', 'unchanged', 'superseded', 'test') limit 5`;
    expect([...events]).toEqual([]);
  });

  test('every kind of money movement happened', async () => {
    const rows = await world.hub.deps.sql<{ type: string }[]>`select distinct type from events where state = 'posted'`;
    const types = rows.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['sale', 'refund', 'fee', 'payout', 'dispute', 'settlement', 'payment', 'register_close']),
    );
  });

  test('every check of verify passes', async () => {
    for (const { companyId, slug } of world.pairings) {
      const { checks } = await verifyCompany(world.hub.deps.sql, companyId);
      expect(
        checks.filter(({ ok }) => !ok),
        slug,
      ).toEqual([]);
    }
  });

  test('in the books the clearing accounts stand as in the ledger', async () => {
    for (const { companyId, slug, books, organisation, currency } of world.pairings) {
      if (!books || organisation === null) continue;
      const theirs = books.simulator.balances(organisation);
      const mapped = await world.hub.deps.sql<{ theirs: string; balance: bigint }[]>`
        select m.theirs, sum(l.debit - l.credit)::bigint as balance
        from connections c join mappings m on m.connection_id = c.id and m.kind = 'account'
          join account_roles r on r.role = m.ours and r.company_id = c.company_id
          join journal_entries e on e.company_id = c.company_id
          join journal_lines l on l.entry_id = e.id and l.role = m.ours
        where c.company_id = ${companyId} and c.connector = ${books.connector.id}
          and (m.ours like 'clearing.%' or m.ours in ('bank.main', 'processor.reserve', 'dispute.held'))
        group by m.theirs`;
      for (const { theirs: code, balance } of mapped)
        expect(theirs[code] ?? 0n, `${slug} (${currency}): ${books.connector.id} account ${code}`).toBe(balance);
    }
  });
});
