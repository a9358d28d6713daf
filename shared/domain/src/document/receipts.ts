import {
  type BookDocument,
  type BookPayment,
  type CreditNote,
  dependsOn,
  type Invoice,
  type RefundReceipt,
  type SalesReceipt,
} from '../documents.ts';

/** Roles of accounts that hold money. What gift cards and store credit pay with is owed to their holders. */
const HOLDS_MONEY = /^(clearing|cash|bank)\./;

/**
 * Documents of one event or summary for books that have receipts: an invoice that one payment pays whole becomes a
 * sales receipt, a credit note that one payment pays back whole a refund receipt, each under the number it had. The
 * rest stays as it is: what several tenders paid, what is due later, what anything else refers to, and money on an
 * account that holds none. Later events refer to nothing but what was left open, so never to a receipt. Pure.
 */
export function withReceipts(documents: readonly BookDocument[]): BookDocument[] {
  const references = documents.flatMap((by) => dependsOn(by).map((on) => ({ on: keyOf(on), by })));
  const settling = Map.groupBy(references, ({ on }) => on);
  const inside = new Set<BookDocument>();
  const folded = documents.map((document) => {
    const [only, ...others] = settling.get(keyOf(document)) ?? [];
    const receipt = only && others.length === 0 ? receiptOf(document, only.by) : null;
    if (!only || !receipt) return document;
    inside.add(only.by);
    return receipt;
  });
  return folded.filter((each) => !inside.has(each));
}

/** The same documents as books without receipts get them. Pure. */
export function withoutReceipts(documents: readonly BookDocument[]): BookDocument[] {
  return documents.flatMap((each) => (isReceipt(each) ? partsOf(each) : [each]));
}

/** Whether a document says sale and money, or refund and money, at once. */
export function isReceipt(document: BookDocument): document is SalesReceipt | RefundReceipt {
  return document.kind === 'sales_receipt' || document.kind === 'refund_receipt';
}

/** The invoice or credit note that a receipt stands for, and its payment. */
export function partsOf(receipt: SalesReceipt | RefundReceipt): [Invoice | CreditNote, BookPayment] {
  const { kind, payment, role, account, lines, total, tax, ...head } = receipt;
  const form: Invoice | CreditNote =
    kind === 'sales_receipt'
      ? { kind: 'invoice', ...head, dueDate: head.date, lines, total, tax }
      : { kind: 'credit_note', ...head, lines, total, tax };
  const settles = { kind: form.kind, number: form.number };
  return [form, { kind: 'payment', ...head, number: payment, settles, role, account, amount: total }];
}

function keyOf({ kind, number }: { kind: BookDocument['kind']; number: string }): string {
  return `${kind} ${number}`;
}

/** The receipt for a document and what alone refers to it; null where the two say more, or less, than a receipt can. */
function receiptOf(document: BookDocument, by: BookDocument): SalesReceipt | RefundReceipt | null {
  if (by.kind !== 'payment' || !HOLDS_MONEY.test(by.role)) return null;
  if (document.kind !== 'invoice' && document.kind !== 'credit_note') return null;
  const { total, date, currency, rate } = document;
  if (by.amount !== total || by.date !== date || by.currency !== currency || by.rate !== rate) return null;
  const money = { role: by.role, account: by.account, payment: by.number };
  if (document.kind === 'credit_note') return { ...document, kind: 'refund_receipt', ...money };
  const { dueDate, ...sold } = document;
  return dueDate === date ? { ...sold, kind: 'sales_receipt', ...money } : null;
}
