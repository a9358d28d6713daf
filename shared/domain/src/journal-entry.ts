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
  item?: ItemDetail | undefined;
}

/**
 * What the invoice ledger shows of a line besides its amounts (accounting.md E1). It may be edited later, so it is no
 * part of what an entry is hashed by.
 */
export interface ItemDetail {
  partyName?: string | undefined;
  /** The party stands for many people (a shop's anonymous buyers): only what names the item settles it. */
  sharedParty?: boolean | undefined;
  /** What the other side knows it by: an order, a payment reference. */
  reference?: string | undefined;
  description?: string | undefined;
  /** Settles what it names to its full amount, or is refused (ALLOCATION_EXCEEDS_OPEN). */
  exact?: boolean | undefined;
  /** Date of the document where it is older than the posting, YYYY-MM-DD. */
  documentDate?: string | undefined;
  dueDate?: string | undefined;
}

/** An item behind an opening balance, entered in the invoice ledger alone (accounting.md E4); debit positive. */
export interface OpeningItem extends ItemDetail {
  account: string;
  party: string;
  document: string;
  amount: bigint;
  currency: string;
  amountTc: bigint;
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
  /** Items that its lines on sub-ledger accounts only give the total of. */
  openingItems?: OpeningItem[] | undefined;
}
