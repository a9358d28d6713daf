import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifySignature } from '../../kit/signature.ts';
import {
  APP,
  applies,
  type Bench,
  connect,
  NOON,
  openBench,
  openTrade,
  ref,
  saleForm,
  saleLine,
  type Trade,
  temporaryFile,
  tokenCall,
} from './simulator/test-client.ts';
import { start } from './simulator.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
let bench: Bench;
let trade: Trade;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench);
});
afterEach(() => bench.qbo.close());

const sell = (of = bench, amount = 10, more: Record<string, unknown> = {}) =>
  of.make('Invoice', saleForm(trade, amount, more));

describe('limits', () => {
  const read = (of: Bench, realm = of.harbor) => of.call('GET', '/preferences', { realm });

  test('are 10 a second for each company', async () => {
    const real = await openBench({ limits: { perSecond: 10, perMinute: 500 } });
    for (let call = 1; call <= 10; call += 1) expect((await read(real)).status).toBe(200);
    const refused = await read(real);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      fault: {
        error: [{ message: 'message=ThrottleExceeded; errorCode=003001; statusCode=429', code: '3001' }],
        type: 'SERVICE',
      },
    });
    expect((await read(real, real.british)).status).toBe(200);
    real.clock.now += SECOND;
    expect((await read(real)).status).toBe(200);
    await real.qbo.close();
  });

  test('are 500 in a rolling minute', async () => {
    const real = await openBench({ limits: { perMinute: 500 } });
    for (let call = 1; call <= 500; call += 1) {
      if (call === 251) real.clock.now += 30 * SECOND;
      expect((await read(real)).status).toBe(200);
    }
    expect((await read(real)).status).toBe(429);
    real.clock.now += 30 * SECOND;
    expect((await read(real)).status).toBe(200);
    await real.qbo.close();
  });

  test('are 40 batches a minute', async () => {
    const real = await openBench({ limits: { batchesPerMinute: 40 } });
    const body = { BatchItemRequest: [{ bId: 'a', Query: 'select * from Customer' }] };
    const ask = async () => (await real.call('POST', '/batch', { body })).status;
    for (let call = 1; call <= 40; call += 1) expect(await ask()).toBe(200);
    expect(await ask()).toBe(429);
    expect((await read(real)).status).toBe(200);
    real.clock.now += MINUTE;
    expect(await ask()).toBe(200);
    await real.qbo.close();
  });
});

describe('faults', () => {
  test('a lost reply leaves the document booked, a dropped request leaves nothing', async () => {
    bench.qbo.inject({ kind: 'lost_reply', count: 1, method: 'POST', path: '/invoice' });
    const body = saleForm(trade, 10, { DocNumber: 'S-1' });
    const send = () => bench.call('POST', '/invoice?requestid=k-1', { body });
    await expect(send()).rejects.toThrow();
    expect(bench.qbo.documents(bench.harbor)).toMatchObject([{ number: 'S-1' }]);
    expect((await send()).body.Invoice).toMatchObject({ DocNumber: 'S-1' });
    expect(bench.qbo.documents(bench.harbor)).toHaveLength(1);
    bench.qbo.inject({ kind: 'drop_before', count: 1, path: '/invoice' });
    await expect(sell(bench, 10, { DocNumber: 'S-2' })).rejects.toThrow();
    expect(bench.qbo.documents(bench.harbor)).toHaveLength(1);
  });

  test('hit the method and the path that are named', async () => {
    bench.qbo.inject({ kind: 'status', status: 500, count: 1, method: 'POST', path: '/payment' });
    const { Id } = await sell();
    expect((await bench.call('GET', '/payment/1')).status).toBe(400);
    const Line = [applies(10, Id, 'Invoice')];
    const pay = () =>
      bench.call('POST', '/payment', { body: { CustomerRef: ref(trade.customer), TotalAmt: 10, Line } });
    expect([(await pay()).status, (await pay()).status]).toEqual([500, 200]);
  });

  test.each([
    [{ kind: 'html' as const }, 502],
    [{ kind: 'empty' as const }, 200],
    [{ kind: 'status' as const, status: 503 }, 503],
    [{ kind: 'status' as const, status: 504 }, 504],
  ])('%o does nothing', async (fault, status) => {
    bench.qbo.inject({ ...fault, count: 1, path: '/invoice' });
    expect((await bench.call('POST', '/invoice', { body: saleForm(trade, 1) })).status).toBe(status);
    expect(bench.qbo.documents(bench.harbor)).toEqual([]);
  });
});

describe('the same seed and the same calls', () => {
  test('give the same answers', async () => {
    const run = async () => {
      const world = await openBench();
      const shop = await openTrade(world);
      const { text } = await world.call('POST', '/invoice', { body: saleForm(shop, 10) });
      await world.qbo.close();
      return [world.harbor, world.tokens, world.refreshTokens, text];
    };
    expect(await run()).toEqual(await run());
  });

  test('of another seed are other companies', async () => {
    const other = await start({ seed: 8, app: APP });
    expect(other.accounts[0]?.account).not.toBe(bench.harbor);
    expect(other.accounts.map(({ label, country, currency }) => `${label} ${country} ${currency}`)).toEqual([
      'Harbor Café Books US USD',
      'Nimbus Books US USD',
      'Harbour & Pine Books Ltd GB GBP',
    ]);
    await other.close();
  });
});

describe('a state file', () => {
  test('keeps everything that was answered: documents, links, answers, tokens, closing dates', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    trade = await openTrade(first);
    const { Id } = await sell(first, 100, { DocNumber: 'S-1', PrivateNote: 'note' });
    const body = { CustomerRef: ref(trade.customer), TotalAmt: 60, Line: [applies(60, Id, 'Invoice')] };
    const answered = await first.call('POST', '/payment?requestid=k-1', { body });
    const read = (await first.call('GET', `/invoice/${Id}`)).body.Invoice;
    first.qbo.lock(first.harbor, '2026-10-31');
    // Not closed first: like a killed process, it has no last chance to write.
    const qbo = await start({ seed: 7, app: APP, stateFile, now: () => new Date(NOON) });
    expect(qbo.documents(first.harbor)).toEqual(first.qbo.documents(first.harbor));
    expect(qbo.balances(first.harbor)).toEqual({ '1200': 4000n, '4000': -10000n, 'Undeposited Funds': 6000n });
    expect(qbo.totals(first.harbor)).toEqual({ count: 1, total: 10000n, tax: 0n });
    const headers = { authorization: `Bearer ${first.tokens[first.harbor]}`, accept: 'application/json' };
    const base = `${qbo.url}/v3/company/${first.harbor}`;
    expect(await (await fetch(`${base}/invoice/${Id}`, { headers })).json()).toMatchObject({ Invoice: read });
    const replay = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{}' };
    expect(await (await fetch(`${base}/payment?requestid=k-1`, replay)).text()).toBe(answered.text);
    expect(await (await fetch(`${base}/preferences`, { headers })).text()).toContain('"BookCloseDate":"2026-10-31"');
    const form = { grant_type: 'refresh_token', refresh_token: first.refreshTokens[first.harbor]! };
    expect((await tokenCall(qbo, form)).status).toBe(200);
    await qbo.close();
    await first.qbo.close();
  });

  test('survives a line that a crash cut off, and gives no id twice', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    trade = await openTrade(first);
    await sell(first, 1, { DocNumber: 'S-1' });
    await first.qbo.close();
    writeFileSync(stateFile, `${readFileSync(stateFile, 'utf8')}{"issued":{"x":1},"fa`);
    const second = await openBench({ stateFile }, { now: NOON + MINUTE });
    await sell(second, 1, { DocNumber: 'S-2' });
    const rows = second.qbo.documents(second.harbor);
    expect(rows.map(({ number }) => number)).toEqual(['S-1', 'S-2']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    await second.qbo.close();
  });

  test('holds nothing of a request that was refused without a requestid', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    const before = readFileSync(stateFile, 'utf8');
    await first.refusal('Customer', { DisplayName: 'a:b' });
    expect(readFileSync(stateFile, 'utf8')).toBe(before);
    await first.qbo.close();
  });
});

describe('a person at the screen', () => {
  const bookEach = async () => {
    const customer = ref(trade.customer);
    const [bank, stripe, fees] = await Promise.all(['1000', '1101', '6000'].map((number) => bench.account(number)));
    const DepositToAccountRef = ref(bank!);
    const line = (DetailType: string, detail: object) => ({ DetailType, Amount: 5, [DetailType]: detail });
    const Invoice = await sell();
    return {
      Invoice,
      CreditMemo: await bench.make('CreditMemo', saleForm(trade, 5)),
      SalesReceipt: await bench.make('SalesReceipt', saleForm(trade, 5)),
      RefundReceipt: await bench.make('RefundReceipt', saleForm(trade, 5, { DepositToAccountRef })),
      Payment: await bench.make('Payment', {
        CustomerRef: customer,
        TotalAmt: 5,
        Line: [applies(5, Invoice.Id, 'Invoice')],
      }),
      Deposit: await bench.make('Deposit', {
        DepositToAccountRef,
        Line: [line('DepositLineDetail', { AccountRef: ref(stripe!) })],
      }),
      Transfer: await bench.make('Transfer', {
        FromAccountRef: ref(stripe!),
        ToAccountRef: DepositToAccountRef,
        Amount: 5,
      }),
      Purchase: await bench.make('Purchase', {
        PaymentType: 'Cash',
        AccountRef: ref(stripe!),
        Line: [line('AccountBasedExpenseLineDetail', { AccountRef: ref(fees!) })],
      }),
      JournalEntry: await bench.make('JournalEntry', {
        Line: [
          line('JournalEntryLineDetail', { PostingType: 'Debit', AccountRef: ref(fees!) }),
          line('JournalEntryLineDetail', { PostingType: 'Credit', AccountRef: ref(stripe!) }),
        ],
      }),
    };
  };
  const sumOf = () => Object.values(bench.qbo.balances(bench.harbor)).reduce((sum, each) => sum + each, 0n);

  test('makes any document 1.00 larger, also in a closed period', async () => {
    const made = await bookEach();
    bench.qbo.lock(bench.harbor, '2026-12-31');
    for (const [entity, { Id }] of Object.entries(made)) {
      const of = () => bench.qbo.documents(bench.harbor).find(({ id }) => id === Id)!;
      const before = of().total;
      bench.qbo.tamper(bench.harbor, Id, 'edit');
      expect(of().total - before, entity).toBe(100n);
      expect((await bench.read(entity, Id)).SyncToken, entity).toBe('1');
      expect(sumOf(), entity).toBe(0n);
    }
  });

  test('voids what can be voided and deletes the rest', async () => {
    const made = await bookEach();
    const after: Record<string, string> = {};
    for (const [entity, { Id }] of Object.entries(made)) {
      bench.qbo.tamper(bench.harbor, Id, 'void');
      after[entity] = bench.qbo.documents(bench.harbor).find(({ id }) => id === Id)!.state;
    }
    expect(after).toEqual({
      Invoice: 'voided',
      CreditMemo: 'voided',
      SalesReceipt: 'voided',
      RefundReceipt: 'voided',
      Payment: 'voided',
      Purchase: 'voided',
      Deposit: 'deleted',
      Transfer: 'deleted',
      JournalEntry: 'deleted',
    });
    expect(Object.values(bench.qbo.balances(bench.harbor)).every((each) => each === 0n)).toBe(true);
    expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 0, total: 0n, tax: 0n });
  });

  test('cannot touch what is not there, twice, or in a company that does not exist', async () => {
    const { Id } = await sell();
    bench.qbo.tamper(bench.harbor, Id, 'void');
    expect(() => bench.qbo.tamper(bench.harbor, Id, 'edit')).toThrow(`has no live document ${Id}`);
    expect(() => bench.qbo.totals('1')).toThrow('has no company 1');
    expect(() => bench.qbo.deactivate(bench.harbor, 'Item', '999')).toThrow('has no Item 999');
  });
});

test('totals are sales less what was given back, in the company’s currency, with tax on lines of its own', async () => {
  await sell(bench, 0, { Line: [saleLine(trade.sales, 100), saleLine(trade.salesTax, 8)] });
  await bench.make('SalesReceipt', saleForm(trade, 20));
  await bench.make(
    'CreditMemo',
    saleForm(trade, 0, { Line: [saleLine(trade.sales, 10), saleLine(trade.salesTax, 0.8)] }),
  );
  const euro = await bench.make('Customer', { DisplayName: 'Euro shop', CurrencyRef: ref('EUR') });
  await sell(bench, 500, { CustomerRef: ref(euro.Id) });
  expect(bench.qbo.totals(bench.harbor)).toEqual({ count: 3, total: 11720n, tax: 720n });
  expect(bench.qbo.totals(bench.nimbus)).toEqual({ count: 0, total: 0n, tax: 0n });
});

describe('webhooks', () => {
  interface Delivery {
    headers: Record<string, string>;
    body: string;
  }

  /** Takes deliveries; `statuses` are answered in turn, then 200. */
  async function receiver(statuses: number[] = []) {
    const deliveries: Delivery[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        deliveries.push({ headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
    return { url, deliveries, close: () => server.close() };
  }

  test('tell every committed change, as signed CloudEvents', async () => {
    const { url, deliveries, close } = await receiver();
    bench.qbo.notify(bench.harbor, url, 'verifier-1');
    const { Id } = await sell();
    bench.qbo.tamper(bench.harbor, Id, 'edit');
    await bench.call('POST', '/invoice?operation=delete', { body: { Id, SyncToken: '1' } });
    await bench.refusal('Invoice', {});
    await openTrade(bench, bench.british);
    await bench.qbo.notified();
    const events = deliveries.flatMap(({ body }) => JSON.parse(body));
    expect(events.map(({ type }) => type)).toEqual([
      'qbo.invoice.created.v1',
      'qbo.invoice.updated.v1',
      'qbo.invoice.deleted.v1',
    ]);
    expect(events[0]).toMatchObject({
      specversion: '1.0',
      time: '2026-11-21T12:00:00.000Z',
      intuitentityid: Id,
      intuitaccountid: bench.harbor,
    });
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    const scheme = {
      algorithm: 'sha256',
      header: 'intuit-signature',
      encoding: 'base64',
      signs: 'body',
      secret: 'webhook',
    } as const;
    for (const { headers, body } of deliveries) {
      const signed = { headers, body: Buffer.from(body), url, receivedAt: new Date(NOON) };
      expect(verifySignature(scheme, signed, ['verifier-1'])).toBe(true);
      expect(verifySignature(scheme, signed, ['verifier-2'])).toBe(false);
    }
    close();
  });

  test('are sent again when they were not taken', async () => {
    const quick = await openBench({ ladderMs: [1, 1] });
    const { url, deliveries, close } = await receiver([500, 503]);
    quick.qbo.notify(quick.harbor, url, 'verifier-1');
    await quick.make('Customer', { DisplayName: 'Web shop' });
    await quick.qbo.notified();
    expect(deliveries).toHaveLength(3);
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1);
    await quick.qbo.close();
    close();
  });
});

test('the administrator who disconnects us ends what we hold, for one company only', async () => {
  bench.qbo.disconnect(bench.harbor);
  expect((await bench.call('GET', '/preferences')).status).toBe(401);
  expect((await bench.call('GET', '/preferences', { realm: bench.british })).status).toBe(200);
  const form = { grant_type: 'refresh_token', refresh_token: bench.refreshTokens[bench.harbor]! };
  expect((await tokenCall(bench.qbo, form)).body).toMatchObject({ error: 'invalid_grant' });
  const again = await connect(bench.qbo);
  expect((await bench.call('GET', '/preferences', { token: again.body.access_token })).status).toBe(200);
});

test('the page shows what arrived, and nothing in it is taken for markup', async () => {
  await sell(bench, 24, { DocNumber: '<b>1</b>' });
  const page = await (await fetch(bench.qbo.url)).text();
  expect(page).toContain('<td>Invoice</td><td>&lt;b&gt;1&lt;/b&gt;</td><td>2026-11-20</td><td>live</td>');
  expect(page).toContain('USD 24.00');
  expect(page).toContain('Harbour &amp; Pine Books Ltd');
});
