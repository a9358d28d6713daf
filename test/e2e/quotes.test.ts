import { createCompany } from '@daybook/ledger/company';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** Quotes, which book nothing until they are invoiced. */
let world: World;
let companyId: string;
beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-04-10T09:00:00Z') });
  const shop = { slug: 'quotes', name: 'Quotes', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
  const made = await world.database.sql.begin((tx) => createCompany(tx, { ...shop, now: world.now() }));
  companyId = made.id;
}, 120_000);
afterAll(async () => {
  await world?.close();
});

const QUOTE = {
  date: '2026-04-01',
  validUntil: '2026-04-30',
  customer: { id: 'C-1', name: 'Harbour Ltd' },
  // 20 % of 20.06 is 4.012 → 4.01.
  lines: [{ description: 'Mugs', quantity: '2', unitPrice: '10.03', taxCode: 'S20' }],
};
const at = (path = '') => `/api/v1/quotes${path}?company=quotes`;
const journal = () => world.database.sql`
  select role, (debit - credit)::text as amount from journal_lines where company_id = ${companyId} order by role`;

it('says what it would come to, and books nothing until it is invoiced, which happens once', async () => {
  expect((await ask(world.url, at(), { json: QUOTE })).body).toEqual({ number: 'Q-0001', net: '2006', total: '2407' });
  await ask(world.url, at('/Q-0001/state'), { method: 'PUT', json: { state: 'accepted' } });
  expect(await journal()).toHaveLength(0);

  const terms = { date: '2026-04-02', termsDays: 14 };
  const both = await Promise.all([1, 2].map(() => ask(world.url, at('/Q-0001/invoice'), { json: terms })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(both.find(({ status }) => status === 200)?.body).toMatchObject({ number: 'INV-0001', outcome: 'entered' });
  expect(both.find(({ status }) => status === 422)?.body).toEqual(refusal('DOCUMENT_FIXED'));
  expect((await journal()).map(({ amount }) => amount).sort()).toEqual(['-2006', '-401', '2407']);
  const { quotes } = (await ask(world.url, at())).body;
  expect(quotes).toMatchObject([{ number: 'Q-0001', state: 'invoiced', customer: { name: 'Harbour Ltd' } }]);
});

it('is not invoiced once it is declined, nor written twice under one number', async () => {
  await ask(world.url, at(), { json: { ...QUOTE, number: 'Q-77' } });
  expect((await ask(world.url, at(), { json: { ...QUOTE, number: 'Q-77' } })).body).toEqual(refusal('DOCUMENT_FIXED'));
  await ask(world.url, at('/Q-77/state'), { method: 'PUT', json: { state: 'declined' } });
  const invoiced = await ask(world.url, at('/Q-77/invoice'), { json: { date: '2026-04-02', termsDays: 14 } });
  expect(invoiced).toMatchObject({ status: 422, body: refusal('DOCUMENT_FIXED') });
  expect((await ask(world.url, at('/Q-78/state'), { method: 'PUT', json: { state: 'sent' } })).status).toBe(422);
});
