import { createHash } from 'node:crypto';
import type { HeaderMap, SalesConnector } from '@daybook/connectors/kit/contract';
import { verifySignature } from '@daybook/connectors/kit/signature';
import type { IncomingDelivery, Stored } from '@daybook/platform/inbox';

/** What intake must know of a connection. */
export interface IntakeConnection {
  id: string;
  companyId: string;
  connector: SalesConnector;
  /** The tenant at the provider. */
  account: string;
  /** Signing secrets that are valid now: two while one is being rotated out. */
  secrets: string[];
}

export interface IntakeRequest {
  channel: string;
  connectionId: string;
  /** The public URL the provider called; some sign it. */
  url: string;
  headers: HeaderMap;
  body: Buffer;
  receivedAt: Date;
}

/** Everything that can come of a webhook. Only `unavailable` makes the provider send it again. */
export type IntakeOutcome =
  | { outcome: 'stored'; id: bigint; companyId: string }
  | { outcome: 'duplicate' }
  | { outcome: 'unknown_connection' }
  | { outcome: 'bad_signature'; reason: string }
  | { outcome: 'unavailable'; cause: unknown };

export interface IntakeStore {
  connection(id: string): Promise<IntakeConnection | null>;
  submit(delivery: IncomingDelivery): Promise<Stored>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Verifies a webhook on its raw bytes and stores it; the answer comes after the commit (design.md section 2, rule 2).
 */
export async function intake(request: IntakeRequest, store: IntakeStore): Promise<IntakeOutcome> {
  try {
    const connection = UUID.test(request.connectionId) ? await store.connection(request.connectionId) : null;
    if (connection === null || connection.connector.id !== request.channel) return { outcome: 'unknown_connection' };
    const refusal = signatureProblem(request, connection);
    if (refusal !== null) return { outcome: 'bad_signature', reason: refusal };
    const { topic, eventId } = keyOf(request, connection);
    const stored = await store.submit({
      companyId: connection.companyId,
      connectionId: connection.id,
      topic,
      eventId,
      headers: keptHeaders(request.headers, connection.connector.secrets),
      body: request.body,
      via: 'webhook',
      receivedAt: request.receivedAt,
    });
    return stored.outcome === 'stored' ? { ...stored, companyId: connection.companyId } : stored;
  } catch (cause) {
    return { outcome: 'unavailable', cause };
  }
}

function signatureProblem(request: IntakeRequest, connection: IntakeConnection): string | null {
  const { signature } = connection.connector;
  if (connection.secrets.length === 0) return 'no signing secret is configured for this connection';
  if (request.headers[signature.header] === undefined) return `the header ${signature.header} is missing`;
  if (!verifySignature(signature, request, connection.secrets)) {
    return 'the signature does not fit the body: wrong secret, or a proxy changed the bytes';
  }
  const claimed = headerOf(request, connection)?.account ?? null;
  // The headers are not signed, so a captured body could be sent under another tenant's name.
  if (claimed !== null && claimed !== connection.account) return `it claims to come from ${claimed}`;
  return null;
}

function headerOf(request: IntakeRequest, connection: IntakeConnection) {
  try {
    return connection.connector.header(request.headers);
  } catch {
    return null;
  }
}

/** Without usable headers the bytes themselves are the key: stored, refused later in plain sight, never dropped. */
function keyOf(request: IntakeRequest, connection: IntakeConnection): { topic: string; eventId: string } {
  const header = headerOf(request, connection);
  if (header !== null) return header;
  return { topic: '(none)', eventId: `sha256-${createHash('sha256').update(request.body).digest('hex')}` };
}

const CREDENTIAL_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

function keptHeaders(headers: HeaderMap, secrets: readonly string[]): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) =>
      (name.startsWith('x-') || name === 'content-type') && !CREDENTIAL_HEADERS.has(name) && !secrets.includes(name),
  );
  return Object.fromEntries(kept);
}
