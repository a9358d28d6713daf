import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@daybook/platform/db';
import type { TestProject } from 'vitest/node';
import { dropAbandoned, prepareTemplate } from './database.ts';

const LOCAL_SERVER = 'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * Runs once before all tests: finds a PostgreSQL server (TEST_DATABASE_URL, else one on this machine, else the embedded
 * one) and migrates the template that every test database is copied from.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await chooseServer();
  await prepareTemplate(server.url);
  await dropAbandoned(server.url);
  project.provide('databaseServer', server.url);
  return server.stop;
}

async function chooseServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  if (await answers(LOCAL_SERVER)) return { url: LOCAL_SERVER, stop: async () => {} };
  const { startEmbedded } = await import('@daybook/platform/embedded-postgres');
  const dataDir = await mkdtemp(join(tmpdir(), 'daybook-test-'));
  const { silentLog } = await import('@daybook/platform/logger');
  const embedded = await startEmbedded({ dataDir, log: silentLog });
  const stop = async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: embedded.url, stop };
}

/** Whether a server is there that lets us make databases. */
async function answers(url: string): Promise<boolean> {
  const database = openDatabase(url, { max: 1 });
  try {
    const [role] = await database.sql`select rolcreatedb from pg_roles where rolname = current_user`;
    return role?.rolcreatedb === true;
  } catch {
    return false;
  } finally {
    await database.close();
  }
}
