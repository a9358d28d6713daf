import { formatMinor } from '@daybook/domain';
import { type Finding, rebuildSums, type TieOut, tieOuts, verifyCompany } from '@daybook/ledger/verify';
import type { Tx } from '@daybook/platform/db';
import type { Command } from 'commander';
import { companiesNamed, withDatabase } from '../database.ts';
import { drawTable } from '../table.ts';
import { FoundError, json, type Terminal } from '../terminal.ts';

/** `daybook verify`: checks every invariant of the ledger and names the first bad row. */
export function registerVerify(root: Command, terminal: Terminal): void {
  root
    .command('verify')
    .description('check every invariant: balance, gap-free numbers, hash chain, documents, work owed')
    .option('--company <slug>', 'only this company')
    .option('--tie-outs', 'list what reports are compared by, with both figures')
    .option('--rebuild', 'first make the sums that reports read anew from the lines')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      if (options.rebuild) await rebuild(options.company, terminal);
      if (options.tieOuts) return listTieOuts(options, terminal);
      const companies = await verifyAll(options.company, terminal);
      const ok = companies.every((each) => each.ok);
      terminal.out(options.json ? json({ ok, companies }) : describe(companies));
      if (!ok) throw new FoundError(firstDifference(companies));
    });
}

interface Options {
  company?: string;
  tieOuts?: boolean;
  rebuild?: boolean;
  json?: boolean;
}

function rebuild(slug: string | undefined, terminal: Terminal): Promise<void> {
  return withDatabase(terminal, async (database) => {
    for (const company of await companiesNamed(database, slug)) {
      const rows = await database.sql.begin((tx) => rebuildSums(tx, company.id));
      terminal.err(`${company.slug}: ${rows} sums of days made from the lines\n`);
    }
  });
}

interface Listed {
  company: string;
  currency: string;
  tieOuts: TieOut[];
}

/** Lists the comparisons of reports; throws FoundError when one does not hold that has to. */
async function listTieOuts(options: Options, terminal: Terminal): Promise<void> {
  const companies = await withDatabase(terminal, async (database) => {
    const found: Listed[] = [];
    for (const { id, slug, currency } of await companiesNamed(database, options.company)) {
      const compared = await database.sql.begin('isolation level repeatable read read only', (tx: Tx) =>
        tieOuts(tx, id),
      );
      found.push({ company: slug, currency, tieOuts: compared });
    }
    return found;
  });
  terminal.out(options.json ? json({ companies }) : companies.map(tieOutTable).join('\n'));
  const bad = companies.flatMap(({ company, tieOuts: compared }) =>
    compared.filter((each) => !each.ok && !each.explainable).map(({ id, day }) => `${company} ${id} on ${day}`),
  );
  if (bad.length > 0) throw new FoundError(`daybook: reports do not tie out: ${bad.join(', ')}`);
}

function tieOutTable({ company, currency, tieOuts: compared }: Listed): string {
  const show = (minor: bigint, id: string, what: string) =>
    id === 'T3' && what.includes('number') ? String(minor) : formatMinor(minor, currency);
  const rows = compared.map(({ id, day, what, left, right, ok, explainable }) => [
    ...[ok ? 'ok' : explainable ? 'explain' : 'BAD', id, day, what, show(left, id, what), show(right, id, what)],
  ]);
  return `${company}, in ${currency}\n${drawTable(['', '', 'Day', 'What', 'One', 'Other'], rows, [4, 5])}`;
}

interface Verified {
  company: string;
  ok: boolean;
  checks: Finding[];
}

function verifyAll(slug: string | undefined, terminal: Terminal): Promise<Verified[]> {
  return withDatabase(terminal, async (database) => {
    const found: Verified[] = [];
    for (const company of await companiesNamed(database, slug)) {
      const { checks } = await verifyCompany(database.sql, company.id, progress(company.slug, terminal));
      found.push({ company: company.slug, ok: checks.every((check) => check.ok), checks });
    }
    if (terminal.live) terminal.err('\r\u001b[K');
    return found;
  });
}

/** One line on stderr, redrawn, for a person who waits; nothing for a program. */
function progress(company: string, terminal: Terminal) {
  return (check: string, done: number, of: number) => {
    if (terminal.live) terminal.err(`\r\u001b[K${company}: ${done + 1} of ${of}: ${check} …`);
  };
}

function describe(companies: Verified[]): string {
  if (companies.length === 0) return 'No companies yet: nothing to verify.\n';
  return companies.map(section).join('\n');
}

function section({ company, checks }: Verified): string {
  const lines = checks.map(({ ok, name, rows, firstBad }) => {
    const bad = firstBad === undefined ? '' : `: ${firstBad}`;
    return `  ${ok ? 'ok ' : 'BAD'}  ${name} (${rows} rows)${bad}`;
  });
  return [company, ...lines, ''].join('\n');
}

function firstDifference(companies: Verified[]): string {
  const bad = companies.flatMap(({ company, checks }) =>
    checks.filter(({ ok }) => !ok).map((each) => ({ company, ...each })),
  );
  const [first] = bad;
  const others = bad.length > 1 ? `; ${bad.length - 1} more checks failed` : '';
  return `daybook: ${first?.company} does not hold: ${first?.name}: ${first?.firstBad ?? 'see above'}${others}`;
}
