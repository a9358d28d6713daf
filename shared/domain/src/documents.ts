/**
 * Documents owed to the books. What a document contains is decided in `document-rules.ts`; accounting connectors only
 * translate. Amounts are minor units of `currency`, credit notes positive like invoices.
 */
export interface DocumentLine {
  description: string;
  /** Role of the ledger account (accounting.md B), mapped per books connection to their account. */
  role: string;
  /** Our account code the role resolved to when the event was posted. */
  account: string;
  taxCode: string | null;
  net: bigint;
  tax: bigint;
  sku?: string | undefined;
  quantity: string;
}

export interface DocumentParty {
  id: string;
  name: string;
  email?: string | undefined;
  country?: string | undefined;
}

interface DocumentHead {
  /** Ours, deterministic, unique per company and kind; the natural key for look-ups. */
  number: string;
  /** The channel's order number or memo, for people. */
  reference: string;
  /** Business date in the company's time zone, YYYY-MM-DD. */
  date: string;
  currency: string;
  party: DocumentParty;
}

export interface Invoice extends DocumentHead {
  kind: 'invoice';
  dueDate: string;
  lines: DocumentLine[];
  total: bigint;
  tax: bigint;
}

export interface CreditNote extends DocumentHead {
  kind: 'credit_note';
  lines: DocumentLine[];
  total: bigint;
  tax: bigint;
}

/** Money against an invoice (in) or a credit note (out). */
export interface BookPayment extends DocumentHead {
  kind: 'payment';
  settles: { kind: 'invoice' | 'credit_note'; number: string };
  /** Role of the account the money sits on (clearing, cash, gift card liability). */
  role: string;
  account: string;
  amount: bigint;
}

/** Part of a credit note set against an invoice that is still open. */
export interface Allocation extends DocumentHead {
  kind: 'allocation';
  creditNote: string;
  invoice: string;
  amount: bigint;
}

export type BookDocument = Invoice | CreditNote | BookPayment | Allocation;
export type DocumentKind = BookDocument['kind'];

/** Numbers of the documents that must be in the books before this one can go there. */
export function dependsOn(document: BookDocument): { kind: 'invoice' | 'credit_note'; number: string }[] {
  if (document.kind === 'payment') return [document.settles];
  if (document.kind === 'allocation') {
    return [
      { kind: 'credit_note', number: document.creditNote },
      { kind: 'invoice', number: document.invoice },
    ];
  }
  return [];
}
