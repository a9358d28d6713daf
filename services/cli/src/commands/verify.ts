import { verifyCompany } from '@daybook/ledger/verify';
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
      const results = await withDatabase(terminal, async (database) => {
        const companies = await companiesNamed(database, options.company);
        const found = [];
        for (const company of companies) {
          const { checks } = await verifyCompany(database.sql, company.id);
          found.push({ company: company.slug, ok: checks.every((check) => check.ok), checks });
        }
        return found;
      });
      terminal.out(options.json ? json(results) : results.map(section).join('\n'));
      if (results.some((result) => !result.ok)) throw new FoundError('daybook: verify found a difference, see above');
    });
}

interface Section {
  company: string;
  checks: { name: string; ok: boolean; rows: bigint | number; firstBad?: string | undefined }[];
}

function section({ company, checks }: Section): string {
  const lines = checks.map(
    (check) =>
      `  ${check.ok ? 'ok ' : 'BAD'}  ${check.name} (${check.rows} rows)${check.firstBad === undefined ? '' : `: ${check.firstBad}`}`,
  );
  return [company, ...lines, ''].join('\n');
}
