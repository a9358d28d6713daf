import type { Json } from './answer.ts';
import { purchaseBook, transferBook } from './banking.ts';
import { depositBook } from './deposits.ts';
import { checkShape } from './fields.ts';
import type { Book } from './head.ts';
import { journalBook } from './journals.ts';
import { appliedTo } from './links.ts';
import { accountBook, type BookRow, itemBook, nameBook } from './lists.ts';
import { paymentBook } from './payments.ts';
import { business, missing, notFound, Refused } from './refusal.ts';
import { renderDocument, renderRow } from './render.ts';
import { type Context, flag, member, text } from './request.ts';
import { salesBook } from './sales.ts';
import { deleted, successor } from './versions.ts';
import { voided } from './void.ts';
import { type BookedDocument, type DocumentEntity, type ListEntity, type ListRow, rowKey } from './world.ts';

export type Operation = 'create' | 'update' | 'delete' | 'void';

export const BOOKS: Readonly<Record<DocumentEntity, Book>> = {
  Invoice: salesBook('Invoice'),
  CreditMemo: salesBook('CreditMemo'),
  SalesReceipt: salesBook('SalesReceipt'),
  RefundReceipt: salesBook('RefundReceipt'),
  Payment: paymentBook,
  Deposit: depositBook,
  Transfer: transferBook,
  Purchase: purchaseBook,
  JournalEntry: journalBook,
};

const ROWS: Readonly<Record<ListEntity, BookRow>> = {
  Account: accountBook,
  Item: itemBook,
  Customer: nameBook('Customer'),
  Vendor: nameBook('Vendor'),
};

/** Kinds that the API can void; the others can be deleted. */
const VOIDABLE: readonly DocumentEntity[] = ['Invoice', 'SalesReceipt', 'Payment'];

/** Carries out one operation and answers the entity as it then stands. Throws Refused, with nothing put. */
export function operate(
  entity: DocumentEntity | ListEntity,
  operation: Operation,
  body: unknown,
  context: Context,
): Json {
  if (context.company.suspended) {
    throw new Refused(
      '6190',
      'Subscription period has ended or canceled or there was a billing problem : ' +
        "You can't add data to QuickBooks Online because your trial or subscription period ended.",
    );
  }
  checkShape(entity, body);
  if (entity in ROWS) return operateRow(entity as ListEntity, operation, body, context);
  const kind = entity as DocumentEntity;
  switch (operation) {
    case 'create':
      return create(kind, body, context);
    case 'update':
      return update(kind, body, context);
    case 'delete':
      return remove(kind, body, context);
    case 'void':
      return makeVoid(kind, body, context);
  }
}

function create(entity: DocumentEntity, body: unknown, context: Context): Json {
  const { company, change, now } = context;
  const draft = BOOKS[entity](body, null, context);
  openPeriod(draft.date, context);
  const document: BookedDocument = {
    ...draft,
    entity,
    id: String(change.next(`${company.realm} document`)),
    syncToken: 0,
    state: 'live',
    createdAt: now,
    updatedAt: now,
  };
  change.put({ type: 'document', realm: company.realm, value: document });
  return renderDocument(company, document);
}

/** Sparse keeps what is not said; otherwise it is cleared. Lines are all of them or none. */
function update(entity: DocumentEntity, body: unknown, context: Context): Json {
  const { company, change } = context;
  const existing = current(entity, body, context);
  openPeriod(existing.date, context);
  if (entity === 'Purchase' && text(body, 'PaymentType') === null) throw missing('PaymentType');
  const draft = BOOKS[entity](flag(body, 'sparse') ? merged(existing, body) : body, existing, context);
  openPeriod(draft.date, context);
  const document = successor(existing, { ...draft, state: 'live' }, context.now);
  change.put({ type: 'document', realm: company.realm, value: document });
  return renderDocument(company, document);
}

function merged(existing: BookedDocument, body: unknown): Json {
  const before: Json = { DocNumber: existing.number ?? '', TxnDate: existing.date, ...existing.body };
  // New lines get new tax, unless it is said again.
  if (member(body, 'Line') !== undefined) delete before.TxnTaxDetail;
  return { ...before, ...(body as Json) };
}

function remove(entity: DocumentEntity, body: unknown, context: Context): Json {
  const { company, change } = context;
  const existing = current(entity, body, context);
  openPeriod(existing.date, context);
  if (appliedTo(company, existing.id) !== 0n) {
    throw business('This transaction is linked to others. You must unlink them before you delete it.');
  }
  change.put({ type: 'document', realm: company.realm, value: deleted(existing, context.now) });
  return { domain: 'QBO', status: 'Deleted', Id: existing.id };
}

function makeVoid(entity: DocumentEntity, body: unknown, context: Context): Json {
  const { company, change } = context;
  if (!VOIDABLE.includes(entity)) throw new Refused('500', 'Operation void is not supported.');
  const existing = current(entity, body, context);
  openPeriod(existing.date, context);
  for (const value of voided(existing, context)) change.put({ type: 'document', realm: company.realm, value });
  return renderDocument(company, company.documents.get(existing.id)!);
}

/**
 * The document that a body names, in the version that it names. Throws 610 where there is none, 5010 for an older
 * version, 6540 when it lies in a deposit.
 */
function current(entity: DocumentEntity, body: unknown, { company }: Context): BookedDocument {
  const id = text(body, 'Id');
  if (id === null) throw missing('Id');
  const existing = company.documents.get(id);
  if (existing?.entity !== entity || existing.state === 'deleted') throw notFound();
  sameVersion(existing.syncToken, body);
  if (!company.depositedBy.has(id)) return existing;
  throw new Refused(
    '6540',
    'This transaction has been deposited. If you want to change or delete it, ' +
      'you must edit the deposit it appears on and remove it first.',
  );
}

function sameVersion(syncToken: number, body: unknown): void {
  const said = text(body, 'SyncToken');
  if (said === null) throw missing('SyncToken');
  if (said === String(syncToken)) return;
  throw new Refused(
    '5010',
    'Stale Object Error : You and the company administrator were working on this at the same time. ' +
      'The company administrator finished before you did, so your work was not saved.',
  );
}

/** Throws 6210 for a day on or before the closing date. */
function openPeriod(date: string, { company, byHand }: Context): void {
  if (byHand || company.closed === null || date > company.closed) return;
  throw new Refused(
    '6210',
    'The account period has closed and the account books cannot be updated through through the QBO Services API. ' +
      'Please use the QBO website to make these changes.',
  );
}

function operateRow(entity: ListEntity, operation: Operation, body: unknown, context: Context): Json {
  const { company, change, now } = context;
  if (operation === 'delete' || operation === 'void') {
    throw new Refused('500', `Operation ${operation} is not supported.`);
  }
  const existing = operation === 'update' ? currentRow(entity, body, context) : null;
  const said = existing && flag(body, 'sparse') ? { ...renderRow(company, existing), ...(body as Json) } : body;
  const draft = ROWS[entity](said, existing, context);
  if (existing && isName(entity) && !draft.active && (company.owed.get(existing.id) ?? 0n) !== 0n) {
    throw business('You cannot make a name inactive that has an open balance.');
  }
  const sequence = isName(entity) ? 'name' : entity.toLowerCase();
  const row: ListRow = {
    ...draft,
    entity,
    id: existing?.id ?? String(change.next(`${company.realm} ${sequence}`) + (entity === 'Account' ? 200 : 0)),
    syncToken: existing ? existing.syncToken + 1 : 0,
    createdAt: existing?.createdAt ?? now,
    updatedAt: now,
  };
  change.put({ type: 'row', realm: company.realm, value: row });
  return renderRow(company, row);
}

const isName = (entity: ListEntity) => entity === 'Customer' || entity === 'Vendor';

function currentRow(entity: ListEntity, body: unknown, { company }: Context): ListRow {
  const id = text(body, 'Id');
  if (id === null) throw missing('Id');
  const existing = company.rows.get(rowKey(entity, id));
  if (!existing) throw notFound();
  sameVersion(existing.syncToken, body);
  return existing;
}
