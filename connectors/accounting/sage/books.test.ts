import { describe, expect, test } from 'vitest';
import type { RemoteBooks } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { contactReference } from './parties.ts';
import { asking, BUSINESS, failureOf, handed, items, json, problem } from './test-support.ts';

const business = json({ id: BUSINESS, name: 'Sage Office Supplies (Demo Business)', country: { id: 'GB' } });
/** As a real business answers it (contracts beside the repository), with one date set. */
const settings = (more = {}) =>
  json({ year_end_lockdown_date: null, base_currency: { id: 'GBP' }, multi_currency_enabled: false, ...more });
const ledger = (id: string, code: number | null, name: string, type: string, more = {}) => ({
  id,
  displayed_as: `${name} (${code})`,
  name,
  nominal_code: code,
  ledger_account_type: { id: type.toUpperCase(), displayed_as: type },
  included_in_chart: true,
  ...more,
});
const LEDGERS = items(
  ledger('l1', 1100, 'Trade Debtors', 'Current Assets', { is_control_account: true, visible_in_journals: false }),
  ledger('l2', 1200, 'Bank Current Account', 'Bank'),
  ledger('l3', 1210, 'Euro account', 'Bank'),
  ledger('l4', 2200, 'VAT on Sales', 'Current Liabilities', { is_control_account: true, visible_in_journals: true }),
  ledger('l5', 4000, 'Sales', 'Sales'),
  ledger('l6', 4000, 'Sales too', 'Sales'),
  ledger('l7', 9999, 'Hidden', 'Overheads', { included_in_chart: false }),
);
const BANKS = items(
  { id: 'b2', ledger_account: { id: 'l2' }, currency: { id: 'GBP' }, is_active: true },
  { id: 'b3', ledger_account: { id: 'l3' }, currency: { id: 'EUR' }, is_active: true },
  { id: 'b5', ledger_account: { id: 'l5' }, is_active: false },
);
const RATES = items(
  { id: 'GB_STANDARD', name: 'Standard 20.00%', percentage: '20.0' },
  { id: 'GB_NO_TAX', displayed_as: 'No VAT 0.00%', percentage: 0 },
);

describe('the books', () => {
  test('join bank accounts to their ledger accounts, and name what takes no journals', async () => {
    const { api } = handed(business, settings(), LEDGERS, BANKS, RATES);
    expect(await connector.readBooks(api)).toEqual({
      name: 'Sage Office Supplies (Demo Business)',
      country: 'GB',
      currency: 'GBP',
      timeZone: '',
      currencies: ['GBP'],
      accounts: [
        account('1100', 'l1', 'Trade Debtors', 'Current Assets / control account'),
        { ...account('1200', 'l2', 'Bank Current Account', 'Bank'), isBank: true, bankId: 'b2' },
        {
          ...account('1210', 'l3', 'Euro account', 'Bank, foreign currency'),
          isBank: true,
          bankId: 'b3',
          currency: 'EUR',
        },
        account('2200', 'l4', 'VAT on Sales', 'Current Liabilities'),
        account('l5', 'l5', 'Sales', 'Sales'),
        account('l6', 'l6', 'Sales too', 'Sales'),
      ],
      taxRates: [
        { code: 'GB_STANDARD', name: 'Standard 20.00%', rate: '20' },
        { code: 'GB_NO_TAX', name: 'No VAT 0.00%', rate: '0' },
      ],
      lockDate: null,
    });
  });

  test('name the last locked day, and their currencies where they have others', async () => {
    const more = { year_end_lockdown_date: '2025-12-31', multi_currency_enabled: true };
    const currencies = items({ id: 'GBP' }, { id: 'EUR' });
    const { api } = handed(json({ displayed_as: 'B' }), settings(more), LEDGERS, BANKS, RATES, currencies);
    expect(await connector.readBooks(api)).toMatchObject({
      name: 'B',
      country: 'GB',
      lockDate: '2025-12-31',
      currencies: ['GBP', 'EUR'],
    });
  });
});

function account(code: string, remoteId: string, name: string, type: string) {
  return { code, name, type, remoteId, isBank: false, currency: 'GBP' };
}

describe('suggested mappings', () => {
  const bank = (code: string, name: string) => ({ ...account(code, code, name, 'Bank'), isBank: true, bankId: code });
  const books: RemoteBooks = {
    name: 'B',
    country: 'GB',
    currency: 'GBP',
    timeZone: '',
    currencies: ['GBP'],
    accounts: [
      account('1100', '1', 'Trade Debtors', 'Current Assets / control account'),
      bank('1200', 'Bank'),
      bank('1250', 'Stripe clearing GBP'),
      account('1241', '4', 'Something else', 'Current Assets'),
      account('2120', '5', 'Gift card liability', 'Current Liabilities'),
      account('4000', '6', 'Sales', 'Sales'),
      account('4050', '7', 'Miscellaneous', 'Overheads'),
      account('8200', '8', 'Cash over', 'Overheads'),
    ],
    taxRates: [
      { code: 'GB_STANDARD', name: 'Standard 20.00%', rate: '20' },
      { code: 'GB_ZERO', name: 'Zero Rated 0.00%', rate: '0' },
      { code: 'GB_EXEMPT', name: 'Exempt 0.00%', rate: '0' },
      { code: 'GB_NO_TAX', name: 'No VAT 0.00%', rate: '0' },
    ],
    lockDate: null,
  };
  const ours = (role: string, code: string, name: string, type: string) => ({ role, code, name, type });
  const suggested = (of: ReturnType<typeof ours>[]) =>
    connector.suggestMapping(books, of, []).filter(({ kind }) => kind === 'account');

  test('money goes to bank accounts only, by name where the number is something else’s', () => {
    expect(suggested([ours('clearing.stripe', '1241', 'Stripe clearing GBP', 'asset')])).toMatchObject([
      { theirs: '1250' },
    ]);
    expect(suggested([ours('clearing.paypal', '1244', 'PayPal clearing', 'asset')])).toEqual([]);
    expect(suggested([ours('cash.short', '8200', 'Cash over and short', 'expense')])).toMatchObject([
      { theirs: '8200' },
    ]);
  });

  test('debtors go to the control account, and nothing else does', () => {
    expect(suggested([ours('ar.control', '1100', 'Debtors', 'asset')])).toMatchObject([{ theirs: '1100' }]);
    expect(suggested([ours('dispute.held', '1100', 'Trade Debtors', 'asset')])).toEqual([]);
  });

  test('only income falls back, and no account of another class is taken by its number', () => {
    expect(suggested([ours('sales.shipping', '4050', 'Shipping', 'income')])).toMatchObject([{ theirs: '4000' }]);
    expect(suggested([ours('storecredit.liability', '2121', 'Store credit', 'liability')])).toEqual([]);
  });

  test('taxes go by rate, those of nothing by what they mean', () => {
    const codes = [
      { code: 'S20', rate: '20.0' },
      { code: 'Z0', rate: '0' },
      { code: 'EXP0', rate: '0' },
      { code: 'E', rate: '0' },
      { code: 'X', rate: '0' },
      { code: 'R5', rate: '5' },
      { code: 'RC20', rate: '20' },
    ];
    const found = connector.suggestMapping(books, [], codes).map(({ ours: word, theirs }) => `${word} ${theirs}`);
    expect(found).toEqual([
      'S20 GB_STANDARD',
      'Z0 GB_ZERO',
      'EXP0 GB_ZERO',
      'E GB_EXEMPT',
      'X GB_NO_TAX',
      ' GB_NO_TAX',
    ]);
  });
});

describe('contacts', () => {
  const party = { id: 'shop:customer:42', name: 'Ada Example', email: 'ada@example.com', country: 'GB' };
  const reference = contactReference(party.id);

  test('are found by our reference, exactly, live ones first', async () => {
    const found = items(
      { id: 'c0', reference: `${reference}0` },
      { id: 'c1', reference, is_active: false },
      { id: 'c2', reference, is_active: true },
      { id: 'c3', reference, deleted_at: '2026-01-01T00:00:00Z' },
    );
    const { api, asked } = handed(found);
    expect([...(await connector.ensureParties([party, party], api))]).toEqual([[party.id, 'c2']]);
    expect(asked.map(asking)).toEqual([
      `GET /contacts?search=${reference}&attributes=reference,deleted_at,is_active&items_per_page=200&page=1`,
    ]);
  });

  test('are made as customers, processors as suppliers', async () => {
    const processor = { id: 'processor:stripe', name: 'Stripe' };
    const { api, asked } = handed(items(), json({ id: 'c1' }, 201), items(), json({ id: 'c2' }, 201));
    expect([...(await connector.ensureParties([party, processor], api)).values()]).toEqual(['c1', 'c2']);
    const [customer, supplier] = [1, 3].map((index) => JSON.parse(asked[index]?.body ?? '').contact);
    expect(customer).toEqual({
      idempotency_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'Ada Example',
      contact_type_ids: ['CUSTOMER'],
      reference,
      main_address: { country_id: 'GB' },
      main_contact_person: {
        name: 'Ada Example',
        email: 'ada@example.com',
        is_main_contact: true,
        contact_person_type_ids: ['ACCOUNTS'],
      },
    });
    expect(supplier).toMatchObject({ name: 'Stripe', contact_type_ids: ['VENDOR'] });
  });

  test('whose making was answered by nobody are found the next time', async () => {
    const taken = problem(422, 'RecordInvalid', 'Reference has already been taken.', 'reference');
    const { api } = handed(items(), taken, items({ id: 'c1', reference }));
    expect([...(await connector.ensureParties([party], api)).values()]).toEqual(['c1']);
  });

  test('that are refused for another reason say why', async () => {
    const { api } = handed(items(), problem(422, 'RecordInvalid', 'is too long', 'name'), items());
    const failure = await failureOf(() => connector.ensureParties([party], api));
    expect(failure.message).toContain('Making the contact Ada Example: Sage answered 422, saying "name: is too long"');
  });
});
