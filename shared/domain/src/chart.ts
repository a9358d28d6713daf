import type { PostingKind } from './open-days.ts';

import type { TaxBoxes } from './tax-return/boxes.ts';

/** Chart of accounts, tax codes and settings of a company, as the posting rules see them. */
export type AccountType = 'asset' | 'liability' | 'equity' | 'income' | 'expense';

/** Where statements show an account (accounting.md H4–H6) that does not tell by its type and roles. */
export const ACCOUNT_SECTIONS = [
  'revenue',
  'cost_of_sales',
  'other_income',
  'other_expenses',
  'cash',
  'fixed_assets',
  'loans',
] as const;
export type AccountSection = (typeof ACCOUNT_SECTIONS)[number];

export interface Account {
  code: string;
  name: string;
  type: AccountType;
  normalSide: 'debit' | 'credit';
  roles: string[];
  /** Basis of its invoice ledger, null for none; absent: gross where it plays ar.control or ap.control. */
  subledger?: SubledgerBasis | null | undefined;
  section?: AccountSection | null | undefined;
}

/** Whether items of a sub-ledger account are documents with their tax, or the amounts without (accounting.md E1). */
export type SubledgerBasis = 'gross' | 'net';

export interface TaxCode {
  code: string;
  /** Percent, decimal string: "20", "8.25". */
  rate: string;
  label: string;
  /** Suffix of `sales.revenue.*` that carries lines of this code: standard, reduced, zero, export, exempt … */
  revenue: string;
  /** The customer owes the tax (accounting.md C15b). Absent: where the code is named RC. */
  reverseCharge?: boolean | undefined;
  /** Boxes of the tax return; absent: those of the country's return for a code of this name. */
  boxes?: TaxBoxes | undefined;
}

/** What items of a group are booked on (accounting.md D1): codes of accounts, null where the role's account serves. */
export interface InventoryGroup {
  /** 1–999. */
  number: number;
  description: string;
  /** Services and the like are sold, but never counted. */
  stockTracked: boolean;
  /** Default tax codes of items made in it or moved to it. */
  salesTax: string | null;
  purchaseTax: string | null;
  sales: string | null;
  inventory: string | null;
  costOfSales: string | null;
  countVariance: string | null;
  adjustment: string | null;
  purchaseVariance: string | null;
  purchases: string | null;
}

/** Maps a channel's tax to one of our codes; the most specific rule wins, null matches everything. */
export interface TaxRule {
  channel: string | null;
  name: string | null;
  /** Percent as decimal string. */
  rate: string | null;
  code: string;
}

export interface CompanySettings {
  discountPresentation: 'contra_revenue' | 'net';
  channelTax: 'net' | 'gross';
  /** Tax code of processors' fees that state none themselves; null = none. Absent: E where the company has a code E. */
  feeTaxCode?: string | null | undefined;
  /** A lost dispute is a loss and the tax stays due, or is booked as a refund of its sale (accounting.md C17c, C17d). */
  lostDispute?: 'loss' | 'refund' | undefined;
  /** What becomes of facts of channels whose day is not open any more (accounting.md G6); absent: the first. */
  lateEventPolicy?: 'post_in_first_open_period' | 'hold_for_approval' | 'reject' | undefined;
  /** Payments settle open invoices by themselves, or only those they name, the rest on confirmation. Absent: auto. */
  invoiceAllocation?: 'auto' | 'confirm' | undefined;
  /** What may be left of an invoice that is settled and written off on confirmation, minor units as text. Absent: 0. */
  allocationTolerance?: string | undefined;
  /** Role of the account such rests go to. Absent: rounding.cash. */
  toleranceRole?: string | undefined;
  /** Days overdue at which reminders of level 1, 2 and 3 are due. Absent: 7, 21, 35. */
  reminderDays?: [number, number, number] | undefined;
  /** Whether stock is kept in the ledger movement by movement, or brought in at period end (accounting.md D2, D7). */
  inventoryIntegration?: 'perpetual_average' | 'periodic' | undefined;
  /** Number of the inventory group of items that nobody has put into one; without it their sales wait (D1). */
  defaultInventoryGroup?: number | null | undefined;
  /** A supplier's invoice that differs from the goods' cost changes the value of what is still there (D3). */
  revalueOnInvoice?: boolean | undefined;
  /**
   * On which return taxes of late facts are: that of the period they are booked in (the default), or a corrected one of
   * the period they belong to (accounting.md G6).
   */
  lateTax?: 'posting_period' | 'original_period' | undefined;
  /** What the tax adviser's files must know, by name (docs/exports.md). */
  datev?: Readonly<Record<string, string>> | undefined;
  /** A balance on the unusual side moves to the other section of the balance sheet (accounting.md H5). Absent: no. */
  reclassifyContraBalances?: boolean | undefined;
  /** How Daybook numbers documents of a kind (invoice, credit_note, quote …); `{year}` in a prefix counts per year. */
  numbers?: Readonly<Record<string, { prefix?: string | undefined; digits?: number | undefined }>> | undefined;
}

export interface Books {
  functionalCurrency: string;
  country: string;
  timeZone: string;
  settings: CompanySettings;
  /** role → account code. */
  roles: ReadonlyMap<string, string>;
  taxCodes: ReadonlyMap<string, TaxCode>;
  taxRules: readonly TaxRule[];
  /** Company currency per one unit of the currency on the date, decimal string; undefined where the table has none. */
  rate(currency: string, date: string): string | undefined;
  /** Accounts that the invoice ledger details, with their basis. */
  subledgers?: ReadonlyMap<string, SubledgerBasis> | undefined;
  /** Inventory groups by number; none where the company keeps no items. */
  groups?: ReadonlyMap<number, InventoryGroup>;
  /** Group of an item, or of items nobody knows; undefined where the company keeps no items. */
  groupOf?(sku: string | undefined): InventoryGroup | undefined;
  /** Whether entries, or those of a kind, may be dated that day, YYYY-MM-DD (accounting.md G2). */
  isOpen(date: string, kind?: PostingKind): boolean;
  /** First day of the earliest open period (accounting.md G6). */
  firstOpenDay: string;
  /** First day from `date` on that such an entry may be dated; absent: not before `firstOpenDay`. */
  openFrom?(date: string, kind: PostingKind): string | undefined;
}
