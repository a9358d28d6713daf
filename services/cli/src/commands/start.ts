import { jobs } from '@daybook/workers/catalog';
import type { JobName } from '@daybook/workers/run-workers';
import { type Command, Option } from 'commander';
import { configOf } from '../config.ts';
import { type Terminal, UsageError } from '../terminal.ts';

/** Which parts of the hub this process runs. */
export interface Parts {
  ingest: boolean;
  api: boolean;
  workers: readonly JobName[];
}

interface Options {
  sandbox?: boolean;
  only?: string;
  port?: string;
  seed: string;
  every: string;
  sales?: string;
  json?: boolean;
}

/** `daybook start`: runs the hub until Ctrl-C. */
export function registerStart(root: Command, terminal: Terminal): void {
  root
    .command('start')
    .description('run the hub: intake, API and workers, in one process by default')
    .option('--sandbox', 'add simulators and demo companies trading live')
    .option('--only <part>', 'ingest, api, workers or workers:queue,… to run the parts in processes of their own')
    .option('--port <port>', 'port to listen on instead of DAYBOOK_PORT; 0 takes a free one')
    .addOption(new Option('--seed <seed>', 'seed of the sandbox, a whole number').default('1'))
    .addOption(new Option('--every <ms>', 'milliseconds between two trades of a sandbox shop').default('1500'))
    .addOption(new Option('--sales <count>', 'stop trading after so many trades, keep running'))
    .option('--json', 'print what happens as JSON, one object a line')
    .action(async (options: Options) => {
      const config = configOf(terminal);
      const port = options.port === undefined ? config.port : whole(options.port, '--port');
      if (port > 65_535) throw new UsageError(`--port ${port} is no port; the highest is 65535`);
      const parts = partsOf(options.only);
      const sandbox = sandboxOf(options);
      // Loaded here, so that every other command starts without the hub.
      const { runHub } = await import('../run-hub.ts');
      await runHub({
        config: { ...config, port },
        parts,
        sandbox,
        terminal: options.json ? inJsonLines(terminal) : terminal,
      });
    });
}

function sandboxOf(options: Options) {
  const seed = whole(options.seed, '--seed');
  const everyMs = whole(options.every, '--every');
  const trades = options.sales === undefined ? null : whole(options.sales, '--sales');
  return options.sandbox ? { seed, everyMs, trades } : null;
}

/** The same terminal for programs: an object a line with the instant, never redrawn. */
function inJsonLines(terminal: Terminal): Terminal {
  const told = (text: string) => {
    for (const line of text.split('\n').filter((each) => each.trim() !== ''))
      terminal.out(`${JSON.stringify({ at: new Date().toISOString(), line: line.trim() })}\n`);
  };
  return { ...terminal, out: told, live: false };
}

function whole(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} "${text}" must be a whole number`);
  return Number(text);
}

/** Reads `--only`; queues are named by the work they carry. */
function partsOf(only: string | undefined): Parts {
  const all = Object.keys(jobs) as JobName[];
  if (only === undefined) return { ingest: true, api: true, workers: all };
  if (only === 'ingest') return { ingest: true, api: false, workers: [] };
  if (only === 'api') return { ingest: false, api: true, workers: [] };
  if (only === 'workers') return { ingest: false, api: false, workers: all };
  const names = /^workers:(.+)$/.exec(only)?.[1]?.split(',') ?? [];
  const unknown = names.find((name) => !(name in jobs));
  if (names.length === 0 || unknown !== undefined) {
    throw new UsageError(
      `--only "${only}" must be ingest, api, workers or workers: followed by some of ${all.join(',')}`,
    );
  }
  return { ingest: false, api: false, workers: names as JobName[] };
}
