import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { type Database, openDatabase } from './db.ts';

/**
 * What a restart of the server, a failover or a cut cable does to work under way. infra/patches/postgres@3.4.9.patch is
 * what makes these pass: unpatched, the process crashes, the pool hangs, or the rest of a lost transaction is run
 * outside of it on the next connection.
 */
let home: TestDatabase;
let proxy: Server;
let direct: Database;
let database: Database;
let proxied: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  home = await createTestDatabase();
  direct = openDatabase(home.url, { max: 1 });
  await direct.sql`create table notes (text text primary key)`;
  const server = new URL(home.url);
  proxy = createServer((client) => {
    const upstream = connect(server.port === '' ? 5432 : Number(server.port), server.hostname);
    sockets.add(client);
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const url = new URL(home.url);
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as { port: number }).port);
  proxied = url.href;
  database = openDatabase(proxied, { max: 1 });
});
beforeEach(async () => {
  await direct.sql`truncate notes`;
});
afterAll(async () => {
  await database.close();
  await direct.close();
  proxy.close();
  await home.drop();
});

/** Ends all connections as a stopped server does ("closed") or as a failed network does ("reset"). */
async function cut(how: 'closed' | 'reset'): Promise<void> {
  const gone = [...sockets].map((socket) => new Promise((closed) => socket.once('close', closed)));
  for (const socket of sockets) how === 'reset' ? socket.resetAndDestroy() : socket.destroy();
  sockets.clear();
  await Promise.all(gone);
}

function signal(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>();
  return [promise, resolve];
}

async function notes(): Promise<string[]> {
  const rows = await direct.sql<{ text: string }[]>`select text from notes order by text`;
  return rows.map((row) => row.text);
}

describe.each(['closed', 'reset'] as const)('a connection that is %s in a transaction', (how) => {
  test('while a statement runs: the transaction fails, and the pool goes on', async () => {
    const lost = database.sql.begin(async (tx) => {
      await tx`insert into notes values ('lost')`;
      const slow = tx`select pg_sleep(10)`;
      await Promise.all([slow, cut(how)]);
    });
    await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/) });
    await database.sql`insert into notes values ('next')`;
    expect(await notes()).toEqual(['next']);
  });

  test('between two statements: what follows is never run outside of the transaction', async () => {
    const [started, start] = signal();
    const [released, goOn] = signal();
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const lost = database.sql.begin(async (tx) => {
      await tx`insert into notes values ('before')`;
      start();
      await released;
      outcomes.push(...(await Promise.allSettled([tx`insert into notes values ('after')`])));
    });
    const failed = expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await started;
    await cut(how);
    await failed;
    const other = database.sql.begin(async (tx) => {
      await tx`insert into notes values ('other')`;
      goOn();
      await tx`select pg_sleep(0.1)`;
    });
    await other;
    expect(outcomes).toMatchObject([{ status: 'rejected', reason: { code: 'CONNECTION_CLOSED' } }]);
    expect(await notes()).toEqual(['other']);
  });

  test('a reserved connection, also the first of a pool, fails its statements, and giving it back does no harm', async () => {
    const pool = openDatabase(proxied, { max: 1 });
    const reserved = await pool.sql.reserve();
    await reserved`select 1`;
    await cut(how);
    const code = expect.stringMatching(/CONNECTION_CLOSED|ECONNRESET/);
    await expect(reserved`select 2`).rejects.toMatchObject({ code });
    await expect(reserved`select 2`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    reserved.release();
    expect([...(await pool.sql`select 3 as three`)]).toEqual([{ three: 3 }]);
    await pool.close();
  });
});
