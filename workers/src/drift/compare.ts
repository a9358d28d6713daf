import type { BooksMapping, RemoteSnapshot } from '@daybook/connectors/kit/contract';
import { type BookDocument, contentHash, toWire } from '@daybook/domain';

/** A document reduced to what a person could change on the far side; minor units. */
export interface Side {
  date: string;
  currency: string;
  total: bigint;
  tax: bigint;
  /** Net per account of theirs; empty where the document has no lines. */
  lines: { account: string; net: bigint }[];
}

export interface Difference {
  kind: 'edited' | 'voided' | 'deleted';
  ours: Side;
  theirs: Side | null;
  /** The same state of theirs always has the same hash. */
  snapshot: string;
}

/** What differs between a pushed document and what stands in the books; null when nothing does. Pure. */
export function compare(
  document: BookDocument,
  remote: RemoteSnapshot | null,
  mapping: Pick<BooksMapping, 'account'>,
): Difference | null {
  const ours = ourSide(document, mapping);
  if (remote === null || remote.state === 'deleted') return differs('deleted', ours, null);
  const theirs = theirSide(remote, ours);
  if (remote.state === 'voided') return differs('voided', ours, theirs);
  return toWire(sorted(ours)) === toWire(sorted(theirs)) ? null : differs('edited', ours, theirs);
}

function differs(kind: Difference['kind'], ours: Side, theirs: Side | null): Difference {
  return { kind, ours, theirs, snapshot: contentHash({ kind, theirs: theirs && sorted(theirs) }) };
}

function ourSide(document: BookDocument, mapping: Pick<BooksMapping, 'account'>): Side {
  const { date, currency } = document;
  const total = 'total' in document ? document.total : document.amount;
  const tax = 'tax' in document ? document.tax : 0n;
  const lines = linesOf(document).map(({ role, account, net }) => ({ account: mapping.account(role, account), net }));
  return { date, currency, total, tax, lines };
}

function linesOf(document: BookDocument): { role: string; account: string; net: bigint }[] {
  if (document.kind === 'journal') return document.lines.map((line) => ({ ...line, net: line.amount }));
  return 'lines' in document ? document.lines : [];
}

/** Dates and lines count only where the books tell them and we have some. */
function theirSide(remote: RemoteSnapshot, ours: Side): Side {
  const { currency, total, tax } = remote;
  const tellsLines = ours.lines.length > 0 && remote.lines.length > 0;
  const lines = tellsLines ? remote.lines.map(({ account, net }) => ({ account, net })) : ours.lines;
  return { date: remote.date || ours.date, currency, total, tax, lines };
}

function sorted(side: Side): Side {
  const perAccount = new Map<string, bigint>();
  for (const { account, net } of side.lines) perAccount.set(account, (perAccount.get(account) ?? 0n) + net);
  const lines = [...perAccount].map(([account, net]) => ({ account, net })).filter(({ net }) => net !== 0n);
  return { ...side, lines: lines.sort((a, b) => (a.account < b.account ? -1 : 1)) };
}
