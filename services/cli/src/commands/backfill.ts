import { setTimeout as pause } from 'node:timers/promises';
import {
  type Backfill,
  BackfillRefused,
  cancelBackfill,
  readBackfill,
  resumeBackfill,
  startBackfill,
  stepBackfill,
} from '@daybook/workers/backfill';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { Command } from 'commander';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  from?: string;
  to?: string;
  resume?: boolean;
  cancel?: boolean;
  json?: boolean;
}

const HELP = `
Safe to repeat over any range and beside live traffic: what is known already is the same fact and changes nothing, and live
work goes first. A running hub does the reading; without one this command does it itself. Ctrl-C only stops watching.
  daybook backfill <connection> --from 2026-11-01 --to 2026-11-30
  daybook backfill <import> --cancel          daybook backfill <import> --resume`;

/** `daybook backfill`: reads a range of a channel again, for what never came by webhook. */
export function registerBackfill(root: Command, terminal: Terminal): void {
  root
    .command('backfill')
    .description('import what a channel changed in a range, under the same rules as live traffic')
    .argument(
      '<id>',
      'id of the connection, as `GET /api/v1/connections` lists it; of the import with --cancel, --resume',
    )
    .option('--from <date>', 'first day, YYYY-MM-DD')
    .option('--to <date>', 'last day, YYYY-MM-DD; now without it')
    .option('--cancel', 'stop an import after the page it is at; what came in stays')
    .option('--resume', 'go on with an import that was cancelled or failed')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, options: Options) => {
      const ended = await withDeps(terminal, (deps) => run(id, options, deps, terminal));
      terminal.out(options.json ? json(ended) : `${describe(ended)}\n`);
      if (ended.state === 'failed') throw new FoundError(`daybook: the import stopped: ${ended.reason}`);
    });
}

async function run(id: string, options: Options, deps: WorkerDeps, terminal: Terminal): Promise<Backfill> {
  try {
    if (options.cancel) return await cancelBackfill(id, deps);
    const begun = options.resume ? await resumeBackfill(id, deps) : await startBackfill(rangeOf(id, options), deps);
    return await watch(begun, deps, terminal);
  } catch (error) {
    if (error instanceof BackfillRefused) throw new UsageError(error.message);
    throw error;
  }
}

function rangeOf(connectionId: string, { from, to }: Options) {
  if (from === undefined) throw new UsageError('say from which day to import: --from YYYY-MM-DD');
  return {
    connectionId,
    from: instantOf(from, 'T00:00:00Z'),
    to: to === undefined ? new Date() : instantOf(to, 'T23:59:59Z'),
  };
}

function instantOf(day: string, time: string): Date {
  const instant = new Date(`${day}${time}`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(instant.getTime()))
    throw new UsageError(`"${day}" is not a date; write YYYY-MM-DD`);
  return instant;
}

/** A hub that runs takes the import within this time. */
const HUB_TAKES_IT_MS = 3_000;
const LOOK_MS = 300;

/** Follows an import to its end, reading itself where no hub does. */
async function watch(begun: Backfill, deps: WorkerDeps, terminal: Terminal): Promise<Backfill> {
  const started = Date.now();
  let current = begun;
  let alone = false;
  while (current.state === 'running') {
    if (terminal.live) terminal.err(`\r${current.read} read, ${current.stored} new …`);
    const untouched = current.dueAt.getTime() === begun.dueAt.getTime();
    alone ||= untouched && Date.now() - started > HUB_TAKES_IT_MS;
    if (alone) await stepBackfill({ id: current.id }, deps);
    await pause(LOOK_MS);
    current = (await readBackfill(deps.sql, begun.id)) ?? current;
  }
  if (terminal.live) terminal.err('\r');
  return current;
}

function describe({ id, state, read, stored }: Backfill): string {
  const next = state === 'cancelled' || state === 'failed' ? ` Go on with: daybook backfill ${id} --resume` : '';
  return `Import ${id} is ${state}: ${read} read, ${stored} new deliveries are in the inbox.${next}`;
}
