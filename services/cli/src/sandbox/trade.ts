import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../hub.ts';
import type { Terminal } from '../terminal.ts';
import type { Pairing } from './connect.ts';
import type { SandboxOptions } from './sandbox.ts';

/** Books that take a few dozen requests a minute fall behind a busy shop: at so much work owed, the shop rests. */
const BUSY = 40;
/** What is due later than that waits for something else than its turn. */
const SOON_MS = 60_000;

export interface Trading {
  /** What the shops did last, newest first. */
  recent(): string[];
  stop(): Promise<void>;
}

/**
 * Lets every shop do one thing after the other until stopped. A fault of one shop is shown and does not stop the
 * others. A shop whose books fell behind rests until they have everything, so that its money can be proven.
 */
export function startTrading(stage: {
  hub: Hub;
  terminal: Terminal;
  pairings: Pairing[];
  options: SandboxOptions;
}): Trading {
  const { hub, pairings, options } = stage;
  const stopped = new AbortController();
  const recent: string[] = [];
  const trade = async ({ channel, shop, slug }: Pairing): Promise<void> => {
    const { what } = await channel.simulator.trade(shop);
    recent.unshift(`${slug}: ${what}`);
    recent.splice(5);
  };
  const run = async (pairing: Pairing): Promise<void> => {
    let rests = false;
    let left = options.trades ?? Number.POSITIVE_INFINITY;
    while (!stopped.signal.aborted && left > 0) {
      try {
        const owed = await owedBy(hub, pairing);
        rests = owed >= BUSY || (rests && owed > 0);
        if (!rests) {
          left -= 1;
          await trade(pairing);
        }
      } catch (error) {
        hub.deps.log.warn({ shop: pairing.shop, error: String(error) }, 'sandbox.trade_failed');
      }
      await pause(options.everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = pairings.map(run);
  return {
    recent: () => [...recent],
    stop: async () => {
      stopped.abort();
      await Promise.all(running);
    },
  };
}

async function owedBy({ deps }: Hub, { companyId }: Pairing): Promise<number> {
  const soon = new Date(deps.clock().getTime() + SOON_MS);
  const [row] = await deps.sql<{ owed: number }[]>`
    select count(*)::int as owed from todo where company_id = ${companyId} and held is null and due_at < ${soon}`;
  return row?.owed ?? 0;
}
