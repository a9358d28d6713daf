import type { Command } from 'commander';
import { companyNamed } from '../database.ts';
import { type PeriodAction, periodActions } from '../period-actions.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  reason?: string;
  by?: string;
  from?: string;
  to?: string;
  json?: boolean;
}

const HELP = `
Actions:
${Object.entries(periodActions)
  .map(([name, { usage, what }]) => `  ${`${name} ${usage}`.trim().padEnd(34)} ${what}`)
  .join('\n')}

Opening, moving a lock date back, reopening and approving need --reason. Locking asks the check list first; what does not
block is accepted with --reason.
  daybook periods lock 2026-03-31 --company harbour
  daybook periods close 2026 --company harbour`;

/** `daybook periods`: fiscal years, periods, lock dates, closing, late facts, revaluation. */
export function registerPeriods(root: Command, terminal: Terminal): void {
  root
    .command('periods')
    .description('fiscal years, periods and lock dates: look, lock, open, close, reopen, revalue, let late facts in')
    .argument('<action>', `one of: ${Object.keys(periodActions).join(', ')}`)
    .argument('[values...]', 'what the action is about')
    .requiredOption('--company <slug>', 'whose books')
    .option('--reason <text>', 'why: kept with the change')
    .option('--by <name>', 'who does it; the user of this machine without it')
    .option('--from <date>', 'late: first day of booking')
    .option('--to <date>', 'late: last day of booking')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, values: string[], options: Options) => {
      const action = actionNamed(name);
      const { reason, from, to } = options;
      const by = options.by ?? terminal.env.USER ?? 'command line';
      const done = await withDeps(terminal, async (deps) => {
        const company = await companyNamed(deps, options.company);
        const tell = (text: string) => {
          if (terminal.live) terminal.err(`${text}\n`);
        };
        return action.run(values, { company, deps, by, reason, now: deps.clock(), from, to, tell });
      });
      terminal.out(options.json ? json(done.answer) : done.text);
    });
}

function actionNamed(name: string): PeriodAction {
  const action = periodActions[name];
  if (action) return action;
  throw new UsageError(`there is no action "${name}"; there is: ${Object.keys(periodActions).join(', ')}`);
}
