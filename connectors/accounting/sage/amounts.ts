import { type BookDocument, exponentOf, formatMinor, sum } from '@daybook/domain';
import { checksFor, REPORT } from '../../kit/book-documents.ts';

/** Prices are sent with the two decimals that the provider's own samples show. */
const UNIT_DECIMALS = 2;
const checks = checksFor('Sage');
export const { amountText, invalid } = checks;

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
  else if ('amount' in document) checks.checkPositive(document);
  else checks.checkLines(document, document.lines);
}

function checkJournal(document: Extract<BookDocument, { kind: 'journal' }>): void {
  const left = sum(document.lines.map((line) => line.amount));
  const debits = sum(document.lines.map(({ amount }) => (amount > 0n ? amount : 0n)));
  if (document.lines.length < 2) throw invalid(document, 'it has fewer than two lines', REPORT);
  if (left !== 0n) throw invalid(document, 'its debits and credits differ', REPORT);
  if (debits !== document.total) throw invalid(document, 'its debits are not the total it says', REPORT);
}
