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
import { plainDecimal } from './books.ts';

/** The provider's account types by our class; one of another class is never suggested, whatever its code says. */
const CLASSES: Readonly<Record<string, string>> = {
  BANK: 'asset',
  CURRENT: 'asset',
  FIXED: 'asset',
  INVENTORY: 'asset',
  NONCURRENT: 'asset',
  PREPAYMENT: 'asset',
  CURRLIAB: 'liability',
  LIABILITY: 'liability',
  TERMLIAB: 'liability',
  PAYGLIABILITY: 'liability',
  EQUITY: 'equity',
  REVENUE: 'income',
  SALES: 'income',
  OTHERINCOME: 'income',
  DIRECTCOSTS: 'expense',
  EXPENSE: 'expense',
  OVERHEADS: 'expense',
  DEPRECIATN: 'expense',
};

/**
 * First choice of mappings for a person to confirm. Accounts by code, then by name, then by type: only income falls
 * back to the first income account, because a guessed clearing or liability account books money to the wrong place
 * silently. Taxes by rate among the sales rates. What matches nothing is left out and becomes an issue.
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
  for (const { code, rate } of [...taxCodes, { code: NO_TAX, rate: '0' }]) {
    const theirs = REVERSE_CHARGE.test(code) ? reverseCharge(rate, books.taxRates) : taxFor(code, rate, books.taxRates);
    if (theirs) suggestions.push({ kind: 'tax', ours: code, theirs: theirs.code });
  }
  const anyOther = books.country === 'US' ? anyTaxedRate(books.taxRates) : undefined;
  if (anyOther) suggestions.push({ kind: 'tax', ours: ANY_TAX, theirs: anyOther.code });
  return suggestions;
}

/**
 * American tax is known per state, county and city only at the sale, and its amount is sent along, so one rate carries
 * whatever has none of its own; elsewhere an unmapped tax is a question for a person.
 */
function anyTaxedRate(theirs: readonly RemoteTaxRate[]): RemoteTaxRate | undefined {
  return theirs.find((each) => each.rate !== '0');
}

function accountFor(ours: OurAccount, books: RemoteBooks): RemoteAccount | undefined {
  const fits = books.accounts.filter(
    (each) => CLASSES[each.type] === ours.type && isOfCurrency(ours.role, each, books),
  );
  return sameAccount(ours, fits) ?? (ours.type === 'income' ? firstIncome(books.accounts) : undefined);
}

/** Accounts in a foreign currency are for the roles of that currency only: `clearing.stripe.EUR`. */
function isOfCurrency(role: string, { currency = '' }: RemoteAccount, books: RemoteBooks): boolean {
  return currency === '' || currency === books.currency || role.endsWith(`.${currency}`);
}

function firstIncome(theirs: readonly RemoteAccount[]): RemoteAccount | undefined {
  return byCode(theirs.filter(({ type }) => type === 'REVENUE' || type === 'SALES'))[0];
}

const PURCHASES = /input|purchase|expense|import|capital|acquisition|reverse/i;

/** What a code of ours without tax means, in the words of their zero rates; best first. */
const ZERO_RATES: readonly ZeroMeaning[] = [
  { ours: /^(X|MKT|)$/, theirs: [/^NONE$/] },
  { ours: /^(Z|U0$)/, theirs: [/^ZERORATEDOUTPUT$/, /^zero/i, /(umsatzsteuer|ust|mwst) 0 ?%/i] },
  { ours: /^EXP/, theirs: [/export|ausfuhr/i, /^ZERORATEDOUTPUT$/, /^zero/i] },
  { ours: /^IGL/, theirs: [/innergemeinschaftlich|intra.?community/i, /^ECZROUTPUT$/] },
  { ours: /^OSS/, theirs: [/\bM?OSS\b|distance|fernverk/i] },
  { ours: /^E/, theirs: [/^EXEMPTOUTPUT$/, /exempt.*(income|sales)/i, /exempt|^steuerfreie (?!ausfuhr)/i] },
];

/** Tax of services from abroad; the domestic kinds (DRCHARGE…) are for building work and the like. */
function reverseCharge(rate: string, theirs: readonly RemoteTaxRate[]): RemoteTaxRate | undefined {
  const reversed = theirs.filter(
    (each) => /reverse/i.test(`${each.code} ${each.name}`) && !/^DRC|domestic/i.test(`${each.code} ${each.name}`),
  );
  const percent = new RegExp(`(^|\\D)${plainDecimal(rate).replace('.', '\\.')} ?%`);
  return reversed.find((each) => plainDecimal(each.rate) === plainDecimal(rate) || percent.test(each.name));
}

function taxFor(code: string, rate: string, theirs: readonly RemoteTaxRate[]): RemoteTaxRate | undefined {
  const sameRate = theirs.filter(
    (each) => plainDecimal(each.rate) === plainDecimal(rate) && !PURCHASES.test(`${each.code} ${each.name}`),
  );
  if (plainDecimal(rate) !== '0') return sameRate.find((each) => /^OUTPUT/.test(each.code)) ?? sameRate[0];
  return zeroRate(code, sameRate, ZERO_RATES, ({ code: theirCode, name }) => [theirCode, name]);
}
