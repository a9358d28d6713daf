import type { BookDocument } from '@daybook/domain';

/** The two figures lists and proofs need of a document, in minor units. */
export function amountOf(document: BookDocument): { amount: bigint; tax: bigint } {
  if ('tax' in document) return { amount: document.total, tax: document.tax };
  return { amount: 'total' in document ? document.total : document.amount, tax: 0n };
}
