import { defaultChart } from '@daybook/domain';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RemoteBooks } from '../../kit/contract.ts';
import { dayOf, plainDecimal } from './books.ts';
import { connector } from './connector.ts';
import { chartFor, taxRatesFor } from './simulator/charts.ts';
import { API, handed, TENANT } from './test-support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.restore());

// Values of the exchanges recorded in April 2026 (NangoHQ/integration-templates), fields we read and a few we don't.
const organisation = {
  Name: 'Demo Company (Global)',
  BaseCurrency: 'USD',
  CountryCode: 'CA',
  Timezone: 'EASTERNSTANDARDTIME',
  PeriodLockDate: '/Date(1222732800000+0000)/',
  Version: 'GLOBAL',
};
const bank = {
  AccountID: '562555f2-8cde-4ce9-8203-0363922537a4',
  Code: '090',
  Name: 'Business Bank Account',
  Status: 'ACTIVE',
  Type: 'BANK',
};
const answers = {
  Organisation: { Organisations: [organisation] },
  Accounts: {
    Accounts: [
      bank,
      { ...bank, AccountID: '72f1dcfe-5d7d-4239-bf9d-e12469309716', Code: undefined, Name: 'Savings' },
      { ...bank, AccountID: 'd1ebb97b-d207-4ccb-9ab6-8a466a8b4d39', Code: '299', Name: 'Old', Status: 'ARCHIVED' },
    ],
  },
  TaxRates: {
    TaxRates: [
      { Name: 'Tax on Consulting', TaxType: 'OUTPUT', EffectiveRate: 8.25, Status: 'ACTIVE' },
      { Name: 'Tax Exempt', TaxType: 'NONE', EffectiveRate: 0.0, Status: 'ACTIVE' },
      { Name: 'Gone', TaxType: 'TAX009', EffectiveRate: 5, Status: 'DELETED' },
    ],
  },
  Currencies: { Currencies: [{ Code: 'USD', Description: 'United States Dollar' }, { Code: 'EUR' }] },
};

function serve(changed: Partial<Record<keyof typeof answers, unknown>> = {}): void {
  for (const [resource, body] of Object.entries({ ...answers, ...changed })) {
    nock(API, { reqheaders: { 'xero-tenant-id': TENANT } })
      .get(`/api.xro/2.0/${resource}`)
      .reply(200, JSON.stringify(body));
  }
}

describe('the books', () => {
  test('are read with what is active, exact rates and the locked day', async () => {
    serve();
    expect(await connector.readBooks(handed().api)).toEqual({
      name: 'Demo Company (Global)',
      country: 'CA',
      currency: 'USD',
      timeZone: 'EASTERNSTANDARDTIME',
      currencies: ['USD', 'EUR'],
      accounts: [
        {
          code: '090',
          name: 'Business Bank Account',
          type: 'BANK',
          remoteId: '562555f2-8cde-4ce9-8203-0363922537a4',
          isBank: true,
          currency: 'USD',
        },
        {
          code: '72f1dcfe-5d7d-4239-bf9d-e12469309716',
          name: 'Savings',
          type: 'BANK',
          remoteId: '72f1dcfe-5d7d-4239-bf9d-e12469309716',
          isBank: true,
          currency: 'USD',
        },
      ],
      taxRates: [
        { code: 'OUTPUT', name: 'Tax on Consulting', rate: '8.25' },
        { code: 'NONE', name: 'Tax Exempt', rate: '0' },
      ],
      // 1222732800 seconds after 1970 is midnight UTC of 30 September 2008.
      lockDate: '2008-09-30',
    });
  });

  test('are locked up to the later of the two lock dates', async () => {
    // 31 December 2025, midnight UTC.
    const EndOfYearLockDate = '/Date(1767139200000+0000)/';
    serve({ Organisation: { Organisations: [{ ...organisation, EndOfYearLockDate }] } });
    expect((await connector.readBooks(handed().api)).lockDate).toBe('2025-12-31');
  });

  test('without any lock date are open', async () => {
    const { PeriodLockDate: _none, ...open } = organisation;
    serve({ Organisation: { Organisations: [open] } });
    expect((await connector.readBooks(handed().api)).lockDate).toBeNull();
  });

  test('an organisation without its currency is an unreadable answer, not an empty one', async () => {
    nock(API)
      .get('/api.xro/2.0/Organisation')
      .reply(200, { Organisations: [{ Name: 'X' }] });
    await expect(connector.readBooks(handed().api)).rejects.toMatchObject({ code: 'BOOKS_ANSWER_UNREADABLE' });
  });
});

test.each([
  ['/Date(1222732800000+0000)/', '2008-09-30'],
  ['/Date(1222732800000)/', '2008-09-30'],
  ['/Date(1222732800000+1300)/', '2008-09-30'],
  ['/Date(-86400000+0000)/', '1969-12-31'],
  ['2026-01-31T00:00:00', '2026-01-31'],
  ['2026-01-31', '2026-01-31'],
  ['', null],
  [null, null],
  ['soon', null],
])('the day in %s is %s', (text, day) => {
  expect(dayOf(text)).toBe(day);
});

test.each([
  ['20.0000', '20'],
  ['8.2500', '8.25'],
  ['0.0', '0'],
  ['0', '0'],
  ['100', '100'],
])('the rate %s is %s', (text, rate) => {
  expect(plainDecimal(text)).toBe(rate);
});

describe('the suggested mapping', () => {
  const account = (code: string, name: string, type: string) => ({
    code,
    name,
    type,
    remoteId: `id-${code}`,
    isBank: type === 'BANK',
  });
  const books: RemoteBooks = {
    name: 'Demo',
    country: 'GB',
    currency: 'GBP',
    timeZone: '',
    currencies: ['GBP'],
    accounts: [
      account('090', 'Business Bank Account', 'BANK'),
      account('260', 'Other Revenue', 'REVENUE'),
      account('200', 'Sales', 'REVENUE'),
      account('2120', 'Gift cards outstanding', 'EXPENSE'),
      account('850', 'Gift Cards Outstanding', 'CURRLIAB'),
      account('404', 'Processing fees', 'EXPENSE'),
    ],
    // The standard rates of a British organisation, as accounting.md and the provider's lists name them.
    taxRates: [
      { code: 'INPUT2', name: '20% (VAT on Expenses)', rate: '20.0' },
      { code: 'CAPEXINPUT2', name: '20% (VAT on Capital Purchases)', rate: '20' },
      { code: 'OUTPUT2', name: '20% (VAT on Income)', rate: '20' },
      { code: 'RROUTPUT', name: '5% (VAT on Income)', rate: '5' },
      { code: 'EXEMPTEXPENSES', name: 'Exempt Expenses', rate: '0' },
      { code: 'EXEMPTOUTPUT', name: 'Exempt Income', rate: '0' },
      { code: 'NONE', name: 'No VAT', rate: '0' },
      { code: 'ECZROUTPUT', name: 'Zero Rated EC Goods Income', rate: '0' },
      { code: 'ZERORATEDOUTPUT', name: 'Zero Rated Income', rate: '0' },
    ],
    lockDate: null,
  };
  const role = (name: string, code: string, label: string, type: string) => ({ role: name, code, name: label, type });
  const accountsOf = (...roles: ReturnType<typeof role>[]) =>
    connector.suggestMapping(books, roles, []).filter(({ kind }) => kind === 'account');

  test('takes the account of the same code and class first', () => {
    expect(accountsOf(role('sales.revenue.standard', '260', 'Sales', 'income'))).toEqual([
      { kind: 'account', ours: 'sales.revenue.standard', theirs: '260' },
    ]);
  });

  test('then the one of the same name, never one of another class whatever its code', () => {
    expect(accountsOf(role('giftcard.liability', '2120', 'Gift cards outstanding', 'liability'))).toEqual([
      { kind: 'account', ours: 'giftcard.liability', theirs: '850' },
    ]);
  });

  test('then, for income only, the first income account', () => {
    expect(accountsOf(role('sales.shipping', '4050', 'Shipping income', 'income'))).toEqual([
      { kind: 'account', ours: 'sales.shipping', theirs: '200' },
    ]);
  });

  test('leaves out what a guess would book to the wrong place', () => {
    expect(accountsOf(role('clearing.card', '1240', 'Card clearing', 'asset'))).toEqual([]);
    expect(accountsOf(role('tips.payable', '2140', 'Tips payable', 'liability'))).toEqual([]);
  });

  test('takes sales taxes by rate, and tells the kinds of zero apart', () => {
    const codes = [
      { code: 'S20', rate: '20' },
      { code: 'R5', rate: '5.00' },
      { code: 'Z0', rate: '0' },
      { code: 'E', rate: '0' },
      { code: 'X', rate: '0' },
      { code: 'U7', rate: '7' },
      { code: 'RC20', rate: '20' },
    ];
    expect(connector.suggestMapping(books, [], codes)).toEqual([
      { kind: 'tax', ours: 'S20', theirs: 'OUTPUT2' },
      { kind: 'tax', ours: 'R5', theirs: 'RROUTPUT' },
      { kind: 'tax', ours: 'Z0', theirs: 'ZERORATEDOUTPUT' },
      { kind: 'tax', ours: 'E', theirs: 'EXEMPTOUTPUT' },
      { kind: 'tax', ours: 'X', theirs: 'NONE' },
      // A line without any tax code.
      { kind: 'tax', ours: '', theirs: 'NONE' },
    ]);
  });
});

describe('our charts', () => {
  test.each(['GB', 'US', 'DE'] as const)('of %s find an account and a tax for every word of ours', (country) => {
    const books: RemoteBooks = {
      name: '',
      country,
      currency: '',
      timeZone: '',
      currencies: [],
      lockDate: null,
      accounts: chartFor(country, ['EUR', 'JPY'], (code) => code).map(({ id, code, name, type }) => ({
        code,
        name,
        type,
        remoteId: id,
        isBank: type === 'BANK',
      })),
      taxRates: taxRatesFor(country).map(({ taxType, name, rate }) => ({ code: taxType, name, rate })),
    };
    const { accounts, taxCodes } = defaultChart(country);
    const role = /^clearing\.stripe$/;
    const stripe = accounts.find(({ roles }) => roles.some((each) => role.test(each)));
    const yen = {
      role: 'clearing.stripe.JPY',
      code: `${stripe?.code}-JPY`,
      name: `${stripe?.name} JPY`,
      type: 'asset',
    };
    // Closing accounts are never exported.
    const played = accounts
      .flatMap(({ roles, ...rest }) => roles.map((each) => ({ ...rest, role: each })))
      .filter((each) => !each.role.startsWith('closing.'));
    const suggested = connector.suggestMapping(books, [...played, yen], taxCodes);
    const theirs = new Map(suggested.map((each) => [`${each.kind} ${each.ours}`, each.theirs]));
    for (const { role: word, code } of [...played, yen]) expect(theirs.get(`account ${word}`), word).toBe(code);
    for (const { code } of taxCodes) expect(theirs.get(`tax ${code}`), code).toMatch(/\S/);
  });

  test('take the reverse charge on services from abroad, never the domestic one', () => {
    const taxRates = [
      { code: 'DRCHARGE20', name: 'Domestic Reverse Charge @ 20% (VAT on Expenses)', rate: '20' },
      { code: 'REVERSECHARGES', name: 'Reverse Charge Expenses (20%)', rate: '0' },
    ];
    const books: RemoteBooks = {
      name: '',
      country: 'GB',
      currency: 'GBP',
      timeZone: '',
      currencies: [],
      accounts: [],
      taxRates,
      lockDate: null,
    };
    const of = (rate: string) => connector.suggestMapping(books, [], [{ code: 'RC', rate }])[0];
    expect(of('20')).toEqual({ kind: 'tax', ours: 'RC', theirs: 'REVERSECHARGES' });
    expect(of('5')).not.toMatchObject({ ours: 'RC' });
  });
});
