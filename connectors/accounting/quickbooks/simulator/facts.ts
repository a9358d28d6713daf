import {
  type BookedDocument,
  type Company,
  type Consent,
  type ListRow,
  numberKey,
  rowKey,
  type StoredAnswer,
  type World,
} from './world.ts';

/**
 * Everything that can change in the world. The log holds these, so that a restart replays what was answered, not what
 * was asked.
 */
export type Fact =
  | { type: 'document'; realm: string; value: BookedDocument }
  | { type: 'row'; realm: string; value: ListRow }
  | { type: 'closed'; realm: string; value: string | null }
  | { type: 'suspended'; realm: string; value: boolean }
  | { type: 'answer'; realm: string; value: StoredAnswer }
  | { type: 'consent'; value: Consent };

/** Makes a fact true. Answers what takes it back, for requests that are refused half-way. */
export function apply(world: World, fact: Fact): () => void {
  if (fact.type === 'consent') return put(world.consents, fact.value.id, fact.value);
  const company = world.companies.get(fact.realm);
  // A state file may name a company that is no longer in the options; it is kept in the file and ignored.
  return company ? applyWithin(company, fact) : () => undefined;
}

function applyWithin(company: Company, fact: Exclude<Fact, { type: 'consent' }>): () => void {
  switch (fact.type) {
    case 'document':
      return putDocument(company, fact.value);
    case 'row':
      return put(company.rows, rowKey(fact.value.entity, fact.value.id), fact.value);
    case 'answer':
      return put(company.answers, fact.value.key, fact.value);
    case 'closed': {
      const before = company.closed;
      company.closed = fact.value;
      return () => {
        company.closed = before;
      };
    }
    case 'suspended': {
      const before = company.suspended;
      company.suspended = fact.value;
      return () => {
        company.suspended = before;
      };
    }
  }
}

function putDocument(company: Company, document: BookedDocument): () => void {
  const before = company.documents.get(document.id);
  const { updatedAt } = document;
  if (before) weigh(company, before, -1n, updatedAt);
  company.documents.set(document.id, document);
  weigh(company, document, 1n, updatedAt);
  return () => {
    weigh(company, document, -1n, updatedAt);
    if (before) {
      company.documents.set(before.id, before);
      weigh(company, before, 1n, before.updatedAt);
    } else company.documents.delete(document.id);
  };
}

/** Adds (1) or takes off (−1) everything that a document means for sums and indexes; `at` = when, in milliseconds. */
function weigh(company: Company, document: BookedDocument, direction: 1n | -1n, at: number): void {
  if (document.state === 'deleted') return;
  for (const { account, amount, home, party } of document.postings) {
    add(company.balances, account, direction * home);
    if (company.rows.get(rowKey('Account', account))?.currency !== company.currency) {
      add(company.foreignBalances, account, direction * amount);
    }
    if (party !== undefined) add(company.owed, party, direction * amount);
  }
  for (const link of document.links) {
    if (link.kind === 'deposits') {
      if (direction === 1n) company.depositedBy.set(link.to, document.id);
      else company.depositedBy.delete(link.to);
    } else apportion(company, link.to, document.id, direction * link.amount);
    company.touched.set(link.to, at);
  }
  if (document.number !== null) index(company, numberKey(document.entity, document.number), document.id, direction);
  count(company, document, direction);
}

function apportion(company: Company, target: string, payment: string, amount: bigint): void {
  const parts = company.applied.get(target) ?? new Map<string, bigint>();
  company.applied.set(target, parts);
  add(parts, payment, amount);
  if (parts.get(payment) === 0n) parts.delete(payment);
}

function index(company: Company, key: string, id: string, direction: 1n | -1n): void {
  const others = (company.numbers.get(key) ?? []).filter((each) => each !== id);
  company.numbers.set(key, direction === 1n ? [...others, id] : others);
}

const SIGNS: Partial<Record<BookedDocument['entity'], 1n | -1n>> = {
  Invoice: 1n,
  SalesReceipt: 1n,
  CreditMemo: -1n,
  RefundReceipt: -1n,
};

function count(company: Company, document: BookedDocument, direction: 1n | -1n): void {
  const sign = SIGNS[document.entity];
  if (sign === undefined || document.state !== 'live' || document.currency !== company.currency) return;
  const { totals } = company;
  company.totals = {
    count: totals.count + (direction === 1n ? 1 : -1),
    total: totals.total + direction * sign * document.total,
    tax: totals.tax + direction * sign * (document.tax + document.lineTax),
  };
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount);
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): () => void {
  const before = map.get(key);
  map.set(key, value);
  return () => (before === undefined ? map.delete(key) : map.set(key, before));
}
