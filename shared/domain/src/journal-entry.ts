/** Codes of the journals an entry can belong to (accounting.md A1). */
export const ENTRY_TYPES = [
  'OPN',
  'SAL',
  'RFD',
  'DEP',
  'RCT',
  'PYT',
  'FEE',
  'FXC',
  'FXR',
  'DSP',
  'INV',
  'PUR',
  'CSH',
  'BNK',
  'GEN',
  'CLS',
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

/** On which side of the tax return a coded line counts (contracts/accounting, conventions.tax_kind). */
export type TaxKind = 'net_out' | 'tax_out' | 'net_in' | 'tax_in';

/**
 * One line, naming a role or (once resolved) an account. Amounts are signed, debit positive:
 * `amount` in minor units of the company's currency, `amountTc` in minor units of the event's currency.
 */
export interface DraftLine {
  role: string;
  amount: bigint;
  currency: string;
  amountTc: bigint;
  taxCode?: string | undefined;
  taxKind?: TaxKind | undefined;
  party?: string | undefined;
  document?: string | undefined;
}

/** What a posting rule makes of an event, before accounts, number and hash are known. */
export interface DraftEntry {
  entryType: EntryType;
  /** Stable identity of the fact (accounting.md I7), e.g. `<channel>:<account>:sale:1001`. */
  sourceKey: string;
  /** Day it is booked: the business date in the company's time zone, moved to the first open day when late. */
  postingDate: string;
  /** The business date itself, which decides the tax period; differs from the posting date of a late fact. */
  taxPoint: string;
  occurredAt: string;
  memo: string;
  /** Source key of the entry this one reverses. */
  reverses?: string | undefined;
  channel?: string | undefined;
  lines: DraftLine[];
}

/** A draft whose lines know their accounts. */
export interface ResolvedLine extends DraftLine {
  account: string;
}
export interface ResolvedEntry extends Omit<DraftEntry, 'lines'> {
  lines: ResolvedLine[];
}
