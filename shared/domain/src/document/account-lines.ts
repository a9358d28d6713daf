import type { BookDocument, DocumentLine } from '../documents.ts';
import { partsOf } from './receipts.ts';

/** What a document moves on one account it names, minor units of its currency; with tax only where it has any. */
export type AccountLine =
  | Pick<DocumentLine, 'role' | 'account' | 'taxCode' | 'net' | 'tax'>
  | { role: string; account: string; net: bigint };

/**
 * What a document does to the accounts it names, debit positive, as the entries it was made of (accounting.md, C).
 * What customers owe is on the books' own account and not among them. Pure.
 */
export function accountLines(document: BookDocument): AccountLine[] {
  switch (document.kind) {
    case 'journal':
      return document.lines.map(({ role, account, amount }) => ({ role, account, net: amount }));
    case 'transfer':
      return [
        { ...document.from, net: -document.amount },
        { ...document.to, net: document.amount },
      ];
    case 'allocation':
      return [];
    case 'payment': {
      const { role, account, amount, settles } = document;
      return [{ role, account, net: settles.kind === 'invoice' ? amount : -amount }];
    }
    case 'bank_entry': {
      const { role, account, total, direction, lines } = document;
      const isSpent = direction === 'spend';
      return [{ role, account, net: isSpent ? -total : total }, ...signed(lines, isSpent ? 1n : -1n)];
    }
    case 'invoice':
      return signed(document.lines, -1n);
    case 'credit_note':
      return signed(document.lines, 1n);
    case 'sales_receipt':
    case 'refund_receipt':
      return partsOf(document).flatMap(accountLines);
  }
}

function signed(lines: readonly DocumentLine[], sign: 1n | -1n): AccountLine[] {
  return lines.map((line) => ({ ...line, net: sign * line.net, tax: sign * line.tax }));
}
