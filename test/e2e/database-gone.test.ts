import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { salesConnectors } from '@daybook/connectors/registry';
import { createIngest } from '@daybook/ingest/app';
import { connectionLookup } from '@daybook/ingest/connections';
import { createCompany } from '@daybook/ledger/company';
import { openDatabase } from '@daybook/platform/db';
import { startEmbedded } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';
import { migrate } from '@daybook/platform/migrate';
import { newKey, openSealer } from '@daybook/platform/secrets';
import { expect, it } from 'vitest';

const SECRET = 'secret of the test';

it('while the database is away webhooks are answered 503, and what was acknowledged is there when it returns', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'daybook-gone-'));
  let server = await startEmbedded({ dataDir, log: silentLog });
  await migrate(server.url);
  const database = openDatabase(server.url, { max: 4 });
  const [connector] = salesConnectors;
  if (!connector) throw new Error('There is no sales connector.');
  const { id: companyId } = await database.sql.begin((tx) =>
    createCompany(tx, {
      slug: 'gone',
      name: 'Gone',
      country: 'GB',
      currency: 'GBP',
      timeZone: 'Europe/London',
      now: new Date(),
    }),
  );
  const [connection] = await database.sql<{ id: string }[]>`
    insert into connections (company_id, connector, kind, label, account)
    values (${companyId}, ${connector.id}, 'sales', 'Shop', 'shop.example') returning id`;
  const ingest = createIngest({
    sql: database.sql,
    connections: connectionLookup({
      sql: database.sql,
      connectors: new Map([[connector.id, connector]]),
      apps: { [connector.id]: { clientSecret: SECRET } },
      sealer: openSealer(newKey('test')),
      clock: () => new Date(),
    }),
    publicUrl: () => 'http://hub.example',
    wake: async () => undefined,
    clock: () => new Date(),
    log: () => undefined,
  });
  const http = createServer((request, response) => void ingest.handle(request, response));
  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}/webhooks/${connector.id}/${connection?.id}`;
  const acknowledged: string[] = [];
  const send = async (): Promise<number> => {
    const eventId = randomUUID();
    const body = JSON.stringify({ eventId });
    const signature = createHmac(connector.signature.algorithm, SECRET)
      .update(body)
      .digest(connector.signature.encoding);
    const headers = {
      [connector.signature.header]: signature,
      'x-shopify-topic': 'orders/create',
      'x-shopify-event-id': eventId,
    };
    const response = await fetch(address, { method: 'POST', body, headers });
    if (response.status === 200) acknowledged.push(eventId);
    return response.status;
  };

  expect(await send()).toBe(200);
  await server.stop();
  expect(await Promise.all([send(), send(), send()])).toEqual([503, 503, 503]);
  server = await startEmbedded({ dataDir, log: silentLog });
  expect(await send()).toBe(200);
  const stored = await database.sql<{ eventId: string }[]>`select event_id as "eventId" from deliveries order by id`;
  expect(stored.map((row) => row.eventId)).toEqual(acknowledged);
  expect(acknowledged).toHaveLength(2);

  await new Promise((closed) => http.close(closed));
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}, 120_000);
