import { type CanonicalEvent, eventHash } from '@daybook/domain';
import type { Sql, Tx } from '@daybook/platform/db';
import { factId } from './fact-id.ts';

/** What identifies a fact besides the event: the connection it came by. */
interface Origin {
  connectionId: string;
}

/** The newest state known of a fact. */
export interface KnownRevision {
  /** As the provider gave it. */
  revision: string;
  stored: string;
  contentHash: string;
  recordedAt: Date;
  /** Of every state known under the provider's revision. */
  hashes: string[];
}

/** Mark between a provider's revision and our count of re-read states that share it; sorts behind the bare revision. */
const SAME_REVISION = '~';

/** The newest state of the event's fact, whatever became of it; null when nothing is known. */
export async function newestKnown(sql: Sql | Tx, row: Origin, event: CanonicalEvent): Promise<KnownRevision | null> {
  const known = await sql<{ stored: string; contentHash: string; recordedAt: Date }[]>`
    select revision as stored, content_hash as "contentHash", recorded_at as "recordedAt" from events
    where connection_id = ${row.connectionId} and type = ${event.type} and source_id = ${factId(event)}
    order by revision desc, id desc`;
  const [newest] = known;
  if (!newest) return null;
  const revision = bare(newest.stored);
  const hashes = known.filter((each) => bare(each.stored) === revision).map((each) => each.contentHash);
  return { ...newest, revision, hashes };
}

function bare(stored: string): string {
  return stored.split(SAME_REVISION)[0] ?? stored;
}

/** Ids of the refunds known of a sale, but for those whose newest state gives nothing back. */
export async function refundsKnown(sql: Sql | Tx, row: Origin, sale: string): Promise<string[]> {
  const known = await sql<{ id: string }[]>`
    select id from (
      select distinct on (source_id) source_id as id, payload->>'total' as total from events
      where connection_id = ${row.connectionId} and sale_id = ${sale} and type = 'refund'
      order by source_id, revision desc, events.id desc) as newest
    where total <> '0' order by id`;
  return known.map((each) => each.id);
}

/** A re-read state that differs from the known one of the same revision gets a revision just behind it. */
export async function withRoom(tx: Tx, row: Origin, event: CanonicalEvent): Promise<CanonicalEvent> {
  const known = await newestKnown(tx, row, event);
  if (known?.revision !== event.revision || known.contentHash === eventHash(event)) return event;
  const count = Number(known.stored.split(SAME_REVISION)[1] ?? '0') + 1;
  return { ...event, revision: `${event.revision}${SAME_REVISION}${String(count).padStart(3, '0')}` };
}
