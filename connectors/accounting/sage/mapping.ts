import { plainDecimal } from '@daybook/domain';
import type { MappingSuggestion, RemoteAccount, RemoteBooks, RemoteTaxRate } from '../../kit/contract.ts';
import {
  byCode,
  NO_TAX,
  type OurAccount,
  type OurTaxCode,
  REVERSE_CHARGE,
  sameAccount,
  type ZeroMeaning,
  zeroRate,
} from '../../kit/mapping.ts';
import { CONTROL } from './books.ts';

/** Where people pay and processors keep money: payments and transfers want a bank account there. */
const MONEY = /^(bank|clearing|cash)\.(?!short|over)/;
/** What the provider posts to by itself when documents of contacts arrive. */
const CONTROLS = /^(ar|ap)\.control$/;

/**
 * First choice of mappings for a person to confirm: accounts by nominal code, then by name; roles of money only to bank
 * accounts. Only income falls back to the first income account, because a guessed clearing or liability account books
 * money to the wrong place silently. Taxes by rate. What matches nothing is left out and becomes an issue.
 */
export function suggestMapping(
  books: RemoteBooks,
  accounts: OurAccount[],
  taxCodes: OurTaxCode[],
): MappingSuggestion[] {
  const suggestions: MappingSuggestion[] = [];
  for (const account of accounts) {
    const theirs = accountFor(account, books.accounts);
    if (theirs) suggestions.push({ kind: 'account', ours: account.role, theirs: theirs.code });
  }
  for (const { code, rate } of [...taxCodes, { code: NO_TAX, rate: '0' }]) {
    const theirs = taxFor(code, rate, books.taxRates);
    if (theirs) suggestions.push({ kind: 'tax', ours: code, theirs: theirs.code });
  }
  return suggestions;
}

function accountFor(ours: OurAccount, theirs: readonly RemoteAccount[]): RemoteAccount | undefined {
  const fits = theirs.filter((each) => isFit(ours, each));
  return (
    sameAccount(ours, fits) ??
    (ours.role === 'bank.main' ? onlyBank(fits) : undefined) ??
    (ours.type === 'income' ? firstIncome(fits) : undefined)
  );
}

function isFit({ role, type }: OurAccount, account: RemoteAccount): boolean {
  if (MONEY.test(role)) return account.isBank;
  if (account.isBank || account.type.endsWith(CONTROL) !== CONTROLS.test(role)) return false;
  return classOf(account.type) === null || classOf(account.type) === type;
}

/** The class a type of theirs is of, as far as its words tell; the list of types differs by country. */
function classOf(type: string): string | null {
  if (/asset|stock|debtor|bank/i.test(type)) return 'asset';
  if (/liabilit|creditor|credit card|loan/i.test(type)) return 'liability';
  if (/equity|capital|reserve/i.test(type)) return 'equity';
  if (/sales|income|revenue|turnover/i.test(type)) return /cost/i.test(type) ? 'expense' : 'income';
  return /expense|overhead|cost|depreciation/i.test(type) ? 'expense' : null;
}

function onlyBank(fits: readonly RemoteAccount[]): RemoteAccount | undefined {
  return fits.length === 1 ? fits[0] : undefined;
}

function firstIncome(fits: readonly RemoteAccount[]): RemoteAccount | undefined {
  const income = byCode(fits.filter(({ type }) => classOf(type) === 'income'));
  return income.find(({ type }) => /sales/i.test(type)) ?? income[0];
}

/** What a code of ours without tax means, in the words of their ids and names; best first. */
const ZERO_RATES: readonly ZeroMeaning[] = [
  { ours: /^(X|MKT|)$/, theirs: [/no[_ ](tax|vat|gst)/i, /exempt/i] },
  { ours: /^(Z|EXP|IGL)/, theirs: [/zero/i] },
  { ours: /^E/, theirs: [/exempt/i, /no[_ ](tax|vat|gst)/i] },
];
/** Rates that are no everyday sale at home. */
const SPECIAL = /purchase|import|acquisition|reverse|\bEC\b|\bROW\b|margin|flat/i;

function taxFor(code: string, rate: string, theirs: readonly RemoteTaxRate[]): RemoteTaxRate | undefined {
  // The provider cannot take it as a rate of a line.
  if (REVERSE_CHARGE.test(code)) return undefined;
  const words = (each: RemoteTaxRate) => `${each.code} ${each.name}`;
  const sameRate = theirs.filter(
    (each) => plainDecimal(each.rate) === plainDecimal(rate) && !SPECIAL.test(words(each)),
  );
  if (plainDecimal(rate) !== '0') return sameRate[0];
  return zeroRate(code, sameRate, ZERO_RATES, (each) => [words(each)]);
}
