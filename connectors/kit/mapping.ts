import type { RemoteAccount, RemoteTaxRate } from './contract.ts';

/** An account of ours that wants one of theirs; `type` = asset, liability, equity, income or expense. */
export interface OurAccount {
  role: string;
  code: string;
  name: string;
  type: string;
}

/** A tax code of ours that wants a rate of theirs; `rate` in percent. */
export interface OurTaxCode {
  code: string;
  rate: string;
}

/** Our word for a line without any tax code. */
export const NO_TAX = '';
/** Our word for every tax code without a mapping of its own. */
export const ANY_TAX = '*';
/** Ours for services bought from abroad (accounting.md B). */
export const REVERSE_CHARGE = /^RC/;

/** The account with our code, else the one with our name, letters and digits compared. */
export function sameAccount(ours: OurAccount, theirs: readonly RemoteAccount[]): RemoteAccount | undefined {
  return (
    theirs.find((each) => each.code === ours.code) ??
    theirs.find((each) => plainName(each.name) === plainName(ours.name))
  );
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** In the order of their codes, numbers by value. */
export function byCode(accounts: readonly RemoteAccount[]): RemoteAccount[] {
  return [...accounts].sort((a, b) => a.code.localeCompare(b.code, 'en', { numeric: true }));
}

/** What codes of ours without tax are called among theirs; best first. */
export interface ZeroMeaning {
  ours: RegExp;
  theirs: readonly RegExp[];
}

/**
 * Of their rates of nought the one that means our code: by the first pattern that any of its words match, else the only
 * one there is.
 */
export function zeroRate(
  code: string,
  rates: readonly RemoteTaxRate[],
  meanings: readonly ZeroMeaning[],
  wordsOf: (rate: RemoteTaxRate) => readonly string[],
): RemoteTaxRate | undefined {
  for (const pattern of meanings.find(({ ours }) => ours.test(code))?.theirs ?? []) {
    const found = rates.find((each) => wordsOf(each).some((words) => pattern.test(words)));
    if (found) return found;
  }
  return rates.length === 1 ? rates[0] : undefined;
}
