import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { pollConnection } from '@daybook/workers/poll';
import type { World } from './world.ts';

/** Polls every shop, waiting whenever it is asked to. */
export async function pollPatiently({ hub, advance }: World): Promise<void> {
  for (const { id } of await hub.deps.sql<{ id: string }[]>`select id from connections where kind = 'sales'`) {
    for (let wait = 0; wait < 100; wait += 1) {
      const refused = await pollConnection({ connectionId: id }, hub.deps).catch((error: unknown) => error);
      if (!(refused instanceof Error)) break;
      if (!(refused instanceof ConnectorError) || refused.kind !== 'rate_limited') throw refused;
      advance(refused.retryAfterMs ?? 1_000);
    }
  }
}
