import { DomainError, type DomainErrorCode } from '@daybook/domain';

/** Codes that the triggers of migration 0001 raise for reasons a person can mend. */
const CODES: readonly DomainErrorCode[] = [
  'ACCOUNT_UNRESOLVED',
  'BANK_LINE_REFUSED',
  'CASH_BOOK_REFUSED',
  'ALLOCATION_EXCEEDS_OPEN',
  'ENTRY_IMMUTABLE',
  'ENTRY_UNBALANCED',
  'EVENT_INVALID',
  'GROUP_ACCOUNT_LOCKED',
  'OPENING_ITEMS_DIFFER',
  'PERIOD_CLOSED',
  'SUBLEDGER_DETAIL_REQUIRED',
  'TAX_UNRESOLVED',
];

interface ServerError {
  code?: unknown;
  detail?: unknown;
  constraint_name?: unknown;
}

/**
 * The DomainError behind a refusal of the database, or the error itself when it is something else (a lost connection, a
 * defect of ours such as a gap in the numbers).
 */
export function asDomainError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, detail, constraint_name: constraint } = error as ServerError;
  if (code === '23505' && constraint === 'journal_entries_reverses') {
    return new DomainError('ENTRY_IMMUTABLE', 'The entry is reversed already; an entry is reversed once.');
  }
  if (code !== 'P0001') return error;
  const [, name, sentence] = /^([A-Z_]+): (.*)$/s.exec(error.message) ?? [];
  const known = CODES.find((each) => each === name);
  if (!known || sentence === undefined) return error;
  return new DomainError(known, sentence, typeof detail === 'string' && detail !== '' ? detail : undefined);
}
