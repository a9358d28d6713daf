import { createHash } from 'node:crypto';
import { entryText } from '@daybook/ledger/chain';
import { type EntryRow, entryColumns, toEntry } from '@daybook/ledger/posted-entries';
import type { Sql } from '@daybook/platform/db';
import { reviveEntry } from '../summaries/receipts.ts';

/** Entries that facts of the inbox made, in the order they were recorded: source key → all that the entry says. */
export interface FactJournal {
  entries: Map<string, string>;
  /** SHA-256 over all of them in their order, hexadecimal. */
  hash: string;
  /** Entries that no fact of the inbox made: year-ends, filings, revaluations, reversals by people. */
  others: number;
}

/** A place where two journals differ. */
export interface JournalDifference {
  sourceKey: string;
  problem: 'missing' | 'surplus' | 'different' | 'out of order';
}

/**
 * The journal as far as it follows from the inbox. Entries of days that are booked as summaries are told receipt by
 * receipt, because when a summary was closed depends on the hour. Instants of recording and numbers are left out.
 */
export async function factJournal(sql: Sql, companyId: string): Promise<FactJournal> {
  const entries = new Map<string, string>();
  const rows = await sql<EntryRow[]>`
    select ${entryColumns(sql)} from journal_entries e
    where e.company_id = ${companyId} and e.event_id is not null and not ${isByPerson(sql)} order by e.sequence`;
  for (const row of rows) entries.set(row.sourceKey, entryText(toEntry(row)));
  const receipts = await sql<{ sourceKey: string; entry: unknown }[]>`
    select source_key as "sourceKey", entry from receipts where company_id = ${companyId} order by id`;
  for (const { sourceKey, entry } of receipts) entries.set(sourceKey, entryText(reviveEntry(entry)));
  const [counted] = await sql<{ others: number }[]>`
    select count(*)::int as others from journal_entries e where e.company_id = ${companyId}
      and (e.event_id is null or ${isByPerson(sql)})
      and not exists (select from summaries s where s.company_id = e.company_id and s.source_key = e.source_key)`;
  const hash = createHash('sha256');
  for (const text of entries.values()) hash.update(text);
  return { entries, hash: hash.digest('hex'), others: counted?.others ?? 0 };
}

/** A person reverses for the event of the entry itself, or takes that back; a fact reverses what an earlier one made. */
function isByPerson(sql: Sql) {
  return sql`(exists (select from journal_entries o where o.id = e.reverses and o.event_id = e.event_id)
    or e.source_key like '%:reversal:reversal')`;
}

/** Where the second journal is not the first, at most `most`. */
export function journalDifferences(one: FactJournal, other: FactJournal, most = 50): JournalDifference[] {
  const found: JournalDifference[] = [];
  for (const [sourceKey, text] of one.entries) {
    const told = other.entries.get(sourceKey);
    if (told === undefined) found.push({ sourceKey, problem: 'missing' });
    else if (told !== text) found.push({ sourceKey, problem: 'different' });
  }
  for (const sourceKey of other.entries.keys()) {
    if (!one.entries.has(sourceKey)) found.push({ sourceKey, problem: 'surplus' });
  }
  if (found.length === 0 && one.hash !== other.hash) {
    const order = [...other.entries.keys()];
    const at = [...one.entries.keys()].findIndex((key, index) => key !== order[index]);
    found.push({ sourceKey: order[at] ?? '', problem: 'out of order' });
  }
  return found.slice(0, most);
}
