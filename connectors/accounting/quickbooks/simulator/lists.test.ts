import { defaultChart } from '@daybook/domain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chartFor } from './charts.ts';
import { type Bench, openBench, ref, saleForm, saleLine } from './test-client.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.qbo.close());

type Body = Record<string, unknown>;
const refused = (entity: string, body: Body) => bench.refusal(entity, body);

describe('customers and vendors', () => {
  test('are answered with what QuickBooks adds', async () => {
    const made = await bench.make('Customer', {
      GivenName: 'Ada',
      FamilyName: 'King',
      PrimaryEmailAddr: { Address: 'ada@example.com' },
      BillAddr: { Line1: '1 Quay', City: 'Salem' },
    });
    expect(made).toMatchObject({
      domain: 'QBO',
      SyncToken: '0',
      DisplayName: 'Ada King',
      FullyQualifiedName: 'Ada King',
      PrintOnCheckName: 'Ada King',
      PrimaryEmailAddr: { Address: 'ada@example.com' },
      BillAddr: { Line1: '1 Quay', City: 'Salem' },
      Active: true,
      Balance: 0,
      CurrencyRef: { value: 'USD', name: 'US Dollar' },
    });
    expect(await bench.read('Customer', made.Id)).toEqual(made);
    expect(await bench.make('Vendor', { CompanyName: 'Courier Ltd' })).toMatchObject({ DisplayName: 'Courier Ltd' });
  });

  test('share one space of names, in any case, which inactive ones keep occupied', async () => {
    const first = await bench.make('Customer', { DisplayName: 'Web shop' });
    const taken = {
      code: '6240',
      Message: 'Duplicate Name Exists Error',
      Detail: expect.stringContaining('Another customer, vendor or employee is already using this name'),
    };
    expect(await refused('Customer', { DisplayName: 'web SHOP' })).toMatchObject(taken);
    expect(await refused('Vendor', { DisplayName: 'Web shop ' })).toMatchObject(taken);
    const off = { Id: first.Id, SyncToken: '0', sparse: true, Active: false };
    expect(await bench.make('Customer', off)).toMatchObject({ Active: false, SyncToken: '1', DisplayName: 'Web shop' });
    expect(await refused('Vendor', { DisplayName: 'Web shop' })).toMatchObject(taken);
    const renamed = { Id: first.Id, SyncToken: '1', sparse: true, DisplayName: 'Old shop', Active: true };
    await bench.make('Customer', renamed);
    await bench.make('Vendor', { DisplayName: 'Web shop' });
  });

  test('have a name without colons, an address that is one, and texts that fit', async () => {
    expect(await refused('Customer', {})).toMatchObject({ code: '6080' });
    for (const name of ['a:b', 'a\tb', 'a\nb']) {
      expect(await refused('Customer', { DisplayName: name })).toMatchObject({ code: '2040', element: 'DisplayName' });
    }
    expect(await refused('Customer', { DisplayName: 'N'.repeat(501) })).toMatchObject({ code: '2050' });
    expect(await refused('Vendor', { GivenName: 'N'.repeat(101) })).toMatchObject({ code: '2050' });
    const PrimaryEmailAddr = { Address: 'not an address' };
    expect(await refused('Customer', { DisplayName: 'A', PrimaryEmailAddr })).toMatchObject({ code: '2210' });
    expect(await refused('Customer', { DisplayName: 'A', Nickname: 'A' })).toMatchObject({ code: '2010' });
  });

  test('that owe something cannot be made inactive, and none is ever deleted', async () => {
    const customer = await bench.make('Customer', { DisplayName: 'Web shop' });
    const IncomeAccountRef = ref(await bench.account('4000'));
    const item = await bench.make('Item', { Name: 'Sales', IncomeAccountRef });
    await bench.make('Invoice', { CustomerRef: ref(customer.Id), Line: [saleLine(item.Id, 5)] });
    const off = { Id: customer.Id, SyncToken: '0', sparse: true, Active: false };
    expect(await refused('Customer', off)).toMatchObject({ code: '6000' });
    const body = { Id: customer.Id, SyncToken: '0' };
    const deleted = await bench.call('POST', '/customer?operation=delete', { body });
    expect(deleted.body.Fault.Error[0]).toMatchObject({ code: '500', Detail: 'Operation delete is not supported.' });
  });

  test('are changed in their newest version only, and those that are there', async () => {
    const made = await bench.make('Customer', { DisplayName: 'Web shop' });
    await bench.make('Customer', { Id: made.Id, SyncToken: '0', sparse: true, CompanyName: 'Shop Ltd' });
    const again = { Id: made.Id, SyncToken: '0', sparse: true };
    expect(await refused('Customer', again)).toMatchObject({ code: '5010', Message: 'Stale Object Error' });
    expect(await refused('Customer', { ...again, Id: '999' })).toMatchObject({ code: '610' });
    expect(await refused('Vendor', { ...again, SyncToken: '1' })).toMatchObject({ code: '610' });
    expect(await refused('Customer', { Id: made.Id })).toMatchObject({ code: '2020', element: 'SyncToken' });
  });

  test('of a full update lose what is not said', async () => {
    const made = await bench.make('Customer', { DisplayName: 'Web shop', CompanyName: 'Shop Ltd' });
    const full = await bench.make('Customer', { Id: made.Id, SyncToken: '0', DisplayName: 'Web shop' });
    expect(full).not.toHaveProperty('CompanyName');
  });
});

describe('items', () => {
  test('name the account their sales go to', async () => {
    const IncomeAccountRef = ref(await bench.account('4000'));
    const made = await bench.make('Item', { Name: 'Sales', Sku: 'S', Type: 'Service', IncomeAccountRef });
    expect(made).toMatchObject({
      Name: 'Sales',
      FullyQualifiedName: 'Sales',
      Sku: 'S',
      Type: 'Service',
      Active: true,
      Taxable: false,
      UnitPrice: 0,
      IncomeAccountRef: { ...IncomeAccountRef, name: 'Sales' },
    });
    expect(await refused('Item', { Name: 'Other' })).toMatchObject({ code: '2020', element: 'IncomeAccountRef' });
    expect(await refused('Item', { IncomeAccountRef })).toMatchObject({ code: '2020', element: 'Name' });
    const taken = { Name: 'SALES', IncomeAccountRef };
    expect(await refused('Item', taken)).toMatchObject({
      code: '6240',
      Detail: expect.stringContaining('Another product or service'),
    });
    expect(await refused('Item', { ...taken, Name: 'A:b' })).toMatchObject({ code: '2040' });
    expect(await refused('Item', { ...taken, Name: 'N'.repeat(101) })).toMatchObject({ code: '2050' });
    expect(await refused('Item', { ...taken, Name: 'Other', Type: 'Inventory' })).toMatchObject({ code: '2170' });
    // The space of names is not that of people.
    await bench.make('Customer', { DisplayName: 'Sales' });
  });

  test('sell to income, and to liabilities such as tax or gift cards, not to banks or receivables', async () => {
    const item = async (number: string) => ({ Name: number, IncomeAccountRef: ref(await bench.account(number)) });
    for (const number of ['2100', '2200', '6000']) await bench.make('Item', await item(number));
    for (const number of ['1000', '1101', '1200', '2000']) {
      expect(await refused('Item', await item(number)), number).toMatchObject({
        code: '6000',
        Detail: 'Business Validation Error: You need to select a different type of account for this transaction.',
      });
    }
    expect(await refused('Item', { Name: 'Lost', IncomeAccountRef: ref('999') })).toMatchObject({
      code: '2500',
      Detail: 'Invalid Reference Id : Accounts element id 999 not found',
    });
  });

  test('that change their account do so for what is sold from then on', async () => {
    const customer = await bench.make('Customer', { DisplayName: 'Web shop' });
    const trade = { customer: customer.Id, sales: '', shipping: '', salesTax: '', realm: bench.harbor };
    const IncomeAccountRef = ref(await bench.account('4000'));
    const item = await bench.make('Item', { Name: 'Sales', IncomeAccountRef });
    await bench.make('Invoice', saleForm({ ...trade, sales: item.Id }, 10));
    const moved = { Id: item.Id, SyncToken: '0', sparse: true, IncomeAccountRef: ref(await bench.account('4050')) };
    await bench.make('Item', moved);
    await bench.make('Invoice', saleForm({ ...trade, sales: item.Id }, 1));
    expect(bench.qbo.balances(bench.harbor)).toEqual({ '1200': 1100n, '4000': -1000n, '4050': -100n });
  });
});

describe('accounts', () => {
  test('have a name and number of their own and a type that QuickBooks knows', async () => {
    const made = await bench.make('Account', { Name: 'Adyen clearing', AcctNum: '1150', AccountType: 'Bank' });
    expect(made).toMatchObject({
      AccountType: 'Bank',
      Classification: 'Asset',
      AcctNum: '1150',
      Active: true,
      CurrentBalance: 0,
    });
    expect(await bench.account('1150')).toBe(made.Id);
    expect(await refused('Account', { Name: 'Other' })).toMatchObject({ code: '6010' });
    expect(await refused('Account', { Name: 'Other', AccountType: 'Purse' })).toMatchObject({ code: '2170' });
    expect(await refused('Account', { Name: 'sales', AccountType: 'Income' })).toMatchObject({ code: '6240' });
    expect(await refused('Account', { Name: 'O', AcctNum: '4000', AccountType: 'Income' })).toMatchObject({
      code: '6000',
      Detail: expect.stringContaining('already using this number'),
    });
    expect(await refused('Account', { AccountType: 'Income' })).toMatchObject({ code: '2020', element: 'Name' });
  });

  test('show their balance on its usual side', async () => {
    const customer = await bench.make('Customer', { DisplayName: 'Web shop' });
    const sales = await bench.account('4000');
    const item = await bench.make('Item', { Name: 'Sales', IncomeAccountRef: ref(sales) });
    await bench.make('SalesReceipt', { CustomerRef: ref(customer.Id), Line: [saleLine(item.Id, 5)] });
    expect(await bench.read('Account', sales)).toMatchObject({ CurrentBalance: 5, Classification: 'Revenue' });
    expect(await bench.read('Account', '4')).toMatchObject({ Name: 'Undeposited Funds', CurrentBalance: 5 });
  });

  test.each(['US', 'GB'] as const)(
    'of a company in %s are those of our default chart, each role with its own',
    (country) => {
      const rows = chartFor(country);
      const roles = defaultChart(country).accounts.flatMap(({ code, roles: of }) => of.map((role) => ({ code, role })));
      for (const { code, role } of roles.filter((each) => !each.role.startsWith('closing.'))) {
        const row = rows.find(({ number }) => number === code);
        expect(row, `${role} ${code}`).toBeDefined();
        // Money passes through these with transfers and deposits, which QuickBooks allows between assets only.
        if (/^(clearing\.|bank\.|processor\.reserve|dispute\.held)/.test(role)) expect(row?.type, role).toBe('Bank');
        if (/^fees\.|^chargeback\.loss/.test(role)) expect(row?.type, role).toBe('Expense');
        if (/^(giftcard\.liability|customer\.deposits|tips\.payable)$/.test(role)) {
          expect(row?.type, role).toBe('Other Current Liability');
        }
      }
      for (const role of ['fees.processing', 'fees.dispute', 'chargeback.loss', 'fx.gain', 'fx.loss', 'suspense']) {
        expect(
          roles.map((each) => each.role),
          role,
        ).toContain(role);
      }
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    },
  );
});
