import {
  type Allocation,
  type BankEntry,
  type BookDocument,
  type BookPayment,
  type CreditNote,
  type DocumentLine,
  exponentOf,
  formatMinor,
  type Invoice,
  sum,
  type Transfer,
} from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import { subjectOf } from './errors.ts';

/** Longest description of an item line that the provider documents (openapi.yaml, Item.Description). */
export const MAX_DESCRIPTION = 4000;
/** Longest InvoiceNumber (openapi.yaml); used for references too, whose maximum is not documented. */
export const MAX_TEXT = 255;

/** Exact decimal text; refuses digits beyond the second decimal, which the provider would round away. */
export function amountText(minor: bigint, document: BookDocument): string {
  const finer = 10n ** BigInt(Math.max(0, exponentOf(document.currency) - 2));
  if (minor % finer !== 0n) {
    const amount = `${document.currency} ${formatMinor(minor, document.currency)}`;
    throw invalid(
      document,
      `its amount ${amount} has more than the two decimals that Xero keeps`,
      'Enter this document in Xero by hand, rounded, and mark it as done here.',
      'BOOKS_AMOUNT_TOO_FINE',
    );
  }
  return formatMinor(minor, document.currency);
}

/** Refuses a document whose lines do not come to its totals. */
export function checkTotals(document: Invoice | CreditNote): void {
  checkLines(document, document.lines);
}

/** Lines and tax must come to the totals of the document. */
export function checkLines(document: Invoice | CreditNote | BankEntry, lines: readonly DocumentLine[]): void {
  const net = sum(lines.map((line) => line.net));
  const tax = sum(lines.map((line) => line.tax));
  const text = (minor: bigint) => formatMinor(minor, document.currency);
  if (lines.length === 0) throw invalid(document, 'it has no lines', REPORT);
  if (document.total < 0n) throw invalid(document, 'its total is negative, which Xero does not take', REPORT);
  if (tax !== document.tax) {
    throw invalid(document, `its lines carry ${text(tax)} of tax but the document says ${text(document.tax)}`, REPORT);
  }
  if (net + tax !== document.total) {
    throw invalid(
      document,
      `its lines come to ${text(net + tax)} but the document says ${text(document.total)}`,
      REPORT,
    );
  }
}

/** Moves more than nothing. */
export function checkPositive(document: BookPayment | Allocation | Transfer): void {
  if (document.amount <= 0n) throw invalid(document, 'its amount is not above zero', REPORT);
}

/** Numbers are put into comma-separated lists and quoted filters when we look documents up. */
export function checkNumber(document: BookDocument): void {
  if (!/^[^",\\\p{Cc}]{1,255}$/u.test(document.number)) {
    throw invalid(document, 'its number is empty, too long, or has a quote, comma or backslash in it', REPORT);
  }
}

/** What to do about a document that a rule of ours made wrong. */
export const REPORT =
  'Nothing was sent. Report this to support with the number: a rule of Daybook made a wrong document.';

/** The error for a document that cannot be sent as it is: why, and what to do. */
export function invalid(
  document: BookDocument,
  why: string,
  todo: string,
  code = 'BOOKS_DOCUMENT_INVALID',
): ConnectorError {
  return new ConnectorError('rejected', `${subjectOf(document)} was not sent to Xero: ${why}. ${todo}`, { code });
}

/** Without control characters, at most `max` characters, never half of a surrogate pair. */
export function clean(text: string, max: number): string {
  const printable = text.replace(/\p{Cc}+/gu, ' ').trim();
  const cut = printable.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}
