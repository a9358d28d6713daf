import type { Config } from '@daybook/platform/config';
import { silentLog } from '@daybook/platform/logger';
import { openQueues } from '@daybook/platform/queue';
import { planReplay, type ReplayPlan, replay } from '@daybook/workers/replay';
import type { Command } from 'commander';
import { type CommandDatabase, companiesNamed, withDatabase } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  event?: string;
  delivery?: string;
  document?: string;
  failed?: boolean;
  filter: string[];
  company?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `daybook replay`: does failed work again. Prints the plan first; an empty filter is refused. */
export function registerReplay(root: Command, terminal: Terminal): void {
  root
    .command('replay')
    .description('do failed work again: what is booked or pushed already stays once')
    .option('--event <id>', 'this event')
    .option('--delivery <id>', 'this delivery, from its raw bytes on')
    .option('--document <id>', 'this document')
    .option('--failed', 'everything that failed, waits for a person or was refused')
    .option(
      '--filter <code=CODE>',
      'only failures with this code',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--company <slug>', 'only this company')
    .option('--dry-run', 'print the plan, change nothing')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const plan = await withDatabase(terminal, (database, config) => run(database, config, options));
      terminal.out(options.json ? json(plan) : describePlan(plan, options.dryRun === true));
    });
}

async function run(database: CommandDatabase, config: Config, options: Options): Promise<ReplayPlan> {
  const chosen = options.event ?? options.delivery ?? options.document;
  const code = codeOf(options.filter);
  if (chosen === undefined && !options.failed && code === undefined) {
    throw new UsageError(
      'say what to replay: --event, --delivery, --document, --failed or --filter code=…; an empty filter is not everything',
    );
  }
  const [company] = options.company === undefined ? [] : await companiesNamed(database, options.company);
  const plan = await planReplay(database.sql, {
    companyId: company?.id,
    eventId: idOf(options.event),
    deliveryId: idOf(options.delivery),
    documentId: idOf(options.document),
    failed: options.failed === true || code !== undefined,
    code,
  });
  if (options.dryRun) return plan;
  const queues = await openQueues({
    databaseUrl: database.url,
    redisUrl: config.redisUrl,
    prefix: config.queuePrefix,
    log: silentLog,
  });
  try {
    await replay({ sql: database.sql, queues, log: silentLog, clock: () => new Date() }, plan);
  } finally {
    await queues.close();
  }
  return plan;
}

function codeOf(filters: string[]): string | undefined {
  for (const filter of filters) {
    const match = /^code=([A-Z_]+)$/.exec(filter);
    if (!match) throw new UsageError(`--filter "${filter}" must look like code=MAPPING_MISSING`);
    return match[1];
  }
  return undefined;
}

function idOf(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,18}$/.test(text)) throw new UsageError(`"${text}" is not an id; ids are whole numbers`);
  return BigInt(text);
}

function describePlan(plan: ReplayPlan, dryRun: boolean): string {
  const what = `${plan.deliveries.length} deliveries, ${plan.events.length} events, ${plan.documents.length} documents`;
  return dryRun ? `Would replay ${what}.\n` : `Replaying ${what}. \`daybook status\` shows how it goes.\n`;
}
