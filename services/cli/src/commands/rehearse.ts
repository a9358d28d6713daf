import type { Command } from 'commander';
import { parseExactJson, readInput } from '../input.ts';
import type { Difference } from '../rehearse/compare.ts';
import { type Month, parseMonth } from '../rehearse/month-file.ts';
import type { Outcome } from '../rehearse/run.ts';
import { FoundError, inOneLine, json, type Terminal, UsageError } from '../terminal.ts';

/** `daybook rehearse <month.json>`: takes a month through a throw-away company and compares every report. */
export function registerRehearse(root: Command, terminal: Terminal): void {
  root
    .command('rehearse')
    .description('take a month (daybook.accounting.month/1) through a throw-away company and compare what it expects')
    .argument('<file>', 'the month, or - for standard input')
    .option('--orders <number>', 'further runs with shuffled and doubled deliveries', '1')
    .option('--seed <number>', 'seed of the shuffling', '1')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { orders: string; seed: string; json?: boolean }) => {
      const month = parseMonth(parseExactJson((await readInput(file, terminal)).toString(), file), file);
      const orders = wholeNumber('--orders', options.orders);
      const seed = wholeNumber('--seed', options.seed);
      // Loaded here because it brings the whole hub along, which no other command should wait for.
      const { runRehearsal } = await import('../rehearse/run.ts');
      const outcome = await runRehearsal(month, { orders, seed }, terminal);
      terminal.out(options.json ? json(outcome) : describe(month, outcome));
      if (!outcome.ok)
        throw new FoundError(`daybook: ${outcome.differences.length} differences; the first: ${first(outcome)}`);
    });
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} "${text}" must be a whole number`);
  return Number(text);
}

function describe(month: Month, { ok, differences, contradictions, reports }: Outcome): string {
  const sections = Object.keys(month.expected).map((name) => {
    const own = differences.filter(
      ({ where }) => where === name || where.startsWith(`${name}.`) || where.startsWith(`${name}[`),
    );
    return `  ${own.length === 0 && name in reports ? 'ok ' : 'BAD'}  ${name}`;
  });
  const list = differences.map((each) => `  ${line(each)}`);
  const verdict = ok ? 'No difference.' : `${differences.length} differences:`;
  const doubtful = contradictions.map((each) => `  the file contradicts itself: ${line(each)}`);
  return [month.company.name, ...sections, ...doubtful, verdict, ...list, ''].join('\n');
}

const line = ({ where, expected, found }: Difference) =>
  inOneLine(`${where}: expected ${json(expected).trim()}, found ${json(found).trim()}`);

function first({ differences }: Outcome): string {
  const [one] = differences;
  return one ? line(one).slice(0, 300) : '';
}
