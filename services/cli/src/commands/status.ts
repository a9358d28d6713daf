import { loadConfig } from '@daybook/platform/config';
import { type Database, openDatabase } from '@daybook/platform/db';
import { findRunning } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { openQueues, type QueueDepth } from '@daybook/platform/queue';
import type { Command } from 'commander';
import { type CompanyStatus, companyStatus } from '../company-status.ts';
import { companiesNamed } from '../database.ts';
import { FoundError, json, type Terminal } from '../terminal.ts';

interface Status {
  running: boolean;
  companies: CompanyStatus[];
  queues: Record<string, QueueDepth> | null;
}

/** `daybook status`: what every company has received, posted and pushed, and how deep the queues are. */
export function registerStatus(root: Command, terminal: Terminal): void {
  root
    .command('status')
    .description('per company: deliveries, events, entries, documents, issues, trial balance difference; queue depth')
    .option('--company <slug>', 'only this company')
    .option('--json', 'print JSON')
    .action(async (options: { company?: string; json?: boolean }) => {
      const status = await readStatus(terminal, options.company);
      terminal.out(options.json ? json(status) : table(status));
      if (!status.running)
        throw new FoundError('daybook: the database is not running; `npm start` starts the hub with it');
    });
}

async function readStatus(terminal: Terminal, company: string | undefined): Promise<Status> {
  const config = loadConfig(terminal.env);
  const url = config.databaseUrl ?? (await findRunning(config.dataDir))?.url;
  if (url === undefined) return { running: false, companies: [], queues: null };
  const database = openDatabase(url, { max: 2, name: 'daybook-status' });
  try {
    const companies = await companiesNamed(database, company);
    const statuses = [];
    for (const each of companies) statuses.push(await companyStatus(database.sql, each));
    return { running: true, companies: statuses, queues: await depths(database, url, config) };
  } finally {
    await database.close();
  }
}

async function depths(
  _database: Database,
  url: string,
  config: { redisUrl?: string | undefined; queuePrefix: string },
) {
  const queues = await openQueues({
    databaseUrl: url,
    redisUrl: config.redisUrl,
    prefix: config.queuePrefix,
    log: silentLog,
  });
  try {
    return await queues.depth();
  } catch {
    return null;
  } finally {
    await queues.close();
  }
}

function table(status: Status): string {
  if (status.companies.length === 0) return status.running ? 'No companies yet.\n' : '';
  const counts = (each: Record<string, number>) =>
    Object.entries(each)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ') || '0';
  return status.companies
    .map((each) =>
      [
        `${each.company} (${each.currency})`,
        `  deliveries  ${counts(each.deliveries)}`,
        `  events      ${counts(each.events)}`,
        `  entries     ${each.entries}`,
        `  documents   ${counts(each.documents)}`,
        `  issues      ${each.issues}`,
        `  trial balance difference ${each.trialBalanceDifference}`,
      ].join('\n'),
    )
    .concat(
      Object.entries(status.queues ?? {}).map(
        ([name, depth]) => `queue ${name}: ${depth.waiting} waiting, ${depth.active} active, ${depth.delayed} delayed`,
      ),
    )
    .join('\n')
    .concat('\n');
}
