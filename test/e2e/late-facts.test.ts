import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, refusal } from '../support/api.ts';
import { sendOrder } from '../support/order.ts';
import { openWorld, type World } from '../support/world.ts';

let world: World;
let at: string;
/** Orders of this test are of 2 November; it is 5 December. */
beforeAll(async () => {
  world = await openWorld({ seed: 5, startAt: new Date('2026-12-05T10:00:00Z'), only: ['shopify'] });
  at = `/api/v1/companies/${pairing().slug}`;
}, 120_000);
afterAll(async () => {
  await world?.close();
});

function pairing() {
  const [first] = world.pairings;
  if (!first) throw new Error('The sandbox has no shop.');
  return first;
}

const put = (path: string, json: object) => ask(world.url, `${at}${path}`, { method: 'PUT', json });
const post = (path: string, json: object) => ask(world.url, `${at}${path}`, { json });
const get = (path: string) => ask(world.url, `${at}${path}`);
const setNovember = (state: string, reason?: string) => put('/periods', { day: '2026-11-15', state, reason });

async function order(id: number): Promise<void> {
  await sendOrder(world, pairing(), { id });
  await world.settle(1);
}

async function postedOn(id: number): Promise<string[]> {
  const rows = await world.database.sql<{ text: string }[]>`
    select j.posting_date || ' for ' || j.tax_point as text from journal_entries j join events e on e.id = j.event_id
    where e.source_id = ${String(id)} order by j.sequence`;
  return rows.map(({ text }) => text);
}

describe('an order of a period that was locked', () => {
  it('goes into the first open period, and is listed there as late', async () => {
    expect((await setNovember('locked')).body).toMatchObject({ startsOn: '2026-11-01', state: 'locked' });
    await order(501);
    expect(await postedOn(501)).toEqual(['2026-12-01 for 2026-11-02']);
    const { body } = await get('/late-items?from=2026-12-01&taxed=true');
    expect(body.items).toMatchObject([{ taxPoint: '2026-11-02', postingDate: '2026-12-01', entryType: 'SAL' }]);
  });

  it('is held where the company wants to be asked, until a person approves it with a reason', async () => {
    await put('/late-event-policy', { policy: 'hold_for_approval' });
    await order(502);
    expect(await postedOn(502)).toEqual([]);
    const [held] = (await get('/late-events')).body.events;
    expect(held).toMatchObject({ type: 'sale', sourceId: '502', reason: expect.stringContaining('2026-12-01') });
    const bare = await post(`/late-events/${held.id}/approve`, {});
    expect(bare).toMatchObject({ status: 422, body: refusal('REASON_REQUIRED') });
    await post(`/late-events/${held.id}/approve`, { by: 'Ada', reason: 'the shop was offline' });
    await world.settle(1);
    expect(await postedOn(502)).toEqual(['2026-12-01 for 2026-11-02']);
    expect((await get('/late-events')).body.events).toEqual([]);
    const { changes } = (await get('/calendar-changes')).body;
    expect(changes[0]).toMatchObject({ kind: 'late_event', changedBy: 'Ada', reason: 'the shop was offline' });
  });

  it('is booked on its own day when its period is unlocked instead', async () => {
    await order(503);
    expect(await setNovember('open')).toMatchObject({ status: 422, body: refusal('REASON_REQUIRED') });
    expect((await setNovember('open', 'orders were missing')).body).toMatchObject({ state: 'open' });
    await world.settle(1);
    expect(await postedOn(503)).toEqual(['2026-11-02 for 2026-11-02']);
    await setNovember('locked');
  });

  it('is refused where its source is to send it again, and a person is told', async () => {
    await put('/late-event-policy', { policy: 'reject' });
    await order(504);
    expect(await postedOn(504)).toEqual([]);
    const [event] = await world.database.sql`select state, code from events where source_id = '504'`;
    expect(event).toEqual({ state: 'failed', code: 'LATE_EVENT_REJECTED' });
    const { body } = await ask(world.url, '/api/v1/issues');
    expect(body.issues).toMatchObject([{ code: 'LATE_EVENT_REJECTED' }]);
    const checks = (await get('/lock-checks?day=2026-11-30')).body;
    expect(checks.problems).toMatchObject([{ check: 'events', amount: '1' }]);
    const locked = await put('/lock-dates', { kind: 'hard', day: '2026-11-30' });
    expect(locked).toMatchObject({ status: 422, body: refusal('PERIOD_NOT_READY') });
  });
});

describe('reversing, revaluing and closing by the API', () => {
  it('an entry is reversed once, with a reason', async () => {
    const [entry] = await world.database.sql<{ name: string }[]>`
      select fiscal_year || '/' || number as name from journal_entries where posting_date = '2026-12-01' limit 1`;
    const wish = { entry: entry?.name, reason: 'booked twice' };
    expect((await post('/reversals', wish)).body).toMatchObject({ postingDate: '2026-12-01' });
    expect(await post('/reversals', wish)).toMatchObject({ status: 422, body: refusal('ENTRY_IMMUTABLE') });
  });

  it('there is nothing to revalue without foreign money', async () => {
    expect((await post('/revaluations', { day: '2026-11-15' })).body).toMatchObject({
      posted: null,
      date: '2026-11-30',
    });
  });

  it('a year that has not ended is not closed, and says what to do first', async () => {
    const preview = (await get('/closing-preview?date=2026-12-31')).body;
    expect(BigInt(preview.result)).toBe(BigInt(preview.retainedAfter) - BigInt(preview.retainedBefore));
    const closing = await post('/closings', { fiscalYear: '2026' });
    expect(closing).toMatchObject({ status: 422, body: refusal('YEAR_NOT_CLOSABLE') });
    const year = await post('/fiscal-years', { label: 'short', startsOn: '2027-01-02', endsOn: '2027-06-30' });
    expect(year).toMatchObject({ status: 422, body: refusal('FISCAL_YEAR_INVALID') });
    const added = await post('/fiscal-years', { label: 'short', startsOn: '2027-01-01', endsOn: '2027-06-30' });
    expect(added.body.years.at(-1)).toMatchObject({ label: 'short', state: 'open' });
  });
});
