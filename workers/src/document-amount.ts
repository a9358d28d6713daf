import type { BookDocument } from '@daybook/domain';

/** The two figures lists and proofs need of a document, in minor units. */
export function amountOf(document: BookDocument): { amount: bigint; tax: bigint } {
  if (document.kind === 'invoice' || document.kind === 'credit_note')
    return { amount: document.total, tax: document.tax };
  return { amount: document.amount, tax: 0n };
}
