import type { BookedBankEntry, BookedJournal, BookedTransfer } from './movements.ts';
import {
  type BookedAllocation,
  type BookedDocument,
  type BookedPayment,
  type Connection,
  type Contact,
  type Locks,
  numberKey,
  type Organisation,
  type RefreshToken,
  type StoredAnswer,
  settlementOf,
  type World,
} from './world.ts';

/**
 * Everything that can change in the world. The log holds these, so that a restart replays what was answered, not what
 * was asked.
 */
export type Fact =
  | { type: 'document'; tenant: string; value: BookedDocument }
  | { type: 'payment'; tenant: string; value: BookedPayment }
  | { type: 'allocation'; tenant: string; value: BookedAllocation }
  | { type: 'bank_entry'; tenant: string; value: BookedBankEntry }
  | { type: 'transfer'; tenant: string; value: BookedTransfer }
  | { type: 'journal'; tenant: string; value: BookedJournal }
  | { type: 'contact'; tenant: string; value: Contact }
  | { type: 'locks'; tenant: string; value: Locks }
  | { type: 'account_status'; tenant: string; value: { code: string; status: 'ACTIVE' | 'ARCHIVED' } }
  | { type: 'tax_rate_removed'; tenant: string; value: { taxType: string } }
  | { type: 'connection'; value: Connection }
  | { type: 'connection_removed'; value: { id: string } }
  | { type: 'refresh_token'; value: RefreshToken }
  | { type: 'consent_ended'; value: { authEventId: string } }
  | { type: 'answer'; value: StoredAnswer };

/** Makes a fact true. Answers what takes it back, for requests that are refused half-way. */
export function apply(world: World, fact: Fact): () => void {
  if (!('tenant' in fact)) return applyShared(world, fact);
  const organisation = world.organisations.get(fact.tenant);
  // A state file may name an organisation that is no longer in the options; it is kept in the file and ignored.
  return organisation ? applyWithin(organisation, fact) : () => undefined;
}

type TenantFact = Extract<Fact, { tenant: string }>;

function applyShared(world: World, fact: Exclude<Fact, TenantFact>): () => void {
  switch (fact.type) {
    case 'connection':
      return put(world.connections, fact.value.id, fact.value);
    case 'connection_removed':
      return remove(world.connections, fact.value.id);
    case 'refresh_token':
      return put(world.refreshTokens, fact.value.token, fact.value);
    case 'answer':
      return put(world.answers, fact.value.key, fact.value);
    case 'consent_ended':
      world.endedConsents.add(fact.value.authEventId);
      return () => world.endedConsents.delete(fact.value.authEventId);
  }
}

function applyWithin(organisation: Organisation, fact: TenantFact): () => void {
  switch (fact.type) {
    case 'document':
      return putDocument(organisation, fact.value);
    case 'payment':
      return putPayment(organisation, fact.value);
    case 'allocation':
      return putAllocation(organisation, fact.value);
    case 'bank_entry':
      return put(organisation.bankEntries, fact.value.id, fact.value);
    case 'transfer':
      return put(organisation.transfers, fact.value.id, fact.value);
    case 'journal':
      return put(organisation.journals, fact.value.id, fact.value);
    case 'contact': {
      const undo = put(organisation.contacts, fact.value.id, fact.value);
      if (fact.value.number === null) return undo;
      return both(undo, put(organisation.contactsByNumber, fact.value.number.toLowerCase(), fact.value.id));
    }
    case 'locks': {
      const before = organisation.locks;
      organisation.locks = fact.value;
      return () => {
        organisation.locks = before;
      };
    }
    case 'account_status': {
      const account = organisation.accounts.get(fact.value.code);
      return account ? put(organisation.accounts, account.code, { ...account, ...fact.value }) : () => undefined;
    }
    case 'tax_rate_removed': {
      const rate = organisation.taxRates.get(fact.value.taxType);
      return rate ? put(organisation.taxRates, rate.taxType, { ...rate, status: 'DELETED' }) : () => undefined;
    }
  }
}

function putDocument(organisation: Organisation, document: BookedDocument): () => void {
  const before = organisation.documents.get(document.id);
  const live = document.status !== 'VOIDED' && document.status !== 'DELETED';
  const stored = put(organisation.documents, document.id, document);
  const unnumbered = before ? remove(organisation.numbers, numberKey(before.kind, before.number)) : () => undefined;
  const numbered = live
    ? put(organisation.numbers, numberKey(document.kind, document.number), document.id)
    : () => undefined;
  const totals = organisation.totals;
  organisation.totals = withDocument(withDocument(totals, before, organisation, -1n), document, organisation, 1n);
  return () => {
    organisation.totals = totals;
    numbered();
    unnumbered();
    stored();
  };
}

function withDocument(
  totals: Organisation['totals'],
  document: BookedDocument | undefined,
  organisation: Organisation,
  direction: 1n | -1n,
): Organisation['totals'] {
  if (document?.status !== 'AUTHORISED' || document.currency !== organisation.currency) return totals;
  const sign = document.kind === 'invoice' ? direction : -direction;
  return {
    count: totals.count + (direction === 1n ? 1 : -1),
    total: totals.total + sign * document.total,
    tax: totals.tax + sign * document.totalTax,
  };
}

function putPayment(organisation: Organisation, payment: BookedPayment): () => void {
  const before = organisation.payments.get(payment.id);
  const stored = put(organisation.payments, payment.id, payment);
  const live = (each: BookedPayment | undefined) => (each?.status === 'AUTHORISED' ? each.amount : 0n);
  const settled = settlementOf(organisation, payment.documentId);
  return both(
    stored,
    put(organisation.settlements, payment.documentId, {
      ...settled,
      paid: settled.paid - live(before) + live(payment),
      payments: before ? settled.payments : [...settled.payments, payment.id],
      updatedAt: payment.updatedAt,
    }),
  );
}

function putAllocation(organisation: Organisation, allocation: BookedAllocation): () => void {
  const before = organisation.allocations.get(allocation.id);
  const stored = put(organisation.allocations, allocation.id, allocation);
  const live = (each: BookedAllocation | undefined) => (each && each.status !== 'DELETED' ? each.amount : 0n);
  const credit = (documentId: string) => {
    const settled = settlementOf(organisation, documentId);
    return put(organisation.settlements, documentId, {
      ...settled,
      credited: settled.credited - live(before) + live(allocation),
      allocations: before ? settled.allocations : [...settled.allocations, allocation.id],
      updatedAt: allocation.updatedAt,
    });
  };
  return both(stored, both(credit(allocation.creditNoteId), credit(allocation.invoiceId)));
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): () => void {
  const before = map.get(key);
  map.set(key, value);
  return () => (before === undefined ? map.delete(key) : map.set(key, before));
}

function remove<Key, Value>(map: Map<Key, Value>, key: Key): () => void {
  const before = map.get(key);
  map.delete(key);
  return () => before !== undefined && map.set(key, before);
}

function both(first: () => void, second: () => void): () => void {
  return () => {
    second();
    first();
  };
}
