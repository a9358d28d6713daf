import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import type { Api, BooksMapping, RemoteSnapshot } from '../../kit/contract.ts';
import { type Booked, type BookedLine, bookedIn, minor, remoteOf, signed, stateOf } from './answer.ts';
import { type Fields, readOne } from './client.ts';
import { type Attempt, unreadable } from './errors.ts';
import { accountOf, possibleResources, type Resource, resourceOf } from './resources.ts';

/** A pushed document where it stands. */
export interface Located {
  resource: Resource;
  found: Booked;
  fields: Fields;
}

/** Looks under the kind it was pushed as, and under the others it may have been; null when it is under none any more. */
export async function locate(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<Located | null> {
  const what = `Reading ${subjectOf(document)}`;
  const expected = resourceOf(document, mapping);
  const others = possibleResources(document).filter((each) => each !== expected);
  for (const resource of [expected, ...others]) {
    const shown = resource.startsWith('sales_') ? '?show_payments_allocations=true' : '';
    const fields = await readOne(api, what, `/${resource}/${encodeURIComponent(remoteId)}${shown}`);
    if (fields) return { resource, fields, found: bookedIn(fields, { what, writes: false }) };
  }
  return null;
}

/** Reads a pushed document back as it stands now; null when it is not there any more. */
export async function inspect(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<RemoteSnapshot | null> {
  const there = await locate(document, remoteId, mapping, api);
  if (!there) return null;
  const { resource, found } = there;
  const attempt: Attempt = { what: `Reading ${subjectOf(document)}`, writes: false };
  const remote = remoteOf(document, resource, found, attempt);
  try {
    const lines = linesOf(document, resource, found, remote.currency, mapping);
    return { ...remote, state: stateOf(found), date: found.date ?? '', lines };
  } catch (cause) {
    throw unreadable(attempt, `a line of ${document.number} is incomplete`, cause);
  }
}

function linesOf(
  document: BookDocument,
  resource: Resource,
  found: Booked,
  currency: string,
  mapping: BooksMapping,
): RemoteSnapshot['lines'] {
  if (!('lines' in document)) return [];
  const code = codes(document, mapping);
  if (resource !== 'journals') {
    const lines = found.invoice_lines ?? found.credit_note_lines ?? found.payment_lines ?? [];
    return lines.map((line) => ({
      account: code(line),
      net: minor(line.net_amount, currency),
      tax: minor(line.tax_amount ?? '0', currency),
    }));
  }
  const lines = (found.journal_lines ?? []).map((line) => ({
    account: code(line),
    net: signed(line, currency),
    tax: 0n,
  }));
  if (document.kind === 'journal') return lines;
  // A bank entry that had to be a journal: its first line is the money, its tax one more (movements.ts).
  const sign = document.kind === 'bank_entry' && document.direction === 'receive' ? -1n : 1n;
  return lines.slice(1, 1 + document.lines.length).map((line) => ({ ...line, net: sign * line.net }));
}

/** Our code of the account of a line; one that our document does not name shows as the provider displays it. */
function codes(
  document: Extract<BookDocument, { lines: unknown }>,
  mapping: BooksMapping,
): (line: BookedLine) => string {
  const known = new Map<string, string>();
  for (const line of document.lines) {
    const { remoteId, code } = accountOf(line, mapping);
    known.set(remoteId, code);
  }
  return ({ ledger_account: account }) => {
    const shown = /\((\d+)\)$/.exec(account?.displayed_as ?? '')?.[1];
    return known.get(account?.id ?? '') ?? shown ?? account?.id ?? '';
  };
}
