import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector, Api, BooksMapping } from '@daybook/connectors/kit/contract';
import { type BookDocument, type DocumentKind, type DocumentParty, dependsOn } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { type MappingRow, mappingAt, readMappings } from './mapping-rows.ts';
import type { BooksConnection, OwedDocument } from './owed-documents.ts';
import { remoteBooks } from './remote-books.ts';

/** Answers, per document, what its translation may ask for. */
export type MappingFor = (owed: Pick<OwedDocument, 'document' | 'channel'>) => BooksMapping;

/**
 * Everything translations may ask for, loaded ahead: mapped accounts and taxes (of the document's channel and date),
 * contacts and other records (made where missing), and the remote ids of documents these ones refer to. `chosen` is
 * another mapping than today's.
 */
export async function loadMappings(
  connection: BooksConnection,
  connector: AccountingConnector,
  api: Api,
  due: OwedDocument[],
  deps: WorkerDeps,
  chosen?: readonly MappingRow[],
): Promise<MappingFor> {
  const { sql } = deps;
  const rows = chosen ?? (await readMappings(sql, connection.id));
  const made = new Map(rows.flatMap(({ kind, ours, theirs }) => (isMade(kind) ? [[`${kind}|${ours}`, theirs]] : [])));
  await addParties(sql, connection, connector, api, due, made);
  const remote = await remoteIds(sql, connection.id, due);
  const { accounts } = await remoteBooks(connection.id, connector, api, deps);
  const at = mappingAt(rows);
  const refused: Refused = new Map();
  const mappingFor: MappingFor = ({ document, channel }) => {
    const refusal = refused.get(document);
    if (refusal) throw refusal;
    const mapped = at({ channel, date: document.date });
    const account = (role: string, code: string) =>
      mapped('account', role) ?? mapped('account', code) ?? missing(connection, `account ${role}`);
    return {
      account,
      remoteAccount: (role, code) => {
        const theirs = account(role, code);
        return accounts.find((each) => each.code === theirs) ?? closed(connection, role, theirs);
      },
      record: (key) => made.get(`record|${key}`) ?? missing(connection, `record ${key}`),
      tax: (code) =>
        mapped('tax', code ?? '') ??
        (code === null ? undefined : mapped('tax', '*')) ??
        missing(connection, `tax ${code ?? 'none'}`),
      party: (id) => made.get(`party|${id}`) ?? missing(connection, `party ${id}`),
      remoteId: (kind, number) => remote.get(`${kind}|${number}`) ?? notThere(connection, { kind, number }, remote),
    };
  };
  await addRecords(sql, connection, connector, api, due, mappingFor, made, refused);
  return mappingFor;
}

/** Contacts and records are made by us, not chosen: they have no versions. */
function isMade(kind: string): boolean {
  return kind === 'party' || kind === 'record';
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

/** What an invoice or credit note may have become instead. */
const RECEIPT_FOR = { invoice: 'sales_receipt', credit_note: 'refund_receipt' } as const;

/** Documents are owed from connecting on, and receipts are paid whole: what refers to another one has nothing to go on. */
function notThere(
  connection: BooksConnection,
  { kind, number }: { kind: DocumentKind; number: string },
  remote: ReadonlyMap<string, string>,
): never {
  const what = `${kind.replace('_', ' ')} ${number}`;
  const isPaidWhole = (kind === 'invoice' || kind === 'credit_note') && remote.has(`${RECEIPT_FOR[kind]}|${number}`);
  if (isPaidWhole) {
    throw new ConnectorError(
      'rejected',
      `This settles ${what}, which is a receipt in ${connection.label} and paid whole: nothing is open on it. Find out why money moved twice, and book it by hand there.`,
      { code: 'BOOKS_AMOUNT_EXCEEDS_OPEN', subject: what },
    );
  }
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

/** Documents whose records cannot be told, because something in them is not mapped: that is what a person must hear. */
type Refused = Map<BookDocument, ConnectorError>;

/** Makes the other records documents refer to. What is not mapped yet says so when its mapping is asked for. */
async function addRecords(
  sql: Sql,
  connection: BooksConnection,
  connector: AccountingConnector,
  api: Api,
  due: OwedDocument[],
  mappingFor: MappingFor,
  known: Map<string, string>,
  refused: Refused,
): Promise<void> {
  if (!connector.recordsFor || !connector.ensureRecords) return;
  const wanted = new Set(due.flatMap((owed) => recordsOf(connector, owed, mappingFor(owed), refused)));
  const missing = [...wanted].filter((key) => !known.has(`record|${key}`));
  if (missing.length > 0) await remember(sql, connection, 'record', await connector.ensureRecords(missing, api), known);
}

function recordsOf(
  connector: AccountingConnector,
  { document, state }: OwedDocument,
  mapping: BooksMapping,
  refused: Refused,
): string[] {
  try {
    return connector.recordsFor?.(document, mapping) ?? [];
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    // What may be in the books already is looked up or taken out all the same.
    if (state === 'pending' || state === 'held' || state === 'rejected') refused.set(document, error);
    return [];
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
      on conflict (connection_id, kind, ours, channel, valid_from) do update set theirs = excluded.theirs`;
  }
}

async function remoteIds(sql: Sql, connectionId: string, due: OwedDocument[]): Promise<Map<string, string>> {
  const wanted = due.flatMap(({ document }) => dependsOn(document));
  if (wanted.length === 0) return new Map();
  const receipts = wanted.map(({ kind, number }) => ({ kind: RECEIPT_FOR[kind], number }));
  const all: { kind: DocumentKind; number: string }[] = [...wanted, ...receipts];
  const rows = await sql<{ kind: string; number: string; remoteId: string }[]>`
    select kind, number, remote_id as "remoteId" from documents
    where connection_id = ${connectionId} and remote_id is not null and (kind, number) in (
      select * from unnest(${all.map((each) => each.kind as string)}::text[], ${all.map((each) => each.number)}::text[]))`;
  return new Map(rows.map((row) => [`${row.kind}|${row.number}`, row.remoteId]));
}
