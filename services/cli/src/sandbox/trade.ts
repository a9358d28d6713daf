import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../hub.ts';
import type { Terminal } from '../terminal.ts';
import type { Pairing } from './connect.ts';
import type { SandboxOptions } from './sandbox.ts';

export interface Trading {
  /** What the shops did last, newest first. */
  recent(): string[];
  stop(): Promise<void>;
}

/**
 * Lets every shop do one thing after the other until stopped. A fault of one shop is shown and does not stop the
 * others.
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
  const run = async (pairing: Pairing): Promise<void> => {
    for (let count = 0; !stopped.signal.aborted && (options.trades === null || count < options.trades); count += 1) {
      try {
        const { what } = await pairing.channel.simulator.trade(pairing.shop);
        recent.unshift(`${pairing.slug}: ${what}`);
        recent.splice(5);
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
