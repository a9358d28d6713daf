import { reverseEntry } from '@daybook/ledger/reversal';
import type { Command } from 'commander';
import { companyNamed, withDatabase } from '../database.ts';
import { json, type Terminal } from '../terminal.ts';

interface Options {
  company: string;
  reason: string;
  date?: string;
  by?: string;
  json?: boolean;
}

const HELP = `
The reversal gets the entry's own date while that is open, else the first open day. An entry is reversed once; reversing
the reversal posts the lines afresh. Documents pushed to connected books stay there: take them out with \`daybook undo\`.
  daybook reverse 2026/12 --company harbour --reason "typed twice"`;

/** `daybook reverse`: takes a journal entry back by a new one with debits and credits turned. */
export function registerReverse(root: Command, terminal: Terminal): void {
  root
    .command('reverse')
    .description('take a journal entry back by a new one with debits and credits turned')
    .argument('<entry>', 'its year and number, such as 2026/12, or its source key')
    .requiredOption('--company <slug>', 'whose books')
    .requiredOption('--reason <text>', 'why: kept with the reversal')
    .option('--date <date>', 'day of the reversal, YYYY-MM-DD')
    .option('--by <name>', 'who does it; the user of this machine without it')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (entry: string, options: Options) => {
      const { reason, date } = options;
      const by = options.by ?? terminal.env.USER ?? 'command line';
      const made = await withDatabase(terminal, async (database) => {
        const company = await companyNamed(database, options.company);
        return reverseEntry(database.sql, company.id, { entry, date }, { by, reason, now: new Date() });
      });
      const { fiscalYear, number, postingDate, reverses } = made;
      const told = `Entry ${reverses.fiscalYear}/${reverses.number} is reversed by ${fiscalYear}/${number} on ${postingDate}.\n`;
      terminal.out(options.json ? json(made) : told);
    });
}
