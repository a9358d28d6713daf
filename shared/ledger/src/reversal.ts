import { type Books, DomainError, postingKind, type ResolvedEntry, reversalOf } from '@daybook/domain';
import type { Queryable, Sql } from '@daybook/platform/db';
import { loadBooks } from './books.ts';
import { noteChange } from './calendar-changes.ts';
import { postEntries } from './post.ts';
import { type EntryRow, entryColumns, toEntry } from './posted-entries.ts';
import { mirrorStock } from './stock-reversal.ts';
import type { Act } from './year-end.ts';

/** An entry by its source key, or by its number in a fiscal year as "2026/12". */
export interface ReversalWish {
  entry: string;
  /** Day of the reversal; without it the original's own while that is open, else the first open day after. */
  date?: string | undefined;
}

export interface Reversed {
  sourceKey: string;
  postingDate: string;
  fiscalYear: string;
  number: number;
  reverses: { fiscalYear: string; number: number };
}

/**
 * Takes an entry back by a new one with debits and credits turned (accounting.md I4). Taking a reversal back posts the
 * original's lines afresh. Both stay in the day book; items of the invoice ledger and stock are taken back with it.
 *
 * Throws REASON_REQUIRED, EVENT_INVALID for an entry that is not there, ENTRY_IMMUTABLE when it is reversed already or
 * belongs to the closing of a year, PERIOD_CLOSED when the day asked for is not open, INSUFFICIENT_STOCK when goods it
 * brought have left.
 */
export async function reverseEntry(sql: Sql, companyId: string, wish: ReversalWish, act: Act): Promise<Reversed> {
  const { reason } = act;
  if (!reason) throw new DomainError('REASON_REQUIRED', `Say why entry ${wish.entry} is to be reversed.`, wish.entry);
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const original = await findEntry(tx, companyId, wish.entry);
    refuseReversing(original);
    const entry = toEntry(original);
    const postingDate = dayOf(entry, wish.date, await loadBooks(tx, companyId));
    const turned = { ...reversalOf(entry, postingDate), memo: `Reversal: ${entry.memo} (${reason})` };
    const toPost = entry.reverses === undefined ? turned : { ...turned, reverses: undefined };
    await mirrorStock(tx, companyId, { original: { ...entry, eventId: original.eventId }, reversal: toPost }, act.now);
    const [made] = await postEntries(tx, companyId, [{ entry: toPost, eventId: original.eventId }], act.now);
    if (!made) throw new Error('The reversal was not posted.');
    await noteChange(
      tx,
      companyId,
      { kind: 'entry', subject: entry.sourceKey, before: 'posted', after: 'reversed' },
      act,
    );
    const { number, fiscalYear } = made;
    const reverses = { fiscalYear: original.fiscalYear, number: original.number };
    return { sourceKey: toPost.sourceKey, postingDate, fiscalYear, number, reverses };
  });
}

interface Found extends EntryRow {
  fiscalYear: string;
  number: number;
  reversedBy: string | null;
  closing: string | null;
  taxReturn: bigint | null;
}

async function findEntry(sql: Queryable, companyId: string, named: string): Promise<Found> {
  const slash = named.lastIndexOf('/');
  const number = /^\d{1,9}$/.exec(named.slice(slash + 1))?.[0] ?? null;
  const [row] = await sql<Found[]>`
    select ${entryColumns(sql)}, e.fiscal_year as "fiscalYear", e.number,
      (select r.fiscal_year || '/' || r.number from journal_entries r where r.id = e.reversed_by) as "reversedBy",
      (select c.fiscal_year from closing_entries c where c.entry_id = e.id) as closing,
      (select t.id from tax_returns t where t.entry_id = e.id and t.state = 'filed') as "taxReturn"
    from journal_entries e where e.company_id = ${companyId} and (e.source_key = ${named}
      or (e.fiscal_year = ${slash < 0 ? null : named.slice(0, slash)} and e.number = ${number}::int))
    order by e.source_key = ${named} desc limit 1`;
  if (row) return row;
  throw new DomainError(
    'EVENT_INVALID',
    `There is no entry ${named}. Name its source key, or its year and number.`,
    named,
  );
}

function refuseReversing({ sourceKey, fiscalYear, number, reversedBy, closing, taxReturn }: Found): void {
  const name = `Entry ${fiscalYear}/${number} (${sourceKey})`;
  if (reversedBy !== null) {
    const message = `${name} is reversed by ${reversedBy} already; an entry is reversed once. Reverse that one to undo it.`;
    throw new DomainError('ENTRY_IMMUTABLE', message, sourceKey);
  }
  if (taxReturn !== null) {
    const message = `${name} settles tax return ${taxReturn}. Take that return back instead.`;
    throw new DomainError('ENTRY_IMMUTABLE', message, sourceKey);
  }
  if (closing !== null) {
    const message = `${name} belongs to the closing of ${closing}. Reopen that year instead.`;
    throw new DomainError('ENTRY_IMMUTABLE', message, sourceKey);
  }
}

function dayOf({ entryType, lines, postingDate }: ResolvedEntry, asked: string | undefined, books: Books): string {
  const kind = postingKind(entryType, lines, true);
  if (asked === undefined) {
    const day = books.openFrom?.(postingDate, kind);
    if (day !== undefined) return day;
    throw new DomainError('PERIOD_CLOSED', `No day from ${postingDate} on is open. Open a period first.`, postingDate);
  }
  if (asked < postingDate) {
    const message = `A reversal cannot be dated ${asked}, before the entry of ${postingDate} it takes back.`;
    throw new DomainError('PERIOD_CLOSED', message, asked);
  }
  if (books.isOpen(asked, kind)) return asked;
  const next = books.openFrom?.(asked, kind);
  const way = next === undefined ? 'Open its period first.' : `Date it ${next} or later, or open its period.`;
  throw new DomainError('PERIOD_CLOSED', `${asked} is not open to a reversal of this entry. ${way}`, asked);
}
