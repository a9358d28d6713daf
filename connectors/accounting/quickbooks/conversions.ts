import { type AccountRef, abs, type BookJournal, type JournalDocumentLine, rateGiving } from '@daybook/domain';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { amountText, invalid } from './amounts.ts';
import { headOf } from './head.ts';
import { accountOf } from './records.ts';
import { decimal, type TransferBody, toJson } from './wire.ts';

/**
 * Foreign money in a journal. A document has one currency there, and accounts of another one cannot be on it, so the
 * journal names the exchange account instead, and a transfer in the foreign currency moves the money between that and
 * the account it is kept on: the way the provider tells people to convert money
 * (https://quickbooks.intuit.com/learn-support/en-uk/help-article/currency/convert-foreign-currency-transactions-using-home/L6x1HuHtM_GB_en_GB).
 * The exchange account ends where it began.
 */
export const EXCHANGE: AccountRef = { role: 'fx.trading', account: '' };

/** Whether an account is kept in another currency than the journal's. */
export function isForeign(line: AccountRef, journal: BookJournal, mapping: BooksMapping): boolean {
  const { currency } = accountOf(line, mapping);
  return currency !== undefined && currency !== journal.currency;
}

/** The account that a line of a journal names. Throws what the mapping throws. */
export function journalAccount(line: AccountRef, journal: BookJournal, mapping: BooksMapping): RemoteAccount {
  return accountOf(isForeign(line, journal, mapping) ? EXCHANGE : line, mapping);
}

/**
 * The transfers that a journal needs, in the order of its lines; none where all its accounts are kept in its currency.
 * Throws BOOKS_CURRENCY_REFUSED where an account is kept in another currency than what moved on it.
 */
export function conversionBodies(journal: BookJournal, mapping: BooksMapping): TransferBody[] {
  return journal.lines
    .filter((line) => isForeign(line, journal, mapping))
    .map((line, index) => conversionBody(line, index, journal, mapping));
}

function conversionBody(
  line: JournalDocumentLine,
  index: number,
  journal: BookJournal,
  mapping: BooksMapping,
): TransferBody {
  const account = accountOf(line, mapping);
  const { currency, amountTc = 0n } = line;
  const rate =
    currency === account.currency && currency !== undefined
      ? rateGiving(line.amount, journal.currency, amountTc, currency)
      : null;
  if (rate === null || currency === undefined) {
    const why = `its line on ${line.role} is mapped to "${account.name}", which QuickBooks keeps in ${account.currency}`;
    const todo = `Map ${line.role} to an account of the currency that moves on it, or book this one in QuickBooks by hand.`;
    throw invalid(journal, why, todo, 'BOOKS_CURRENCY_REFUSED');
  }
  const document = { ...journal, number: conversionNumber(journal, index), currency, rate };
  const exchange = accountOf(EXCHANGE, mapping).remoteId;
  const [from, to] = amountTc < 0n ? [account.remoteId, exchange] : [exchange, account.remoteId];
  return {
    ...headOf(document),
    FromAccountRef: { value: from },
    ToAccountRef: { value: to },
    Amount: decimal(amountText(abs(amountTc), document)),
  };
}

/** The number by which the note of a conversion is known, by its place among those of the journal. */
export function conversionNumber({ number }: BookJournal, index: number): string {
  return `${number}-fx${index + 1}`;
}

/** Conversions as the query of a frozen request's path, which knows no mapping any more when it is sent. */
export function conversionQuery(journal: BookJournal, mapping: BooksMapping): string {
  const query = new URLSearchParams();
  for (const body of conversionBodies(journal, mapping)) query.append('converts', toJson(body));
  return query.toString();
}

/** Reads what `conversionQuery` wrote: bodies, none for a path without. */
export function conversionsIn(path: string): string[] {
  return new URLSearchParams(path.split('?')[1] ?? '').getAll('converts');
}
