import { connectorById } from '@daybook/connectors/registry';
import { coverage } from '@daybook/workers/coverage';
import type { Command } from 'commander';
import { withDatabase } from '../database.ts';
import { drawTable } from '../table.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  days: string;
  json?: boolean;
}

const HOUR = 13;

/** `daybook coverage`: who told of what happened, hour by hour, and which gaps in the webhooks healed. */
export function registerCoverage(root: Command, terminal: Terminal): void {
  root
    .command('coverage')
    .description('per hour: facts told by webhook, by polling, by both, and gaps that polling healed')
    .argument('<connection>', 'id of the channel, as `GET /api/v1/connections` lists it')
    .option('--days <count>', 'how many days back', '7')
    .option('--json', 'print JSON')
    .action(async (connectionId: string, options: Options) => {
      if (!/^[1-9]\d{0,2}$/.test(options.days)) throw new UsageError(`"${options.days}" is not a number of days`);
      const to = new Date();
      const from = new Date(to.getTime() - Number.parseInt(options.days, 10) * 24 * 60 * 60_000);
      const hours = await withDatabase(terminal, async ({ sql }) => {
        const [connection] = await sql<{ id: string; connector: string }[]>`
          select id, connector from connections where id::text = ${connectionId} and kind = 'sales'`;
        if (!connection) throw new UsageError(`there is no sales channel with the connection id "${connectionId}"`);
        const connector = connectorById(connection.connector);
        const polledOnly = connector?.kind === 'sales' ? (connector.polledOnly ?? []) : [];
        return coverage(sql, { connectionId, from, to, polledOnly });
      });
      const rows = hours.map(({ hour, both, webhookOnly, healed, polled }) => [
        hour.toISOString().slice(0, HOUR).replace('T', ' '),
        ...[both, webhookOnly, healed, polled].map(String),
      ]);
      const head = ['Hour (UTC)', 'Both', 'Webhook only', 'Gap, healed', 'Only polled'];
      terminal.out(options.json ? json({ hours }) : drawTable(head, rows, [1, 2, 3, 4]));
    });
}
