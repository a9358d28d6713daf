import type { RemoteChange } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';

/** Stores what books said has changed, for each connection of the tenant; answers how many rows that made. */
export async function noteChanges(
  sql: Sql,
  connector: string,
  changes: readonly RemoteChange[],
  at: Date,
): Promise<number> {
  if (changes.length === 0) return 0;
  const rows = await sql`
    insert into book_changes (connection_id, remote_id, operation, told_at)
    select c.id, told.remote_id, told.operation, ${at}
    from unnest(${changes.map((each) => each.account)}::text[], ${changes.map((each) => each.remoteId)}::text[],
                ${changes.map((each) => each.operation as string)}::text[]) as told (account, remote_id, operation)
    join connections c on c.connector = ${connector} and c.account = told.account and c.kind = 'accounting'
      and c.state <> 'disconnected'
    returning id`;
  return rows.length;
}
