import type { LineAmountTypes } from './arithmetic.ts';
import type { Line } from './world.ts';

/** Money spent from or received on a bank account, with its lines. */
export interface BookedBankEntry {
  id: string;
  type: 'SPEND' | 'RECEIVE';
  contactId: string;
  bankCode: string;
  /** YYYY-MM-DD. */
  date: string;
  reference: string | null;
  lineAmountTypes: LineAmountTypes;
  currency: string;
  /** Foreign units per unit of the base currency. */
  currencyRate: string;
  lines: Line[];
  /** Minor units. */
  subTotal: bigint;
  totalTax: bigint;
  total: bigint;
  status: 'AUTHORISED' | 'DELETED';
  updatedAt: number;
}

/** Money that moved between two bank accounts of one currency. */
export interface BookedTransfer {
  id: string;
  fromCode: string;
  toCode: string;
  date: string;
  currency: string;
  currencyRate: string;
  amount: bigint;
  reference: string | null;
  status: 'AUTHORISED' | 'DELETED';
  updatedAt: number;
}

/** A side of a journal in the base currency, debit positive. */
export interface JournalSide {
  accountCode: string;
  description: string;
  taxType: string;
  amount: bigint;
  taxAmount: bigint;
}

export interface BookedJournal {
  id: string;
  narration: string;
  date: string;
  lineAmountTypes: LineAmountTypes;
  lines: JournalSide[];
  status: 'DRAFT' | 'POSTED' | 'VOIDED' | 'DELETED';
  updatedAt: number;
}
