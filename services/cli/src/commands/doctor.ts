import { connectorById } from '@daybook/connectors/registry';
import { type Config, ConfigError } from '@daybook/platform/config';
import { openDatabase, type Sql } from '@daybook/platform/db';
import { findRunning } from '@daybook/platform/embedded-postgres';
import { readHubFile } from '@daybook/platform/hub-lock';
import { silentLog } from '@daybook/platform/logger';
import { pendingMigrations } from '@daybook/platform/migrate';
import { openQueues } from '@daybook/platform/queue';
import type { Command } from 'commander';
import { configOf } from '../config.ts';
import { addressOf } from '../database.ts';
import { COMMAND_CONNECTION, hubHolds } from '../embedded-use.ts';
import { FoundError, inOneLine, json, type Terminal, wordsOf } from '../terminal.ts';

/** One thing looked at. */
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
    .description('check configuration, database, migrations, queue and applications; say what to do about each')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(terminal);
      const bad = findings.filter((finding) => !finding.ok);
      terminal.out(options.json ? json({ ok: bad.length === 0, findings }) : findings.map(line).join(''));
      if (bad.length > 0)
        throw new FoundError(
          `daybook: doctor found ${bad.length === 1 ? 'a fault' : `${bad.length} faults`}, see above`,
        );
    });
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  const isNodeNewEnough = Number.parseInt(process.versions.node, 10) >= 24;
  const node: Finding = {
    what: 'Node.js',
    ok: isNodeNewEnough,
    found: process.versions.node,
    todo: isNodeNewEnough ? '' : 'start through npm, which brings Node 24',
  };
  try {
    const config = configOf(terminal);
    return [node, good('Configuration', 'complete'), ...(await examineServers(config)), ...examineApps(config.apps)];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const todo = 'correct it in the environment or in .env; docs/configuration.md lists every setting';
    return [node, ...error.problems.map((found) => ({ what: 'Configuration', ok: false, found, todo }))];
  }
}

function good(what: string, found: string, todo = ''): Finding {
  return { what, ok: true, found, todo };
}

async function examineServers(config: Config): Promise<Finding[]> {
  const url = config.databaseUrl ?? (await findRunning(config.dataDir))?.url;
  if (url === undefined) {
    const stopped = good(
      'Database',
      `embedded in ${config.dataDir}, not running`,
      '`npm start` starts the hub with it',
    );
    return config.redisUrl === undefined ? [stopped] : [stopped, await examineQueue('', config)];
  }
  const database = await examineDatabase(url, config);
  const answers = database.every(({ ok }) => ok);
  return answers || config.redisUrl !== undefined ? [...database, await examineQueue(url, config)] : database;
}

async function examineDatabase(url: string, config: Config): Promise<Finding[]> {
  const database = openDatabase(url, { max: 1, name: `${COMMAND_CONNECTION}-doctor` });
  try {
    const [row] = await database.sql<{ version: string }[]>`select current_setting('server_version') as version`;
    const version = row?.version ?? '0';
    const isNewEnough = Number.parseInt(version, 10) >= 15;
    const pending = await pendingMigrations(database.sql);
    return [
      {
        what: 'Database',
        ok: isNewEnough,
        found: `PostgreSQL ${version} at ${addressOf(url)}`,
        todo: isNewEnough ? '' : 'PostgreSQL 15 or newer is needed',
      },
      {
        what: 'Migrations',
        ok: pending === 0,
        found: pending === 0 ? 'up to date' : `${pending} missing`,
        todo: pending === 0 ? '' : 'start the hub of this version; it prepares the database by itself',
      },
      await examineHub(database.sql, config),
    ];
  } catch (error) {
    const found = `${addressOf(url)} does not answer: ${inOneLine(wordsOf(error))}`;
    return [
      { what: 'Database', ok: false, found, todo: 'check DATABASE_URL, and that the server runs and lets us in' },
    ];
  } finally {
    await database.close();
  }
}

async function examineHub(sql: Sql, config: Config): Promise<Finding> {
  if (!(await hubHolds(sql))) return good('Hub', 'not running', '`npm start` starts one');
  const hub = await readHubFile(config.dataDir);
  return good('Hub', hub?.url ? `running at ${hub.url} since ${hub.startedAt}` : 'running');
}

async function examineQueue(url: string, config: Config): Promise<Finding> {
  const { redisUrl, queuePrefix: prefix } = config;
  const todo =
    redisUrl === undefined
      ? 'look at the database; the queue lives there'
      : 'check REDIS_URL and that the server runs; without REDIS_URL the queue lives in PostgreSQL';
  try {
    const queues = await openQueues({ databaseUrl: url, redisUrl, prefix, log: silentLog });
    try {
      await queues.ping();
      return good('Queue', `answers (${queues.backend})`);
    } finally {
      await queues.close();
    }
  } catch (error) {
    return { what: 'Queue', ok: false, found: inOneLine(wordsOf(error)), todo };
  }
}

function examineApps(apps: Config['apps']): Finding[] {
  const ids = Object.keys(apps);
  if (ids.length > 0) return ids.map((id) => good(`Application ${id}`, connectorById(id)?.label ?? id));
  const todo = 'set DAYBOOK_APP_<CONNECTOR>_ID and …_SECRET to connect real accounts';
  return [good('Applications', 'none', todo)];
}

function line({ ok, what, found, todo }: Finding): string {
  return `${ok ? 'ok ' : 'BAD'}  ${what}: ${found}${todo === '' ? '' : `  → ${todo}`}\n`;
}
