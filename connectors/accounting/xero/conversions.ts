import { abs, type BookJournal, type JournalDocumentLine, rateGiving } from '@daybook/domain';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText, invalid } from './checks.ts';
import { EXCHANGE, entryHead, isBankLine, plainLine } from './movements.ts';
import { rateFor } from './rate.ts';
import { type BankEntryBody, toJson } from './wire.ts';

/**
 * The money of a journal that sits on bank accounts. A manual journal takes none, and a transfer has no rate that can
 * be said (openapi.yaml: BankTransfer.CurrencyRate is read-only). So the journal names the exchange account instead,
 * and for each such line money is spent from or received on its bank account, in that account's currency and at the
 * worth that the ledger gives it, against the exchange account; which so ends where it began.
 */

/**
 * Those spend and receive entries, in the order of the journal's lines; none where no line is on a bank account. Throws
 * BOOKS_CURRENCY_REFUSED where the bank account is kept in another currency than what moved on it.
 */
export function conversionBodies(journal: BookJournal, mapping: BooksMapping): BankEntryBody[] {
  return journal.lines
    .filter((line) => isBankLine(line, mapping))
    .map((line, index) => conversionBody(line, conversionNumber(journal, index), journal, mapping));
}

function conversionBody(
  line: JournalDocumentLine,
  number: string,
  journal: BookJournal,
  mapping: BooksMapping,
): BankEntryBody {
  const { currency, minor, rate } = movedOn(line, journal, mapping);
  const entry = { ...journal, number, currency };
  const code = mapping.account(EXCHANGE.role, EXCHANGE.account);
  return {
    ...entryHead(entry, minor < 0n ? 'SPEND' : 'RECEIVE', line, mapping),
    ...(rate === null ? {} : rateFor(abs(minor), currency, rate)),
    LineItems: [plainLine(line.description, code, amountText(abs(minor), entry), entry, mapping)],
  };
}

/** What moved on a bank account in its own currency, and what that is worth in the journal's per unit. */
function movedOn(line: JournalDocumentLine, journal: BookJournal, mapping: BooksMapping) {
  const { role, amount, currency, amountTc = 0n } = line;
  const bank = mapping.remoteAccount(role, line.account);
  if ((bank.currency ?? journal.currency) === journal.currency) {
    return { currency: journal.currency, minor: amount, rate: null };
  }
  const isSame = currency !== undefined && currency === bank.currency;
  const rate = isSame ? rateGiving(amount, journal.currency, amountTc, currency) : null;
  if (isSame && rate !== null) return { currency, minor: amountTc, rate };
  const why = `its line on ${role} is mapped to "${bank.name}", which Xero keeps in ${bank.currency}`;
  const todo = `Map ${role} to an account of the currency that moves on it, or book this one in Xero by hand.`;
  throw invalid(journal, why, todo, 'BOOKS_CURRENCY_REFUSED');
}

/** The reference of an entry, by its place among those of the journal. */
export function conversionNumber({ number }: BookJournal, index: number): string {
  return `${number}-fx${index + 1}`;
}

/** The entries as the end of a frozen request's path, which knows no mapping any more when it is sent. */
export function conversionQuery(journal: BookJournal, mapping: BooksMapping): string {
  return conversionBodies(journal, mapping)
    .map((body) => `&converts=${encodeURIComponent(toJson(body))}`)
    .join('');
}

/** Takes what `conversionQuery` wrote off a path again: the path to send to, and the bodies. */
export function withoutConversions(path: string): { path: string; bodies: string[] } {
  const [plain = '', ...rest] = path.split('&converts=');
  return { path: plain, bodies: rest.map(decodeURIComponent) };
}
