import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, NOON, openBench, openTrade, saleForm, type Trade } from './test-client.ts';

const HOUR = 60 * 60_000;

let bench: Bench;
let trade: Trade;
beforeEach(async () => {
  // The memory of requestids is longer than an access token usually lives.
  bench = await openBench({ lifetimes: { accessMs: 48 * HOUR } });
  trade = await openTrade(bench);
});
afterEach(() => bench.qbo.close());

const create = (bId: string, amount: number, more: Record<string, unknown> = {}) => ({
  bId,
  operation: 'create',
  Invoice: saleForm(trade, amount, more),
});
const send = async (BatchItemRequest: unknown[], parameters = '') =>
  bench.call('POST', `/batch?minorversion=75${parameters}`, { body: { BatchItemRequest } });
const errorOf = (answer: { body: { Fault?: { Error: unknown[] } } }) => answer.body.Fault?.Error[0];
const count = () => bench.qbo.documents(bench.harbor).length;

describe('a batch', () => {
  test('carries out its items one by one; a refused one has a Fault among good answers', async () => {
    const answer = await send([
      create('a', 10, { DocNumber: 'S-1' }),
      create('b', 10, { DocNumber: 'S-1' }),
      create('c', 10, { DocNumber: 'S-2' }),
      { bId: 'd', Query: "select Id from Invoice where DocNumber = 'S-1'" },
    ]);
    expect(answer.status).toBe(200);
    const [a, b, c, d] = answer.body.BatchItemResponse;
    expect(a).toMatchObject({ bId: 'a', Invoice: { DocNumber: 'S-1', TotalAmt: 10 } });
    expect(b).toMatchObject({ bId: 'b', Fault: { type: 'ValidationFault', Error: [{ code: '6140' }] } });
    expect(b).not.toHaveProperty('Invoice');
    expect(c).toMatchObject({ bId: 'c', Invoice: { DocNumber: 'S-2' } });
    expect(d).toMatchObject({ bId: 'd', QueryResponse: { Invoice: [{ Id: a.Invoice.Id }] } });
    expect(count()).toBe(2);
  });

  test('takes options per item: another of the same number, and a void', async () => {
    await bench.make('Invoice', saleForm(trade, 10, { DocNumber: 'S-1' }));
    const [again] = (await send([{ ...create('a', 10, { DocNumber: 'S-1' }), optionsData: 'allowduplicatedocnum' }]))
      .body.BatchItemResponse;
    const { Id } = again.Invoice;
    const item = { bId: 'v', operation: 'update', optionsData: 'void', Invoice: { Id, SyncToken: '0', sparse: true } };
    const [voided] = (await send([item])).body.BatchItemResponse;
    expect(voided.Invoice).toMatchObject({ Id, TotalAmt: 0, PrivateNote: 'Voided' });
    const gone = { bId: 'd', operation: 'delete', Invoice: { Id, SyncToken: '1' } };
    const [deleted] = (await send([gone])).body.BatchItemResponse;
    expect(deleted.Invoice).toMatchObject({ Id, status: 'Deleted' });
  });

  test('has 1 to 30 items, each with an id and something to do', async () => {
    const many = Array.from({ length: 30 }, (_, index) => create(String(index), 1));
    expect((await send(many)).body.BatchItemResponse).toHaveLength(30);
    const before = count();
    expect(errorOf(await send([...many, create('30', 1)]))).toMatchObject({ code: '1040' });
    expect(errorOf(await send([]))).toMatchObject({ code: '2020' });
    expect(errorOf(await send([create('a', 1), { ...create('b', 1), bId: undefined }]))).toMatchObject({
      code: '2020',
      element: 'bId',
    });
    expect(count()).toBe(before);
    const odd = [
      { bId: 'a', operation: 'create', Bill: {} },
      { ...create('b', 1), operation: 'erase' },
    ];
    const { BatchItemResponse } = (await send(odd)).body;
    expect(BatchItemResponse).toMatchObject([{ Fault: { Error: [{ code: '500' }] } }, { Fault: {} }]);
  });

  test('leaves nothing of a refused item behind, not even what it began', async () => {
    bench.qbo.lock(bench.harbor, '2026-10-31');
    const { BatchItemResponse } = (await send([create('a', 1, { TxnDate: '2026-10-01' }), create('b', 2)])).body;
    expect(BatchItemResponse).toMatchObject([{ Fault: { Error: [{ code: '6210' }] } }, { Invoice: { TotalAmt: 2 } }]);
    expect(bench.qbo.balances(bench.harbor)).toEqual({ '1200': 200n, '4000': -200n });
  });
});

describe('a requestid', () => {
  const post = (id: string, amount: number, realm = bench.harbor) =>
    bench.call('POST', `/invoice?requestid=${id}`, {
      realm,
      body: saleForm(trade, amount, { DocNumber: id.slice(0, 21) }),
    });

  test('answers a repeat from memory, byte for byte, whatever it says the second time', async () => {
    const first = await post('k-1', 10);
    bench.clock.now += HOUR;
    expect((await post('k-1', 10)).text).toBe(first.text);
    expect((await post('k-1', 11)).text).toBe(first.text);
    expect(count()).toBe(1);
    expect((await post('k-2', 11)).status).toBe(200);
    expect(count()).toBe(2);
  });

  test('remembers refusals, though the reason is gone', async () => {
    bench.qbo.lock(bench.harbor, '2026-12-31');
    const first = await post('k-1', 10);
    expect(errorOf(first)).toMatchObject({ code: '6210' });
    bench.qbo.lock(bench.harbor, '2026-10-31');
    const second = await post('k-1', 10);
    expect([second.status, second.text]).toEqual([400, first.text]);
    expect(count()).toBe(0);
  });

  test('belongs to one company', async () => {
    await post('k-1', 10);
    const elsewhere = await openTrade(bench, bench.nimbus);
    const body = saleForm(elsewhere, 5);
    const answer = await bench.call('POST', '/invoice?requestid=k-1', { realm: bench.nimbus, body });
    expect(answer.body.Invoice).toMatchObject({ TotalAmt: 5 });
  });

  test('is forgotten a day after its first use', async () => {
    await post('k-1', 10);
    bench.clock.now += 24 * HOUR - 1;
    await post('k-1', 10);
    expect(count()).toBe(1);
    bench.clock.now += 1;
    expect(errorOf(await post('k-1', 10))).toMatchObject({ code: '6140' });
  });

  test('of a whole batch remembers the whole batch', async () => {
    const items = [create('a', 10, { DocNumber: 'S-1' }), create('b', 10, { DocNumber: 'S-1' })];
    const first = await send(items, '&requestid=b-1');
    expect(count()).toBe(1);
    expect((await send(items, '&requestid=b-1')).text).toBe(first.text);
    expect(count()).toBe(1);
  });

  test('has 50 characters at most, 36 on a batch whose items then have 10', async () => {
    const malformed = { code: '2130', Message: 'Invalid Request Id Format' };
    expect((await post('k'.repeat(50), 1)).status).toBe(200);
    expect(errorOf(await post('k'.repeat(51), 1))).toMatchObject(malformed);
    for (const id of ['a%20b', 'a.b', 'ä', '']) expect(errorOf(await post(id, 1)), id).toMatchObject(malformed);
    expect(errorOf(await send([create('a', 1)], `&requestid=${'b'.repeat(37)}`))).toMatchObject(malformed);
    expect((await send([create('0123456789', 1)], `&requestid=${'b'.repeat(36)}`)).status).toBe(200);
    expect(errorOf(await send([create('0123456789x', 1)], '&requestid=b-2'))).toMatchObject(malformed);
    expect((await send([create('0123456789x', 1)])).status).toBe(200);
  });

  test('is not used up by a 429, a 401 or a fault', async () => {
    const narrow = await openBench({ limits: { perSecond: 3 } });
    const body = { DisplayName: 'Web shop' };
    const ask = () => narrow.call('POST', '/customer?requestid=k-1', { body });
    const unknown = await narrow.call('POST', '/customer?requestid=k-1', { body, token: 'none' });
    expect(unknown.status).toBe(401);
    narrow.qbo.inject({ kind: 'status', status: 503, count: 2, path: '/customer' });
    expect([(await ask()).status, (await ask()).status]).toEqual([503, 503]);
    await narrow.call('GET', '/preferences');
    expect((await ask()).status).toBe(429);
    narrow.clock.now = NOON + 1000;
    expect((await ask()).body.Customer).toMatchObject({ DisplayName: 'Web shop' });
    await narrow.qbo.close();
  });
});
