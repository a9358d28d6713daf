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
  type RefundReceipt,
  type SalesReceipt,
  sum,
  type Transfer,
} from '@daybook/domain';
import { ConnectorError } from './connector-error.ts';

const KINDS: Readonly<Record<BookDocument['kind'], string>> = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  sales_receipt: 'Sales receipt',
  refund_receipt: 'Refund receipt',
  payment: 'Payment',
  allocation: 'Allocation',
  transfer: 'Transfer',
  bank_entry: 'Bank entry',
  journal: 'Journal',
};

/** "Invoice S-1001 (GBP 119.00)": what a message is about. */
export function subjectOf(document: BookDocument): string {
  const minor = 'total' in document ? document.total : document.amount;
  return `${KINDS[document.kind]} ${document.number} (${document.currency} ${formatMinor(minor, document.currency)})`;
}

/** Without control characters, at most `max` characters, never half of a surrogate pair. */
export function clean(text: string, max: number): string {
  const printable = text.replace(/\p{Cc}+/gu, ' ').trim();
  const cut = printable.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}

/** What to do about a document that a rule of ours made wrong. */
export const REPORT =
  'Nothing was sent. Report this to support with the number: a rule of Daybook made a wrong document.';

/**
 * Books without receipts are never owed one (contract-books.ts, `receipts`). Throws ConnectorError `unsupported`
 * BOOKS_METHOD_UNSUPPORTED.
 */
export function withoutReceiptsIn(books: string, document: SalesReceipt | RefundReceipt): never {
  const message = `${subjectOf(document)} was not sent: ${books} takes no receipts, but an invoice and its payment. ${REPORT}`;
  throw new ConnectorError('unsupported', message, { code: 'BOOKS_METHOD_UNSUPPORTED' });
}

/** Documents whose lines, with their tax, come to a total. */
type WithLines = Invoice | CreditNote | SalesReceipt | RefundReceipt | BankEntry;

/** What is checked before a document is sent. Each throws ConnectorError `rejected` and then nothing was sent. */
export interface DocumentChecks {
  /** The error for a document that cannot be sent as it is: why, what to do, and a code (BOOKS_DOCUMENT_INVALID). */
  invalid(document: BookDocument, why: string, todo: string, code?: string): ConnectorError;
  /**
   * Minor units as exact decimal text. BOOKS_AMOUNT_TOO_FINE for digits beyond the second decimal, which the provider
   * does not keep.
   */
  amountText(minor: bigint, document: BookDocument): string;
  /** Lines and their tax must come to the totals of the document. BOOKS_DOCUMENT_INVALID. */
  checkLines(document: WithLines, lines: readonly DocumentLine[]): void;
  /** It moves more than nothing. BOOKS_DOCUMENT_INVALID. */
  checkPositive(document: BookPayment | Allocation | Transfer): void;
}

/** The checks of books that keep two decimals, under the name they have in messages: "… was not sent to Books: …". */
export function checksFor(books: string): DocumentChecks {
  const invalid: DocumentChecks['invalid'] = (document, why, todo, code = 'BOOKS_DOCUMENT_INVALID') =>
    new ConnectorError('rejected', `${subjectOf(document)} was not sent to ${books}: ${why}. ${todo}`, { code });
  return {
    invalid,
    amountText: (minor, document) => {
      const finer = 10n ** BigInt(Math.max(0, exponentOf(document.currency) - 2));
      if (minor % finer === 0n) return formatMinor(minor, document.currency);
      const amount = `${document.currency} ${formatMinor(minor, document.currency)}`;
      const why = `its amount ${amount} has more than the two decimals that ${books} keeps`;
      const todo = `Enter this document in ${books} by hand, rounded, and mark it as done here.`;
      throw invalid(document, why, todo, 'BOOKS_AMOUNT_TOO_FINE');
    },
    checkLines: (document, lines) => {
      const why = whatIsWrong(document, lines, books);
      if (why !== null) throw invalid(document, why, REPORT);
    },
    checkPositive: (document) => {
      if (document.amount <= 0n) throw invalid(document, 'its amount is not above zero', REPORT);
    },
  };
}

function whatIsWrong(document: WithLines, lines: readonly DocumentLine[], books: string): string | null {
  const net = sum(lines.map((line) => line.net));
  const tax = sum(lines.map((line) => line.tax));
  const text = (minor: bigint) => formatMinor(minor, document.currency);
  if (lines.length === 0) return 'it has no lines';
  if (document.total < 0n) return `its total is negative, which ${books} does not take`;
  if (tax !== document.tax) return `its lines carry ${text(tax)} of tax but the document says ${text(document.tax)}`;
  if (net + tax !== document.total)
    return `its lines come to ${text(net + tax)} but the document says ${text(document.total)}`;
  return null;
}
