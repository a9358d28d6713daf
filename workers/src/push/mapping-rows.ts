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
