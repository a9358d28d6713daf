import { createHash } from 'node:crypto';
import { contentHash, type ResolvedEntry } from '@daybook/domain';

/** Where an entry stands in its journal. */
export interface Place {
  sequence: bigint;
  fiscalYear: string;
  number: number;
  recordedAt: Date;
}

/**
 * Everything an entry says, as one text: the same for an entry about to be posted and for its rows read back.
 * Absent and null are the same; instants are cut to milliseconds.
 */
export function entryText(entry: ResolvedEntry): string {
  return JSON.stringify([
    entry.entryType,
    entry.postingDate,
    entry.taxPoint,
    new Date(entry.occurredAt).toISOString(),
    entry.sourceKey,
    entry.memo,
    entry.channel ?? null,
    entry.reverses ?? null,
    entry.lines.map((line) => [
      line.account,
      line.amount.toString(),
      line.currency,
      line.amountTc.toString(),
      line.role,
      line.taxCode ?? null,
      line.taxKind ?? null,
      line.party ?? null,
      line.document ?? null,
    ]),
  ]);
}

/** Tells the same fact from another one under the same source key (accounting.md I7). Hex. */
export function textHash(text: string): string {
  return contentHash(text);
}

/** What the first entry of a company follows: SHA-256 of the company's id, so that chains cannot be exchanged. */
export function genesisHash(companyId: string): Buffer {
  return createHash('sha256').update(companyId).digest();
}

/** Hash of an entry in the chain: SHA-256 over the hash before it, its place in the journal, and all it says. */
export function chainHash(previous: Buffer, place: Place, text: string): Buffer {
  const placed = JSON.stringify([
    place.sequence.toString(),
    place.fiscalYear,
    place.number,
    place.recordedAt.toISOString(),
  ]);
  return createHash('sha256').update(previous).update(placed).update(text).digest();
}
