import { LosslessNumber, stringify } from 'lossless-json';

/** Field names and types as in the provider's Swagger file, which a test holds every body to. */
export interface SalesLine {
  description: string;
  ledger_account_id: string;
  quantity: LosslessNumber;
  unit_price: LosslessNumber;
  net_amount: LosslessNumber;
  tax_rate_id: string;
  tax_amount: LosslessNumber;
  total_amount: LosslessNumber;
}

/** Currency and rate are said only for documents that are not in the books' own currency. */
export interface Foreign {
  currency_id?: string;
  exchange_rate?: LosslessNumber;
}

interface SalesHead extends Foreign {
  contact_id: string;
  date: string;
  /** Our number, shortened; the document's own number is the provider's to give. */
  reference: string;
  notes?: string;
}
export interface InvoiceBody extends SalesHead {
  due_date: string;
  invoice_lines: SalesLine[];
}
export interface CreditNoteBody extends SalesHead {
  credit_note_lines: SalesLine[];
}
export interface QuickEntryBody extends Foreign {
  quick_entry_type_id: 'INVOICE' | 'CREDIT_NOTE';
  contact_id: string;
  date: string;
  reference: string;
  ledger_account_id: string;
  details: string;
  net_amount: LosslessNumber;
  tax_rate_id: string;
  tax_amount: LosslessNumber;
  total_amount: LosslessNumber;
}

export interface Allocated {
  artefact_id: string;
  amount: LosslessNumber;
}
export interface ContactPaymentBody extends Foreign {
  transaction_type_id: 'CUSTOMER_RECEIPT' | 'CUSTOMER_REFUND';
  contact_id: string;
  bank_account_id: string;
  date: string;
  total_amount: LosslessNumber;
  reference: string;
  allocated_artefacts: Allocated[];
}
export interface AllocationBody {
  transaction_type_id: 'CUSTOMER_ALLOCATION';
  contact_id: string;
  date: string;
  allocated_artefacts: Allocated[];
}
export interface PaymentLine {
  ledger_account_id: string;
  details: string;
  tax_rate_id?: string;
  net_amount: LosslessNumber;
  tax_amount: LosslessNumber;
  total_amount: LosslessNumber;
}
export interface OtherPaymentBody {
  transaction_type_id: 'OTHER_PAYMENT' | 'OTHER_RECEIPT';
  contact_id?: string;
  bank_account_id: string;
  date: string;
  reference: string;
  net_amount: LosslessNumber;
  tax_amount: LosslessNumber;
  total_amount: LosslessNumber;
  payment_lines: PaymentLine[];
}
export interface BankTransferBody {
  from_bank_account_id: string;
  to_bank_account_id: string;
  date: string;
  amount: LosslessNumber;
  reference: string;
  description: string;
}
export interface JournalLine {
  ledger_account_id: string;
  details: string;
  /** Both are always said, zero on one side (provider section 2). */
  debit: LosslessNumber;
  credit: LosslessNumber;
  include_on_tax_return?: boolean;
}
export interface JournalBody {
  date: string;
  reference: string;
  description: string;
  total: LosslessNumber;
  journal_lines: JournalLine[];
}

/** A number that is written into the JSON exactly as this text. */
export function decimal(text: string): LosslessNumber {
  return new LosslessNumber(text);
}

/** JSON text with exact decimals; fields in the order in which they were written down, absent ones left out. */
export function toJson(body: unknown): string {
  return stringify(body) as string;
}
