import { random } from '@daybook/connectors/kit/random';
import { createCompany } from '@daybook/ledger/company';
import { verifyCompany } from '@daybook/ledger/verify';
import { type IncomingDelivery, storeDeliveries } from '@daybook/platform/inbox';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** Balances by account, those at zero left out. */
async function balances({ database }: World, companyId: string): Promise<Record<string, bigint>> {
  const rows = await database.sql<{ account: string; balance: bigint }[]>`
    select account, (sum(debit) - sum(credit))::bigint as balance from journal_lines
    where company_id = ${companyId} group by account having sum(debit) <> sum(credit) order by account`;
  return Object.fromEntries(rows.map((row) => [row.account, row.balance]));
}

/** A second company to which the very same shop is connected, without any deliveries yet. */
async function twin(
  { database, now }: World,
  companyId: string,
  label: string,
): Promise<{ companyId: string; connectionId: string }> {
  const { sql } = database;
  const [original] = await sql<{ country: string; currency: string; timeZone: string }[]>`
    select country, currency, time_zone as "timeZone" from companies where id = ${companyId}`;
  if (!original) throw new Error('The company is gone.');
  const made = await sql.begin((tx) => createCompany(tx, { slug: label, name: label, ...original, now: now() }));
  const [connection] = await sql<{ id: string }[]>`
    insert into connections (company_id, connector, kind, label, account, settings, token_set_id)
    select ${made.id}, connector, kind, label, account, settings, token_set_id from connections
    where company_id = ${companyId} and kind = 'sales' returning id`;
  return { companyId: made.id, connectionId: connection?.id ?? '' };
}

describe('any order and any duplication of deliveries', () => {
  for (const seed of [21, 22]) {
    it(`ends in the same balances (seed ${seed})`, async () => {
      world = await openWorld({ seed });
      const chance = random(seed, 'any order');
      for (const pairing of world.pairings) {
        for (let step = 0; step < 25; step += 1) await pairing.channel.simulator.trade(pairing.shop);
      }
      await world.settle();
      for (const pairing of world.pairings) {
        const copy = await twin(world, pairing.companyId, `${pairing.slug}-shuffled`);
        const originals = await world.database.sql<IncomingDelivery[]>`
          select topic, event_id as "eventId", headers, body, via, received_at as "receivedAt" from deliveries
          where company_id = ${pairing.companyId} order by id`;
        const doubled = originals.flatMap((each) => (chance.chance(3, 10) ? [each, each] : [each]));
        for (const delivery of chance.shuffle(doubled)) {
          await storeDeliveries(world.database.sql, [{ ...delivery, ...copy, receivedAt: world.now() }]);
          if (chance.chance(1, 5)) await world.workOnce();
        }
        await world.settle();
        expect(await balances(world, copy.companyId), `seed ${seed}, ${pairing.slug}`).toEqual(
          await balances(world, pairing.companyId),
        );
        const { checks } = await verifyCompany(world.database.sql, copy.companyId);
        expect(checks.filter((check) => !check.ok)).toEqual([]);
      }
    }, 240_000);
  }
});
