import { type Finding, verifyCompany } from '@daybook/ledger/verify';
import type { Command } from 'commander';
import { companiesNamed, withDatabase } from '../database.ts';
import { FoundError, json, type Terminal } from '../terminal.ts';

/** `daybook verify`: checks every invariant of the ledger and names the first bad row. */
export function registerVerify(root: Command, terminal: Terminal): void {
  root
    .command('verify')
    .description('check every invariant: balance, gap-free numbers, hash chain, documents, work owed')
    .option('--company <slug>', 'only this company')
    .option('--json', 'print JSON')
    .action(async (options: { company?: string; json?: boolean }) => {
      const companies = await verifyAll(options.company, terminal);
      const ok = companies.every((each) => each.ok);
      terminal.out(options.json ? json({ ok, companies }) : describe(companies));
      if (!ok) throw new FoundError(firstDifference(companies));
    });
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
