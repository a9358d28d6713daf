import { type Answer, envelope, type Json, notFound } from './answer.ts';
import type { BookedBankEntry, BookedJournal, BookedTransfer } from './movements.ts';
import { type Fields, filter, ordered, pageOf, slice } from './query.ts';
import { modifiedSince, type ReadRequest } from './reads.ts';
import { renderBankEntry, renderJournal, renderTransfer } from './render-movements.ts';

const entryFields: Fields<BookedBankEntry> = {
  BankTransactionID: (each) => each.id,
  Type: (each) => each.type,
  Status: (each) => each.status,
  Reference: (each) => each.reference,
  Date: (each) => each.date,
  'BankAccount.Code': (each) => each.bankCode,
  'Contact.ContactID': (each) => each.contactId,
};
const transferFields: Fields<BookedTransfer> = {
  BankTransferID: (each) => each.id,
  Reference: (each) => each.reference,
  Date: (each) => each.date,
};
const journalFields: Fields<BookedJournal> = {
  ManualJournalID: (each) => each.id,
  Status: (each) => each.status,
  Narration: (each) => each.narration,
  Date: (each) => each.date,
};

/** GET of what moves money without an invoice. */
export function readMovements(request: ReadRequest): Answer {
  const { organisation, query } = request;
  const withLines = request.id !== undefined || pageOf(query) !== null;
  if (request.resource === 'BankTransactions') {
    const render = (each: BookedBankEntry) => renderBankEntry(organisation, each, withLines);
    return answer(request, organisation.bankEntries, entryFields, render);
  }
  if (request.resource === 'ManualJournals') {
    return answer(request, organisation.journals, journalFields, (each) =>
      renderJournal(organisation, each, withLines),
    );
  }
  // Transfers are not paged, and list what was deleted only when asked to.
  const deletedToo = request.id !== undefined || query.includedeleted?.toLowerCase() === 'true';
  const shown = new Map([...organisation.transfers].filter(([, each]) => deletedToo || each.status !== 'DELETED'));
  const { page: _page, ...unpaged } = query;
  return answer({ ...request, query: unpaged }, shown, transferFields, (each) => renderTransfer(organisation, each));
}

function answer<Row extends { updatedAt: number }>(
  request: ReadRequest,
  all: ReadonlyMap<string, Row>,
  fields: Fields<Row>,
  render: (row: Row) => Json,
): Answer {
  const { id, query, resource } = request;
  if (id !== undefined) {
    const found = all.get(id.toLowerCase());
    return found ? envelope(request.envelopeId, request.now, { [resource]: [render(found)] }) : notFound();
  }
  const matches = filter(query.where, fields);
  const since = modifiedSince(request);
  const rows = [...all.values()].filter((each) => each.updatedAt >= since && matches(each));
  const { rows: page, pagination } = slice(ordered(rows, query.order, fields), pageOf(query));
  return envelope(request.envelopeId, request.now, {
    ...(pagination ? { pagination } : {}),
    [resource]: page.map(render),
  });
}
