import type { Sql, Tx } from '@daybook/platform/db';

export type Granularity = 'per_order' | 'daily_summary';

/** Tells how finely a connection is booked on a business date. */
export type Granularities = (connectionId: string, date: string) => Granularity;

/** The choices of some connections; per order where nothing was chosen. */
export async function granularitiesOf(sql: Sql | Tx, connectionIds: readonly string[]): Promise<Granularities> {
  const rows = await sql<{ connectionId: string; fromDate: string; mode: Granularity }[]>`
    select connection_id as "connectionId", from_date::text as "fromDate", mode from granularities
    where connection_id = any(${[...new Set(connectionIds)]}::uuid[]) order by from_date desc`;
  return (connectionId, date) =>
    rows.find((row) => row.connectionId === connectionId && row.fromDate <= date)?.mode ?? 'per_order';
}

/**
 * Books a channel per order or per day from a business date on. What is posted already stays as it is; a fact follows
 * the way its first revision was booked.
 */
export async function setGranularity(
  sql: Sql,
  choice: { connectionId: string; fromDate: string; mode: Granularity },
): Promise<void> {
  await sql`
    insert into granularities (connection_id, from_date, mode)
    values (${choice.connectionId}, ${choice.fromDate}, ${choice.mode})
    on conflict (connection_id, from_date) do update set mode = excluded.mode`;
}
