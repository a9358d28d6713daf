import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DATEV_SETTINGS, putDatevSettings } from '@daybook/ledger/exports/datev/settings';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportRun,
  exportedBytes,
  exportNumbered,
  makeExport,
} from '@daybook/ledger/exports/runs';
import type { Queryable } from '@daybook/platform/db';
import type { Command } from 'commander';
import { type CommandDatabase, companyNamed, withDatabase } from '../database.ts';
import { checkDates } from '../dates.ts';
import { type Terminal, UsageError } from '../terminal.ts';

interface Options {
  company: string;
  from?: string;
  to?: string;
  output: string;
  all?: boolean;
  new?: boolean;
  run?: string;
  set: string[];
}

const HELP = `
Settings of datev, given once with --set and kept with the company:
${DATEV_SETTINGS.map((each) => `  ${each}`).join('\n')}
  daybook export hledger --company harbour --from 2026-01-01 --to 2026-12-31 -o harbour.journal
  daybook export datev --company laden --from 2026-03-01 --to 2026-03-31 -o steuerberater/ \\
    --set consultant=29098 --set client=55003 --set chart=03
  daybook export datev --company laden --run 3 -o again/     the files of an earlier export, byte for byte`;

/** `daybook export`: the journal as files for other programs (docs/exports.md). */
export function registerExport(root: Command, terminal: Terminal): void {
  root
    .command('export')
    .description('write the journal for hledger, beancount, spreadsheets or the tax adviser')
    .argument('<format>', `one of: ${EXPORT_FORMATS.join(', ')}`)
    .requiredOption('--company <slug>', 'whose journal')
    .option('--from <date>', 'first day, YYYY-MM-DD')
    .option('--to <date>', 'last day, YYYY-MM-DD')
    .requiredOption('-o, --output <path>', 'file or folder to write; a folder for datev')
    .option('--all', 'all entries of the days, whatever was exported before')
    .option('--new', 'only entries that no export of the format has told; datev does so by itself')
    .option('--run <number>', 'write the files of an earlier export again')
    .option('--set <name=value>', 'keep a setting of datev; may be repeated', collect, [])
    .addHelpText('after', HELP)
    .action(async (format: string, options: Options) => {
      const asked = { ...check(format, options), ...options };
      await withDatabase(terminal, async (database) => {
        const company = await companyNamed(database, options.company);
        if (asked.set.length > 0) await putDatevSettings(database.sql, company.id, asked.settings);
        const { run, isNew } = await runOf(database, company.id, asked, terminal);
        if (terminal.live) terminal.err('\r\u001b[K');
        const paths = await writeFiles(database.sql, { companyId: company.id, run, output: options.output });
        terminal.out(told(run, isNew, paths));
      });
    });
}

interface Asked extends Options {
  format: ExportFormat;
  settings: Record<string, string>;
}

function check(given: string, options: Options): Pick<Asked, 'format' | 'settings'> {
  const format = EXPORT_FORMATS.find((each) => each === given);
  if (!format) throw new UsageError(`there is no export "${given}"; there is: ${EXPORT_FORMATS.join(', ')}`);
  checkDates(options);
  if (options.all && options.new) throw new UsageError('--all and --new contradict each other; give one of them');
  const isRun = options.run !== undefined;
  if (isRun && !/^[1-9]\d{0,8}$/.test(options.run ?? ''))
    throw new UsageError(`--run "${options.run}" is not the number of an export, such as 3`);
  if (!isRun && (options.from === undefined || options.to === undefined))
    throw new UsageError('say which days: --from and --to, or --run for an earlier export');
  const settings = options.set.map((each): [string, string] => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(each) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`--set "${each}" is not name=value`);
    return [name, value];
  });
  return { format, settings: Object.fromEntries(settings) };
}

async function runOf(
  { sql }: CommandDatabase,
  companyId: string,
  { format, from, to, all, new: onlyNew, run }: Asked,
  terminal: Terminal,
): Promise<{ run: ExportRun; isNew: boolean }> {
  if (run !== undefined)
    return { run: await exportNumbered(sql, companyId, format, Number.parseInt(run, 10)), isNew: false };
  const scope = all ? 'all' : onlyNew ? 'new' : undefined;
  const progress = (done: number, of: number) => {
    if (terminal.live) terminal.err(`\r\u001b[K${done} of ${of} entries …`);
  };
  const request = { format, from: from ?? '', to: to ?? '', scope } as const;
  return makeExport(sql, companyId, request, { now: new Date(), by: 'command line', progress });
}

interface Writing {
  companyId: string;
  run: ExportRun;
  output: string;
}

/** Writes each file under another name first, so that a broken off one is never taken for whole. */
async function writeFiles(sql: Queryable, { companyId, run, output }: Writing): Promise<string[]> {
  const isFolder =
    run.files.length > 1 || run.format === 'datev' || output.endsWith('/') || (await isDirectory(output));
  if (isFolder) await mkdir(output, { recursive: true });
  const paths = run.files.map(({ name }) => (isFolder ? join(output, name) : output));
  for (const [index, { name }] of run.files.entries()) {
    const path = paths[index] as string;
    const draft = `${path}.part`;
    try {
      const file = await open(draft, 'w');
      try {
        for await (const bytes of exportedBytes(sql, companyId, run, name)) await file.write(bytes);
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
  return paths;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function told({ format, number, entries, from, to }: ExportRun, isNew: boolean, paths: readonly string[]): string {
  const head = `${format} export ${number}: ${entries} entries of ${from} to ${to}${isNew ? '' : ', as exported before'}\n`;
  return head + paths.map((path) => `  ${path}\n`).join('');
}

function collect(value: string, all: string[]): string[] {
  return [...all, value];
}
