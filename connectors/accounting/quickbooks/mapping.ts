import { plainDecimal } from '@daybook/domain';
import type { MappingSuggestion, RemoteAccount, RemoteBooks, RemoteTaxRate } from '../../kit/contract.ts';
import {
  ANY_TAX,
  byCode,
  NO_TAX,
  type OurAccount,
  type OurTaxCode,
  REVERSE_CHARGE,
  sameAccount,
  type ZeroMeaning,
  zeroRate,
} from '../../kit/mapping.ts';
import { NOT_TAXED } from './books.ts';
import { typeOf } from './entities.ts';

/** The provider's account types by our class; one of another class is never suggested, whatever its number says. */
const CLASSES: Readonly<Record<string, string>> = {
  Bank: 'asset',
  'Accounts Receivable': 'asset',
  'Other Current Asset': 'asset',
  'Fixed Asset': 'asset',
  'Other Asset': 'asset',
  'Accounts Payable': 'liability',
  'Credit Card': 'liability',
  'Other Current Liability': 'liability',
  'Long Term Liability': 'liability',
  Equity: 'equity',
  Income: 'income',
  'Other Income': 'income',
  'Cost of Goods Sold': 'expense',
  Expense: 'expense',
  'Other Expense': 'expense',
};

/** Where people pay and processors keep money: expenses, deposits and transfers want a bank account there. */
const MONEY = /^(bank|clearing)\.|^cash\.(drawer|transit)$/;

/** What a role is, in the provider's own types and subtypes, best first; taken only where one account alone has it. */
const TYPES: readonly { role: RegExp; types: readonly string[] }[] = [
  { role: /^ar\.control$/, types: ['Accounts Receivable'] },
  { role: /^ap\.control$/, types: ['Accounts Payable'] },
  { role: /^sales\.(discount|returns)$/, types: ['Income / DiscountsRefundsGiven'] },
  { role: /^sales\.shipping$/, types: ['Income / ShippingFreightDelivery'] },
  { role: /^bank\.main$/, types: ['Bank / Checking', 'Bank'] },
  { role: /^fx\.(gain|loss)$/, types: ['Other Expense / ExchangeGainOrLoss'] },
];

/**
 * First choice of mappings for a person to confirm. Accounts by number, then by name, then by type where only one has
 * it; only income falls back to the first income account, because a guessed clearing or liability account books money
 * to the wrong place silently. Taxes by rate among the codes for sales; American ones all go out as NON (sales.ts).
 * What matches nothing is left out and becomes an issue.
 */
export function suggestMapping(
  books: RemoteBooks,
  accounts: OurAccount[],
  taxCodes: OurTaxCode[],
): MappingSuggestion[] {
  const suggestions: MappingSuggestion[] = [];
  for (const account of accounts) {
    const theirs = accountFor(account, books);
    if (theirs) suggestions.push({ kind: 'account', ours: account.role, theirs: theirs.code });
  }
  const isAmerican = books.taxRates.some(({ code }) => code === NOT_TAXED);
  const codes = [...taxCodes, { code: NO_TAX, rate: '0' }, ...(isAmerican ? [{ code: ANY_TAX, rate: '0' }] : [])];
  for (const { code, rate } of codes) {
    const theirs = isAmerican ? NOT_TAXED : taxFor(code, rate, books.taxRates)?.code;
    if (theirs !== undefined) suggestions.push({ kind: 'tax', ours: code, theirs });
  }
  return suggestions;
}

function accountFor(ours: OurAccount, books: RemoteBooks): RemoteAccount | undefined {
  const fits = books.accounts.filter(
    (each) =>
      CLASSES[typeOf(each)] === ours.type &&
      (!MONEY.test(ours.role) || typeOf(each) === 'Bank') &&
      isOfCurrency(ours.role, each, books),
  );
  return (
    sameAccount(ours, fits) ??
    onlyOneOfType(ours.role, fits) ??
    (ours.type === 'income' ? firstIncome(fits) : undefined)
  );
}

/** Accounts in a foreign currency are for the roles of that currency only: `clearing.stripe.EUR`. */
function isOfCurrency(role: string, { currency = '' }: RemoteAccount, books: RemoteBooks): boolean {
  return currency === '' || currency === books.currency || role.endsWith(`.${currency}`);
}

function onlyOneOfType(role: string, fits: readonly RemoteAccount[]): RemoteAccount | undefined {
  const types = TYPES.find((each) => each.role.test(role))?.types ?? [];
  for (const type of types) {
    const same = fits.filter((each) => each.type === type || typeOf(each) === type);
    if (same.length === 1) return same[0];
  }
  return undefined;
}

function firstIncome(fits: readonly RemoteAccount[]): RemoteAccount | undefined {
  const income = byCode(fits.filter((each) => typeOf(each) === 'Income'));
  return income.find(({ type }) => type === 'Income / SalesOfProductIncome') ?? income[0];
}

/** What the provider calls codes for services bought from abroad. */
const REVERSED = /\bRC\b|reverse/i;
/** Codes that are no everyday sale at home. */
const SPECIAL = /\b(EC[GS]?|CIS|DRC|MOSS|OSS|PVA)\b|purchase|import|acquisition|postponed/i;

/** What a code of ours without tax means, in the words of their codes; best first. */
const ZERO_RATES: readonly ZeroMeaning[] = [
  { ours: /^(X|MKT|)$/, theirs: [/no (vat|gst|tax)/i, /out of scope|outside/i, /exempt/i] },
  { ours: /^Z/, theirs: [/\bZ\b/, /zero/i] },
  { ours: /^EXP/, theirs: [/export/i, /\bZ\b/, /zero/i] },
  { ours: /^E/, theirs: [/exempt/i] },
];
/** Letters that British codes end in: 20.0% S, 5.0% R. */
const STANDARD = /\b[SR]$|standard|reduced|gst|hst/i;

function taxFor(code: string, rate: string, theirs: readonly RemoteTaxRate[]): RemoteTaxRate | undefined {
  if (REVERSE_CHARGE.test(code)) return theirs.find(({ name }) => REVERSED.test(name) && name.includes(rate));
  const everyday = theirs.filter(({ name }) => !SPECIAL.test(name) && !REVERSED.test(name));
  const sameRate = everyday.filter((each) => plainDecimal(each.rate) === plainDecimal(rate));
  if (plainDecimal(rate) !== '0') return sameRate.find(({ name }) => STANDARD.test(name)) ?? sameRate[0];
  return zeroRate(code, sameRate, ZERO_RATES, ({ name }) => [name]);
}
