import { DomainError } from '@daybook/domain';
import { ConfigError } from '@daybook/platform/config';
import { Command, CommanderError } from 'commander';
import { registerBench } from './commands/bench.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerNormalize } from './commands/normalize.ts';
import { registerPreview } from './commands/preview.ts';
import { registerReplay } from './commands/replay.ts';
import { registerReport } from './commands/report.ts';
import { registerStart } from './commands/start.ts';
import { registerStatus } from './commands/status.ts';
import { registerVerify } from './commands/verify.ts';
import { FoundError, type Terminal, UsageError } from './terminal.ts';

const REGISTER = [
  registerStart,
  registerNormalize,
  registerPreview,
  registerStatus,
  registerReport,
  registerReplay,
  registerVerify,
  registerDoctor,
  registerBench,
];

/** Runs one command line; answers the exit code: 0 good, 1 found a difference or failure, 2 wrong usage or input. */
export async function program(args: string[], terminal: Terminal): Promise<number> {
  const root = new Command('daybook')
    .description('Sales channels in, double-entry books out: every sale once, to the cent, with proof.')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .exitOverride();
  for (const register of REGISTER) register(root, terminal);
  for (const command of root.commands)
    command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  try {
    // `pnpm daybook -- status` passes the dashes on.
    await root.parseAsync(args[0] === '--' ? args.slice(1) : args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCode(error, terminal);
  }
}

function exitCode(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof FoundError) {
    if (error.message !== '') terminal.err(`${error.message}\n`);
    return 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  terminal.err(`daybook: ${message}\n`);
  return error instanceof UsageError || error instanceof DomainError || error instanceof ConfigError ? 2 : 1;
}
