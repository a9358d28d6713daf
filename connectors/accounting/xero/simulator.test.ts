import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  APP,
  type Bench,
  line,
  NOON,
  openBench,
  plainInvoice,
  temporaryFile,
  tokenCall,
} from './simulator/test-client.ts';
import { start } from './simulator.ts';

const MINUTE = 60_000;
let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.xero.close());

const pay = (key: string | undefined, amount: number, tenant?: string) =>
  bench.call('PUT', '/Payments', {
    ...(key === undefined ? {} : { key }),
    ...(tenant === undefined ? {} : { tenant }),
    body: { Invoice: { InvoiceNumber: 'S-1' }, Account: { Code: '1200' }, Date: '2026-11-20', Amount: amount },
  });
const paid = () => bench.xero.documents(bench.british)[0]?.payments.length;

describe('an idempotency key', () => {
  beforeEach(() => bench.invoice({ InvoiceNumber: 'S-1' }));

  test('answers a repeat from memory, byte for byte, and books once', async () => {
    const first = await pay('k-1', 1);
    bench.clock.now += 6 * MINUTE - 1;
    const second = await pay('k-1', 1);
    expect(second.text).toBe(first.text);
    expect(paid()).toBe(1);
  });

  test('is new again six minutes after its first use, and a second payment is made', async () => {
    await pay('k-1', 1);
    bench.clock.now += 3 * MINUTE;
    await pay('k-1', 1);
    bench.clock.now += 3 * MINUTE;
    expect((await pay('k-1', 1)).status).toBe(200);
    expect(paid()).toBe(2);
  });

  test('with another body, method or address is a conflict that names the key', async () => {
    await pay('k-1', 1);
    const other = await pay('k-1', 2);
    expect(other.status).toBe(400);
    expect(other.body.Message).toBe("The Idempotency-Key 'k-1' has already been used with a different request.");
    expect((await bench.call('POST', '/Payments', { key: 'k-1', body: {} })).status).toBe(400);
    expect(paid()).toBe(1);
  });

  test('remembers errors too', async () => {
    const first = await pay('k-1', 1000);
    expect(first.status).toBe(400);
    expect((await pay('k-1', 1000)).text).toBe(first.text);
    bench.xero.inject({ kind: 'status', status: 500, count: 1, path: '/Payments' });
    expect((await pay('k-2', 1)).status).toBe(500);
    expect((await pay('k-2', 1)).status).toBe(500);
    expect((await pay('k-3', 1)).status).toBe(200);
  });

  test('belongs to the app, not to the organisation', async () => {
    const british = await pay('k-1', 1);
    expect((await pay('k-1', 1, bench.american)).text).toBe(british.text);
  });

  test('may have 128 characters', async () => {
    expect((await pay('k'.repeat(128), 1)).status).toBe(200);
    expect((await pay('k'.repeat(129), 1)).status).toBe(400);
  });

  test('is not consumed by a 429', async () => {
    const narrow = await openBench({ limits: { perMinute: 1 } });
    const answer = await narrow.invoice({}, { key: 'k-1' });
    expect(answer.status).toBe(429);
    narrow.clock.now += MINUTE;
    expect((await narrow.invoice({}, { key: 'k-1' })).status).toBe(200);
    await narrow.xero.close();
  });
});

describe('limits', () => {
  const read = (of: Bench, tenant = of.british) => of.call('GET', '/Organisation', { tenant });

  test('are 60 a minute for each organisation, in a rolling window', async () => {
    // The bench has spent one call on its contact.
    const real = await openBench({ limits: { perMinute: 60, perDay: 5000 } });
    const first = await read(real);
    expect(first.headers.get('x-minlimit-remaining')).toBe('58');
    expect(first.headers.get('x-daylimit-remaining')).toBe('4998');
    expect(first.headers.get('x-appminlimit-remaining')).toBe('9998');
    expect(first.headers.get('xero-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    real.clock.now += 20_000;
    for (let call = 3; call <= 60; call += 1) expect((await read(real)).status).toBe(200);
    const refused = await read(real);
    expect([refused.status, refused.headers.get('x-rate-limit-problem'), refused.headers.get('retry-after')]).toEqual([
      429,
      'minute',
      '40',
    ]);
    expect((await read(real, real.american)).status).toBe(200);
    real.clock.now += 40_000;
    expect((await read(real)).status).toBe(200);
    await real.xero.close();
  });

  test('of the day park the organisation until the oldest call is a day old', async () => {
    const narrow = await openBench({ limits: { perDay: 2 } });
    await read(narrow);
    const refused = await read(narrow);
    expect(refused.headers.get('x-rate-limit-problem')).toBe('day');
    expect(refused.headers.get('retry-after')).toBe('86400');
    await narrow.xero.close();
  });

  test('of the app count all organisations', async () => {
    const narrow = await openBench({ limits: { appPerMinute: 2 } });
    await read(narrow, narrow.american);
    expect((await read(narrow)).headers.get('x-rate-limit-problem')).toBe('appminute');
    await narrow.xero.close();
  });

  test('let five calls be in flight', async () => {
    bench.xero.inject({ kind: 'slow', count: 5, delayMs: 300 });
    const slow = [1, 2, 3, 4, 5].map(() => read(bench));
    await expect.poll(async () => (await read(bench)).headers.get('x-rate-limit-problem')).toBe('concurrent');
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await read(bench)).status).toBe(200);
  });
});

describe('faults', () => {
  test('a lost reply leaves the document booked, a dropped request leaves nothing', async () => {
    bench.xero.inject({ kind: 'lost_reply', count: 1, path: '/Invoices' });
    await expect(bench.invoice({ InvoiceNumber: 'S-1' })).rejects.toThrow();
    expect(bench.xero.documents(bench.british)).toMatchObject([{ number: 'S-1' }]);
    bench.xero.inject({ kind: 'drop_before', count: 1, path: '/Invoices' });
    await expect(bench.invoice({ InvoiceNumber: 'S-2' })).rejects.toThrow();
    expect(bench.xero.documents(bench.british)).toHaveLength(1);
  });

  test('free the call in flight that they cut off', async () => {
    const narrow = await openBench({ limits: { concurrent: 1 } });
    narrow.xero.inject({ kind: 'lost_reply', count: 3, path: '/Invoices' });
    for (const number of ['S-1', 'S-2', 'S-3']) {
      await expect(narrow.invoice({ InvoiceNumber: number })).rejects.toThrow();
    }
    expect((await narrow.call('GET', '/Organisation')).status).toBe(200);
    await narrow.xero.close();
  });

  test.each([
    [{ kind: 'html' as const }, 502],
    [{ kind: 'empty' as const }, 200],
    [{ kind: 'status' as const, status: 409 }, 409],
    [{ kind: 'status' as const, status: 503 }, 503],
  ])('%o does nothing', async (fault, status) => {
    bench.xero.inject({ ...fault, count: 1, path: '/Invoices' });
    expect((await bench.invoice()).status).toBe(status);
    expect(bench.xero.documents(bench.british)).toEqual([]);
  });

  test('a person’s edit changes what the books say', async () => {
    await bench.invoice({ InvoiceNumber: 'S-1' });
    bench.xero.editByHand(bench.british, 'S-1', { firstLineAmount: 1999n, reference: 'by hand' });
    expect(bench.xero.documents(bench.british)).toMatchObject([{ total: 2399n, tax: 400n, reference: 'by hand' }]);
    expect(bench.xero.totals(bench.british)).toEqual({ count: 1, total: 2399n, tax: 400n });
    expect(() => bench.xero.editByHand(bench.british, 'S-9', {})).toThrow('no live document S-9');
  });
});

describe('the same seed and the same calls', () => {
  test('give the same answers', async () => {
    const run = async () => {
      const world = await openBench();
      const answers = [await world.invoice(), await world.invoice({ CurrencyCode: 'CHF' })].map(({ text }) => text);
      await world.xero.close();
      return [world.british, world.token, world.refreshToken, ...answers];
    };
    expect(await run()).toEqual(await run());
  });

  test('of another seed are other organisations', async () => {
    const other = await start({ seed: 8, app: APP });
    expect(other.accounts[0]?.account).not.toBe(bench.british);
    await other.close();
  });
});

describe('a state file', () => {
  test('keeps everything that was answered: documents, keys, tokens, locks', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    await first.invoice({ InvoiceNumber: 'S-1' });
    const payment = { Invoice: { InvoiceNumber: 'S-1' }, Account: { Code: '1200' }, Date: '2026-11-20', Amount: 5 };
    const answered = await first.call('PUT', '/Payments', { key: 'k-1', body: payment });
    first.xero.lock(first.british, '2026-10-31');
    // Not closed first: like a killed process, it has no last chance to write.
    const xero = await start({ seed: 7, app: APP, stateFile, now: () => new Date(NOON) });
    expect(xero.documents(first.british)).toEqual(first.xero.documents(first.british));
    expect(xero.totals(first.british)).toEqual({ count: 1, total: 2400n, tax: 400n });
    const replay = { method: 'PUT', headers: headersOf(first, 'k-1'), body: JSON.stringify(payment) };
    expect(await (await fetch(`${xero.url}/api.xro/2.0/Payments`, replay)).text()).toBe(answered.text);
    const organisation = await fetch(`${xero.url}/api.xro/2.0/Organisation`, { headers: headersOf(first, 'k-2') });
    expect(await organisation.text()).toContain('"PeriodLockDate":"/Date(1793404800000+0000)/"');
    const form = { grant_type: 'refresh_token', refresh_token: first.refreshToken };
    expect((await tokenCall(xero, form)).status).toBe(200);
    await xero.close();
    await first.xero.close();
  });

  test('survives a line that a crash cut off, and gives no id twice', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    await first.invoice({ InvoiceNumber: 'S-1' });
    await first.xero.close();
    writeFileSync(stateFile, `${readFileSync(stateFile, 'utf8')}{"issued":99,"fa`);
    const second = await openBench({ stateFile }, { now: NOON + MINUTE });
    await second.invoice({ InvoiceNumber: 'S-2' });
    const rows = second.xero.documents(second.british);
    expect(rows.map(({ number }) => number)).toEqual(['S-1', 'S-2']);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    await second.xero.close();
  });

  test('holds nothing of a request that was refused', async () => {
    const stateFile = temporaryFile();
    const first = await openBench({ stateFile });
    const before = readFileSync(stateFile, 'utf8');
    expect((await first.invoice({ CurrencyCode: 'CHF', Contact: { Name: 'New' } })).status).toBe(400);
    expect(readFileSync(stateFile, 'utf8')).toBe(before);
    await first.xero.close();
  });
});

function headersOf(of: Bench, key: string): Record<string, string> {
  return {
    authorization: `Bearer ${of.token}`,
    'xero-tenant-id': of.british,
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': key,
  };
}

test('totals are the sum of what was accepted, whatever was refused in between', async () => {
  const step = fc.record({
    kind: fc.constantFrom('Invoices', 'CreditNotes'),
    number: fc.integer({ min: 1, max: 6 }),
    pence: fc.integer({ min: -500, max: 100_000 }),
    currency: fc.constantFrom('GBP', 'GBP', 'EUR', 'CHF'),
    status: fc.constantFrom('AUTHORISED', 'AUTHORISED', 'DRAFT'),
    method: fc.constantFrom('PUT', 'PUT', 'POST'),
  });
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const world = await openBench();
    const accepted = new Map<string, bigint>();
    for (const { kind, number, pence, currency, status, method } of steps) {
      const cents = String(Math.abs(pence)).padStart(3, '0');
      const UnitAmount = `${pence < 0 ? '-' : ''}${cents.slice(0, -2)}.${cents.slice(-2)}`;
      const named = kind === 'Invoices' ? { InvoiceNumber: `N-${number}` } : { CreditNoteNumber: `N-${number}` };
      const element = {
        ...plainInvoice(world),
        ...named,
        Type: kind === 'Invoices' ? 'ACCREC' : 'ACCRECCREDIT',
        Status: status,
        CurrencyCode: currency,
        LineItems: [line({ Quantity: 1, UnitAmount, TaxType: 'NONE' })],
      };
      const answer = await world.call(method, `/${kind}`, { body: { [kind]: [element] } });
      if (answer.status !== 200) continue;
      const sign = kind === 'Invoices' ? 1n : -1n;
      const counts = status === 'AUTHORISED' && currency === 'GBP';
      if (counts) accepted.set(`${kind} ${number}`, sign * BigInt(pence));
      else accepted.delete(`${kind} ${number}`);
    }
    const total = [...accepted.values()].reduce((sum, each) => sum + each, 0n);
    expect(world.xero.totals(world.british)).toEqual({ count: accepted.size, total, tax: 0n });
    await world.xero.close();
  });
  await fc.assert(property, { numRuns: 25, seed: 20261121 });
});

test('an organisation of another country can be defined', async () => {
  const organisations = [
    { name: 'Kiefer GmbH', country: 'DE' as const, currency: 'EUR', timeZone: 'Europe/Berlin', currencies: [] },
  ];
  const german = await openBench({ organisations });
  const [organisation] = (await german.call('GET', '/Organisation')).body.Organisations;
  expect(organisation).toMatchObject({ CountryCode: 'DE', BaseCurrency: 'EUR', Timezone: 'WEUROPESTANDARDTIME' });
  const LineItems = [line({ AccountCode: '8400', TaxType: 'OUTPUT', Quantity: 1, UnitAmount: 100 })];
  expect((await german.invoice({ LineItems })).body.Invoices[0].Total).toBe(119);
  await german.xero.close();
});

test('the chart has our default codes, with payments enabled where money can sit and nowhere else', async () => {
  const accounts: Record<string, unknown>[] = (await bench.call('GET', '/Accounts')).body.Accounts;
  const byCode = new Map(accounts.map((account) => [account.Code, account]));
  const facts = (code: string) => {
    const account = byCode.get(code);
    return [account?.Type, account?.EnablePaymentsToAccount, account?.TaxType];
  };
  expect(facts('1200')).toEqual(['BANK', false, 'NONE']);
  expect(facts('1247')).toEqual(['CURRENT', true, 'NONE']);
  expect(facts('1248')).toEqual(['CURRENT', false, 'NONE']);
  expect(facts('2120')).toEqual(['CURRLIAB', true, 'NONE']);
  expect(facts('2140')).toEqual(['CURRLIAB', false, 'NONE']);
  expect(facts('4000')).toEqual(['REVENUE', false, 'OUTPUT2']);
  expect(facts('4001')).toEqual(['REVENUE', false, 'RROUTPUT']);
  expect(facts('4002')).toEqual(['REVENUE', false, 'ZERORATEDOUTPUT']);
  expect(facts('8205')).toEqual(['EXPENSE', false, 'NONE']);
  expect(byCode.get('1100')).toMatchObject({ SystemAccount: 'DEBTORS' });
  const { Currencies } = (await bench.call('GET', '/Currencies')).body;
  expect(Currencies).toContainEqual({ Code: 'EUR', Description: 'Euro' });
});

test('the page shows what arrived, and nothing in it is taken for markup', async () => {
  await bench.invoice({ InvoiceNumber: 'S-1', Reference: '<b>#1001</b>' });
  const page = await (await fetch(bench.xero.url)).text();
  expect(page).toContain('<td>S-1</td><td>&lt;b&gt;#1001&lt;/b&gt;</td><td>2026-11-20</td><td>AUTHORISED</td>');
  expect(page).toContain('GBP 24.00');
});
