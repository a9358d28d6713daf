import type { ResolvedEntry } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { Place } from './chain.ts';

/** An entry with everything its row holds. */
export interface NumberedEntry extends Place {
  id: bigint;
  entry: ResolvedEntry;
  eventId: bigint | null;
  contentHash: string;
  /** Id of the entry it reverses. */
  reverses: bigint | null;
  previousHash: Buffer;
  hash: Buffer;
}

/** Entries and all their lines in one statement: the guards of migration 0001 accept them only together. */
export async function insertEntries(
  tx: Tx,
  companyId: string,
  added: readonly NumberedEntry[],
  recordedAt: Date,
): Promise<void> {
  const e = entryArrays(added);
  const l = lineArrays(added);
  await tx`
    with entries as (
      insert into journal_entries (company_id, recorded_at, id, sequence, fiscal_year, number, entry_type, posting_date,
        tax_point, occurred_at, source_key, content_hash, memo, line_count, channel, event_id, reverses, previous_hash, hash)
      overriding system value
      select ${companyId}::uuid, ${recordedAt}::timestamptz, id, sequence, fiscal_year, number, entry_type, posting_date,
        tax_point, occurred_at, source_key, content_hash, memo, line_count, channel, event_id, reverses,
        decode(previous_hash, 'hex'), decode(hash, 'hex')
      from unnest(${e.id}::bigint[], ${e.sequence}::bigint[], ${e.fiscalYear}::text[], ${e.number}::int[],
        ${e.entryType}::text[], ${e.postingDate}::date[], ${e.taxPoint}::date[], ${e.occurredAt}::timestamptz[],
        ${e.sourceKey}::text[], ${e.contentHash}::text[], ${e.memo}::text[], ${e.lineCount}::int[], ${e.channel}::text[],
        ${e.eventId}::bigint[], ${e.reverses}::bigint[], ${e.previousHash}::text[], ${e.hash}::text[])
      as given(id, sequence, fiscal_year, number, entry_type, posting_date, tax_point, occurred_at, source_key,
        content_hash, memo, line_count, channel, event_id, reverses, previous_hash, hash)
    )
    insert into journal_lines (company_id, entry_id, line_no, account, posting_date, debit, credit, currency, amount_tc,
      role, tax_code, tax_kind, party, document)
    select ${companyId}::uuid, * from unnest(${l.entryId}::bigint[], ${l.lineNo}::smallint[], ${l.account}::text[],
      ${l.postingDate}::date[], ${l.debit}::bigint[], ${l.credit}::bigint[], ${l.currency}::text[],
      ${l.amountTc}::bigint[], ${l.role}::text[], ${l.taxCode}::text[], ${l.taxKind}::text[], ${l.party}::text[],
      ${l.document}::text[])`;
}

function entryArrays(added: readonly NumberedEntry[]) {
  return {
    id: plain(added, (each) => each.id),
    sequence: plain(added, (each) => each.sequence),
    fiscalYear: quoted(added, (each) => each.fiscalYear),
    number: plain(added, (each) => each.number),
    entryType: plain(added, (each) => each.entry.entryType),
    postingDate: plain(added, (each) => each.entry.postingDate),
    taxPoint: plain(added, (each) => each.entry.taxPoint),
    occurredAt: plain(added, (each) => new Date(each.entry.occurredAt).toISOString()),
    sourceKey: quoted(added, (each) => each.entry.sourceKey),
    contentHash: plain(added, (each) => each.contentHash),
    memo: quoted(added, (each) => each.entry.memo),
    lineCount: plain(added, (each) => each.entry.lines.length),
    channel: quoted(added, (each) => each.entry.channel),
    eventId: plain(added, (each) => each.eventId),
    reverses: plain(added, (each) => each.reverses),
    previousHash: plain(added, (each) => each.previousHash.toString('hex')),
    hash: plain(added, (each) => each.hash.toString('hex')),
  };
}

/** Signed amounts are split into debit and credit here; the transaction amount keeps their side without a sign. */
function lineArrays(added: readonly NumberedEntry[]) {
  const lines = added.flatMap(({ id, entry }) =>
    entry.lines.map((line, index) => ({ ...line, id, lineNo: index + 1, postingDate: entry.postingDate })),
  );
  return {
    entryId: plain(lines, (line) => line.id),
    lineNo: plain(lines, (line) => line.lineNo),
    account: quoted(lines, (line) => line.account),
    postingDate: plain(lines, (line) => line.postingDate),
    debit: plain(lines, (line) => (line.amount > 0n ? line.amount : 0n)),
    credit: plain(lines, (line) => (line.amount < 0n ? -line.amount : 0n)),
    currency: plain(lines, (line) => line.currency),
    amountTc: plain(lines, (line) => (line.amountTc < 0n ? -line.amountTc : line.amountTc)),
    role: quoted(lines, (line) => line.role),
    taxCode: quoted(lines, (line) => line.taxCode),
    taxKind: quoted(lines, (line) => line.taxKind),
    party: quoted(lines, (line) => line.party),
    document: quoted(lines, (line) => line.document),
  };
}

/**
 * Array literals, written here because this is the hottest statement there is: numbers, dates and hashes need no
 * quoting, and text is escaped only where it must be.
 */
function plain<T>(rows: readonly T[], value: (row: T) => bigint | number | string | null): string {
  return `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`;
}

function quoted<T>(rows: readonly T[], value: (row: T) => string | null | undefined): string {
  return `{${rows.map((row) => quote(value(row))).join(',')}}`;
}

function quote(text: string | null | undefined): string {
  if (text === null || text === undefined) return 'NULL';
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
