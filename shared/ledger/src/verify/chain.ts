import type { Tx } from '@daybook/platform/db';
import { chainHash, entryText, genesisHash, textHash } from '../chain.ts';
import { type EntryRow, entryColumns, toEntry } from '../posted-entries.ts';
import type { Check, Looked } from './check.ts';

interface ChainRow extends EntryRow {
  sequence: bigint;
  fiscalYear: string;
  number: number;
  recordedAt: Date;
  contentHash: string;
  previousHash: Buffer;
  hash: Buffer;
}

interface Link {
  sequence: bigint;
  hash: Buffer;
}

const PAGE = 2000;

const chain: Check = {
  name: 'the sequence has no gap and the hash chain holds over every field',
  look: followChain,
};

/** Recomputes the chain from the rows, page by page; the next page is read while this one is hashed. */
async function followChain(tx: Tx, companyId: string): Promise<Looked> {
  let at: Link = { sequence: 0n, hash: genesisHash(companyId) };
  let rows = 0;
  let next = readPage(tx, companyId, 0n);
  for (let page = await next; page.length > 0; page = await next) {
    next = readPage(tx, companyId, page.at(-1)?.sequence ?? 0n);
    for (const row of page) {
      const broken = brokenBy(row, at);
      if (broken) {
        await next;
        return { rows, bad: `entry ${row.fiscalYear}/${row.number} (${row.sourceKey}) ${broken}` };
      }
      at = row;
      rows += 1;
    }
  }
  return { rows, bad: await headDiffers(tx, companyId, at) };
}

async function readPage(tx: Tx, companyId: string, after: bigint): Promise<ChainRow[]> {
  return tx<ChainRow[]>`
    select ${entryColumns(tx)}, e.sequence, e.fiscal_year as "fiscalYear", e.number, e.recorded_at as "recordedAt",
      e.content_hash as "contentHash", e.previous_hash as "previousHash", e.hash
    from journal_entries e where e.company_id = ${companyId} and e.sequence > ${after}
    order by e.sequence limit ${PAGE}`;
}

function brokenBy(row: ChainRow, before: Link): string | undefined {
  if (row.sequence !== before.sequence + 1n) return `follows sequence ${before.sequence} with ${row.sequence}`;
  if (!row.previousHash.equals(before.hash)) return 'does not carry the hash of the entry before it';
  const text = entryText(toEntry(row));
  if (!row.hash.equals(chainHash(before.hash, row, text))) return 'is not what was hashed when it was posted';
  if (row.contentHash !== textHash(text)) return 'has another content hash than its content';
  return undefined;
}

async function headDiffers(tx: Tx, companyId: string, last: Link): Promise<string | undefined> {
  const [head] = await tx<{ entries: bigint; lastHash: Buffer }[]>`
    select entries, last_hash as "lastHash" from journal_heads where company_id = ${companyId}`;
  if (head && head.entries === last.sequence && head.lastHash.equals(last.hash)) return undefined;
  return `the journal ends with sequence ${last.sequence}, but its head says ${head?.entries ?? 'nothing'}`;
}

/** That nobody changed what was posted. */
export const chainChecks: readonly Check[] = [chain];
