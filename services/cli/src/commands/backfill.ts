import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { silentLog } from '@daybook/platform/logger';
import { openQueues } from '@daybook/platform/queue';
import { ensureKeyFile, openSealer } from '@daybook/platform/secrets';
import { backfill } from '@daybook/workers/poll';
import type { Command } from 'commander';
import { withDatabase } from '../database.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  from: string;
  to?: string;
  json?: boolean;
}

const HELP = `
Safe to repeat over any range and beside live traffic: what is known already is the same fact and changes nothing. What is
new is booked by the hub, at once or when it next runs. Shops of the sandbox live inside the hub and cannot be read from here.`;

/** `daybook backfill`: reads a range of a channel again, for what never came by webhook. */
export function registerBackfill(root: Command, terminal: Terminal): void {
  root
    .command('backfill')
    .description('import what a channel changed in a range, under the same rules as live traffic')
    .argument('<connection>', 'id of the connection, as `GET /api/v1/connections` lists it')
    .requiredOption('--from <date>', 'first day, YYYY-MM-DD')
    .option('--to <date>', 'last day, YYYY-MM-DD; now without it')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (connectionId: string, options: Options) => {
      const range = {
        from: instantOf(options.from, 'T00:00:00Z'),
        to: options.to ? instantOf(options.to, 'T23:59:59Z') : now(),
      };
      const { stored } = await read(connectionId, range, terminal);
      terminal.out(
        options.json
          ? json({ connection: connectionId, ...range, stored })
          : `${stored} new deliveries are in the inbox.\n`,
      );
    });
}

const now = () => new Date().toISOString();

function instantOf(day: string, time: string): string {
  const instant = new Date(`${day}${time}`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(instant.getTime())) {
    throw new UsageError(`"${day}" is not a date; write YYYY-MM-DD`);
  }
  return instant.toISOString();
}

async function read(connectionId: string, range: { from: string; to: string }, terminal: Terminal) {
  return withDatabase(terminal, async (database, config) => {
    await mustBeChannel(database.sql, connectionId);
    const queues = await openQueues({
      databaseUrl: database.url,
      redisUrl: config.redisUrl,
      prefix: config.queuePrefix,
      log: silentLog,
    });
    try {
      const { assembleHub } = await import('../hub.ts');
      const hub = assembleHub({
        config,
        database,
        queues,
        log: silentLog,
        apiKey: null,
        sealer: openSealer(config.encryptionKeys ?? (await ensureKeyFile(config.dataDir))),
        apps: config.apps,
        hosts: config.hosts,
        publicUrl: () => config.publicUrl ?? '',
      });
      const onPage = (stored: number) => {
        if (terminal.live) terminal.err(`\r${stored} new so far …`);
      };
      return await backfill({ connectionId, ...range, onPage }, hub.deps);
    } catch (error) {
      if (error instanceof ConnectorError) throw new FoundError(`daybook: ${error.message} [${error.code}]`);
      throw error;
    } finally {
      await queues.close();
    }
  });
}

async function mustBeChannel(sql: Parameters<Parameters<typeof withDatabase>[1]>[0]['sql'], id: string): Promise<void> {
  const [row] = await sql`select 1 from connections where id::text = ${id} and kind = 'sales'`;
  if (!row) throw new UsageError(`there is no sales channel with the connection id "${id}"`);
}
