import type { AccountType } from '@daybook/domain';
import type { JournalEntryRow } from '../reports.ts';

/** What a file of the journal is about; amounts in minor units, debit positive. */
export interface ExportBook {
  company: string;
  currency: string;
  /** Days, both included, YYYY-MM-DD. */
  from: string;
  to: string;
  accounts: ExportAccount[];
  /** Whether earlier entries are told as opening balances, and balances asserted at the end. */
  balances: boolean;
}

export interface ExportAccount {
  code: string;
  name: string;
  type: AccountType;
  /** An exchange account (role `fx.trading`): its lines are left out where a foreign amount says its cost. */
  trading: boolean;
  /** Per currency: what stood there before `from`, and what the entries of the range move. */
  opening: Position[];
  moved: Position[];
}

/** An amount of a currency and its worth in the company's; equal for the company's currency. */
export interface Position {
  currency: string;
  amount: bigint;
  worth: bigint;
}

/** What a file says about an account: never what was asked of it, but what was written. */
export interface Moved {
  account: string;
  /** Company's currency, minor units, debit positive. */
  amount: bigint;
}

/** A piece of a file, with the movement that it tells. */
export interface Piece {
  text: string;
  moved: Moved[];
}

/** A text format of the whole journal: pure, piece by piece. */
export interface JournalFormat {
  head(book: ExportBook): string;
  entry(entry: JournalEntryRow, book: ExportBook): Piece;
  foot(book: ExportBook): string;
}

/** A line of an entry in the commodity it is told in: foreign with its cost, or in the company's currency. */
export interface Posting {
  account: ExportAccount;
  currency: string;
  amount: bigint;
  /** Worth of a foreign amount in the company's currency, not negative; null for an amount in that currency. */
  cost: bigint | null;
}

const BALANCE_SHEET: readonly AccountType[] = ['asset', 'liability', 'equity'];

/**
 * Postings of an entry as plain text accounting tells them (accounting.md I): foreign amounts with their cost on
 * balance-sheet accounts, functional amounts elsewhere; exchange accounts left out where their lines even out.
 */
export function postingsOf(entry: JournalEntryRow, book: ExportBook): Posting[] {
  const lines = entry.lines.map((line) => ({ ...line, account: accountOf(book, line.account) }));
  const traded = lines.reduce((sum, { account, debit, credit }) => sum + (account.trading ? debit - credit : 0n), 0n);
  return lines
    .filter(({ account }) => !account.trading || traded !== 0n)
    .map(({ account, debit, credit, currency, amountTc }) => {
      const worth = debit - credit;
      return isForeign(account, currency, amountTc, book)
        ? { account, currency, amount: worth > 0n ? amountTc : -amountTc, cost: worth > 0n ? worth : -worth }
        : { account, currency: book.currency, amount: worth, cost: null };
    });
}

/**
 * Balances of an account as postings. A cost has the sign of its amount in these formats: worth that has not (money
 * lent beyond zero, a rest after all foreign money went) stands beside it in the company's currency.
 */
export function postingsOfBalance(account: ExportAccount, positions: readonly Position[], home: string): Posting[] {
  return positions.flatMap(({ currency, amount, worth }) => {
    if (currency === home || amount === 0n)
      return worth === 0n ? [] : [{ account, currency: home, amount: worth, cost: null }];
    const isSame = worth > 0n === amount > 0n;
    const cost = isSame ? (worth > 0n ? worth : -worth) : 0n;
    const foreign = { account, currency, amount, cost };
    return isSame || worth === 0n ? [foreign] : [foreign, { account, currency: home, amount: worth, cost: null }];
  });
}

/** What an account holds at the end per currency, zero included for every currency it ever had. */
export function closingOf(account: ExportAccount, home: string): Map<string, bigint> {
  const held = new Map([[home, 0n]]);
  const put = (currency: string, amount: bigint) => held.set(currency, (held.get(currency) ?? 0n) + amount);
  for (const { currency, amount } of postingsOfBalance(account, account.opening, home)) put(currency, amount);
  for (const { currency, amount } of account.moved) put(currency, amount);
  return held;
}

/** What postings move, in the company's currency. */
export function movedBy(postings: readonly Posting[]): Moved[] {
  return postings.map(({ account, amount, cost }) => ({ account: account.code, amount: worthOf(amount, cost) }));
}

/** Text in one line without control characters, for fields that a line break would end. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function worthOf(amount: bigint, cost: bigint | null): bigint {
  if (cost === null) return amount;
  return amount < 0n ? -cost : cost;
}

function isForeign({ type, trading }: ExportAccount, currency: string, amountTc: bigint, book: ExportBook): boolean {
  return currency !== book.currency && amountTc !== 0n && !trading && BALANCE_SHEET.includes(type);
}

function accountOf(book: ExportBook, code: string): ExportAccount {
  const account = book.accounts.find((each) => each.code === code);
  if (!account) throw new Error(`Account ${code} has lines but is not in the chart.`);
  return account;
}
