import { ConfigError } from '@daybook/platform/config';
import { Command, CommanderError } from 'commander';
import { registerAllocate } from './commands/allocate.ts';
import { registerBackfill } from './commands/backfill.ts';
import { registerBank } from './commands/bank.ts';
import { registerBench } from './commands/bench.ts';
import { registerCashBook } from './commands/cash-book.ts';
import { registerCoverage } from './commands/coverage.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrift } from './commands/drift.ts';
import { registerEnter } from './commands/enter.ts';
import { registerExport } from './commands/export.ts';
import { registerInventory } from './commands/inventory.ts';
import { registerIssues } from './commands/issues.ts';
import { registerNormalize } from './commands/normalize.ts';
import { registerPeriods } from './commands/periods.ts';
import { registerPreview } from './commands/preview.ts';
import { registerRebuild } from './commands/rebuild.ts';
import { registerRehearse } from './commands/rehearse.ts';
import { registerReminders } from './commands/reminders.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import { registerReverse } from './commands/reverse.ts';
import { registerStart } from './commands/start.ts';
import { registerStatus } from './commands/status.ts';
import { registerTax } from './commands/tax.ts';
import { registerUndo } from './commands/undo.ts';
import { registerVerify } from './commands/verify.ts';
import { FoundError, inOneLine, type Terminal, UsageError, wordsOf } from './terminal.ts';

const REGISTER = [
  registerStart,
  registerNormalize,
  registerPreview,
  registerStatus,
  registerRehearse,
  registerReport,
  registerExport,
  registerTax,
  registerEnter,
  registerCashBook,
  registerBank,
  registerAllocate,
  registerReminders,
  registerIssues,
  registerInventory,
  registerReplay,
  registerVerify,
  registerRebuild,
  registerPeriods,
  registerReverse,
  registerCoverage,
  registerBackfill,
  registerUndo,
  registerDrift,
  registerDoctor,
  registerBench,
];

const EXIT_CODES = `
Exit codes: 0 good, 1 a difference or failure was found, 2 wrong usage or input.
Settings come from the environment and from a file .env in the working directory; docs/configuration.md lists them.`;

/** Runs one command line; answers the exit code: 0 good, 1 found a difference or failure, 2 wrong usage or input. */
export async function program(args: string[], terminal: Terminal): Promise<number> {
  // `pnpm daybook -- status` passes the dashes on.
  const given = args[0] === '--' ? args.slice(1) : args;
  const root = commands(terminal);
  try {
    await root.parseAsync(given, { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) return exitCode(error, terminal);
    const named = root.commands.find((command) => given.includes(command.name()))?.name();
    return commanderCode(error, terminal, named);
  }
}

function commands(terminal: Terminal): Command {
  const root = new Command('daybook')
    .description('Sales channels in, double-entry books out: every sale once, to the cent, with proof.')
    .addHelpText('after', EXIT_CODES);
  for (const register of REGISTER) register(root, terminal);
  for (const command of [root, ...root.commands]) {
    // What commander has to complain about is told by exitCode, in one line.
    command
      .exitOverride()
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => undefined });
  }
  return root;
}

function exitCode(error: unknown, terminal: Terminal): number {
  if (error instanceof FoundError) {
    if (error.message !== '') terminal.err(`${error.message}\n`);
    return 1;
  }
  if (error instanceof ConfigError) {
    terminal.err(`daybook: configuration: ${error.problems.join('; ')}; docs/configuration.md lists every setting\n`);
    return 2;
  }
  terminal.err(`daybook: ${error instanceof UsageError ? inOneLine(error.message) : wordsOf(error)}\n`);
  return error instanceof UsageError ? 2 : 1;
}

/** Help that was asked for is good; everything else becomes one line that says how to get help. */
function commanderCode(error: CommanderError, terminal: Terminal, command: string | undefined): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') return 2;
  const said = inOneLine(error.message)
    .replace(/^error: /, '')
    .replace(/\s*\(Did you mean (.+)\?\)$/, '; did you mean $1?');
  const help = `\`daybook ${command === undefined ? '' : `${command} `}--help\` shows how`;
  terminal.err(`daybook: ${said}${said.endsWith('?') ? '' : ';'} ${help}\n`);
  return 2;
}
