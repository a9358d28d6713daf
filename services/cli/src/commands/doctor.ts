import { connectorById } from '@daybook/connectors/registry';
import { ConfigError, loadConfig } from '@daybook/platform/config';
import { openDatabase } from '@daybook/platform/db';
import { findRunning } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { pendingMigrations } from '@daybook/platform/migrate';
import { openQueues } from '@daybook/platform/queue';
import type { Command } from 'commander';
import { FoundError, json, type Terminal } from '../terminal.ts';

interface Finding {
  what: string;
  ok: boolean;
  found: string;
  /** What to do about it; empty when nothing. */
  todo: string;
}

/** `daybook doctor`: what is configured, reachable and migrated, and what to do about what is not. */
export function registerDoctor(root: Command, terminal: Terminal): void {
  root
    .command('doctor')
    .description('check configuration, database, migrations, queue and applications')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(terminal);
      terminal.out(options.json ? json(findings) : findings.map(line).join(''));
      if (findings.some((finding) => !finding.ok)) throw new FoundError();
    });
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [
    {
      what: 'Node.js',
      ok: Number(process.versions.node.split('.')[0]) >= 24,
      found: process.versions.node,
      todo: 'start through npm, which brings Node 24',
    },
  ];
  let config: ReturnType<typeof loadConfig>;
  try {
    config = loadConfig(terminal.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...findings, { what: 'Configuration', ok: false, found: error.message, todo: 'see docs/configuration.md' }];
  }
  findings.push({ what: 'Configuration', ok: true, found: 'complete', todo: '' });
  const url = config.databaseUrl ?? (await findRunning(config.dataDir))?.url;
  if (url === undefined) {
    findings.push({
      what: 'Database',
      ok: true,
      found: `embedded under ${config.dataDir}, stopped`,
      todo: '`npm start` starts it',
    });
    return findings;
  }
  findings.push(...(await examineDatabase(url)), await examineQueue(url, config), ...examineApps(config.apps));
  return findings;
}

async function examineDatabase(url: string): Promise<Finding[]> {
  const database = openDatabase(url, { max: 1, name: 'daybook-doctor' });
  try {
    const [row] = await database.sql<{ version: string }[]>`select current_setting('server_version') as version`;
    const pending = await pendingMigrations(database.sql);
    return [
      {
        what: 'Database',
        ok: Number.parseInt(row?.version ?? '0', 10) >= 15,
        found: `PostgreSQL ${row?.version}`,
        todo: 'PostgreSQL 15 or newer is needed',
      },
      {
        what: 'Migrations',
        ok: pending === 0,
        found: pending === 0 ? 'up to date' : `${pending} missing`,
        todo: 'start the hub, it migrates by itself',
      },
    ];
  } catch (error) {
    return [
      {
        what: 'Database',
        ok: false,
        found: (error as Error).message,
        todo: 'check DATABASE_URL and that the server runs',
      },
    ];
  } finally {
    await database.close();
  }
}

async function examineQueue(url: string, config: ReturnType<typeof loadConfig>): Promise<Finding> {
  const todo = 'check REDIS_URL and that the server runs; without it the queue lives in PostgreSQL';
  try {
    const queues = await openQueues({
      databaseUrl: url,
      redisUrl: config.redisUrl,
      prefix: config.queuePrefix,
      log: silentLog,
    });
    try {
      await queues.ping();
      return { what: 'Queue', ok: true, found: queues.backend, todo: '' };
    } finally {
      await queues.close();
    }
  } catch (error) {
    return { what: 'Queue', ok: false, found: (error as Error).message, todo };
  }
}

function examineApps(apps: Readonly<Record<string, unknown>>): Finding[] {
  const ids = Object.keys(apps);
  if (ids.length === 0) {
    return [
      {
        what: 'Applications',
        ok: true,
        found: 'none',
        todo: 'set DAYBOOK_APP_<CONNECTOR>_ID and _SECRET to connect real accounts',
      },
    ];
  }
  return ids.map((id) => ({
    what: `Application ${id}`,
    ok: connectorById(id) !== undefined,
    found: connectorById(id)?.label ?? 'no such connector',
    todo: 'check the name of the variable',
  }));
}

function line(finding: Finding): string {
  const advice =
    finding.ok && finding.todo !== '' && finding.found !== 'none' && !finding.found.includes('stopped')
      ? ''
      : finding.todo;
  return `${finding.ok ? 'ok ' : 'BAD'}  ${finding.what}: ${finding.found}${advice === '' ? '' : `  → ${advice}`}\n`;
}
