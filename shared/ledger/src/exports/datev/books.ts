import { DomainError } from '@daybook/domain';
import { STANDARD_CHARTS, type StandardChart } from './charts.ts';
import type { DatevSettings } from './settings.ts';

/** What the rules of the format must know of a company. */
export interface DatevBooks {
  currency: string;
  settings: DatevSettings;
  chart: StandardChart | null;
  /** Account code → number in the file, without leading zeros. */
  numbers: ReadonlyMap<string, string>;
  /** The number of the interim account. */
  interim: string;
  /** Control accounts, which persons stand for. */
  controls: ReadonlyMap<string, PersonKind>;
  /** Tax code → percent, "19". */
  rates: ReadonlyMap<string, string>;
}

export type PersonKind = 'debtor' | 'creditor';

/** A company as the database has it. */
export interface DatevCompany {
  currency: string;
  accounts: readonly string[];
  controls: ReadonlyMap<string, PersonKind>;
  rates: ReadonlyMap<string, string>;
}

/**
 * Numbers every account. Throws EXPORT_REFUSED when a code is no number of the chart's length and has none assigned,
 * or when two accounts would be one.
 */
export function datevBooks(company: DatevCompany, settings: DatevSettings): DatevBooks {
  const numbers = new Map(company.accounts.map((code) => [code, numberOf(code, settings)]));
  const interim = numberOf(settings.interim, settings);
  const unnumbered = company.accounts.filter((code) => numbers.get(code) === '');
  if (unnumbered.length > 0) {
    throw refused(
      `Account ${unnumbered.join(', ')} is no number of up to ${settings.accountLength} digits: ` +
        'set account.<code> for it, or another accountLength.',
    );
  }
  const owners = Map.groupBy(numbers, ([, number]) => number);
  for (const [number, [first, second]] of owners)
    if (second) throw refused(`Accounts ${first?.[0]} and ${second[0]} would both be ${number}.`);
  const [owner] = owners.get(interim) ?? [];
  if (owner || interim === '')
    throw refused(`The interim account ${settings.interim} must be a number that no account of the chart has.`);
  const chart = settings.chart === '' ? null : STANDARD_CHARTS[settings.chart];
  return { ...company, settings, chart, numbers, interim };
}

/** What an account's number takes out of gross amounts by itself; undefined for an ordinary account. */
export function automaticTax({ chart, settings }: Pick<DatevBooks, 'chart' | 'settings'>, number: string) {
  if (!chart) return undefined;
  const full = number.padStart(settings.accountLength, '0');
  const standard = full.slice(0, 4);
  return /^0*$/.test(full.slice(4)) ? chart.automatic[standard] : undefined;
}

/** The code of the account that tax goes to; undefined where the company has none of that number. */
export function taxAccount(books: DatevBooks, tax: string): string | undefined {
  const standard = books.chart?.taxAccounts[tax];
  if (standard === undefined) return undefined;
  const number = numberOf(standard, books.settings);
  return [...books.numbers].find(([, each]) => each === number)?.[0];
}

/** Longer charts append zeros; leading zeros are not written. '' where the code is no such number. */
function numberOf(code: string, { accountLength, accounts }: DatevSettings): string {
  const given = accounts[code] ?? code;
  if (!/^(?=.*[1-9])\d+$/.test(given) || given.length > accountLength) return '';
  return given.padEnd(accountLength, '0').replace(/^0+/, '');
}

function refused(message: string): DomainError {
  return new DomainError('EXPORT_REFUSED', message, 'datev');
}
