import { dayAfter, formatMinor } from '@daybook/domain';
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

const ROOTS = { asset: 'Assets', liability: 'Liabilities', equity: 'Equity', income: 'Income', expense: 'Expenses' };

/** The journal for beancount (accounting.md I); balances are asserted at the start of the day after the last. */
export const beancount: JournalFormat = {
  head(book) {
    const options = [`option "title" ${quoted(book.company)}`, `option "operating_currency" "${book.currency}"`].join(
      '\n',
    );
    const accounts = book.accounts.map(
      (account) => `${book.from} open ${accountName(account)}\n  name: ${quoted(account.name)}\n`,
    );
    return `${options}\n\n${accounts.join('')}\n${opening(book)}`;
  },
  entry(entry, book) {
    const postings = postingsOf(entry, book);
    const number = `${entry.entryType}-${entry.fiscalYear}/${entry.number}`;
    const head = `${entry.postingDate} * ${quoted(number)} ${quoted(entry.memo)}\n  key: ${quoted(entry.sourceKey)}`;
    return { text: block(head, postings.map(written(book))), moved: movedBy(postings) };
  },
  foot(book) {
    if (!book.balances) return '';
    const day = dayAfter(book.to);
    return book.accounts
      .flatMap((account) =>
        [...closingOf(account, book.currency)].map(
          ([currency, amount]) =>
            `${day} balance ${accountName(account)} ${formatMinor(amount, currency)} ${currency}\n`,
        ),
      )
      .join('');
  },
};

/** "Assets:A1200": a part begins with a capital or digit and has letters, digits and dashes only. */
function accountName({ type, code }: ExportAccount): string {
  return `${ROOTS[type]}:A${toAscii(code).replaceAll(/[^A-Za-z0-9]/g, '-')}`;
}

function quoted(text: string): string {
  return `"${oneLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function opening(book: ExportBook): string {
  if (!book.balances) return '';
  const postings = book.accounts.flatMap((account) => postingsOfBalance(account, account.opening, book.currency));
  if (postings.length === 0) return '';
  return block(`${book.from} * "OPENING" "Balances brought forward"`, postings.map(written(book)));
}

const written =
  ({ currency: home }: ExportBook) =>
  ({ account, currency, amount, cost }: Posting): string => {
    const price = cost === null ? '' : ` @@ ${formatMinor(cost, home)} ${home}`;
    return `${accountName(account)}  ${formatMinor(amount, currency)} ${currency}${price}`;
  };

function block(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}
