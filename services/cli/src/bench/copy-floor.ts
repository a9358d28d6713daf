import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ResolvedEntry } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';

/** A batch of entries as COPY takes it. */
export interface CopyBatch {
  entries: string;
  lines: string;
}

/** Tables like the journal's, indexes and row checks included; LIKE leaves triggers out. */
export async function makeCopyTables(sql: Sql): Promise<void> {
  await sql`create table bench_entries (like journal_entries including all)`;
  await sql`create table bench_lines (like journal_lines including all)`;
}

/**
 * Makes a pool that was not used yet send small packets at once. postgres.js leaves Nagle's algorithm on, which holds
 * the end of a COPY back until the server acknowledges what came before: some 90 ms that are not the database's.
 */
export function sendAtOnce(sql: Sql): void {
  const { options } = sql;
  const [host, port] = [options.host[0], options.port[0]];
  const socket = () =>
    new Promise<Socket>((resolve, reject) => {
      const opened = connect({ host: host as string, port: port as number, noDelay: true });
      opened.once('error', reject);
      opened.once('connect', () => resolve(opened));
    });
  Object.assign(options, { socket });
}

/** Writes the rows of a batch the way COPY reads them; `serial` is the first id. */
export function renderCopy(batch: readonly ResolvedEntry[], companyId: string, serial: number): CopyBatch {
  const hash = createHash('sha256').update(companyId).digest('hex');
  const entries = batch.map((entry, index) => {
    const id = serial + index;
    const { entryType, postingDate, taxPoint, occurredAt, sourceKey, memo, lines, channel } = entry;
    return row([
      ...[id, companyId, id, postingDate.slice(0, 4), id, entryType, postingDate, taxPoint, occurredAt, occurredAt],
      ...[sourceKey, hash, memo, lines.length, channel, `\\\\x${hash}`, `\\\\x${hash}`],
    ]);
  });
  const lines = batch.flatMap((entry, index) =>
    entry.lines.map((line, position) => {
      const size = line.amount < 0n ? -line.amount : line.amount;
      const [debit, credit] = line.amount > 0n ? [size, 0n] : [0n, size];
      const amountTc = line.amountTc < 0n ? -line.amountTc : line.amountTc;
      return row([
        ...[serial + index, position + 1, companyId, line.account, entry.postingDate, debit, credit, line.currency],
        ...[amountTc, line.role, line.taxCode, line.taxKind, line.party, line.document],
      ]);
    }),
  );
  return { entries: entries.join(''), lines: lines.join('') };
}

function row(fields: (string | number | bigint | null | undefined)[]): string {
  return `${fields.map((field) => field ?? '\\N').join('\t')}\n`;
}

/** Both tables in one transaction, as a batch of ours is. */
export async function copyRows(sql: Sql, batch: CopyBatch): Promise<void> {
  await sql.begin(async (tx) => {
    const entries = await tx`
      copy bench_entries (id, company_id, sequence, fiscal_year, number, entry_type, posting_date, tax_point, occurred_at,
        recorded_at, source_key, content_hash, memo, line_count, channel, previous_hash, hash) from stdin`.writable();
    await sendAll(entries, batch.entries);
    const lines = await tx`
      copy bench_lines (entry_id, line_no, company_id, account, posting_date, debit, credit, currency, amount_tc, role,
        tax_code, tax_kind, party, document) from stdin`.writable();
    await sendAll(lines, batch.lines);
  });
}

async function sendAll(stream: Writable, text: string): Promise<void> {
  stream.end(text);
  await finished(stream);
}
