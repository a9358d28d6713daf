import type { BankEntry, BookDocument, BookJournal, BookPayment, Transfer } from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { journalAccount } from './conversions.ts';
import { isVendor, needsParty, shortNumber } from './entities.ts';
import { headOf } from './head.ts';
import { contactOf } from './record-keys.ts';
import { decimal, type JournalBody, type Line } from './wire.ts';

/** Longest description of a line (Finance.xsd, Line). */
export const MAX_DESCRIPTION = 4000;

/** One side of a journal entry. */
export interface Side {
  /** Id of the account. */
  account: string;
  words: string;
  /** Debit positive, minor units. */
  amount: bigint;
  /** Ids; receivables and payables need one of them. */
  customer?: string;
  vendor?: string;
}

/** A journal entry over sides that sum to 0. Throws BOOKS_AMOUNT_TOO_FINE. */
export function journalOf(
  document: Transfer | BankEntry | BookJournal | BookPayment,
  sides: readonly Side[],
): JournalBody {
  return {
    DocNumber: shortNumber(document.number),
    ...headOf(document),
    Line: sides.map((each) => lineOf(each, document)),
  };
}

function lineOf({ account, words, amount, customer, vendor }: Side, document: BookDocument): Line {
  const detail: NonNullable<Line['JournalEntryLineDetail']> = {
    PostingType: amount < 0n ? 'Credit' : 'Debit',
    AccountRef: { value: account },
  };
  if (customer !== undefined) detail.Entity = { Type: 'Customer', EntityRef: { value: customer } };
  if (vendor !== undefined) detail.Entity = { Type: 'Vendor', EntityRef: { value: vendor } };
  return {
    Description: words,
    Amount: decimal(amountText(amount < 0n ? -amount : amount, document)),
    DetailType: 'JournalEntryLineDetail',
    JournalEntryLineDetail: detail,
  };
}

/** What a line says that has no words of its own: the reference people know, else our number. */
export function wordsOf({ reference, number }: BookDocument): string {
  return clean(reference, MAX_DESCRIPTION) || number;
}

/** A journal of ours, line by line. Receivables and payables need the party they are of (provider section 2). */
export function journalBody(journal: BookJournal, mapping: BooksMapping): JournalBody {
  const sides = journal.lines.map((line): Side => {
    const account = journalAccount(line, journal, mapping);
    const words = clean(line.description, MAX_DESCRIPTION) || line.role;
    const side = { account: account.remoteId, words, amount: line.amount };
    return needsParty(account) ? { ...side, ...partyOf(journal, mapping) } : side;
  });
  return journalOf(journal, sides);
}

function partyOf(journal: BookJournal, mapping: BooksMapping): Pick<Side, 'customer' | 'vendor'> {
  const contact = contactOf(journal, mapping);
  return isVendor(journal.party.id) ? { vendor: contact } : { customer: contact };
}
