import type { RequestListener } from 'node:http';
import type { HeaderMap, SalesConnector } from '@daybook/connectors/kit/contract';
import { verifySignature } from '@daybook/connectors/kit/signature';
import type { Sql } from '@daybook/platform/db';
import express, { type Request, type Response } from 'express';
import type { ServerOrder } from './server.ts';

/** What a hand-written server is given. */
export interface Floor extends ServerOrder {
  connector: SalesConnector;
  sql: Sql;
  origin(): string;
}

const ANSWER = JSON.stringify({ status: 'stored' });

/** The floor of all: node:http that reads the body and checks its signature. Stores nothing. */
export function bareHandler(floor: Floor): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const valid = isSigned(floor, request.headers as HeaderMap, request.url, Buffer.concat(chunks));
      response.writeHead(valid ? 200 : 401, { 'content-type': 'application/json', 'content-length': ANSWER.length });
      response.end(ANSWER);
    });
  };
}

/** What most people write: Express with a raw body, signature checked. Stores nothing. */
export function expressHandler(floor: Floor): RequestListener {
  return webhookApp(floor, (_request, response) => {
    response.json({ status: 'stored' });
  });
}

/** The same with one INSERT and one commit per webhook, into the table that Daybook uses. */
export function insertEachHandler(floor: Floor): RequestListener {
  return webhookApp(floor, async (request, response) => {
    await insertDelivery(floor, floor.sql, request);
    response.json({ status: 'stored' });
  });
}

/** An Express application with the webhook route; the handler runs for signed requests only. */
export function webhookApp(
  floor: Floor,
  handle: (request: Request, response: Response) => Promise<void> | void,
): RequestListener {
  const app = express();
  app.post('/webhooks/:channel/:connection', express.raw({ type: () => true, limit: '5mb' }), (request, response) => {
    if (isSigned(floor, request.headers as HeaderMap, request.url, request.body as Buffer)) {
      return handle(request, response);
    }
    response.status(401).json({ status: 'refused' });
  });
  return app;
}

/** Stores one raw webhook; null when it is there already. */
export async function insertDelivery(floor: Floor, sql: Sql, request: Request): Promise<bigint | null> {
  const headers = request.headers as HeaderMap;
  const { topic, eventId } = floor.connector.header(headers, request.body as Buffer);
  const [row] = await sql<{ id: bigint }[]>`
    insert into deliveries (company_id, connection_id, topic, event_id, body_hash, headers, body, via, received_at)
    select ${floor.companyId}, ${floor.connectionId}, ${topic}, ${eventId}, sha256(body), ${JSON.stringify(headers)}::jsonb,
      body, 'webhook', ${new Date()} from (select ${request.body as Buffer}::bytea) as given(body)
    on conflict (connection_id, topic, event_id, body_hash) do nothing returning id`;
  return row?.id ?? null;
}

function isSigned(floor: Floor, headers: HeaderMap, path = '', body: Buffer): boolean {
  const { connector, secret } = floor;
  return verifySignature(connector.signature, { headers, body, url: floor.origin() + path, receivedAt: new Date() }, [
    secret,
  ]);
}
