import { type BookDocument, exponentOf, sum } from '@daybook/domain';
import { checksFor, REPORT } from '../../kit/book-documents.ts';

/** Unit prices may have five decimals (developer.intuit.com: "10.5 format"). */
const UNIT_DECIMALS = 5;
const checks = checksFor('QuickBooks');
export const { amountText, invalid } = checks;

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
