import { describe, expect, test } from 'vitest';
import { defaultChart } from './charts.ts';

/** Roles of accounting.md B, with our three proposals at the end. */
const ROLES =
  `bank.main cash.drawer cash.transit clearing.shopify_payments clearing.stripe clearing.square clearing.paypal
  clearing.marketplace processor.reserve dispute.held fx.trading ar.control inventory.control tax.input tax.input.rc
  suspense ap.control grni tax.output tax.output.rc tax.marketplace tax.settlement giftcard.liability
  storecredit.liability storedvalue.liability customer.deposits tips.payable equity.capital equity.retained
  equity.opening closing.income_summary closing.balance sales.revenue.standard sales.revenue.reduced sales.revenue.zero
  sales.revenue.export sales.revenue.intra_eu sales.revenue.exempt sales.revenue.oss sales.shipping sales.discount
  sales.returns giftcard.breakage cost_of_sales count.variance inventory.adjustment purchase.variance purchases
  inventory.change fees.processing fees.marketplace fees.dispute chargeback.loss bad_debt cash.short cash.over
  rounding.cash fx.loss fx.gain expense.office expense.cleaning expense.software
  clearing.manual clearing.bank_transfer clearing.cash_on_delivery duties.payable donations.payable`.split(/\s+/);

const charts = {
  US: defaultChart('US'),
  GB: defaultChart('GB'),
  SKR03: defaultChart('DE'),
  SKR04: defaultChart('DE', 'SKR04'),
};

describe.each(Object.entries(charts))('chart %s', (_, { accounts, taxCodes, taxRules }) => {
  test('every role of section B has exactly one account', () => {
    const played = accounts.flatMap((account) => account.roles);
    expect(ROLES.filter((role) => !played.includes(role))).toEqual([]);
    expect(played.filter((role, index) => played.indexOf(role) !== index)).toEqual([]);
  });

  test('codes are unique and every account has a name, a type and a side', () => {
    expect(new Set(accounts.map((account) => account.code)).size).toBe(accounts.length);
    for (const account of accounts) {
      expect(account.code, account.name).toMatch(/^\d{4}$/);
      expect(account.name.length).toBeGreaterThan(2);
      expect(account.type, account.code).toBeTruthy();
    }
  });

  test('only the contra accounts stand on the unusual side of their type', () => {
    const unusual = accounts.filter(
      ({ type, normalSide }) => (type === 'asset' || type === 'expense') !== (normalSide === 'debit'),
    );
    expect(
      unusual.flatMap((account) => account.roles).filter((role) => !/^sales\.(discount|returns)/.test(role)),
    ).toEqual([]);
  });

  test('every tax rule leads to a tax code, and every tax code to a revenue account', () => {
    const codes = taxCodes.map((each) => each.code);
    expect(taxRules.filter((rule) => !codes.includes(rule.code))).toEqual([]);
    const roles = accounts.flatMap((account) => account.roles);
    expect(taxCodes.filter((each) => !roles.includes(`sales.revenue.${each.revenue}`))).toEqual([]);
  });
});

test('numbers and shared accounts as section B shows them', () => {
  const codeOf = (chart: keyof typeof charts, role: string) =>
    charts[chart].accounts.find((account) => account.roles.includes(role))?.code;
  const table: [role: string, us: string, gb: string, skr03: string, skr04: string][] = [
    ['clearing.stripe', '1101', '1241', '1362', '1462'],
    ['ar.control', '1200', '1100', '1400', '1200'],
    ['tax.output', '2100', '2200', '1776', '3806'],
    ['tax.output.rc', '2101', '2200', '1787', '3837'],
    ['giftcard.liability', '2200', '2120', '1796', '3786'],
    ['storecredit.liability', '2210', '2121', '1796', '3786'],
    ['sales.revenue.standard', '4000', '4000', '8400', '4400'],
    ['sales.discount', '4100', '4009', '8790', '4790'],
    ['sales.returns', '4110', '4010', '8720', '4720'],
    ['cash.short', '6200', '8200', '2309', '6969'],
    ['cash.over', '6200', '8200', '2709', '4839'],
    ['fx.gain', '6300', '7906', '2660', '4840'],
    ['suspense', '1990', '9998', '1792', '3630'],
  ];
  for (const [role, ...codes] of table) {
    expect([codeOf('US', role), codeOf('GB', role), codeOf('SKR03', role), codeOf('SKR04', role)], role).toEqual(codes);
  }
});

test('tax codes of section B, and other countries start from the generic chart', () => {
  const codes = (country: string) => defaultChart(country).taxCodes.map((each) => `${each.code}=${each.rate}`);
  expect(codes('GB')).toEqual(['S20=20', 'R5=5', 'Z0=0', 'E=0', 'X=0', 'EXP0=0', 'RC20=20']);
  expect(codes('DE')).toEqual(['U19=19', 'U7=7', 'U0=0', 'EXP=0', 'IGL=0', 'RC19=19', 'OSS=0', 'E=0', 'X=0']);
  expect(codes('US')).toEqual(['EXEMPT=0', 'MKT=0']);
  expect(defaultChart('NZ')).toEqual(defaultChart('US'));
});
