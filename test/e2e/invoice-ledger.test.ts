import { createCompany } from '@daybook/ledger/company';
import { verifyCompany } from '@daybook/ledger/verify';
import { enterEvents } from '@daybook/workers/enter';
import { remindAll } from '@daybook/workers/upkeep';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventInput, makeEvent } from '../../shared/domain/src/events.ts';
import { type Answer, ask, refusal } from '../support/api.ts';
import { openWorld, type World } from '../support/world.ts';

/** The invoice ledger over the API (accounting.md E): two invoices on terms, and a receipt that names neither. */
let world: World;
let company: string;

const HEAD = { version: 1, channel: 'b2b', revision: '1', currency: 'GBP', test: false } as const;
const at = (date: string) => `${date}T09:00:00Z`;
const owing = (number: string, net: number, date: string, dueDate: string) => ({
  ...{ type: 'sale' as const, id: number, number, occurredAt: at(date), pricesIncludeTax: false },
  lines: [{ kind: 'fee' as const, net, taxes: [{ name: 'VAT', rate: '20', amount: net / 5 }] }],
  ...{
    tenders: [],
    total: net * 1.2,
    due: net * 1.2,
    terms: { dueDate },
    customer: { id: 'quay', name: 'Quayside Hotel' },
  },
});
const received = (id: string, amount: number, document?: string) => ({
  ...{ type: 'bank_movement' as const, id, occurredAt: at('2026-03-10'), date: '2026-03-10', amount },
  lines: [{ role: 'ar.control', net: amount, party: 'quay', ...(document && { document }) }],
});

beforeAll(async () => {
  world = await openWorld({ connect: false, only: [], startAt: new Date('2026-04-20T09:00:00Z') });
  const given = { slug: 'harbour', name: 'Harbour', country: 'GB', currency: 'GBP', timeZone: 'Europe/London' };
  const settings = { allocationTolerance: '5', invoiceAllocation: 'confirm' as const };
  const now = new Date('2026-03-01T09:00:00Z');
  const made = await world.database.sql.begin((tx) => createCompany(tx, { ...given, settings, now }));
  company = made.id;
  await enter(owing('INV-1', 10000, '2026-03-02', '2026-04-01'));
  await enter(owing('INV-2', 5000, '2026-03-05', '2026-05-04'));
  await enter(received('stmt-1', 11998));
}, 120_000);
afterAll(async () => {
  await world?.close();
});

async function enter(given: Partial<EventInput> & { type: string }): Promise<void> {
  await enterEvents(company, [makeEvent({ ...HEAD, ...given })], world.hub.deps);
}

interface Item {
  id: string;
  document: string | null;
  kind: number;
  openTc: string;
  state: string;
}
/** Asks a route below /api/v1. */
const api = (path: string, json?: unknown, method = 'POST'): Promise<Answer> =>
  ask(`${world.url}/api/v1`, path, json === undefined ? {} : { json, method });

const invoices = async (more = ''): Promise<Item[]> => {
  const { body } = await api(`/invoices?company=harbour${more}`);
  return body.items;
};
const shown = (items: Item[]) => items.map(({ document, openTc, state }) => [document, openTc, state]);
const itemOf = async (document: string) =>
  (await invoices('&view=invoices')).find((item) => item.document === document)?.id as string;

it('shows what is open, and settles an invoice with what its customer has unallocated; a small rest is written off', async () => {
  expect(shown(await invoices())).toEqual([
    ['INV-1', '12000', 'open'],
    ['INV-2', '6000', 'open'],
    [null, '-11998', 'open'],
  ]);
  const path = '/invoices/allocations?company=harbour';
  const above = { invoice: { document: 'INV-2' }, amount: '6001', by: 'Ana' };
  expect(await api(path, above)).toMatchObject({ status: 422, body: refusal('ALLOCATION_EXCEEDS_OPEN') });
  const body = { invoice: { document: 'INV-1' }, writeOffRest: true, by: 'Ana' };
  expect((await api(path, body)).body).toMatchObject({ writtenOff: '2' });
  expect(shown(await invoices())).toEqual([['INV-2', '6000', 'open']]);
});

it('tells an item’s history, and takes an allocation back', async () => {
  const id = await itemOf('INV-1');
  const { body: before } = await api(`/invoices/${id}?company=harbour`);
  expect(before.allocations).toMatchObject([
    { amountTc: '11998', madeBy: 'Ana' },
    { amountTc: '2', madeBy: null },
  ]);
  const undo = `/invoices/allocations/${before.allocations[0]?.id}/undo?company=harbour`;
  expect((await api(undo, { date: '2026-04-20', by: 'Ana' })).body).toEqual({ done: true });
  expect(shown(await invoices())).toEqual([
    ['INV-1', '11998', 'partially_settled'],
    ['INV-2', '6000', 'open'],
    [null, '-11998', 'open'],
  ]);
});

it('reminds of what is overdue, rests where it is disputed, and keeps who changed what', async () => {
  await remindAll(world.hub.deps);
  const reminders = async () => (await api('/invoices/reminders?company=harbour')).body.reminders;
  expect(await reminders()).toMatchObject([{ document: 'INV-1', level: 1 }]);
  const id = await itemOf('INV-1');
  const edit = { pausedFor: 'goods came broken', dueDate: '2026-04-10', by: 'Ana' };
  expect((await api(`/invoices/${id}/details?company=harbour`, edit, 'PUT')).body).toEqual({ changed: 2 });
  expect(await reminders()).toEqual([]);
  const { body: late } = await api('/reports/overdue?company=harbour');
  expect(late.parties[0]?.items).toMatchObject([
    { document: 'INV-1', daysOverdue: 10, pausedFor: 'goods came broken' },
  ]);
  const { body: aged } = await api('/reports/aged?company=harbour&date=2026-04-20');
  expect(aged).toMatchObject({ total: '6000', unallocated: '-11998', controlBalance: '6000', difference: '0' });
});

it('leaves books behind that verify', async () => {
  const { checks } = await verifyCompany(world.database.sql, company);
  expect(checks.filter((check) => !check.ok)).toEqual([]);
});
