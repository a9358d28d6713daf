import { formatMinor } from '@daybook/domain';
import type { Config } from '@daybook/platform/config';
import { openDatabase } from '@daybook/platform/db';
import { findRunning } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { openQueues, type QueueDepth } from '@daybook/platform/queue';
import type { Command } from 'commander';
import { type CompanyStatus, companyStatus, type Owed, workOwed } from '../company-status.ts';
import { configOf } from '../config.ts';
import { companiesNamed, missingMigrations, notPrepared } from '../database.ts';
import { COMMAND_CONNECTION } from '../embedded-use.ts';
import { FoundError, json, type Terminal, UsageError, wordsOf } from '../terminal.ts';

interface Status {
  /** Whether the database answers. */
  running: boolean;
  /** Why there are no figures; null when there are. */
  problem: string | null;
  companies: (CompanyStatus & { owed: Owed[] })[];
  /** Jobs per queue; null when the queue does not answer. Work owed is counted per company, it outlives the queue. */
  queues: Record<string, QueueDepth> | null;
}

/** `daybook status`: what every company has received, posted and pushed, what is owed, and how deep the queues are. */
export function registerStatus(root: Command, terminal: Terminal): void {
  root
    .command('status')
    .description('per company: deliveries, events, entries, documents, issues, trial balance difference; queue depth')
    .option('--company <slug>', 'only this company')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nCounts are by state (docs/architecture.md); trialBalanceDifference is in minor units and must be 0.\n' +
        'Exit code 1 when the database is not running, or debits and credits of a company differ.',
    )
    .action(async (options: { company?: string; json?: boolean }) => {
      const status = await readStatus(configOf(terminal), options.company);
      terminal.out(options.json ? json(status) : table(status));
      if (status.problem !== null) throw new FoundError(`daybook: ${status.problem}`);
      const wrong = status.companies.find((each) => each.trialBalanceDifference !== 0n);
      if (wrong) throw new FoundError(`daybook: the trial balance of ${wrong.company} differs, see above`);
    });
}

async function readStatus(config: Config, company: string | undefined): Promise<Status> {
  const url = config.databaseUrl ?? (await findRunning(config.dataDir))?.url;
  if (url === undefined)
    return unknown(`the embedded database in ${config.dataDir} is not running; \`npm start\` starts the hub with it`);
  const database = openDatabase(url, { max: 2, name: `${COMMAND_CONNECTION}-status` });
  try {
    const missing = await missingMigrations(database, url);
    if (missing > 0) return unknown(notPrepared(missing, url));
    const companies: Status['companies'] = [];
    for (const each of await companiesNamed(database, company)) {
      const owed = await workOwed(database.sql, each.id, new Date());
      companies.push({ ...(await companyStatus(database.sql, each)), owed });
    }
    return { running: true, problem: null, companies, queues: await depths(url, config) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return unknown(wordsOf(error));
  } finally {
    await database.close();
  }
}

function unknown(problem: string): Status {
  return { running: false, problem: problem.replace(/^daybook: /, ''), companies: [], queues: null };
}

/** Jobs that wait, run or are put off; null while the queue's own server is away, which loses no work. */
async function depths(url: string, config: Config): Promise<Status['queues']> {
  try {
    const queues = await openQueues({
      databaseUrl: url,
      redisUrl: config.redisUrl,
      prefix: config.queuePrefix,
      log: silentLog,
    });
    try {
      return await queues.depth();
    } finally {
      await queues.close();
    }
  } catch {
    return null;
  }
}

function table(status: Status): string {
  if (status.problem !== null) return '';
  if (status.companies.length === 0) return 'No companies yet.\n';
  const queues = Object.entries(status.queues ?? {}).map(([name, depth]) => {
    const age = depth.oldestAgeMs === null ? '' : `, oldest ${seconds(depth.oldestAgeMs)}`;
    return `queue ${name}: ${depth.waiting} waiting, ${depth.active} active, ${depth.delayed} delayed${age}`;
  });
  if (status.queues === null) queues.push('queue: does not answer; work owed is done once it is back');
  return `${[...status.companies.map(section), ...queues].join('\n')}\n`;
}

function section(each: Status['companies'][number]): string {
  const owed = each.owed.map(({ stage, due, later, held, oldestAgeMs }) => {
    const age = oldestAgeMs === null ? '' : `, oldest ${seconds(oldestAgeMs)}`;
    return `${stage} ${due} due${age}, ${later} later, ${held} held`;
  });
  return [
    `${each.company} (${each.currency})`,
    `  deliveries  ${counts(each.deliveries)}`,
    `  events      ${counts(each.events)}`,
    `  entries     ${each.entries}`,
    `  documents   ${counts(each.documents)}`,
    `  issues      ${each.issues}`,
    `  owed        ${owed.join(' · ') || 'nothing'}`,
    `  trial balance difference ${formatMinor(each.trialBalanceDifference, each.currency)}`,
    '',
  ].join('\n');
}

function counts(states: Record<string, number>): string {
  const shown = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return shown.join(', ') || '0';
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
