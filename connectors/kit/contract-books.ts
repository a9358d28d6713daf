import type { BookDocument, DocumentKind, DocumentParty } from '@daybook/domain';
import type { ConnectorError } from './connector-error.ts';
import type { Api, ConnectorHead } from './contract-common.ts';
import type { SignatureScheme } from './signature.ts';

/** An account, tax rate … of the books, as their API lists it. */
export interface RemoteAccount {
  /** What a mapping names it by. */
  code: string;
  name: string;
  type: string;
  remoteId: string;
  /** Where money can sit: documents may be paid into and out of it, and transfers made. */
  isBank: boolean;
  /** Its id as a bank account, where the books have another one for that. */
  bankId?: string;
  /** ISO code where it is kept in one currency. */
  currency?: string;
}
export interface RemoteTaxRate {
  code: string;
  name: string /** percent */;
  rate: string;
}
export interface RemoteBooks {
  name: string;
  country: string;
  currency: string;
  timeZone: string;
  currencies: string[];
  accounts: RemoteAccount[];
  taxRates: RemoteTaxRate[];
  /** Last locked day, YYYY-MM-DD, or null. */
  lockDate: string | null;
}

/** Our word → their word: a role of ours to an account code, a tax code of ours ('' = a line without one) to theirs. */
export interface MappingSuggestion {
  kind: 'account' | 'tax';
  ours: string;
  theirs: string;
}

/** A document as it stands in the books. Amounts in minor units, credit notes positive. */
export interface RemoteDocument {
  remoteId: string;
  number: string;
  total: bigint;
  tax: bigint;
  currency: string;
  status: string;
  url: string | null;
}

/** A pushed document as a person may have left it. Amounts in minor units, signed like our documents. */
export interface RemoteSnapshot extends RemoteDocument {
  state: 'live' | 'voided' | 'deleted';
  date: string;
  /**
   * Lines with their account (code of `RemoteAccount`); payments, transfers and allocations have none. Where the books
   * take our tax as a line of its own it is in `tax` only, and each line's tax is 0.
   */
  lines: { account: string; net: bigint; tax: bigint }[];
}

/** One thing that changed in the books, as their webhook tells. */
export interface RemoteChange {
  /** The tenant. */
  account: string;
  remoteId: string;
  operation: 'created' | 'updated' | 'deleted' | 'voided' | 'merged';
}

/** What translating a document needs of the other side. Each throws ConnectorError MAPPING_MISSING when unmapped. */
export interface BooksMapping {
  /** Their account code for a role of ours. */
  account(role: string, account: string): string;
  /** That account as the books list it. */
  remoteAccount(role: string, account: string): RemoteAccount;
  /** Their tax code for ours; null = no tax at all. */
  tax(taxCode: string | null): string;
  /** Remote id of a document pushed earlier. */
  remoteId(kind: DocumentKind, number: string): string;
  /** Remote id of a contact made by `ensureParties`. */
  party(id: string): string;
  /** Remote id of a record made by `ensureRecords`. */
  record(key: string): string;
}

/** A frozen request: these very bytes are sent again on a replay. */
export interface PreparedRequest {
  method: 'POST' | 'PUT';
  path: string;
  body: string;
}

export type SendResult = { ok: true; remote: RemoteDocument } | { ok: false; error: ConnectorError };

export interface AccountingConnector extends ConnectorHead {
  kind: 'accounting';
  /** Declared limits; answers' headers and Retry-After tighten them. */
  limits: {
    requestsPerMinute: number;
    /** Where the provider counts seconds too. */
    requestsPerSecond?: number;
    concurrent: number;
    documentsPerRequest: number;
  };
  /** Milliseconds during which the provider answers a repeated idempotency key from memory; 0 = it has none. */
  idempotencyWindowMs: number;
  /** Chart, tax rates, currencies, lock dates. */
  readBooks(api: Api): Promise<RemoteBooks>;
  /** First mappings for a person to confirm: by code, name, type; taxes by rate. Leaves out what has no match. Pure. */
  suggestMapping(
    books: RemoteBooks,
    accounts: { role: string; code: string; name: string; type: string }[],
    taxCodes: { code: string; rate: string }[],
  ): MappingSuggestion[];
  /** Finds or makes the contacts; idempotent by our party id. Answers party id → remote id. */
  ensureParties(parties: DocumentParty[], api: Api): Promise<Map<string, string>>;
  /** Keys of other records a document refers to there (an item per account, …), for `ensureRecords`. Pure. */
  recordsFor?(document: BookDocument, mapping: BooksMapping): string[];
  /** Finds or makes them; idempotent by key. Answers key → remote id. */
  ensureRecords?(keys: string[], api: Api): Promise<Map<string, string>>;
  /** One document in the provider's words, serialised once. Pure. */
  encode(document: BookDocument, mapping: BooksMapping): string;
  /** A request for encoded documents of one kind (allocations and the like may only come alone). Pure. */
  prepare(kind: DocumentKind, encoded: string[], document: BookDocument, mapping: BooksMapping): PreparedRequest;
  /** Kinds of which several go into one request. */
  batches: readonly DocumentKind[];
  /** Takes sales receipts and refund receipts. Without it, such a sale is an invoice and its payment. */
  receipts?: true;
  /** Sends once. One result per document, in order. Throws ConnectorError for the request as a whole. */
  send(request: PreparedRequest, documents: BookDocument[], key: string, api: Api): Promise<SendResult[]>;
  /** Looks documents of one kind up by their natural key; null where there is none. */
  find(documents: BookDocument[], mapping: BooksMapping, api: Api): Promise<(RemoteDocument | null)[]>;
  /** Reads a pushed document back as it stands now; `deleted` or null when it is gone. */
  inspect(document: BookDocument, remoteId: string, mapping: BooksMapping, api: Api): Promise<RemoteSnapshot | null>;
  /**
   * Takes a pushed document out of the books again the way the books allow: voids or deletes it. What was undone before
   * is `gone`. Throws ConnectorError `rejected` (locked period, still referred to by `subject`) naming what to do.
   */
  undo(document: BookDocument, remoteId: string, mapping: BooksMapping, api: Api): Promise<'undone' | 'gone'>;
  /** Webhooks of the books, which only tell that something changed. */
  webhooks?: {
    signature: SignatureScheme;
    /** Throws ConnectorError `rejected` for what is none of theirs. */
    changes(body: Buffer): RemoteChange[];
  };
}
