import { exponentOf, formatMinor } from '@daybook/domain';
import type { JournalEntryRow } from '../reports.ts';
import {
  closingOf,
  type ExportAccount,
  type ExportBook,
  type JournalFormat,
  movedBy,
  oneLine,
  type Posting,
  postingsOf,
  postingsOfBalance,
} from './book.ts';
import { toAscii } from './letters.ts';

const ROOTS = { asset: 'assets', liability: 'liabilities', equity: 'equity', income: 'income', expense: 'expenses' };

/** The journal as hledger and ledger read it (accounting.md I), checking itself by balance assertions at the end. */
export const hledger: JournalFormat = {
  head(book) {
    const commodities = [...commoditiesOf(book)].sort().map((currency) => {
      const digits = '0'.repeat(exponentOf(currency));
      return `commodity ${currency}\n  format ${currency} 1000.${digits}\n`;
    });
    const accounts = book.accounts.map((account) => `account ${accountName(account)}\n`).join('');
    const title = `; ${described(book.company)}: journal ${book.from} to ${book.to}, in ${book.currency}\n`;
    return `${title}\n${commodities.join('\n')}\n${accounts}\n${opening(book)}`;
  },
  entry(entry, book) {
    const postings = postingsOf(entry, book);
    return { text: block(headOf(entry), postings.map(written(book))), moved: movedBy(postings) };
  },
  foot(book) {
    if (!book.balances) return '';
    const lines = book.accounts.flatMap((account) =>
      [...closingOf(account, book.currency)].map(([currency, amount]) => {
        const shown = (minor: bigint) => `${currency} ${formatMinor(minor, currency)}`;
        return `${accountName(account)}  ${shown(0n)} = ${shown(amount)}`;
      }),
    );
    return lines.length === 0 ? '' : block(`${book.to} * (CHECK) Balances`, lines);
  },
};

/** "assets:1200 Bank current account": ASCII, and without what would end the name or make a parent of it. */
function accountName({ type, code, name }: ExportAccount): string {
  const plain = toAscii(`${code} ${name}`).replaceAll(/[:;"]/g, '-');
  return `${ROOTS[type]}:${oneLine(plain).replaceAll(/ +/g, ' ')}`;
}

function headOf(entry: JournalEntryRow): string {
  const number = `${entry.entryType}-${entry.fiscalYear}/${entry.number}`.replaceAll(/[()]/g, '-');
  const source = oneLine(entry.sourceKey).replaceAll(',', ' ');
  return `${entry.postingDate} * (${oneLine(number)}) ${described(entry.memo)}\n    ; key:${source}`;
}

/** A semicolon would begin a comment, a bar the note after a payee. */
function described(text: string): string {
  return oneLine(text).replaceAll(';', ',').replaceAll('|', '/');
}

function opening(book: ExportBook): string {
  if (!book.balances) return '';
  const postings = book.accounts.flatMap((account) => postingsOfBalance(account, account.opening, book.currency));
  if (postings.length === 0) return '';
  return block(`${book.from} * (OPENING) Balances brought forward`, postings.map(written(book)));
}

const written =
  ({ currency: home }: ExportBook) =>
  ({ account, currency, amount, cost }: Posting): string => {
    const price = cost === null ? '' : ` @@ ${home} ${formatMinor(cost, home)}`;
    return `${accountName(account)}  ${currency} ${formatMinor(amount, currency)}${price}`;
  };

function block(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `    ${line}\n`).join('')}\n`;
}

function commoditiesOf({ accounts, currency }: ExportBook): Set<string> {
  const all = accounts.flatMap(({ opening: before, moved }) => [...before, ...moved].map((each) => each.currency));
  return new Set([currency, ...all]);
}
