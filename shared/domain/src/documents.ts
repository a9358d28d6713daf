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
  /**
   * Company currency per one unit of `currency`, decimal text: the ledger's rate of the sale (a refund's is its sale's), so
   * that books that convert by it come to what the ledger has. Absent in the company's own currency.
   */
  rate?: string | undefined;
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

/** What a receipt says beside its lines. */
interface ReceiptMoney {
  /** Role of the account the money reached, or left (clearing, cash, bank); all of `total` at once. */
  role: string;
  account: string;
  /** Number of the payment that it would be in books without receipts. */
  payment: string;
}

/** An invoice and the one payment that paid it whole, for books that have a document for both (document/receipts.ts). */
export interface SalesReceipt extends DocumentHead, ReceiptMoney {
  kind: 'sales_receipt';
  lines: DocumentLine[];
  total: bigint;
  tax: bigint;
}

/** A credit note and the one payment that paid it back whole. Amounts positive. */
export interface RefundReceipt extends DocumentHead, ReceiptMoney {
  kind: 'refund_receipt';
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

/** A role and our account that plays it. */
export interface AccountRef {
  role: string;
  account: string;
}

/**
 * Money that moved from one account of ours to another: a payout from the processor's clearing account to the bank, a
 * reserve withheld. `amount` > 0. The party is the processor.
 */
export interface Transfer extends DocumentHead {
  kind: 'transfer';
  from: AccountRef;
  to: AccountRef;
  amount: bigint;
}

/**
 * Money that left (`spend`) or reached (`receive`) an account for something that is no document of a customer: a
 * processor's fee, a dispute. Lines are positive for what the money was spent on, or received for; `total` > 0 is what
 * moved on the account, tax included. The party is the processor.
 */
export interface BankEntry extends DocumentHead {
  kind: 'bank_entry';
  direction: 'spend' | 'receive';
  role: string;
  account: string;
  lines: DocumentLine[];
  total: bigint;
  tax: bigint;
}

/** One side of a journal; debit positive, in the company's currency. */
export interface JournalDocumentLine extends AccountRef {
  description: string;
  taxCode: string | null;
  amount: bigint;
  /** What moved on an account of another currency, for books that keep it in that one. Both or none of the two. */
  currency?: string | undefined;
  /** Minor units of that currency, debit positive. */
  amountTc?: bigint | undefined;
}

/** What no other document expresses: a chargeback that was lost, exchange differences. Lines sum to 0. */
export interface BookJournal extends DocumentHead {
  kind: 'journal';
  lines: JournalDocumentLine[];
  /** Sum of the debits. */
  total: bigint;
}

export type BookDocument =
  | Invoice
  | CreditNote
  | SalesReceipt
  | RefundReceipt
  | BookPayment
  | Allocation
  | Transfer
  | BankEntry
  | BookJournal;
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
