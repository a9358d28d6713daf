import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { localDate } from '@daybook/domain';
import { raiseReminders } from '@daybook/ledger/invoice-ledger/reminders';
import { SLOW_DOWN_MS } from '@daybook/platform/retry';
import { askToReconnect } from './access.ts';
import { jobs } from './catalog.ts';
import type { WorkerDeps } from './deps.ts';
import { describe, isSlowDown } from './failure.ts';
import { pollConnection } from './poll.ts';
import { keepSubscribed } from './subscriptions.ts';

interface ChannelRow {
  id: string;
  companyId: string;
  connector: string;
  label: string;
}

/** Polls every active channel for what its webhooks missed. One channel's fault does not stop the others. */
export async function pollAll(deps: WorkerDeps): Promise<void> {
  for (const row of await activeChannels(deps)) {
    await withChannel(row, deps, 'poll', () => pollConnection({ connectionId: row.id }, deps));
  }
}

/** Makes every channel's webhook subscriptions what they should be; providers switch them off after failures. */
export async function repairWebhooks(deps: WorkerDeps): Promise<void> {
  for (const row of await activeChannels(deps)) {
    await withChannel(row, deps, 'repair', async () => {
      const connector = deps.sales.get(row.connector);
      if (connector) await keepSubscribed(connector, row, deps, { isFirst: false });
    });
  }
}

/** Notes which reminders overdue invoices have reached today, where each company is. One's fault does not stop others. */
export async function remindAll(deps: WorkerDeps): Promise<void> {
  const companies = await deps.sql<{ id: string; timeZone: string }[]>`
    select distinct c.id, c.time_zone as "timeZone" from companies c join invoice_events v on v.company_id = c.id
    where v.open_tc <> 0`;
  for (const { id, timeZone } of companies) {
    const today = localDate(deps.clock().toISOString(), timeZone);
    await deps.sql
      .begin((tx) => raiseReminders(tx, id, today))
      .catch((error: unknown) => deps.log.error({ company: id, error: describe(error) }, 'upkeep.failed'));
  }
}

/** Those we may call: a channel without credentials only sends. */
async function activeChannels(deps: WorkerDeps): Promise<ChannelRow[]> {
  return deps.sql<ChannelRow[]>`
    select id, company_id as "companyId", connector, label from connections
    where kind = 'sales' and state = 'active' and (token_set_id is not null or sealed is not null)`;
}

/** Being asked to slow down only puts the chore off; what was read so far stands behind the cursor. */
async function again(stage: string, error: ConnectorError, deps: WorkerDeps): Promise<void> {
  const { queue } = jobs.upkeep;
  await deps.queues.add(queue, {
    id: `${stage}-again`,
    data: { name: stage },
    delayMs: error.retryAfterMs ?? SLOW_DOWN_MS,
  });
}

async function withChannel(
  row: ChannelRow,
  deps: WorkerDeps,
  stage: 'poll' | 'repair',
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log.warn({ stage, connection: row.id, connector: row.connector, error: describe(error) }, 'upkeep.failed');
    if (isSlowDown(error)) await again(stage, error, deps);
    if (error instanceof ConnectorError && error.kind === 'unauthorized')
      await askToReconnect(deps.sql, row, error.message, deps.clock());
  }
}
