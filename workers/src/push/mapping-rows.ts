import type { Sql, Tx } from '@daybook/platform/db';

/** One word of ours and what stands for it there. */
export interface MappingRow {
  kind: 'account' | 'tax' | 'party' | 'record';
  ours: string;
  /** Connection of the channel it is for; '' = all others. */
  channel: string;
  /** First document date it holds for, YYYY-MM-DD. */
  validFrom: string;
  theirs: string;
}

/** Which version of a mapping is asked for. */
export interface MappingMoment {
  /** Connection of the channel the document comes from; null where it comes from none. */
  channel: string | null;
  /** Date of the document. */
  date: string;
}

/** Every mapping of a books connection. */
export async function readMappings(sql: Sql | Tx, connectionId: string): Promise<MappingRow[]> {
  return sql<MappingRow[]>`
    select kind, ours, channel, valid_from::text as "validFrom", theirs from mappings
    where connection_id = ${connectionId} order by kind, ours, channel desc, valid_from desc`;
}

/** Looks words up: the channel's own mapping first, of each the newest version that has begun. */
export type MappingLookUp = (kind: MappingRow['kind'], ours: string) => string | undefined;

/** A look-up over rows for one channel and date. Pure. */
export function mappingAt(rows: readonly MappingRow[]): (moment: MappingMoment) => MappingLookUp {
  const byWord = Map.groupBy(rows, ({ kind, ours }) => `${kind}|${ours}`);
  return ({ channel, date }) =>
    (kind, ours) => {
      const versions = (byWord.get(`${kind}|${ours}`) ?? []).filter(({ validFrom }) => validFrom <= date);
      const newest = (of: string | null) =>
        versions
          .filter((row) => row.channel === of)
          .reduce<MappingRow | undefined>(
            (best, row) => (best && best.validFrom > row.validFrom ? best : row),
            undefined,
          );
      return (newest(channel) ?? newest(''))?.theirs;
    };
}

/** A mapping that a person changed: what stood there before, null = nothing. */
export interface MappingChange extends Pick<MappingRow, 'kind' | 'ours' | 'channel' | 'validFrom'> {
  before: string | null;
  changedAt: Date;
}

/** Changes of a mapping by hand, newest first. */
export async function readMappingChanges(sql: Sql | Tx, connectionId: string): Promise<MappingChange[]> {
  return sql<MappingChange[]>`
    select kind, ours, channel, valid_from::text as "validFrom", before, changed_at as "changedAt"
    from mapping_changes where connection_id = ${connectionId} order by id desc`;
}

/** A mapping as it was before the newest changes (given newest first) were made. Pure. */
export function withoutChanges(rows: readonly MappingRow[], changes: readonly MappingChange[]): MappingRow[] {
  const before = new Map(rows.map((row) => [wordOf(row), row]));
  for (const { kind, ours, channel, validFrom, before: theirs } of changes) {
    const word = wordOf({ kind, ours, channel, validFrom });
    if (theirs === null) before.delete(word);
    else before.set(word, { kind, ours, channel, validFrom, theirs });
  }
  return [...before.values()];
}

function wordOf({ kind, ours, channel, validFrom }: Omit<MappingRow, 'theirs'>): string {
  return [kind, ours, channel, validFrom].join('\u0001');
}
