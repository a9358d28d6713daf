import {
  type CanonicalEvent,
  type DocumentType,
  DomainError,
  documentId,
  eventTypeOf,
  makeEvent,
  type Sale,
} from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** The newest revision of a document that was entered. */
export interface EnteredDocument {
  eventId: bigint;
  revision: string;
  event: CanonicalEvent;
}

/** The newest revision of an entered document by the id of its event; null where there is none. */
export async function enteredDocument(
  sql: Queryable,
  companyId: string,
  type: DocumentType,
  id: string,
): Promise<EnteredDocument | null> {
  const [row] = await sql<{ eventId: bigint; revision: string; payload: unknown }[]>`
    select e.id as "eventId", e.revision, e.payload from events e join connections c on c.id = e.connection_id
    where c.company_id = ${companyId} and c.kind = 'entered' and e.type = ${eventTypeOf(type)} and e.source_id = ${id}
    order by e.revision desc, e.id desc limit 1`;
  return row ? { eventId: row.eventId, revision: row.revision, event: makeEvent(row.payload) } : null;
}

/**
 * The newest revision of an entered invoice or credit note by the number people know it by, whichever key it has;
 * null where there is none.
 */
export async function documentNumbered(
  sql: Queryable,
  companyId: string,
  type: 'invoice' | 'credit_note',
  number: string,
): Promise<EnteredDocument | null> {
  const [row] = await sql<{ id: string }[]>`
    select e.source_id as id from events e join connections c on c.id = e.connection_id
    where c.company_id = ${companyId} and c.kind = 'entered' and e.type = ${eventTypeOf(type)}
      and e.payload->>'number' = ${number}
    order by (e.source_id = ${documentId(type, number)}) desc, e.id desc limit 1`;
  return row ? enteredDocument(sql, companyId, type, row.id) : null;
}

/** The invoice a credit note names. Throws DOCUMENT_UNKNOWN. */
export async function invoiceNamed(sql: Queryable, companyId: string, number: string): Promise<Sale> {
  const found = await documentNumbered(sql, companyId, 'invoice', number);
  if (found) return found.event as Sale;
  throw new DomainError(
    'DOCUMENT_UNKNOWN',
    `There is no invoice "${number}" among those entered here. Correct the number; what a channel sold is refunded there.`,
    number,
  );
}
