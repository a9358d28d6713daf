import { DomainError, derivesTaxCodes, formatMoney, type ResolvedEntry, type ResolvedLine } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { chainHash, entryText, textHash } from './chain.ts';
import { insertEntries, type NumberedEntry } from './insert-entries.ts';
import { settleEntries } from './invoice-ledger/settle.ts';
import { asDomainError } from './refusal.ts';

export { postedEntries, postedEntriesOf } from './posted-entries.ts';

export interface EntryToPost {
  entry: ResolvedEntry;
  eventId: bigint | null;
}

export interface PostOutcome {
  outcome: 'posted' | 'exists';
  id: bigint;
  number: number;
  fiscalYear: string;
}

interface Prepared extends EntryToPost {
  text: string;
  contentHash: string;
}

interface Existing {
  id: bigint;
  sourceKey: string;
  contentHash: string;
  number: number;
  fiscalYear: string;
  reversedBy: bigint | null;
}

interface FiscalYear {
  label: string;
  startsOn: string;
  endsOn: string;
  lastNumber: number;
}

interface Journal {
  entries: bigint;
  lastHash: Buffer;
  years: FiscalYear[];
  ids: bigint[];
  /** Entries with the source keys to be posted, and those to be reversed. */
  existing: Map<string, Existing>;
  /** Accounts that the invoice ledger details. */
  subledgers: ReadonlySet<string>;
}

/**
 * Appends entries to a company's journal, in the order given, inside the caller's transaction (READ COMMITTED): one
 * lock, gap-free numbers, hash chain, one statement for all rows (accounting.md I1–I7), and what they mean for the
 * invoice ledger (I8, E). Answers one outcome per entry.
 * An entry whose source key is posted with the same content `exists` and changes nothing. A reversal names its original
 * by source key, posted before or earlier in the same call.
 *
 * Throws DomainError: SOURCE_KEY_CONFLICT (same key, other content), PERIOD_CLOSED, INVALID_AMOUNT and, found by the
 * database, what migration 0001 refuses. Those thrown by the database leave the transaction unusable.
 */
export async function postEntries(
  tx: Tx,
  companyId: string,
  entries: readonly EntryToPost[],
  recordedAt: Date,
): Promise<PostOutcome[]> {
  const { outcomes, added, subledgers } = await appendEntries(tx, companyId, entries, recordedAt);
  const detailed = added.filter(({ entry }) => entry.lines.some((line) => subledgers.has(line.account)));
  if (detailed.length > 0) await settleEntries(tx, companyId, detailed, recordedAt, appendEntries);
  return outcomes;
}

/**
 * The same, for entries that the invoice ledger itself makes: what they put there is settled by who makes them. Answers
 * the entries that are new besides.
 */
export async function appendEntries(
  tx: Tx,
  companyId: string,
  entries: readonly EntryToPost[],
  recordedAt: Date,
): Promise<{ outcomes: PostOutcome[]; added: NumberedEntry[]; subledgers: ReadonlySet<string> }> {
  if (entries.length === 0) return { outcomes: [], added: [], subledgers: new Set() };
  const prepared = entries.map(prepare);
  const journal = await openJournal(tx, companyId, prepared);
  const { outcomes, added } = place(prepared, journal, recordedAt);
  if (added.length > 0) {
    await registerTaxCodes(tx, companyId, added);
    await insertEntries(tx, companyId, added, recordedAt).catch((error: unknown) => {
      throw asDomainError(error);
    });
  }
  return { outcomes, added, subledgers: journal.subledgers };
}

/** Drops lines of zero (accounting.md I10) and refuses what a line cannot hold. */
function prepare({ entry, eventId }: EntryToPost): Prepared {
  const lines = entry.lines.filter((line) => line.amount !== 0n || line.amountTc !== 0n);
  for (const line of lines) checkSides(line, entry);
  const kept = { ...entry, memo: entry.memo.toWellFormed(), lines };
  const text = entryText(kept);
  return { entry: kept, eventId, text, contentHash: textHash(text) };
}

function checkSides(line: ResolvedLine, entry: ResolvedEntry): void {
  const opposite = line.amount > 0n ? line.amountTc < 0n : line.amountTc > 0n;
  if (line.amount !== 0n && !opposite) return;
  const shown = formatMoney({ minor: line.amountTc, currency: line.currency });
  throw new DomainError(
    'INVALID_AMOUNT',
    `Entry ${entry.sourceKey}: the line of ${shown} on ${line.account} is worth nothing, or has the opposite sign, in ` +
      "the company's currency. Check the exchange rate, and merge it with a larger line if it is too small.",
    line.account,
  );
}

/**
 * Takes the journal's lock and reads what numbering needs. Sent as one burst; the lock is taken first. Keys are looked
 * up one by one inside the server: for `= any(keys)` a planner without statistics reads the company's whole journal.
 */
async function openJournal(tx: Tx, companyId: string, prepared: Prepared[]): Promise<Journal> {
  const keys = prepared.flatMap(({ entry }) =>
    entry.reverses === undefined ? [entry.sourceKey] : [entry.sourceKey, entry.reverses],
  );
  const [heads, existing, years, ids, subledgers] = await Promise.all([
    tx<{ entries: bigint; lastHash: Buffer }[]>`
      select entries, last_hash as "lastHash" from journal_heads where company_id = ${companyId} for update`,
    tx<Existing[]>`
      select e.id, e.source_key as "sourceKey", e.content_hash as "contentHash", e.number,
        e.fiscal_year as "fiscalYear", e.reversed_by as "reversedBy"
      from unnest(${keys}::text[]) as given(key)
      cross join lateral (
        select * from journal_entries where company_id = ${companyId} and source_key = given.key limit 1) e`,
    tx<FiscalYear[]>`
      select label, starts_on as "startsOn", ends_on as "endsOn", last_number as "lastNumber"
      from fiscal_years where company_id = ${companyId}`,
    tx<{ id: bigint }[]>`
      select nextval(pg_get_serial_sequence('journal_entries', 'id')) as id from generate_series(1, ${prepared.length}::int)`,
    tx<{ code: string }[]>`select code from accounts where company_id = ${companyId} and subledger is not null`,
  ]);
  const [head] = heads;
  if (!head) throw new Error(`Company ${companyId} has no journal; it was not made by createCompany.`);
  const byKey = new Map(existing.map((each) => [each.sourceKey, each]));
  const detailed = new Set(subledgers.map((row) => row.code));
  return { ...head, years: [...years], ids: ids.map((row) => row.id), existing: byKey, subledgers: detailed };
}

/** Gives new entries their numbers and hashes; entries that are there already are answered as they stand. */
function place(prepared: Prepared[], journal: Journal, recordedAt: Date) {
  const outcomes: PostOutcome[] = [];
  const added: NumberedEntry[] = [];
  for (const { entry, eventId, text, contentHash } of prepared) {
    const standing = journal.existing.get(entry.sourceKey);
    if (standing) {
      outcomes.push(sameFact(standing, entry, contentHash));
      continue;
    }
    const year = yearOf(entry, journal.years);
    const reverses = entry.reverses === undefined ? null : originalOf(entry, entry.reverses, journal);
    year.lastNumber += 1;
    journal.entries += 1n;
    const position = { sequence: journal.entries, fiscalYear: year.label, number: year.lastNumber, recordedAt };
    const previousHash = journal.lastHash;
    journal.lastHash = chainHash(previousHash, position, text);
    const id = journal.ids.shift() as bigint;
    const posted = { id, number: year.lastNumber, fiscalYear: year.label };
    added.push({ ...position, id, entry, eventId, contentHash, reverses, previousHash, hash: journal.lastHash });
    journal.existing.set(entry.sourceKey, { ...posted, sourceKey: entry.sourceKey, contentHash, reversedBy: null });
    outcomes.push({ outcome: 'posted', ...posted });
  }
  return { outcomes, added };
}

function sameFact(standing: Existing, entry: ResolvedEntry, contentHash: string): PostOutcome {
  const { id, number, fiscalYear } = standing;
  if (standing.contentHash === contentHash) return { outcome: 'exists', id, number, fiscalYear };
  throw new DomainError(
    'SOURCE_KEY_CONFLICT',
    `${entry.sourceKey} is posted as entry ${fiscalYear}/${number} with other content; nothing was posted. ` +
      'A changed fact needs a newer revision, which reverses the old entry.',
    entry.sourceKey,
  );
}

function yearOf(entry: ResolvedEntry, years: FiscalYear[]): FiscalYear {
  const year = years.find((each) => each.startsOn <= entry.postingDate && entry.postingDate <= each.endsOn);
  if (year) return year;
  throw new DomainError(
    'PERIOD_CLOSED',
    `Entry ${entry.sourceKey} is dated ${entry.postingDate}, for which the company has no fiscal year. Create it first.`,
    entry.postingDate,
  );
}

function originalOf(entry: ResolvedEntry, key: string, journal: Journal): bigint {
  const original = journal.existing.get(key);
  if (!original) {
    throw new DomainError('EVENT_INVALID', `Entry ${entry.sourceKey} reverses ${key}, which is not posted.`, key);
  }
  if (original.reversedBy !== null) {
    throw new DomainError('ENTRY_IMMUTABLE', `Entry ${key} is reversed already; an entry is reversed once.`, key);
  }
  original.reversedBy = original.id;
  return original.id;
}

/** Codes made of a jurisdiction's name come into the table with the first entry that carries them. */
async function registerTaxCodes(tx: Tx, companyId: string, added: NumberedEntry[]): Promise<void> {
  const codes = new Set(added.flatMap(({ entry }) => entry.lines.flatMap((line) => line.taxCode ?? [])));
  if (codes.size === 0) return;
  const missing = await tx<{ code: string; country: string }[]>`
    select given.code, c.country from unnest(${[...codes]}::text[]) as given(code), companies c
    where c.id = ${companyId}
      and not exists (select from tax_codes t where t.company_id = c.id and t.code = given.code)`;
  const derived = missing.filter((row) => derivesTaxCodes(row.country)).map((row) => row.code);
  if (derived.length === 0) return;
  await tx`
    insert into tax_codes (company_id, code, label, revenue)
    select ${companyId}, code, code, 'standard' from unnest(${derived}::text[]) as given(code) on conflict do nothing`;
}
