import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector, Api, BooksMapping } from '@daybook/connectors/kit/contract';
import { type BookDocument, type DocumentKind, type DocumentParty, dependsOn } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import type { BooksConnection, OwedDocument } from './owed-documents.ts';
import { remoteBooks } from './remote-books.ts';

/**
 * Everything a translation may ask for, loaded ahead: mapped accounts and taxes, contacts and other records (made where
 * missing), and the remote ids of documents these ones refer to.
 */
export async function loadMapping(
  connection: BooksConnection,
  connector: AccountingConnector,
  api: Api,
  due: OwedDocument[],
  deps: WorkerDeps,
): Promise<BooksMapping> {
  const { sql } = deps;
  const rows = await sql<{ kind: string; ours: string; theirs: string }[]>`
    select kind, ours, theirs from mappings where connection_id = ${connection.id}`;
  const known = new Map(rows.map((row) => [`${row.kind}|${row.ours}`, row.theirs]));
  await addParties(sql, connection, connector, api, due, known);
  const remote = await remoteIds(sql, connection.id, due);
  const { accounts } = await remoteBooks(connection.id, connector, api, deps);
  const account = (role: string, code: string) =>
    known.get(`account|${role}`) ?? known.get(`account|${code}`) ?? missing(connection, `account ${role}`);
  const mapping: BooksMapping = {
    account,
    remoteAccount: (role, code) => {
      const theirs = account(role, code);
      return accounts.find((each) => each.code === theirs) ?? closed(connection, role, theirs);
    },
    record: (key) => known.get(`record|${key}`) ?? missing(connection, `record ${key}`),
    tax: (code) =>
      known.get(`tax|${code ?? ''}`) ??
      (code === null ? undefined : known.get('tax|*')) ??
      missing(connection, `tax ${code ?? 'none'}`),
    party: (id) => known.get(`party|${id}`) ?? missing(connection, `party ${id}`),
    remoteId: (kind, number) => remote.get(`${kind}|${number}`) ?? neverOwed(connection, kind, number),
  };
  await addRecords(sql, connection, connector, api, due, mapping, known);
  return mapping;
}

function missing(connection: BooksConnection, subject: string): never {
  throw new ConnectorError(
    'rejected',
    `${connection.label} has no mapping for ${subject}. Choose one on the connection's mapping page; this document then goes on by itself.`,
    {
      code: 'MAPPING_MISSING',
      subject,
    },
  );
}

/** The account was chosen once, but the books do not list it any more. */
function closed(connection: BooksConnection, role: string, theirs: string): never {
  throw new ConnectorError(
    'rejected',
    `${connection.label} has no account ${theirs} any more, to which ${role} is mapped. Choose another one on the connection's mapping page; this document then goes on by itself.`,
    { code: 'MAPPING_MISSING', subject: `account ${role}` },
  );
}

/** Documents are owed from connecting on; one that refers to an earlier one cannot be translated. */
function neverOwed(connection: BooksConnection, kind: DocumentKind, number: string): never {
  const what = `${kind.replace('_', ' ')} ${number}`;
  throw new ConnectorError(
    'rejected',
    `This belongs to ${what}, which ${connection.label} never got from us: it was booked before these books were connected, or while they were disconnected. Book it by hand there, where you keep that ${kind.replace('_', ' ')}.`,
    { code: 'BOOKS_PREDECESSOR_MISSING', subject: what },
  );
}

async function addParties(
  sql: Sql,
  connection: BooksConnection,
  connector: AccountingConnector,
  api: Api,
  due: OwedDocument[],
  known: Map<string, string>,
): Promise<void> {
  const wanted = new Map<string, DocumentParty>();
  for (const { document } of due)
    if (!known.has(`party|${document.party.id}`)) wanted.set(document.party.id, document.party);
  if (wanted.size === 0) return;
  await remember(sql, connection, 'party', await connector.ensureParties([...wanted.values()], api), known);
}

/** Makes the other records documents refer to. What is not mapped yet says so when it is translated. */
async function addRecords(
  sql: Sql,
  connection: BooksConnection,
  connector: AccountingConnector,
  api: Api,
  due: OwedDocument[],
  mapping: BooksMapping,
  known: Map<string, string>,
): Promise<void> {
  if (!connector.recordsFor || !connector.ensureRecords) return;
  const wanted = new Set(due.flatMap(({ document }) => recordsOf(connector, document, mapping)));
  const missing = [...wanted].filter((key) => !known.has(`record|${key}`));
  if (missing.length > 0) await remember(sql, connection, 'record', await connector.ensureRecords(missing, api), known);
}

function recordsOf(connector: AccountingConnector, document: BookDocument, mapping: BooksMapping): string[] {
  try {
    return connector.recordsFor?.(document, mapping) ?? [];
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected') return [];
    throw error;
  }
}

async function remember(
  sql: Sql,
  connection: BooksConnection,
  kind: 'party' | 'record',
  made: ReadonlyMap<string, string>,
  known: Map<string, string>,
): Promise<void> {
  for (const [ours, theirs] of made) {
    known.set(`${kind}|${ours}`, theirs);
    await sql`
      insert into mappings (connection_id, kind, ours, theirs) values (${connection.id}, ${kind}, ${ours}, ${theirs})
      on conflict (connection_id, kind, ours) do update set theirs = excluded.theirs`;
  }
}

async function remoteIds(sql: Sql, connectionId: string, due: OwedDocument[]): Promise<Map<string, string>> {
  const wanted = due.flatMap(({ document }) => dependsOn(document));
  if (wanted.length === 0) return new Map();
  const rows = await sql<{ kind: string; number: string; remoteId: string }[]>`
    select kind, number, remote_id as "remoteId" from documents
    where connection_id = ${connectionId} and remote_id is not null and (kind, number) in (
      select * from unnest(${wanted.map((each) => each.kind as string)}::text[], ${wanted.map((each) => each.number)}::text[]))`;
  return new Map(rows.map((row) => [`${row.kind}|${row.number}`, row.remoteId]));
}
