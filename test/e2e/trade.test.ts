import { verifyCompany } from '@daybook/ledger/verify';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function openIssues({ database }: World): Promise<string[]> {
  const rows = await database.sql<
    { code: string; message: string }[]
  >`select code, message from issues where state = 'open'`;
  return rows.map((row) => `${row.code}: ${row.message}`);
}

/** The figures all sides must share. */
function figures({ total, tax }: { total: bigint; tax: bigint }) {
  return expect.objectContaining({ total, tax });
}

describe('simulated shops trade through the real HTTP path', () => {
  for (const seed of [1, 2, 3]) {
    it(`and shop, ledger and books agree to the cent (seed ${seed})`, async () => {
      world = await openWorld({ seed });
      for (let step = 0; step < 32; step += 1) {
        for (const pairing of world.pairings) await pairing.channel.simulator.trade(pairing.shop);
        await world.workOnce();
      }
      await world.settle();
      expect(await openIssues(world)).toEqual([]);
      for (const proof of await world.prove()) {
        const { shop, ledger, books } = proof;
        expect({ ledger, books }, `seed ${seed}, ${proof.slug}`).toEqual({
          ledger: figures(shop),
          books: figures(shop),
        });
      }
      for (const pairing of world.pairings) {
        const { checks } = await verifyCompany(world.database.sql, pairing.companyId);
        expect(checks.filter((check) => !check.ok)).toEqual([]);
      }
    }, 240_000);
  }
});
