import type { EventType } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';

/** Facts of one hour (UTC) of a connection, by who told of them. */
export interface CoverageHour {
  hour: Date;
  /** Told by a webhook and by a poll. */
  both: number;
  /** Told by a webhook; no poll has come across it yet. */
  webhookOnly: number;
  /** Told by a poll only, although webhooks should have: a gap that healed. */
  healed: number;
  /** Told by a poll, because this channel sends no webhooks about such facts. */
  polled: number;
}

/**
 * Who told of the facts of a connection, per hour in which they happened (product.md, feature 7). A fact counts once,
 * however many revisions of it came.
 */
export async function coverage(
  sql: Sql,
  request: { connectionId: string; from: Date; to: Date; polledOnly: readonly EventType[] },
): Promise<CoverageHour[]> {
  return sql<CoverageHour[]>`
    select date_trunc('hour', happened, 'UTC') as hour,
           (count(*) filter (where webhook and poll))::int as both,
           (count(*) filter (where webhook and not poll))::int as "webhookOnly",
           (count(*) filter (where poll and not webhook and type <> all(${[...request.polledOnly]}::text[])))::int as healed,
           (count(*) filter (where poll and not webhook and type = any(${[...request.polledOnly]}::text[])))::int as polled
    from (
      select type, source_id, min(occurred_at) as happened,
             bool_or(told_by_webhook is not null) as webhook, bool_or(told_by_poll is not null) as poll
      from events where connection_id = ${request.connectionId} and occurred_at >= ${request.from} and occurred_at < ${request.to}
      group by type, source_id) as facts
    group by 1 order by 1`;
}
