import { createHash } from 'node:crypto';
import type {
  AccountingConnector,
  Connector,
  HeaderMap,
  RemoteChange,
  SalesConnector,
} from '@daybook/connectors/kit/contract';
import { type SignatureScheme, verifySignature } from '@daybook/connectors/kit/signature';
import type { IncomingDelivery, Stored } from '@daybook/platform/inbox';
import { APPLICATION } from '@daybook/platform/webhook-secrets';

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

/** A subscription that carries every tenant of our application. */
export interface IntakeApplication {
  connector: Connector;
  secrets: string[];
}

/** Everything that can come of a webhook. Only `unavailable` makes the provider send it again. */
export type IntakeOutcome =
  | { outcome: 'stored'; id: bigint; companyId: string }
  | { outcome: 'duplicate' }
  /** What books told of changes: noted. */
  | { outcome: 'noted' }
  /** The provider tried the address out. */
  | { outcome: 'handshake' }
  /** Properly signed, for a tenant that is not connected (any more). */
  | { outcome: 'unknown_account'; reason: string }
  | { outcome: 'unknown_connection' }
  | { outcome: 'bad_signature'; reason: string }
  | { outcome: 'unavailable'; cause: unknown };

/** With `since`, nothing that was read before that instant is answered. */
export interface IntakeStore {
  connection(id: string, since?: Date): Promise<IntakeConnection | null>;
  application(connector: string, since?: Date): Promise<IntakeApplication | null>;
  /** Every connection of a tenant: two companies may have connected the same one. */
  connectionsOf(connector: string, account: string): Promise<IntakeConnection[]>;
  submit(delivery: IncomingDelivery): Promise<Stored>;
  /** Notes what changed in books; answers how many connections that concerns. */
  note(connector: string, changes: readonly RemoteChange[], at: Date): Promise<number>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Verifies a webhook on its raw bytes and stores it; the answer comes after the commit (design.md section 2, rule 2).
 * In place of a connection's id the address may say `app`: then the body tells whose it is.
 */
export async function intake(request: IntakeRequest, store: IntakeStore): Promise<IntakeOutcome> {
  try {
    if (request.connectionId === APPLICATION) return await intakeForAll(request, store);
    const known = UUID.test(request.connectionId) ? await store.connection(request.connectionId) : null;
    if (known === null || known.connector.id !== request.channel) return { outcome: 'unknown_connection' };
    const { connector } = known;
    if (connector.handshake?.(request.headers, request.body)) return { outcome: 'handshake' };
    const again = () => store.connection(known.id, request.receivedAt);
    const refusal = await signatureProblem(request, connector.signature, known, again);
    if (refusal !== null) return { outcome: 'bad_signature', reason: refusal };
    const claimed = headerOf(request, connector)?.account ?? null;
    // The headers are not signed everywhere, so a captured body could be sent under another tenant's name.
    if (claimed !== null && claimed !== known.account)
      return { outcome: 'bad_signature', reason: `it claims to come from ${claimed}` };
    return await keep(request, known, store);
  } catch (cause) {
    return { outcome: 'unavailable', cause };
  }
}

async function intakeForAll(request: IntakeRequest, store: IntakeStore): Promise<IntakeOutcome> {
  const application = await store.application(request.channel);
  if (application === null) return { outcome: 'unknown_connection' };
  const { connector } = application;
  const signature = connector.kind === 'sales' ? connector.signature : connector.webhooks?.signature;
  if (!signature) return { outcome: 'unknown_connection' };
  const again = () => store.application(connector.id, request.receivedAt);
  const refusal = await signatureProblem(request, signature, application, again);
  if (refusal !== null) return { outcome: 'bad_signature', reason: refusal };
  if (connector.kind === 'accounting') return noteChanges(request, connector, store);
  const account = headerOf(request, connector)?.account ?? null;
  const connections = account === null ? [] : await store.connectionsOf(connector.id, account);
  if (connections.length === 0)
    return { outcome: 'unknown_account', reason: `${account ?? 'an unnamed tenant'} is not connected` };
  const kept = await Promise.all(connections.map((connection) => keep(request, connection, store)));
  return kept.find(({ outcome }) => outcome === 'stored') ?? (kept[0] as IntakeOutcome);
}

async function noteChanges(
  request: IntakeRequest,
  connector: AccountingConnector,
  store: IntakeStore,
): Promise<IntakeOutcome> {
  const changes = changesIn(request, connector);
  if (changes === null) return { outcome: 'unknown_account', reason: 'the body is in no form that is understood' };
  const concerned = await store.note(connector.id, changes, request.receivedAt);
  if (concerned > 0 || changes.length === 0) return { outcome: 'noted' };
  return { outcome: 'unknown_account', reason: `${changes[0]?.account} is not connected` };
}

/** null for a body that is properly signed and yet none of theirs: sent again, it would be no better. */
function changesIn(request: IntakeRequest, connector: AccountingConnector): RemoteChange[] | null {
  try {
    return connector.webhooks?.changes(request.body) ?? [];
  } catch {
    return null;
  }
}

async function keep(
  request: IntakeRequest,
  connection: IntakeConnection,
  store: IntakeStore,
): Promise<Extract<IntakeOutcome, { outcome: 'stored' | 'duplicate' }>> {
  const { topic, eventId } = keyOf(request, connection.connector);
  const stored = await store.submit({
    companyId: connection.companyId,
    connectionId: connection.id,
    topic,
    eventId,
    headers: keptHeaders(request.headers, connection.connector),
    body: request.body,
    via: 'webhook',
    receivedAt: request.receivedAt,
  });
  return stored.outcome === 'stored' ? { ...stored, companyId: connection.companyId } : stored;
}

/**
 * Why a signature is refused; null when it is good. Before that the secrets are read once more: the one that made it
 * may have been handed out a moment ago.
 */
async function signatureProblem(
  request: IntakeRequest,
  signature: SignatureScheme,
  { secrets }: { secrets: string[] },
  again: () => Promise<{ secrets: string[] } | null>,
): Promise<string | null> {
  if (request.headers[signature.header] === undefined) return `the header ${signature.header} is missing`;
  if (verifySignature(signature, request, secrets)) return null;
  const fresh = (await again())?.secrets ?? [];
  if (verifySignature(signature, request, fresh)) return null;
  if (fresh.length === 0) return 'no signing secret is configured for this connection';
  const old = signature.list ? ', or it was signed too long ago' : '';
  return `the signature does not fit the body: wrong secret, or a proxy changed the bytes${old}`;
}

function headerOf(request: IntakeRequest, connector: SalesConnector) {
  try {
    return connector.header(request.headers, request.body);
  } catch {
    return null;
  }
}

/** Without usable headers the bytes themselves are the key: stored, refused later in plain sight, never dropped. */
function keyOf(request: IntakeRequest, connector: SalesConnector): { topic: string; eventId: string } {
  const header = headerOf(request, connector);
  if (header !== null) return header;
  return { topic: '(none)', eventId: `sha256-${createHash('sha256').update(request.body).digest('hex')}` };
}

const CREDENTIAL = /auth|cookie|hmac|jwt|key|pass|secret|session|signature|token/;

/** What normalizing may need: `x-…`, the provider's own and the content type; nothing that opens or proves anything. */
function keptHeaders(headers: HeaderMap, { id, secrets, signature }: SalesConnector): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) =>
      (name.startsWith('x-') || name.startsWith(`${id}-`) || name === 'content-type') &&
      name !== signature.header &&
      !CREDENTIAL.test(name) &&
      !secrets.some((secret) => secret.toLowerCase() === name),
  );
  return Object.fromEntries(kept);
}
