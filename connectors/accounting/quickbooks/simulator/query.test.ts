import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bench,
  NOON,
  openBench,
  openSingleCurrency,
  openTrade,
  ref,
  saleForm,
  type Trade,
} from './test-client.ts';

let bench: Bench;
let trade: Trade;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench);
});
afterEach(() => bench.qbo.close());

type Row = Record<string, unknown> & { Id: string; DocNumber: string };
const ask = (statement: string, realm = bench.harbor) =>
  bench.call('GET', `/query?query=${encodeURIComponent(statement)}&minorversion=75`, { realm });
const rows = async (statement: string) => {
  const { body } = await ask(statement);
  if (!body.QueryResponse) throw new Error(JSON.stringify(body));
  const [list = []] = Object.values(body.QueryResponse).filter(Array.isArray);
  return list as Row[];
};
const numbers = async (rest: string) => (await rows(`select * from Invoice ${rest}`)).map(({ DocNumber }) => DocNumber);
const problem = async (statement: string) => {
  const { status, body } = await ask(statement);
  const [error] = body.Fault.Error;
  return [status, error.code, error.Detail] as [number, string, string];
};

/** Three invoices of three days and amounts. */
async function sellThree(): Promise<string[]> {
  const made: string[] = [];
  for (const [DocNumber, TxnDate, amount] of [
    ['S-1', '2026-11-18', 30],
    ['S-2', '2026-11-19', 4],
    ["S-3'x", '2026-11-20', 200],
  ] as const) {
    made.push((await bench.make('Invoice', saleForm(trade, amount, { DocNumber, TxnDate }))).Id);
    bench.clock.now += 60_000;
  }
  return made;
}

describe('a query', () => {
  test('compares with =, in, like, < and >, joined by and', async () => {
    const [first, second] = await sellThree();
    expect(await numbers("where DocNumber = 'S-2'")).toEqual(['S-2']);
    expect(await numbers("where DocNumber in ('S-1', 'S-2') orderby DocNumber")).toEqual(['S-1', 'S-2']);
    expect(await numbers("where DocNumber like 'S-%' order by TxnDate desc")).toEqual(["S-3'x", 'S-2', 'S-1']);
    expect(await numbers("where DocNumber like '%1'")).toEqual(['S-1']);
    expect(await numbers(`where Id = '${first}'`)).toEqual(['S-1']);
    // Amounts compare as numbers: 200 is more than 30, 4 is less.
    expect(await numbers("where TotalAmt > '4' orderby TotalAmt")).toEqual(['S-1', "S-3'x"]);
    expect(await numbers("where TotalAmt <= '30' orderby TotalAmt")).toEqual(['S-2', 'S-1']);
    expect(await numbers("where TxnDate >= '2026-11-19' and TxnDate < '2026-11-20'")).toEqual(['S-2']);
    expect(await numbers(`where CustomerRef = '${trade.customer}' and Id > '${second}'`)).toEqual(["S-3'x"]);
    expect(await numbers("WHERE docnumber = 'S-1' STARTPOSITION 1 MAXRESULTS 1")).toEqual(['S-1']);
  });

  test('escapes a quote with a backslash', async () => {
    await sellThree();
    expect(await numbers("where DocNumber = 'S-3\\'x'")).toEqual(["S-3'x"]);
    expect((await problem("select * from Invoice where DocNumber = 'S-3'x'"))[1]).toBe('4000');
  });

  test('takes times with their offset', async () => {
    await sellThree();
    const since = '2026-11-21T04:01:00-08:00';
    expect(await numbers(`where MetaData.LastUpdatedTime > '${since}'`)).toEqual(["S-3'x"]);
    expect(await numbers(`where MetaData.CreateTime >= '2026-11-21T12:01:00Z' orderby Id`)).toEqual(['S-2', "S-3'x"]);
    expect((await problem("select * from Invoice where TxnDate > 'yesterday'"))[1]).toBe('4001');
  });

  test('answers the newest first, 100 unless asked for more, 1000 at most', async () => {
    await sellThree();
    expect(await numbers('')).toEqual(["S-3'x", 'S-2', 'S-1']);
    const page = await ask('select * from Invoice orderby TxnDate startposition 2 maxresults 1');
    expect(page.body.QueryResponse).toMatchObject({ startPosition: 2, maxResults: 1, Invoice: [{ DocNumber: 'S-2' }] });
    expect(page.body.time).toBe('2026-11-21T04:03:00.000-08:00');
    expect((await ask('select * from Invoice startposition 4')).body.QueryResponse).toEqual({});
    const zero = await problem('select * from Invoice maxresults 0');
    expect(zero).toEqual([400, '4001', 'QueryValidationError: value 0 is too small. Min allowed value is 1']);
    expect((await problem('select * from Invoice maxresults 1001'))[1]).toBe('4001');
    expect((await problem('select * from Invoice startposition 0'))[1]).toBe('4001');
    for (let number = 1; number <= 101; number += 1) await bench.make('Customer', { DisplayName: `C ${number}` });
    expect(await rows('select * from Customer')).toHaveLength(100);
    expect(await rows('select * from Customer maxresults 1000')).toHaveLength(102);
  });

  test('counts, and chooses columns', async () => {
    const [first] = await sellThree();
    expect((await ask("select count(*) from Invoice where TotalAmt > '10'")).body.QueryResponse).toEqual({
      totalCount: 2,
    });
    const chosen = await rows("select Id, DocNumber, TotalAmt from Invoice where DocNumber = 'S-1'");
    expect(chosen).toEqual([{ domain: 'QBO', sparse: true, Id: first, DocNumber: 'S-1', TotalAmt: 30 }]);
    const unknown = await problem('select Id, Colour from Invoice');
    expect(unknown).toEqual([400, '4001', 'QueryValidationError: Property Colour not found for Entity Invoice']);
  });

  test('refuses columns that are not there, or that cannot be filtered by', async () => {
    expect(await problem("select * from Invoice where Colour = 'red'")).toEqual([
      400,
      '4001',
      'QueryValidationError: Property Colour not found for Entity Invoice',
    ]);
    for (const entity of ['Invoice', 'CreditMemo', 'SalesReceipt', 'Payment', 'Deposit', 'Purchase', 'JournalEntry']) {
      expect(await problem(`select * from ${entity} where PrivateNote = 'note'`), entity).toEqual([
        400,
        '4001',
        "QueryValidationError: property 'PrivateNote' is not queryable",
      ]);
    }
    expect((await problem("select * from Transfer where DocNumber = 'T-1'"))[1]).toBe('4001');
    expect((await problem('select * from Invoice orderby PrivateNote'))[1]).toBe('4001');
  });

  test('knows no or, no other comparison, no second entity and no entity of another name', async () => {
    const wrong = [
      "select * from Invoice where Id = '1' or Id = '2'",
      "select * from Invoice where Id != '1'",
      "select * from Invoice where Id <> '1'",
      'select * from Invoice where Id = one',
      "select * from Invoice where not Id = '1'",
      "select * from Invoice where (Id = '1')",
      'select * from Invoice, Payment',
      'select * from Invoice group by Id',
      'select from Invoice',
      "update Invoice set DocNumber = 'S-1'",
      'select * from Sale',
      '',
    ];
    for (const statement of wrong) expect((await problem(statement)).slice(0, 2), statement).toEqual([400, '4000']);
    expect((await problem('select * from Sale'))[2]).toBe('QueryParserError: Invalid context declaration: Sale');
    expect((await bench.call('GET', '/query')).body.Fault.Error[0]).toMatchObject({ code: '2020', element: 'query' });
  });

  test('leaves out what was deleted, and what is inactive unless it is asked for', async () => {
    const [first] = await sellThree();
    await bench.call('POST', '/invoice?operation=delete', { body: { Id: first, SyncToken: '0' } });
    expect(await numbers("where DocNumber = 'S-1'")).toEqual([]);
    bench.qbo.deactivate(bench.harbor, 'Item', trade.shipping);
    const names = async (rest: string) => (await rows(`select * from Item ${rest}`)).map(({ Name }) => Name);
    expect(await names('')).toEqual(['Sales', 'Sales tax']);
    expect(await names('where Active = false')).toEqual(['Shipping']);
    expect(await names('where Active in (true, false)')).toEqual(['Sales', 'Sales tax', 'Shipping']);
  });

  test('may be posted', async () => {
    await sellThree();
    const headers = { 'content-type': 'application/text' };
    const body = "select * from Invoice where DocNumber = 'S-1'";
    const answer = await bench.call('POST', '/query', { body, headers });
    expect(answer.body.QueryResponse.Invoice).toMatchObject([{ DocNumber: 'S-1' }]);
  });

  test.each([
    ['Customer', "DisplayName = 'Web shop'"],
    ['Customer', "DisplayName in ('Web shop', 'Other')"],
    ['Item', "Name = 'Sales' and Type = 'Service'"],
    ['Account', "AcctNum = '4000' and Classification = 'Revenue'"],
    ['Account', "Name = 'Undeposited Funds' and AccountType = 'Other Current Asset'"],
    ['TaxRate', "Name like '%California%'"],
  ])('finds a %s where %s', async (entity, where) => {
    expect(await rows(`select * from ${entity} where ${where}`)).toHaveLength(1);
  });

  test('finds payments by their reference, never in another company', async () => {
    const body = { CustomerRef: ref(trade.customer), TotalAmt: 5, PaymentRefNum: 'ch_1' };
    const { Id } = await bench.make('Payment', body);
    const statement = "select * from Payment where PaymentRefNum = 'ch_1'";
    expect(await rows(statement)).toMatchObject([{ Id }]);
    expect((await ask(statement, bench.british)).body.QueryResponse).toEqual({});
  });
});

describe('reading', () => {
  test('answers one entity, the company and its preferences', async () => {
    const company = await bench.call('GET', `/companyinfo/${bench.harbor}`);
    expect(company.body.CompanyInfo).toMatchObject({ CompanyName: 'Harbor Café Books', Country: 'US' });
    const preferences = async (realm: string) => (await bench.call('GET', '/preferences', { realm })).body.Preferences;
    expect(await preferences(bench.harbor)).toMatchObject({
      SalesFormsPrefs: { CustomTxnNumbers: true },
      TaxPrefs: { UsingSalesTax: false },
      CurrencyPrefs: { MultiCurrencyEnabled: true, HomeCurrency: { value: 'USD' } },
    });
    expect(await preferences(bench.nimbus)).toMatchObject({
      SalesFormsPrefs: { CustomTxnNumbers: false },
      TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: true },
      CurrencyPrefs: { MultiCurrencyEnabled: true },
    });
    const single = await openSingleCurrency();
    const { body } = await single.call('GET', '/preferences');
    expect(body.Preferences).toMatchObject({ CurrencyPrefs: { MultiCurrencyEnabled: false } });
    await single.qbo.close();
    expect(await preferences(bench.british)).toMatchObject({ CurrencyPrefs: { HomeCurrency: { value: 'GBP' } } });
  });

  test('of what is not there is 610, of what is no id 2030, of an unknown address 404', async () => {
    const code = async (path: string) => {
      const { status, body } = await bench.call('GET', path);
      return [status, body.Fault.Error[0].code];
    };
    expect(await code('/invoice/999')).toEqual([400, '610']);
    expect(await code('/invoice/one')).toEqual([400, '2030']);
    expect(await code(`/payment/${(await bench.make('Invoice', saleForm(trade, 1))).Id}`)).toEqual([400, '610']);
    expect(await code(`/companyinfo/${bench.british}`)).toEqual([400, '610']);
    expect(await code('/invoices/1')).toEqual([404, '500']);
    expect(await code('/invoice')).toEqual([404, '500']);
    expect((await bench.call('DELETE', '/invoice/1')).status).toBe(404);
    expect((await bench.call('POST', '/bill', { body: {} })).status).toBe(404);
  });

  test('of another company than the consent’s is forbidden', async () => {
    const { status, body } = await bench.call('GET', '/preferences', { token: bench.tokens[bench.british]! });
    expect(status).toBe(403);
    expect(body.fault.error[0]).toMatchObject({
      message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
      code: '3100',
    });
  });

  test('without asking for JSON is answered in XML', async () => {
    const { text, headers } = await bench.call('GET', '/preferences', { headers: { accept: '*/*' } });
    expect(headers.get('content-type')).toMatch(/xml/);
    expect(text).toMatch(/^<\?xml/);
  });
});

describe('changes since an instant', () => {
  const since = (instant: number, entities = 'Invoice,Payment,Customer') =>
    bench.call('GET', `/cdc?entities=${entities}&changedSince=${encodeURIComponent(new Date(instant).toISOString())}`);

  test('are whole entities in the order of change, deleted ones as stubs', async () => {
    const [first, second, third] = await sellThree();
    const from = bench.clock.now;
    bench.clock.now += 1000;
    await bench.call('POST', '/invoice?operation=delete', { body: { Id: first, SyncToken: '0' } });
    await bench.make('Invoice', { Id: third, SyncToken: '0', sparse: true, PrivateNote: 'note' });
    const { body } = await since(from);
    expect(body.CDCResponse).toMatchObject([
      {
        QueryResponse: [
          {
            Invoice: [
              { Id: third, PrivateNote: 'note', SyncToken: '1' },
              { Id: first, status: 'Deleted', MetaData: { LastUpdatedTime: '2026-11-21T04:03:01-08:00' } },
            ],
            startPosition: 1,
            maxResults: 2,
          },
          {},
          {},
        ],
      },
    ]);
    const all = (await since(NOON)).body.CDCResponse[0].QueryResponse;
    expect(all[0].Invoice.map(({ Id }: Row) => Id)).toEqual([second, third, first]);
    expect(all[2].Customer).toHaveLength(1);
  });

  test('include an invoice whose balance a payment moved', async () => {
    const [first = ''] = await sellThree();
    const from = bench.clock.now;
    const Line = [{ Amount: 30, LinkedTxn: [{ TxnId: first, TxnType: 'Invoice' }] }];
    await bench.make('Payment', { CustomerRef: ref(trade.customer), TotalAmt: 30, Line });
    const [invoices] = (await since(from)).body.CDCResponse[0].QueryResponse;
    expect(invoices.Invoice).toMatchObject([{ Id: first, Balance: 0, SyncToken: '0' }]);
  });

  test('go back 30 days, and need their parameters', async () => {
    const day = 24 * 60 * 60_000;
    expect((await since(NOON - 30 * day)).status).toBe(200);
    expect((await since(NOON - 30 * day - 1)).status).toBe(400);
    expect((await since(NOON, 'Sale')).status).toBe(400);
    for (const path of [
      '/cdc?entities=Invoice',
      '/cdc?changedSince=2026-11-21',
      '/cdc?entities=Invoice&changedSince=x',
    ]) {
      expect((await bench.call('GET', path)).status, path).toBe(400);
    }
  });
});
