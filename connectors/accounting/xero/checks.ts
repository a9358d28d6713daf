import type { BookDocument } from '@daybook/domain';
import { checksFor, REPORT } from '../../kit/book-documents.ts';

/** Longest description of an item line that the provider documents (openapi.yaml, Item.Description). */
export const MAX_DESCRIPTION = 4000;
/** Longest InvoiceNumber (openapi.yaml); used for references too, whose maximum is not documented. */
export const MAX_TEXT = 255;

export const { amountText, checkLines, checkPositive, invalid } = checksFor('Xero');

/** Numbers are put into comma-separated lists and quoted filters when we look documents up. */
export function checkNumber(document: BookDocument): void {
  if (!/^[^",\\\p{Cc}]{1,255}$/u.test(document.number)) {
    throw invalid(document, 'its number is empty, too long, or has a quote, comma or backslash in it', REPORT);
  }
}
