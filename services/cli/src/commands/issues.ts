import type { Command } from 'commander';
import { companyNamed, withDatabase } from '../database.ts';
import { drawTable } from '../table.ts';
import { FoundError, json, type Terminal } from '../terminal.ts';

interface Options {
  company?: string;
  json?: boolean;
}

/** `daybook issues`: what a person has to look at, one row per cause. Exit code 1 when there is any. */
export function registerIssues(root: Command, terminal: Terminal): void {
  root
    .command('issues')
    .description('what a person has to look at, one row per cause, with the work that waits for it')
    .option('--company <slug>', 'only this company')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const issues = await withDatabase(terminal, async (database) => {
        const company = options.company === undefined ? null : await companyNamed(database, options.company);
        return database.sql<IssueRow[]>`
          select m.slug as company, i.code, i.message, i.opened_at as "openedAt",
            (select count(*)::int from todo t where t.company_id = i.company_id and t.held = i.fingerprint) as waiting
          from issues i join companies m on m.id = i.company_id
          where i.state = 'open' ${company ? database.sql`and i.company_id = ${company.id}` : database.sql``}
          order by waiting desc, i.opened_at`;
      });
      terminal.out(options.json ? json({ issues }) : table(issues));
      if (issues.length > 0) throw new FoundError('');
    });
}

interface IssueRow {
  company: string;
  code: string;
  message: string;
  openedAt: Date;
  waiting: number;
}

function table(issues: readonly IssueRow[]): string {
  if (issues.length === 0) return 'No open issues.\n';
  const rows = issues.map((each) => [each.company, each.code, String(each.waiting), wrapped(each.message)]);
  return drawTable(['Company', 'Code', 'Waiting', 'What happened, why, and what to do'], rows, [2]);
}

/** Lines of at most 90 columns. */
function wrapped(text: string): string {
  return text.replace(/(.{1,90})(?:\s+|$)/g, '$1\n').trimEnd();
}
