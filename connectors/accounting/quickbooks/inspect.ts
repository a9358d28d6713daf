import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteAccount, RemoteSnapshot } from '../../kit/contract.ts';
import { type Booked, type BookedLine, isTaxLine, isVoided, linesOf, minor, remoteOf } from './answer.ts';
import { type Entity, likelyEntities } from './entities.ts';
import { type Attempt, unreadable } from './errors.ts';
import { type Converted, convertedLines } from './moving.ts';
import { itemKey } from './record-keys.ts';
import { accountOf } from './records.ts';
import { read } from './remove.ts';

/** A pushed document where it stands: under the kind it was pushed as, or null when it is under none any more. */
export async function locate(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<{ entity: Entity; found: Booked; text: string } | null> {
  for (const entity of likelyEntities(document, mapping)) {
    const there = await read(entity, remoteId, `Reading ${subjectOf(document)}`, api);
    if (there) return { entity, ...there };
  }
  return null;
}

/** Reads a pushed document back as it stands now; null when it was deleted. */
export async function inspect(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<RemoteSnapshot | null> {
  const there = await locate(document, remoteId, mapping, api);
  if (!there) return null;
  const { entity, found } = there;
  const attempt: Attempt = { what: `Reading ${subjectOf(document)}`, writes: false };
  const remote = remoteOf(document, entity, found, attempt);
  const converted = document.kind === 'journal' ? await convertedLines(document, mapping, api) : [];
  try {
    return {
      ...remote,
      state: isVoided(entity, found, remote.currency) ? 'voided' : 'live',
      date: found.TxnDate ?? '',
      lines: hasLines(document)
        ? linesFor(document, entity, found, { currency: remote.currency, mapping, converted })
        : [],
    };
  } catch (cause) {
    throw unreadable(attempt, `a line of ${document.number} is incomplete`, cause);
  }
}

function hasLines(document: BookDocument): boolean {
  return 'lines' in document;
}

/** Net per line. The books keep tax per rate of the whole document only, so each line's is 0 and `tax` has it. */
function linesFor(
  document: BookDocument,
  entity: Entity,
  found: Booked,
  { currency, mapping, converted }: { currency: string; mapping: BooksMapping; converted: readonly Converted[] },
): RemoteSnapshot['lines'] {
  const codes = codesOf(document, mapping);
  const money = document.kind === 'bank_entry' ? accountOf(document, mapping).remoteId : null;
  return linesOf(found)
    .filter((line) => !isTaxLine(line) && !isSubtotal(line))
    .filter((line) => entity !== 'journalentry' || accountIn(line) !== money)
    .map((line) => {
      const net = signOf(line, document) * minor(line.Amount, currency);
      const moved = converted.find(({ exchange, amount }) => exchange === accountIn(line) && amount === net);
      return { account: moved?.code ?? codeOf(line, codes), net, tax: 0n };
    });
}

function isSubtotal({ DetailType }: BookedLine): boolean {
  return DetailType === 'SubTotalLineDetail' || DetailType === 'DescriptionOnly';
}

/** Journals are debit positive; what was received by one is credited to what it was received for. */
function signOf({ JournalEntryLineDetail: side, DiscountLineDetail }: BookedLine, document: BookDocument): bigint {
  if (DiscountLineDetail) return -1n;
  if (!side) return 1n;
  const isReceived = document.kind === 'bank_entry' && document.direction === 'receive';
  return (side.PostingType === 'Debit') === isReceived ? -1n : 1n;
}

/** The account a line posts to; products say theirs in answers, though nobody promises it. */
function accountIn(line: BookedLine): string | undefined {
  const account =
    line.SalesItemLineDetail?.ItemAccountRef ??
    line.DiscountLineDetail?.DiscountAccountRef ??
    line.AccountBasedExpenseLineDetail?.AccountRef ??
    line.DepositLineDetail?.AccountRef ??
    line.JournalEntryLineDetail?.AccountRef;
  return account?.value;
}

interface Codes {
  /** By the account's id. */
  accounts: Map<string, string>;
  /** By the id of the product that posts to it. */
  products: Map<string, string>;
}

/** Our code of the account of a line; an account that our document does not name shows as its id. */
function codeOf(line: BookedLine, { accounts, products }: Codes): string {
  const account = accountIn(line);
  if (account !== undefined) return accounts.get(account) ?? account;
  const product = line.SalesItemLineDetail?.ItemRef?.value ?? '';
  return products.get(product) ?? `product ${product}`;
}

function codesOf(document: BookDocument, mapping: BooksMapping): Codes {
  const codes: Codes = { accounts: new Map(), products: new Map() };
  if (!('lines' in document)) return codes;
  for (const line of document.lines) {
    const account = accountOf(line, mapping);
    codes.accounts.set(account.remoteId, account.code);
    if (document.kind === 'bank_entry' || document.kind === 'journal') continue;
    const product = productOf(account, mapping);
    if (product !== null) codes.products.set(product, account.code);
  }
  return codes;
}

/** Null when it was forgotten: then only the account in the answer can tell. */
function productOf(account: RemoteAccount, mapping: BooksMapping): string | null {
  try {
    return mapping.record(itemKey(account));
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'MAPPING_MISSING') return null;
    throw error;
  }
}
