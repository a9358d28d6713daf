import { type BookDocument, exponentOf, formatMinor, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { subjectOf } from './errors.ts';

/** Prices are sent with the two decimals that the provider's own samples show. */
const UNIT_DECIMALS = 2;
const REPORT = 'Nothing was sent. Report this to support with the number: a rule of Daybook made a wrong document.';

/** Exact decimal text; refuses digits beyond the second decimal, which the provider does not keep. */
export function amountText(minor: bigint, document: BookDocument): string {
  const finer = 10n ** BigInt(Math.max(0, exponentOf(document.currency) - 2));
  if (minor % finer === 0n) return formatMinor(minor, document.currency);
  const amount = `${document.currency} ${formatMinor(minor, document.currency)}`;
  const why = `its amount ${amount} has more than the two decimals that Sage keeps`;
  const todo = 'Enter this document in Sage by hand, rounded, and mark it as done here.';
  throw invalid(document, why, todo, 'BOOKS_AMOUNT_TOO_FINE');
}

/**
 * Unit price of at most two decimals whose product with the quantity is exactly the line's net amount, or null when
 * there is none: the line then goes out as one piece at the whole amount.
 */
export function unitPrice(net: bigint, quantity: string, currency: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(quantity);
  if (!match || exponentOf(currency) > UNIT_DECIMALS) return null;
  const pieces = BigInt(`${match[1]}${(match[2] ?? '').padEnd(UNIT_DECIMALS, '0')}`);
  const scaled = net * 10n ** BigInt(UNIT_DECIMALS);
  if (pieces === 0n || scaled % pieces !== 0n) return null;
  return formatMinor(scaled / pieces, currency);
}

/** Throws BOOKS_DOCUMENT_INVALID where a document does not add up or could never be found again. */
export function checkDocument(document: BookDocument): void {
  if (!/^[^'"\\\p{Cc}\s]{1,255}$/u.test(document.number)) {
    throw invalid(document, 'its number is empty, too long, or has a space, quote or backslash in it', REPORT);
  }
  if (document.kind === 'journal') checkJournal(document);
  else if (!('amount' in document)) checkTotals(document);
  else if (document.amount <= 0n) throw invalid(document, 'its amount is not above zero', REPORT);
}

function checkTotals(document: Extract<BookDocument, { tax: bigint }>): void {
  const net = sum(document.lines.map((line) => line.net));
  const tax = sum(document.lines.map((line) => line.tax));
  const text = (minor: bigint) => formatMinor(minor, document.currency);
  if (document.lines.length === 0) throw invalid(document, 'it has no lines', REPORT);
  if (document.total < 0n) throw invalid(document, 'its total is negative, which Sage does not take', REPORT);
  if (tax !== document.tax) {
    throw invalid(document, `its lines carry ${text(tax)} of tax but the document says ${text(document.tax)}`, REPORT);
  }
  if (net + tax !== document.total) {
    const why = `its lines come to ${text(net + tax)} but the document says ${text(document.total)}`;
    throw invalid(document, why, REPORT);
  }
}

function checkJournal(document: Extract<BookDocument, { kind: 'journal' }>): void {
  const left = sum(document.lines.map((line) => line.amount));
  const debits = sum(document.lines.map(({ amount }) => (amount > 0n ? amount : 0n)));
  if (document.lines.length < 2) throw invalid(document, 'it has fewer than two lines', REPORT);
  if (left !== 0n) throw invalid(document, 'its debits and credits differ', REPORT);
  if (debits !== document.total) throw invalid(document, 'its debits are not the total it says', REPORT);
}

/** Refused here; nothing was sent. */
export function invalid(
  document: BookDocument,
  why: string,
  todo: string,
  code = 'BOOKS_DOCUMENT_INVALID',
): ConnectorError {
  return new ConnectorError('rejected', `${subjectOf(document)} was not sent to Sage: ${why}. ${todo}`, { code });
}

/** Without control characters, at most `max` characters, never half of a surrogate pair. */
export function clean(text: string, max: number): string {
  const printable = text.replace(/\p{Cc}+/gu, ' ').trim();
  const cut = printable.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}
