import { LosslessNumber, stringify } from 'lossless-json';

/** A reference to another record; `type` only where one field may point at several kinds. */
export interface Ref {
  value: string;
  type?: 'Customer' | 'Vendor' | 'CUSTOMER' | 'VENDOR';
}

/** Field names and types as in the provider's Finance.xsd, which a test holds every body to. */
export interface Line {
  Description?: string;
  Amount: LosslessNumber;
  DetailType?: string;
  LinkedTxn?: { TxnId: string; TxnType: string }[];
  SalesItemLineDetail?: { ItemRef: Ref; UnitPrice?: LosslessNumber; Qty?: LosslessNumber; TaxCodeRef: Ref };
  AccountBasedExpenseLineDetail?: { AccountRef: Ref; TaxCodeRef?: Ref };
  DepositLineDetail?: { AccountRef: Ref; Entity?: Ref; TaxCodeRef?: Ref; TaxApplicableOn?: 'Purchase' };
  JournalEntryLineDetail?: {
    PostingType: 'Debit' | 'Credit';
    AccountRef: Ref;
    Entity?: { Type: 'Customer' | 'Vendor'; EntityRef: Ref };
  };
  TaxLineDetail?: {
    TaxRateRef: Ref;
    PercentBased: boolean;
    TaxPercent: LosslessNumber;
    NetAmountTaxable: LosslessNumber;
    OverrideDeltaAmount?: LosslessNumber;
  };
}

interface TaxDetail {
  TotalTax: LosslessNumber;
  TaxLine: Line[];
}

export interface Head {
  TxnDate: string;
  CurrencyRef: Ref;
  /** Home units for one unit of the currency. */
  ExchangeRate?: LosslessNumber;
  /** Ours first: the one field every kind has, so the last resort of a look-up. */
  PrivateNote: string;
}

export interface Taxed {
  GlobalTaxCalculation?: 'TaxExcluded' | 'NotApplicable';
  TxnTaxDetail?: TaxDetail;
}

export interface SalesBody extends Head, Taxed {
  DocNumber: string;
  DueDate?: string;
  CustomerRef: Ref;
  Line: Line[];
}
export interface ReceiptBody extends SalesBody {
  DepositToAccountRef: Ref;
  PaymentRefNum: string;
}
export interface PaymentBody extends Head {
  CustomerRef: Ref;
  TotalAmt: LosslessNumber;
  DepositToAccountRef?: Ref;
  PaymentRefNum: string;
  Line: Line[];
}
export interface PurchaseBody extends Head, Taxed {
  DocNumber: string;
  PaymentType: 'Cash' | 'CreditCard';
  AccountRef: Ref;
  EntityRef: Ref;
  Line: Line[];
}
export interface DepositBody extends Head, Taxed {
  DepositToAccountRef: Ref;
  Line: Line[];
}
export interface TransferBody extends Head {
  FromAccountRef: Ref;
  ToAccountRef: Ref;
  Amount: LosslessNumber;
}
export interface JournalBody extends Head {
  DocNumber: string;
  Line: Line[];
}

/** A number that is written into the JSON exactly as this text. */
export function decimal(text: string): LosslessNumber {
  return new LosslessNumber(text);
}

/** JSON text with exact decimals; fields in the order in which they were written down, absent ones left out. */
export function toJson(body: unknown): string {
  return stringify(body) as string;
}
