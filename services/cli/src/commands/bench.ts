import { loadConfig } from '@daybook/platform/config';
import { type Command, Option } from 'commander';
import { printed } from '../bench/print.ts';
import type { BenchResult } from '../bench/run.ts';
import { FULL, PARTS, type Part, QUICK } from '../bench/sizes.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  quick?: boolean;
  json?: boolean;
  seed: string;
  only?: string;
}

/** `daybook bench`: what the parts cost here, as ratios to floors measured in the same run. */
export function registerBench(root: Command, terminal: Terminal): void {
  root
    .command('bench')
    .description('measure intake, posting, the whole path and a report on a throw-away database, against simple floors')
    .option('--quick', 'at most 90 seconds instead of some six minutes')
    .addOption(new Option('--only <parts>', `some of ${PARTS.join(',')}`))
    .addOption(new Option('--seed <seed>', 'seed of the generated payload and amounts').default('1'))
    .option('--json', 'print JSON with every round')
    .addHelpText(
      'after',
      '\nWorks on a database of its own on the server of DATABASE_URL, else on an embedded server in a temporary folder;\n' +
        'both are removed afterwards. The server keeps its settings. Ctrl-C cleans up; after kill -9 a database called\n' +
        'daybook_bench_… may be left over and can be dropped.',
    )
    .action(async (options: Options) => {
      const result = await measure(options, terminal);
      terminal.out(options.json ? json(result) : printed(result));
      const bad = result.checks.filter((check) => !check.ok);
      if (bad.length > 0)
        throw new FoundError(`daybook: wrong after the load: ${bad.map(({ what }) => what).join('; ')}`);
    });
}

async function measure(options: Options, terminal: Terminal): Promise<BenchResult> {
  if (!/^\d{1,9}$/.test(options.seed)) throw new UsageError(`--seed "${options.seed}" must be a whole number`);
  const parts = partsOf(options.only);
  const { databaseUrl } = loadConfig(terminal.env);
  const stopped = new AbortController();
  const stop = () => {
    if (stopped.signal.aborted) process.exit(130);
    terminal.err('\nStopping and removing the database …\n');
    stopped.abort(new FoundError('daybook: bench was stopped; nothing is left behind'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const progress = showProgress(terminal);
  try {
    // Loaded here because it brings the whole hub along, which no other command should wait for.
    const { runBench } = await import('../bench/run.ts');
    const size = options.quick ? QUICK : FULL;
    const tell = progress.tell;
    return await runBench({ databaseUrl, size, seed: Number(options.seed), parts, tell, signal: stopped.signal });
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function partsOf(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const named = only.split(',');
  const unknown = named.find((name) => !PARTS.includes(name as Part));
  if (unknown !== undefined) throw new UsageError(`--only "${unknown}" must be some of ${PARTS.join(',')}`);
  return named as Part[];
}

/** What is under way, on stderr so that --json stays clean: a line redrawn for a person, else a line per part. */
function showProgress(terminal: Terminal) {
  const started = performance.now();
  const time = () => `[${((performance.now() - started) / 1000).toFixed(0).padStart(3)} s]`;
  let part = '';
  return {
    tell(line: string) {
      if (terminal.live) return terminal.err(`\r\u001b[K${time()} ${line}`);
      const [next = ''] = line.split(', ');
      if (next !== part) terminal.err(`${time()} ${next}\n`);
      part = next;
    },
    end: () => {
      if (terminal.live) terminal.err('\r\u001b[K');
    },
  };
}
