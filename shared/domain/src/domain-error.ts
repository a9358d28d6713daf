/** Codes of accounting.md A2 and of the canonical model; `docs/errors.md` explains each. */
export type DomainErrorCode =
  | 'ACCOUNT_UNRESOLVED'
  | 'ALLOCATION_EXCEEDS_OPEN'
  | 'BANK_ACCOUNT_UNKNOWN'
  | 'BANK_FILE_INVALID'
  | 'BANK_LINE_REFUSED'
  | 'CASH_BOOK_REFUSED'
  | 'CASH_BOOK_UNKNOWN'
  | 'CASH_DAY_MISMATCH'
  | 'CURRENCY_MISMATCH'
  | 'CURRENCY_UNKNOWN'
  | 'ENTRY_IMMUTABLE'
  | 'ENTRY_UNBALANCED'
  | 'DOCUMENT_FIXED'
  | 'DOCUMENT_UNKNOWN'
  | 'EVENT_INVALID'
  | 'EVENT_NOT_POSTABLE'
  | 'EXPORT_DIFFERS'
  | 'EXPORT_REFUSED'
  | 'FISCAL_YEAR_INVALID'
  | 'GROUP_ACCOUNT_LOCKED'
  | 'INSUFFICIENT_STOCK'
  | 'INVALID_AMOUNT'
  | 'INVALID_AMOUNT_SCALE'
  | 'ITEM_UNKNOWN'
  | 'LATE_EVENT_HELD'
  | 'LATE_EVENT_REJECTED'
  | 'OPENING_ITEMS_DIFFER'
  | 'PERIOD_NOT_READY'
  | 'PERIOD_CLOSED'
  | 'RATE_MISSING'
  | 'REASON_REQUIRED'
  | 'SALE_UNKNOWN'
  | 'SEGREGATION_OF_DUTIES'
  | 'SOURCE_KEY_CONFLICT'
  | 'SUBLEDGER_DETAIL_REQUIRED'
  | 'TAX_CODE_INVALID'
  | 'TAX_PERIOD_INVALID'
  | 'TAX_RETURN_FILED'
  | 'TAX_RETURN_NOT_READY'
  | 'TAX_UNRESOLVED'
  | 'YEAR_NOT_CLOSABLE'
  | 'YEAR_NOT_REOPENABLE';

/** A fact or a request that the rules of the books refuse. The message is for people: what, which, why, what to do. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  /** The role, tax name or key that has to be mapped or mended before a retry can help. */
  readonly subject: string | undefined;

  constructor(code: DomainErrorCode, message: string, subject?: string) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.subject = subject;
  }
}
