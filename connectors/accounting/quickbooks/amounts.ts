import { type BookDocument, exponentOf, formatMinor, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { subjectOf } from './errors.ts';

/** Unit prices may have five decimals (developer.intuit.com: "10.5 format"). */
const UNIT_DECIMALS = 5;
const REPORT = 'Nothing was sent. Report this to support with the number: a rule of Daybook made a wrong document.';

/** Exact decimal text; refuses digits beyond the second decimal, which the provider does not keep. */
export function amountText(minor: bigint, document: BookDocument): string {
  const finer = 10n ** BigInt(Math.max(0, exponentOf(document.currency) - 2));
  if (minor % finer === 0n) return formatMinor(minor, document.currency);
  const amount = `${document.currency} ${formatMinor(minor, document.currency)}`;
  const why = `its amount ${amount} has more than the two decimals that QuickBooks keeps`;
  const todo = 'Enter this document in QuickBooks by hand, rounded, and mark it as done here.';
  throw invalid(document, why, todo, 'BOOKS_AMOUNT_TOO_FINE');
}

/**
 * Unit price whose product with the quantity is exactly the line's net amount, or null when there is none: a line whose
 * amount is not quantity × price is refused with 6070, so it then goes out without either.
 */
export function unitPrice(net: bigint, quantity: string, currency: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,5}))?$/.exec(quantity);
  if (!match) return null;
  const pieces = BigInt(`${match[1]}${(match[2] ?? '').padEnd(UNIT_DECIMALS, '0')}`);
  // Both sides counted in 10⁻⁵: net × 10⁵ for the price, × 10⁵ because the pieces are counted so.
  const scaled = net * 10n ** BigInt(2 * UNIT_DECIMALS - exponentOf(currency));
  if (pieces === 0n || scaled % pieces !== 0n) return null;
  const unit = scaled / pieces;
  const digits = (unit < 0n ? -unit : unit).toString().padStart(UNIT_DECIMALS + 1, '0');
  const text = `${digits.slice(0, -UNIT_DECIMALS)}.${digits.slice(-UNIT_DECIMALS)}`.replace(/0{1,3}$/, '');
  return unit < 0n ? `-${text}` : text;
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
  if (document.total < 0n) throw invalid(document, 'its total is negative, which QuickBooks does not take', REPORT);
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
  return new ConnectorError('rejected', `${subjectOf(document)} was not sent to QuickBooks: ${why}. ${todo}`, { code });
}

/** Without control characters, at most `max` characters, never half of a surrogate pair. */
export function clean(text: string, max: number): string {
  const printable = text.replace(/\p{Cc}+/gu, ' ').trim();
  const cut = printable.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}
