import type { DocumentParty, Invoice } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import {
  type Answer,
  american,
  type FixtureName,
  failureOf,
  fault,
  fixture,
  handed,
  json,
  mapping,
  queryIn,
  rows,
} from './test-support.ts';

const ada: DocumentParty = { id: 'shop:customer:42', name: 'Ada: Example', email: 'ada@example.com', country: 'GB' };
const stripe: DocumentParty = { id: 'processor:stripe', name: 'Stripe' };
/** First eight digits of the SHA-256 of the id. */
const ADA_HASH = '5072918b';
const TAKEN = fault('6240', 'Duplicate Name Exists Error', 'The name supplied already exists. : null');

const bodyOf = ({ body }: HttpRequest) => JSON.parse(body ?? '');
const ensure = (parties: DocumentParty[], ...answers: Answer[]) => {
  const world = handed(...answers);
  return { ...world, made: () => connector.ensureParties(parties, world.api) };
};

describe('customers and vendors', () => {
  test('ours are known again by the id in their notes, in one question for all', async () => {
    const namesake = { Id: '57', DisplayName: 'Ada Example', Notes: 'Prefers tea', Active: true };
    const ours = {
      Id: '58',
      DisplayName: `Ada Example (${ADA_HASH})`,
      Notes: 'VIP [Daybook shop:customer:42]',
      Active: true,
    };
    const { made, asked } = ensure([ada, ada], rows('Customer', namesake, ours));
    expect([...(await made())]).toEqual([['shop:customer:42', '58']]);
    expect(asked.map(queryIn)).toEqual([
      `select * from Customer where DisplayName in ('Ada Example', 'Ada Example (${ADA_HASH})') and Active in (true, false)`,
    ]);
  });

  test('an id is not found inside a longer one', async () => {
    const other = { Id: '57', DisplayName: 'Ada Example', Notes: '[Daybook shop:customer:421]', Active: true };
    const { made, asked } = ensure([ada], rows('Customer', other), json({ Customer: { Id: '58', DisplayName: 'x' } }));
    expect([...(await made())]).toEqual([['shop:customer:42', '58']]);
    expect(asked[1]?.url).toContain('/customer?');
  });

  test('who is not there is made, without the colon that names may not have', async () => {
    const { made, asked } = ensure(
      [ada],
      rows('Customer'),
      json({ Customer: { Id: '58', DisplayName: 'Ada Example' } }),
    );
    expect([...(await made())]).toEqual([['shop:customer:42', '58']]);
    expect(bodyOf(asked[1]!)).toEqual({
      DisplayName: 'Ada Example',
      Notes: '[Daybook shop:customer:42]',
      PrimaryEmailAddr: { Address: 'ada@example.com' },
      BillAddr: { Country: 'GB' },
    });
    expect(asked[1]?.url).toMatch(/\/customer\?minorversion=75&requestid=[0-9a-f]{32}$/);
  });

  test('processors are vendors, whose id stands in their account number', async () => {
    const { made, asked } = ensure(
      [stripe, ada],
      rows('Customer', { Id: '58', DisplayName: 'Ada Example', Notes: '[Daybook shop:customer:42]' }),
      rows('Vendor'),
      json({ Vendor: { Id: '71', DisplayName: 'Stripe' } }),
    );
    expect(Object.fromEntries(await made())).toEqual({ 'shop:customer:42': '58', 'processor:stripe': '71' });
    expect(bodyOf(asked[2]!)).toEqual({ DisplayName: 'Stripe', AcctNum: '[Daybook processor:stripe]' });
  });

  test('a name that somebody else has, whatever they are, gets a suffix', async () => {
    const { made, asked } = ensure(
      [ada],
      rows('Customer'),
      TAKEN,
      rows('Customer'),
      json({ Customer: { Id: '59', DisplayName: 'x' } }),
    );
    expect([...(await made())]).toEqual([['shop:customer:42', '59']]);
    expect(bodyOf(asked[3]!).DisplayName).toBe(`Ada Example (${ADA_HASH})`);
  });

  test('a name that our own lost attempt took is ours', async () => {
    const ours = { Id: '58', DisplayName: 'Ada Example', Notes: '[Daybook shop:customer:42]' };
    const { made, asked } = ensure([ada], rows('Customer'), TAKEN, rows('Customer', ours));
    expect([...(await made())]).toEqual([['shop:customer:42', '58']]);
    expect(asked).toHaveLength(3);
  });

  test('when even the suffix is taken a person has to look', async () => {
    const { made } = ensure([ada], rows('Customer'), TAKEN, rows('Customer'), TAKEN);
    expect(await failureOf(made)).toMatchObject({ kind: 'rejected', code: 'BOOKS_CONTACT_NAME_TAKEN' });
  });

  test('an address that would be refused stays out, and so would take nobody with it', async () => {
    const odd = { ...ada, email: 'ada@büro', country: undefined };
    const { made, asked } = ensure([odd], rows('Customer'), json({ Customer: { Id: '58', DisplayName: 'x' } }));
    await made();
    expect(bodyOf(asked[1]!)).not.toHaveProperty('PrimaryEmailAddr');
  });
});

describe('what a document needs to be there', () => {
  test.each<[FixtureName, string[]]>([
    [
      'invoice',
      ['item:79', 'item:79', 'item:79', 'item:86', 'item:80', 'tax:sales:5', 'tax:sales:7', 'customer:58:GBP'],
    ],
    ['payment', ['customer:58:GBP']],
    ['refund', ['customer:58:GBP', 'receivable:GBP']],
    ['gift-card-payment', ['customer:58:GBP', 'receivable:GBP']],
    ['allocation', ['customer:58:GBP']],
    ['transfer', []],
    ['fees', ['tax:purchase:5', 'tax:purchase:9', 'vendor:71:GBP']],
    ['journal', ['customer:58:GBP']],
  ])('%s', (name, keys) => {
    expect(connector.recordsFor?.(fixture(name).document, mapping)).toEqual(keys);
  });

  test('American tax needs a product on the liability, where there is any', () => {
    const sale = fixture('us-invoice').document as Invoice;
    expect(connector.recordsFor?.(sale, american)).toEqual(['item:79', 'item:82', 'item:51', 'customer:58:USD']);
    const free = { ...sale, lines: sale.lines.map((line) => ({ ...line, tax: 0n })) };
    expect(connector.recordsFor?.(free, american)).not.toContain('item:51');
  });
});

const CHART = rows(
  'Account',
  { Id: '79', Name: 'Sales', AcctNum: '4000', AccountType: 'Income', AccountSubType: 'SalesOfProductIncome' },
  { Id: '82', Name: 'Shipping', AccountType: 'Income' },
  { Id: '84', Name: 'Debtors', AccountType: 'Accounts Receivable', CurrencyRef: { value: 'GBP' } },
  { Id: '85', Name: 'Debtors EUR', AccountType: 'Accounts Receivable', CurrencyRef: { value: 'EUR' } },
);
const making = (keys: string[], ...answers: Answer[]) => {
  const world = handed(...answers);
  return { ...world, made: async () => Object.fromEntries((await connector.ensureRecords?.(keys, world.api)) ?? []) };
};

describe('products', () => {
  test('ours are looked up by name before one is made', async () => {
    const there = {
      Id: '5',
      Name: 'Daybook Shipping',
      Type: 'Service',
      Active: true,
      IncomeAccountRef: { value: '82' },
    };
    const { made, asked } = making(
      ['item:79', 'item:82', 'item:79'],
      CHART,
      rows('Item'),
      json({ Item: { Id: '1', Name: 'Daybook 4000 Sales' } }),
      rows('Item', there),
    );
    expect(await made()).toEqual({ 'item:79': '1', 'item:82': '5' });
    expect(queryIn(asked[1]!)).toBe(
      "select * from Item where Name in ('Daybook 4000 Sales', 'Daybook 4000 Sales (79)')",
    );
    expect(bodyOf(asked[2]!)).toEqual({
      Name: 'Daybook 4000 Sales',
      Type: 'Service',
      IncomeAccountRef: { value: '79' },
    });
  });

  test('one that posts elsewhere now, is of another kind or inactive is not used', async () => {
    const name = 'Daybook 4000 Sales';
    const moved = { Id: '5', Name: name, Type: 'Service', Active: true, IncomeAccountRef: { value: '80' } };
    const stock = { Id: '6', Name: name, Type: 'Inventory', Active: true, IncomeAccountRef: { value: '79' } };
    const old = { Id: '7', Name: name, Type: 'Service', Active: false, IncomeAccountRef: { value: '79' } };
    const { made, asked } = making(
      ['item:79'],
      CHART,
      rows('Item', moved, stock, old),
      TAKEN,
      rows('Item', moved),
      json({ Item: { Id: '8', Name: `${name} (79)` } }),
    );
    expect(await made()).toEqual({ 'item:79': '8' });
    expect(bodyOf(asked[4]!).Name).toBe('Daybook 4000 Sales (79)');
  });

  test('a name taken by our own lost attempt is ours', async () => {
    const ours = { Id: '1', Name: 'Daybook 4000 Sales', Type: 'Service', IncomeAccountRef: { value: '79' } };
    const { made } = making(['item:79'], CHART, rows('Item'), TAKEN, rows('Item', ours));
    expect(await made()).toEqual({ 'item:79': '1' });
  });

  test('what is refused or unknown is left out, so that it stops only what needs it', async () => {
    const refusal = fault('6000', 'A business validation error', 'You need to select a different type of account.');
    const { made, logged } = making(['item:84', 'item:999', 'receivable:GBP'], CHART, rows('Item'), refusal);
    expect(await made()).toEqual({ 'receivable:GBP': '84' });
    expect(logged.find(({ message }) => message === 'books.record_refused')?.fields).toMatchObject({ key: 'item:84' });
  });

  test('a fault of theirs is no refusal', async () => {
    const { made } = making(['item:79'], CHART, json({}, 500));
    expect(await failureOf(made)).toMatchObject({ kind: 'retryable' });
  });
});

describe('other records', () => {
  test('a customer already kept in the currency is itself', async () => {
    const { made } = making(
      ['customer:58:GBP'],
      json({ Customer: { Id: '58', DisplayName: 'Ada', CurrencyRef: { value: 'GBP' } } }),
    );
    expect(await made()).toEqual({ 'customer:58:GBP': '58' });
  });

  test('another currency is another customer of that name', async () => {
    const { made, asked } = making(
      ['customer:58:EUR'],
      json({ Customer: { Id: '58', DisplayName: 'Ada', CurrencyRef: { value: 'GBP' } } }),
      rows('Customer'),
      json({ Customer: { Id: '90', DisplayName: 'Ada EUR' } }),
    );
    expect(await made()).toEqual({ 'customer:58:EUR': '90' });
    expect(bodyOf(asked[2]!)).toEqual({
      DisplayName: 'Ada EUR',
      Notes: '[Daybook 58 in EUR]',
      CurrencyRef: { value: 'EUR' },
    });
  });

  test('each currency has its own receivables', async () => {
    const { made } = making(['receivable:EUR', 'receivable:GBP', 'receivable:USD'], CHART);
    expect(await made()).toEqual({ 'receivable:EUR': '85', 'receivable:GBP': '84' });
  });

  test('of several receivables of a currency it is the one that sales forms post to', async () => {
    const two = ['84', '88'].map((Id) => ({ Id, Name: Id, AccountType: 'Accounts Receivable' }));
    const preferences = (value: string) =>
      json({ Preferences: { AccountingInfoPrefs: { DefaultARAccount: { value } } } });
    for (const [standard, expected] of [
      ['88', '88'],
      ['404', '84'],
    ] as const) {
      const { made } = making(['receivable:GBP'], rows('Account', ...two), preferences(standard));
      expect(await made()).toEqual({ 'receivable:GBP': expected });
    }
  });

  test('the rates behind a tax code, for sales and for purchases', async () => {
    const list = (...ids: string[]) => ({ TaxRateDetail: ids.map((value) => ({ TaxRateRef: { value } })) });
    const { made } = making(
      ['tax:sales:5', 'tax:purchase:5', 'tax:sales:8', 'tax:sales:9', 'tax:sales:404'],
      rows(
        'TaxCode',
        { Id: '5', Name: '20.0% S', SalesTaxRateList: list('11'), PurchaseTaxRateList: list('12') },
        { Id: '8', Name: 'GST/QST', SalesTaxRateList: list('21', '22') },
        { Id: '9', Name: 'No VAT', SalesTaxRateList: list() },
      ),
      rows(
        'TaxRate',
        { Id: '11', RateValue: 20 },
        { Id: '12', RateValue: 20 },
        { Id: '21', RateValue: 5 },
        { Id: '22', RateValue: 9.975 },
      ),
    );
    expect(await made()).toEqual({
      'tax:sales:5': '11@20',
      'tax:purchase:5': '12@20',
      'tax:sales:8': '21@5+22@9.975',
      'tax:sales:9': '-',
    });
  });
});
