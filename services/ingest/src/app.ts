import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderMap } from '@daybook/connectors/kit/contract';
import type { Sql } from '@daybook/platform/db';
import { type IncomingDelivery, type Stored, storeDeliveries } from '@daybook/platform/inbox';
import { readBody } from './body.ts';
import { noteChanges } from './book-changes.ts';
import type { Connections } from './connections.ts';
import { groupCommit } from './group-commit.ts';
import { type IntakeOutcome, type IntakeStore, intake } from './ingest.ts';

export interface IngestOptions {
  sql: Sql;
  connections: Connections;
  /** Our public base URL without a slash at the end: part of what some providers sign. */
  publicUrl(): string;
  /**
   * Rings the doorbell for newly stored deliveries of one company; a failure costs only the time until the next sweep.
   */
  wake(companyId: string, deliveryIds: bigint[]): Promise<void>;
  clock(): Date;
  log(fields: { outcome: string; connectionId: string; durationMs: number; reason?: string }): void;
}

export interface Ingest {
  /** Handles the request when it is a webhook; false = it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Waits for everything taken in to be stored. */
  close(): Promise<void>;
}

const ROUTE = /^\/webhooks\/([a-z0-9-]+)\/([^/?]+)\/?(?:\?.*)?$/;

/** The webhook route, on plain node:http because it is the hottest path of all (performance.md 7.1). */
export function createIngest(options: IngestOptions): Ingest {
  const commits = groupCommit<IncomingDelivery, Stored>({
    flush: async (deliveries) => {
      const stored = await storeDeliveries(options.sql, deliveries);
      ring(options, deliveries, stored);
      return stored;
    },
    size: (delivery) => delivery.body.length,
    splittable: isRowProblem,
    maxItems: 256,
    maxBytes: 2 * 1024 * 1024,
    maxInFlight: 3,
  });
  const store: IntakeStore = {
    ...options.connections,
    submit: commits.submit,
    note: (connector, changes, at) => noteChanges(options.sql, connector, changes, at),
  };

  const receive = async (request: IncomingMessage, response: ServerResponse, channel: string, connectionId: string) => {
    const started = performance.now();
    const read = await readBody(request);
    if (read.outcome === 'aborted') return;
    const result: IntakeOutcome | { outcome: 'too_large' } =
      read.outcome === 'too_large'
        ? read
        : await intake(
            {
              channel,
              connectionId,
              url: options.publicUrl() + (request.url ?? ''),
              headers: request.headers as HeaderMap,
              body: read.body,
              receivedAt: options.clock(),
            },
            store,
          );
    answer(response, result);
    const reason = 'reason' in result ? result.reason : 'cause' in result ? String(result.cause) : undefined;
    options.log({
      outcome: result.outcome,
      connectionId,
      durationMs: performance.now() - started,
      ...(reason && { reason }),
    });
  };

  return {
    handle(request, response) {
      const match = ROUTE.exec(request.url ?? '');
      if (!match) return false;
      if (request.method !== 'POST') {
        request.resume();
        send(response, 405, { error: { code: 'METHOD_NOT_ALLOWED', message: 'Webhooks come by POST.' } });
        return true;
      }
      receive(request, response, match[1] as string, match[2] as string).catch((cause: unknown) => {
        answer(response, { outcome: 'unavailable', cause });
      });
      return true;
    },
    close: commits.drain,
  };
}

function ring(options: IngestOptions, deliveries: IncomingDelivery[], stored: Stored[]): void {
  const byCompany = new Map<string, bigint[]>();
  stored.forEach((each, index) => {
    const companyId = deliveries[index]?.companyId;
    if (each.outcome !== 'stored' || companyId === undefined) return;
    byCompany.set(companyId, [...(byCompany.get(companyId) ?? []), each.id]);
  });
  for (const [companyId, ids] of byCompany) options.wake(companyId, ids).catch(() => undefined);
}

/** PostgreSQL's classes 22 and 23 and 54: this very row is bad, its neighbours may be fine. */
function isRowProblem(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}

/** The whole status policy on one screen (design.md section 6). Only 503 asks the provider to send again. */
function answer(response: ServerResponse, result: IntakeOutcome | { outcome: 'too_large' }): void {
  const { status, body, headers } = policy(result);
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  send(response, status, body);
}

interface Policy {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

function policy(result: IntakeOutcome | { outcome: 'too_large' }): Policy {
  switch (result.outcome) {
    case 'stored':
    case 'duplicate':
    case 'handshake':
      return { status: 200, body: { status: result.outcome } };
    // Who is connected here is nobody's business.
    case 'noted':
    case 'unknown_account':
      return { status: 200, body: { status: 'noted' } };
    case 'unknown_connection':
      return {
        status: 404,
        body: problem('UNKNOWN_CONNECTION', 'No connection has this address. Copy its webhook URL again.'),
      };
    case 'bad_signature':
      return { status: 401, body: problem('BAD_SIGNATURE', `Not accepted: ${result.reason}.`) };
    case 'too_large':
      return {
        status: 413,
        body: problem('TOO_LARGE', 'The body is larger than 5 MiB.'),
        headers: { connection: 'close' },
      };
    case 'unavailable':
      return {
        status: 503,
        body: problem('CANNOT_STORE', 'The delivery could not be stored just now. Send it again.'),
        headers: { 'retry-after': '5' },
      };
  }
}

function problem(code: string, message: string) {
  return { error: { code, message } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
