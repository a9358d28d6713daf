import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from './logger.ts';

export interface Shutdown {
  /** Registers what has to be closed; what was opened last is closed first. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Closes everything, once: a second call answers the first one's outcome. Never rejects. */
  run(reason: string): Promise<ShutdownOutcome>;
}

export interface ShutdownOutcome {
  /** Names of what failed to close. */
  failed: string[];
  /** Names of what was not closed within the limit, the one that hung first. */
  unfinished: string[];
}

/** Collects what must be closed in order. The caller decides when: on a signal, a fatal error, the end of a test. */
export function createShutdown(options: { log: Log; limitMs: number }): Shutdown {
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  let outcome: Promise<ShutdownOutcome> | undefined;
  return {
    add(name, close) {
      closers.push({ name, close });
    },
    run(reason) {
      outcome ??= closeAll(reason, closers, options);
      return outcome;
    },
  };
}

async function closeAll(
  reason: string,
  closers: { name: string; close: () => Promise<void> | void }[],
  { log, limitMs }: { log: Log; limitMs: number },
): Promise<ShutdownOutcome> {
  log.info({ reason }, 'Shutting down');
  const timer = new AbortController();
  const late = pause(limitMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  const failed: string[] = [];
  const open = [...closers].reverse();
  for (let next = open[0]; next; next = open[0]) {
    const { name, close } = next;
    const closing = Promise.resolve()
      .then(close)
      .catch((error: unknown) => {
        failed.push(name);
        log.error({ err: error, part: name }, 'A part did not close cleanly');
      });
    if ((await Promise.race([closing, late])) === 'late') {
      const unfinished = open.map((closer) => closer.name);
      log.error({ unfinished, limitMs }, 'Shutting down took too long; leaving the rest open');
      return { failed, unfinished };
    }
    open.shift();
  }
  timer.abort();
  return { failed, unfinished: [] };
}
