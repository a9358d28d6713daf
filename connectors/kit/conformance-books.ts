import { randomUUID } from 'node:crypto';
import type { BookDocument } from '@daybook/domain';
import { PARTY, type Terms, type TestMapping, testMapping } from './conformance-documents.ts';
import { openWorld, type Subject, type World } from './conformance-world.ts';
import type { AccountingConnector, BooksMapping, RemoteBooks, RemoteDocument, SendResult } from './contract.ts';
import type { AccountingSimulator, Fault } from './simulator.ts';

/** Simulated books that are connected and mapped, and what the suite does with them. */
export interface BooksWorld extends World<AccountingSimulator> {
  connector: AccountingConnector;
  remote: RemoteBooks;
  mapping: TestMapping;
  /** Terms of the next document, with a number nobody has used. */
  terms(): Terms;
  /** Encodes and sends once. */
  send(documents: BookDocument[], key?: string, mapping?: BooksMapping): Promise<SendResult[]>;
  /** Sends one document and remembers where it went; throws what refused it. */
  push(document: BookDocument): Promise<RemoteDocument>;
  find(documents: BookDocument[]): Promise<(RemoteDocument | null)[]>;
  /** Invoices and credit notes the simulator itself counts. */
  count(): number;
  /** Makes the simulator do something wrong with the next request that would create this document. */
  failOn(document: BookDocument, fault: Omit<Fault, 'count' | 'path' | 'method'>): void;
  loseReplyOf(document: BookDocument): void;
}

/** Opens the first tenant of the simulated books. The caller closes it. */
export async function openBooks(subject: Subject<AccountingConnector>): Promise<BooksWorld> {
  const { connector } = subject;
  const world = await openWorld<AccountingSimulator>(subject);
  const { simulator, account, api } = world;
  const remote = await connector.readBooks(api);
  const rate = taxedRate(remote, simulator, account);
  const mapping = testMapping(simulator, account, rate);
  for (const [id, remoteId] of await connector.ensureParties([PARTY], api)) mapping.parties.set(id, remoteId);
  let serial = 0;
  const prepare = (documents: BookDocument[], by: BooksMapping = mapping) => {
    const [first] = documents;
    if (!first) throw new Error('Nothing to send.');
    return connector.prepare(
      first.kind,
      documents.map((each) => connector.encode(each, by)),
      first,
      by,
    );
  };
  const send = async (documents: BookDocument[], key: string = randomUUID(), by: BooksMapping = mapping) =>
    connector.send(prepare(documents, by), documents, key, api);
  const failOn = (document: BookDocument, fault: Omit<Fault, 'count' | 'path' | 'method'>) => {
    const { method, path } = prepare([document]);
    simulator.inject({ ...fault, count: 1, method, path: path.split('?')[0] ?? path });
  };
  return {
    ...world,
    connector,
    remote,
    mapping,
    terms: () => ({ number: `CONF-${++serial}`, currency: remote.currency, rate }),
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

/** The highest rate for sales these books have, so that documents carry tax. */
function taxedRate(remote: RemoteBooks, simulator: AccountingSimulator, account: string): string {
  const plain = (rate: string) => (rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate);
  const rates = remote.taxRates.map(({ rate }) => plain(rate)).filter((rate) => rate !== '0');
  const usable = rates.filter((rate) => simulator.taxFor(account, rate) !== undefined);
  const [highest] = usable.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  if (highest === undefined) throw new Error(`The simulated books of ${account} have no tax rate above 0 for sales.`);
  return highest;
}
