import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bench,
  openBench,
  openSingleCurrency,
  openTrade,
  ref,
  saleForm,
  saleLine,
  type Trade,
} from './test-client.ts';

let bench: Bench;
let trade: Trade;
let codes: Record<string, string>;
let rates: Record<string, string>;
beforeEach(async () => {
  bench = await openBench();
  trade = await openTrade(bench, bench.british);
  const named = async (entity: string) => {
    const rows = (await bench.query(`select * from ${entity}`, bench.british))[entity] as {
      Name: string;
      Id: string;
    }[];
    return Object.fromEntries(rows.map(({ Name, Id }) => [Name, Id]));
  };
  codes = await named('TaxCode');
  rates = await named('TaxRate');
});
afterEach(() => bench.qbo.close());

type Body = Record<string, unknown>;
const line = (amount: number, code: string, more: Body = {}) =>
  saleLine(trade.sales, amount, { TaxCodeRef: ref(codes[code] ?? code), ...more });
const form = (Line: Body[], more: Body = {}) => saleForm(trade, 0, { Line, ...more });
const make = (entity: string, body: Body) => bench.make(entity, body, { realm: bench.british });
const refused = (entity: string, body: Body) => bench.refusal(entity, body, '', { realm: bench.british });
const taxLine = (rate: string, Amount?: number, detail: Body = {}) => ({
  ...(Amount === undefined ? {} : { Amount }),
  DetailType: 'TaxLineDetail',
  TaxLineDetail: { TaxRateRef: ref(rates[rate] ?? rate), PercentBased: true, ...detail },
});

test('the codes are those of a British company, each with a rate for sales and one for purchases', async () => {
  expect(Object.keys(codes)).toEqual(['20.0% S', '5.0% R', '0.0% Z', 'Exempt', 'No VAT']);
  const { TaxCode } = (await bench.query("select * from TaxCode where Name = '5.0% R'", bench.british)) as {
    TaxCode: { SalesTaxRateList: object; PurchaseTaxRateList: object }[];
  };
  expect(TaxCode).toMatchObject([
    {
      SalesTaxRateList: { TaxRateDetail: [{ TaxRateRef: { value: rates['5.0% R (Sales)'] } }] },
      PurchaseTaxRateList: { TaxRateDetail: [{ TaxRateRef: { value: rates['5.0% R (Purchases)'] } }] },
    },
  ]);
  const { TaxRate } = (await bench.query('select * from TaxRate', bench.british)) as { TaxRate: Body[] };
  expect(TaxRate.map(({ Name, RateValue }) => `${Name} ${RateValue}`)).toContain('20.0% S (Sales) 20');
});

describe('VAT', () => {
  test('is worked out per rate on the sum of the form, not per line', async () => {
    // 20 % of 0.12 is 0.024, 0.02 a line, 0.06 for three; of the sum 0.36 it is 0.072, 0.07.
    const made = await make(
      'Invoice',
      form([line(0.12, '20.0% S'), line(0.12, '20.0% S'), line(0.12, '20.0% S'), line(10, '5.0% R')]),
    );
    expect(made).toMatchObject({ TotalAmt: 10.93, GlobalTaxCalculation: 'TaxExcluded' });
    expect(made.TxnTaxDetail).toEqual({
      TotalTax: 0.57,
      TaxLine: [
        taxLine('20.0% S (Sales)', 0.07, { TaxPercent: 20, NetAmountTaxable: 0.36 }),
        taxLine('5.0% R (Sales)', 0.5, { TaxPercent: 5, NetAmountTaxable: 10 }),
      ],
    });
    expect(bench.qbo.balances(bench.british)).toEqual({ '1100': 1093n, '4000': -1036n, '2200': -57n });
    expect(bench.qbo.totals(bench.british)).toEqual({ count: 1, total: 1093n, tax: 57n });
  });

  test('half a penny is rounded up', async () => {
    // 20 % of 0.125 cannot be: amounts have pennies. 5 % of 0.10 is 0.005.
    expect((await make('Invoice', form([line(0.1, '5.0% R')]))).TxnTaxDetail).toMatchObject({ TotalTax: 0.01 });
  });

  test('can be pinned per rate by a tax line, and the difference is shown', async () => {
    const pinned = { TxnTaxDetail: { TaxLine: [taxLine('20.0% S (Sales)', 3.99)] } };
    const made = await make('Invoice', form([line(19.98, '20.0% S'), line(10, '0.0% Z')], pinned));
    expect(made).toMatchObject({ TotalAmt: 33.97 });
    expect(made.TxnTaxDetail).toMatchObject({
      TotalTax: 3.99,
      TaxLine: [{ Amount: 3.99, TaxLineDetail: { OverrideDeltaAmount: -0.01 } }, { Amount: 0 }],
    });
    const delta = { TxnTaxDetail: { TaxLine: [taxLine('20.0% S (Sales)', undefined, { OverrideDeltaAmount: 0.02 })] } };
    expect((await make('Invoice', form([line(10, '20.0% S')], delta))).TotalAmt).toBe(12.02);
    expect(bench.qbo.totals(bench.british).tax).toBe(399n + 202n);
  });

  test('cannot be pinned for a rate that no line has', async () => {
    const wrong = (rate: string) => form([line(10, '20.0% S')], { TxnTaxDetail: { TaxLine: [taxLine(rate, 1)] } });
    for (const rate of ['5.0% R (Sales)', '20.0% S (Purchases)', '999']) {
      expect(await refused('Invoice', wrong(rate)), rate).toMatchObject({
        code: '6000',
        Detail: `Business Validation Error: Invalid tax rate id - ${rates[rate] ?? rate}`,
      });
    }
  });

  test('is needed on every line, as one of the company’s own codes', async () => {
    expect(await refused('Invoice', form([saleLine(trade.sales, 10)]))).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: Make sure all your transactions have a VAT rate before you save.',
    });
    for (const code of ['TAX', 'NON', '999']) {
      expect(await refused('Invoice', form([line(10, code)])), code).toMatchObject({ code: '6100' });
    }
  });

  test('does not apply where the form says so; then none may be said either', async () => {
    const without = { GlobalTaxCalculation: 'NotApplicable' };
    const made = await make('Invoice', form([saleLine(trade.sales, 10)], without));
    expect(made).toMatchObject({ TotalAmt: 10, GlobalTaxCalculation: 'NotApplicable', TxnTaxDetail: {} });
    const both = form([saleLine(trade.sales, 10)], { ...without, TxnTaxDetail: { TotalTax: 2 } });
    expect(await refused('Invoice', both)).toMatchObject({ code: '6170' });
    expect(await refused('Invoice', form([], { GlobalTaxCalculation: 'Sometimes' }))).toMatchObject({ code: '2020' });
    const unknown = form([line(1, '20.0% S')], { GlobalTaxCalculation: 'Sometimes' });
    expect(await refused('Invoice', unknown)).toMatchObject({ code: '2170' });
  });

  test('can be inside the amounts; the total is then what was said', async () => {
    const inclusive = { GlobalTaxCalculation: 'TaxInclusive' };
    const made = await make('Invoice', form([line(10, '20.0% S'), line(0.05, '20.0% S')], inclusive));
    // 10.00 has 1.67 inside, 0.05 has 0.01.
    expect(made).toMatchObject({ TotalAmt: 10.05, TxnTaxDetail: { TotalTax: 1.68 } });
    expect((made.Line as Body[])[0]).toMatchObject({ Amount: 8.33, SalesItemLineDetail: { TaxInclusiveAmt: 10 } });
    expect(bench.qbo.balances(bench.british)).toEqual({ '1100': 1005n, '4000': -837n, '2200': -168n });
  });

  test('of credits goes the other way; a changed form gets new tax', async () => {
    const memo = await make(
      'CreditMemo',
      form([line(10, '20.0% S')], { TxnTaxDetail: { TaxLine: [taxLine('20.0% S (Sales)', 1.99)] } }),
    );
    expect(memo).toMatchObject({ TotalAmt: 11.99, RemainingCredit: 11.99, Balance: 11.99 });
    expect(bench.qbo.balances(bench.british)).toEqual({ '1100': -1199n, '4000': 1000n, '2200': 199n });
    const version = { Id: memo.Id, SyncToken: '0', sparse: true };
    const noted = await make('CreditMemo', { ...version, PrivateNote: 'kept' });
    expect(noted.TotalAmt, 'tax that was pinned stays').toBe(11.99);
    const changed = await make('CreditMemo', { ...version, SyncToken: '1', Line: [line(20, '20.0% S')] });
    expect(changed.TotalAmt).toBe(24);
  });

  test('of purchases is reclaimed at the rates for purchases', async () => {
    const detail = { AccountRef: ref(await bench.account('7905', bench.british)), TaxCodeRef: ref(codes['20.0% S']!) };
    const body = {
      PaymentType: 'Cash',
      AccountRef: ref(await bench.account('1241', bench.british)),
      Line: [{ DetailType: 'AccountBasedExpenseLineDetail', Amount: 10, AccountBasedExpenseLineDetail: detail }],
    };
    const made = await make('Purchase', body);
    expect(made).toMatchObject({ TotalAmt: 12, TxnTaxDetail: { TotalTax: 2 } });
    expect(bench.qbo.balances(bench.british)).toEqual({ '1241': -1200n, '7905': 1000n, '2200': 200n });
    const { TaxCodeRef: _code, ...without } = detail;
    const Line = [{ DetailType: 'AccountBasedExpenseLineDetail', Amount: 10, AccountBasedExpenseLineDetail: without }];
    expect(await refused('Purchase', { ...body, Line })).toMatchObject({ code: '6000' });
    expect((await make('Purchase', { ...body, Line, GlobalTaxCalculation: 'NotApplicable' })).TotalAmt).toBe(10);
  });
});

describe('currencies', () => {
  const euro = async () => {
    const customer = await make('Customer', { DisplayName: 'Boutique', CurrencyRef: ref('EUR') });
    return form([line(100, 'No VAT')], { CustomerRef: ref(customer.Id) });
  };

  test('belong to the customer for life; a form follows it', async () => {
    const body = await euro();
    const made = await make('Invoice', { ...body, ExchangeRate: 0.85 });
    expect(made).toMatchObject({ CurrencyRef: { value: 'EUR' }, ExchangeRate: 0.85, TotalAmt: 100, HomeTotalAmt: 85 });
    expect(await refused('Invoice', { ...body, CurrencyRef: ref('GBP') })).toMatchObject({
      code: '6000',
      Detail: 'Business Validation Error: Transaction currency is invalid for customer/ vendor / account.',
    });
    const { Customer } = (await bench.query(
      "select * from Customer where DisplayName = 'Boutique'",
      bench.british,
    )) as {
      Customer: { Id: string }[];
    };
    const change = { Id: Customer[0]?.Id, SyncToken: '0', sparse: true, CurrencyRef: ref('USD') };
    expect(await refused('Customer', change)).toMatchObject({ code: '6000' });
  });

  test('have a rate of the day where none is said', async () => {
    // 0.79 GBP and 0.92 EUR to the dollar: 0.79 ÷ 0.92 = 0.858696.
    expect(await make('Invoice', await euro())).toMatchObject({ ExchangeRate: 0.858696, HomeTotalAmt: 85.87 });
  });

  test('that are not enabled are refused, and all of them where multicurrency is off', async () => {
    expect(await refused('Customer', { DisplayName: 'X', CurrencyRef: ref('CHF') })).toMatchObject({ code: '2220' });
    const other = { DisplayName: 'X', CurrencyRef: ref('EUR') };
    const single = await openSingleCurrency();
    expect(await single.refusal('Customer', other)).toMatchObject({ code: '5030' });
    await single.qbo.close();
    const { CompanyCurrency } = (await bench.query('select * from CompanyCurrency', bench.british)) as {
      CompanyCurrency: { Code: string }[];
    };
    expect(CompanyCurrency.map(({ Code }) => Code)).toEqual(['EUR', 'USD']);
  });

  test('are posted in the company’s own, and a better rate at the payment is a gain', async () => {
    const body = await euro();
    const invoice = await make('Invoice', { ...body, ExchangeRate: 0.85 });
    await make('Payment', {
      CustomerRef: body.CustomerRef,
      TotalAmt: 100,
      ExchangeRate: 0.87,
      DepositToAccountRef: ref(await bench.account('1200', bench.british)),
      Line: [{ Amount: 100, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }],
    });
    expect(bench.qbo.balances(bench.british)).toEqual({
      'Accounts Receivable (A/R) - EUR': 0n,
      '4000': -8500n,
      '1200': 8700n,
      '7906': -200n,
    });
    expect(bench.qbo.totals(bench.british)).toEqual({ count: 0, total: 0n, tax: 0n });
  });
});
