import { randomUUID } from 'node:crypto';
import type { BookDocument } from '@daybook/domain';
import { PARTY, PROCESSOR, salesTaxesOf, type Terms, type TestMapping, testMapping } from './conformance-documents.ts';
import { openWorld, type Subject, type World } from './conformance-world.ts';
import type {
  AccountingConnector,
  BooksMapping,
  PreparedRequest,
  RemoteBooks,
  RemoteDocument,
  SendResult,
} from './contract.ts';
import type { AccountingSimulator, Fault } from './simulator.ts';

/** Simulated books that are connected and mapped, and what the suite does with them. */
export interface BooksWorld extends World<AccountingSimulator> {
  connector: AccountingConnector;
  remote: RemoteBooks;
  mapping: TestMapping;
  /** Terms of the next document, with a number nobody has used. */
  terms(): Terms;
  /** Makes the records the documents refer to, and the frozen request. */
  prepare(documents: BookDocument[], mapping?: BooksMapping): Promise<PreparedRequest>;
  /** Encodes and sends once. */
  send(documents: BookDocument[], key?: string, mapping?: BooksMapping): Promise<SendResult[]>;
  /** Sends one document and remembers where it went; throws what refused it. */
  push(document: BookDocument): Promise<RemoteDocument>;
  find(documents: BookDocument[]): Promise<(RemoteDocument | null)[]>;
  /** Invoices and credit notes the simulator itself counts. */
  count(): number;
  /** Makes the simulator do something wrong with the next request that would create this document. */
  failOn(document: BookDocument, fault: Omit<Fault, 'count' | 'path' | 'method'>): Promise<void>;
  loseReplyOf(document: BookDocument): Promise<void>;
}

/** Opens the first tenant of the simulated books. The caller closes it. */
export async function openBooks(subject: Subject<AccountingConnector>): Promise<BooksWorld> {
  const { connector } = subject;
  const world = await openWorld<AccountingSimulator>(subject);
  const { simulator, account, api } = world;
  const remote = await connector.readBooks(api);
  const taxes = salesTaxesOf(remote);
  const mapping = testMapping(connector, remote, taxes);
  for (const [id, remoteId] of await connector.ensureParties([PARTY, PROCESSOR], api))
    mapping.parties.set(id, remoteId);
  let serial = 0;
  const prepare = async (documents: BookDocument[], by: BooksMapping = mapping) => {
    const [first] = documents;
    if (!first) throw new Error('Nothing to send.');
    const keys = documents.flatMap((each) => connector.recordsFor?.(each, by) ?? []);
    const missing = [...new Set(keys)].filter((key) => !mapping.records.has(key));
    const made = missing.length > 0 ? await connector.ensureRecords?.(missing, api) : undefined;
    for (const [key, remoteId] of made ?? []) mapping.records.set(key, remoteId);
    return connector.prepare(
      first.kind,
      documents.map((each) => connector.encode(each, by)),
      first,
      by,
    );
  };
  const send = async (documents: BookDocument[], key: string = randomUUID(), by: BooksMapping = mapping) =>
    connector.send(await prepare(documents, by), documents, key, api);
  const failOn = async (document: BookDocument, fault: Omit<Fault, 'count' | 'path' | 'method'>) => {
    const { method, path } = await prepare([document]);
    simulator.inject({ ...fault, count: 1, method, path: path.split('?')[0] ?? path });
  };
  return {
    ...world,
    connector,
    remote,
    mapping,
    prepare,
    terms: () => ({ number: `CONF-${++serial}`, currency: remote.currency, taxes }),
    send,
    push: async (document) => {
      const [result] = await send([document]);
      if (!result?.ok) throw result?.error ?? new Error(`No result for ${document.kind} ${document.number}.`);
      mapping.pushed(document, result.remote.remoteId);
      return result.remote;
    },
    find: (documents) => connector.find(documents, mapping, api),
    count: () => simulator.totals(account).count,
    failOn,
    loseReplyOf: (document) => failOn(document, { kind: 'lost_reply' }),
  };
}
