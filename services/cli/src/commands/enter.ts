import { formatMinor } from '@daybook/domain';
import { type DocumentReport, enterDocuments } from '@daybook/workers/documents/enter-documents';
import type { EntryPreview } from '@daybook/workers/documents/entry-preview';
import type { Command } from 'commander';
import { companyNamed } from '../database.ts';
import { documentsOf, FILE_HELP } from '../enter-file.ts';
import { readInput } from '../input.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  type?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `daybook enter`: enters invoices, bills, counts, journals and the like from a file, or shows what that would book. */
export function registerEnter(root: Command, terminal: Terminal): void {
  root
    .command('enter')
    .description(
      'enter documents from a JSON or CSV file: invoices, credit notes, bills, goods, counts, journals, bank',
    )
    .argument('<file>', 'file, or - for standard input')
    .requiredOption('--company <slug>', 'whose books')
    .option('--type <type>', 'type of documents that do not say theirs')
    .option('--dry-run', 'show what would be booked or refused, and keep nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', FILE_HELP)
    .action(async (file: string, options: Options) => {
      const documents = documentsOf((await readInput(file, terminal)).toString('utf8'), file, options.type);
      if (documents.length === 0) throw new UsageError('the file holds no document');
      const dryRun = options.dryRun ?? false;
      const { reports, currency } = await withDeps(terminal, async (deps) => {
        const { id, currency: home } = await companyNamed(deps, options.company);
        const way = { dryRun, onProgress: progress(terminal) };
        return { reports: await enterDocuments(id, documents, way, deps), currency: home };
      });
      terminal.out(options.json ? json({ dryRun, documents: reports }) : describe(reports, dryRun, currency));
      if (reports.some(({ outcome }) => outcome === 'refused')) throw new FoundError();
    });
}

const SHOWN_EVERY = 100;

function progress(terminal: Terminal): (done: number, of: number) => void {
  return (done, of) => {
    if (done % SHOWN_EVERY === 0 && of > SHOWN_EVERY) terminal.err(`${done} of ${of} documents\n`);
  };
}

function describe(reports: readonly DocumentReport[], dryRun: boolean, currency: string): string {
  const count = (...outcomes: string[]) => reports.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const taken = count('entered', 'changed', 'waiting');
  const sums = `${taken} ${dryRun ? 'would be entered' : 'entered'}, ${count('exists')} entered before, ${count('refused')} refused`;
  const lines = reports.flatMap((report) => describeOne(report, dryRun ? report.entries : [], currency));
  return `${[...lines, dryRun ? `${sums}. Nothing was kept.` : `${sums}.`].join('\n')}\n`;
}

function describeOne(report: DocumentReport, entries: readonly EntryPreview[], currency: string): string[] {
  const { at, type, number, outcome, code, message } = report;
  const why = message === null ? '' : `: ${code === null ? '' : `${code}: `}${message}`;
  return [
    `${at}  ${type} ${number ?? ''}  ${outcome}${why}`,
    ...entries.flatMap((entry) => describeEntry(entry, currency)),
  ];
}

function describeEntry({ type, date, lines }: EntryPreview, currency: string): string[] {
  return lines.map(({ account, name, debit, credit, taxCode }) => {
    const [side, amount] = debit > 0n ? ['debit', debit] : ['credit', credit];
    return `    ${type} ${date}  ${account} ${name}  ${side} ${currency} ${formatMinor(amount, currency)}${taxCode ? `  ${taxCode}` : ''}`;
  });
}
