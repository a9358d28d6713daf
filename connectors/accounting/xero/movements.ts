import type { BankEntry, BookJournal, DocumentLine, Transfer } from '@daybook/domain';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText, checkLines, checkPositive, clean, invalid, MAX_DESCRIPTION, MAX_TEXT, REPORT } from './checks.ts';
import { type AccountRefBody, type BankEntryBody, type BankTransferBody, decimal, type JournalBody } from './wire.ts';

/** A document of money that no customer is party to. */
export type Movement = Transfer | BankEntry | BookJournal;

/** Resources a movement can become (provider section 2). */
export type MovementResource = 'BankTransfers' | 'BankTransactions' | 'ManualJournals';

/**
 * Which resource a movement becomes, by the accounts it is mapped to: between two bank accounts a transfer, money on
 * one bank account a spend or receive entry, anything without a bank account a manual journal, which takes no bank
 * accounts. Throws what the mapping throws.
 */
export function resourceOf(document: Movement, mapping: BooksMapping): MovementResource {
  if (document.kind === 'journal') return 'ManualJournals';
  const isBank = ({ role, account }: { role: string; account: string }) => mapping.remoteAccount(role, account).isBank;
  if (document.kind === 'bank_entry') return isBank(document) ? 'BankTransactions' : 'ManualJournals';
  const banks = [document.from, document.to].filter(isBank).length;
  return (['ManualJournals', 'BankTransactions', 'BankTransfers'] as const)[banks] as MovementResource;
}

/** A movement in the provider's words. */
export function movementBody(
  document: Movement,
  mapping: BooksMapping,
): BankTransferBody | BankEntryBody | JournalBody {
  const resource = resourceOf(document, mapping);
  if (document.kind === 'journal') return journalBody(document, sidesOf(document), mapping);
  if (document.kind === 'bank_entry') {
    checkLines(document, document.lines);
    return resource === 'BankTransactions'
      ? bankEntryBody(document, mapping)
      : journalBody(document, sidesOfEntry(document), mapping);
  }
  checkPositive(document);
  if (resource === 'BankTransfers') return transferBody(document, mapping);
  return resource === 'BankTransactions'
    ? halfTransferBody(document, mapping)
    : journalBody(document, sidesOfTransfer(document), mapping);
}

function transferBody(transfer: Transfer, mapping: BooksMapping): BankTransferBody {
  return {
    FromBankAccount: { AccountID: mapping.remoteAccount(transfer.from.role, transfer.from.account).remoteId },
    ToBankAccount: { AccountID: mapping.remoteAccount(transfer.to.role, transfer.to.account).remoteId },
    Amount: decimal(amountText(transfer.amount, transfer)),
    Date: transfer.date,
    Reference: transfer.number,
  };
}

/** Money that leaves a bank account for one that is none, or comes from there. */
function halfTransferBody(transfer: Transfer, mapping: BooksMapping): BankEntryBody {
  const { from, to, amount, reference } = transfer;
  const isSpent = mapping.remoteAccount(from.role, from.account).isBank;
  const [bank, other] = isSpent ? [from, to] : [to, from];
  return {
    ...entryHead(transfer, isSpent ? 'SPEND' : 'RECEIVE', bank, mapping),
    LineItems: [
      {
        Description: clean(reference, MAX_DESCRIPTION) || transfer.number,
        Quantity: decimal('1'),
        UnitAmount: decimal(amountText(amount, transfer)),
        LineAmount: decimal(amountText(amount, transfer)),
        AccountCode: mapping.account(other.role, other.account),
        TaxType: mapping.tax(null),
        TaxAmount: decimal('0.00'),
      },
    ],
  };
}

function bankEntryBody(entry: BankEntry, mapping: BooksMapping): BankEntryBody {
  return {
    ...entryHead(entry, entry.direction === 'spend' ? 'SPEND' : 'RECEIVE', entry, mapping),
    LineItems: entry.lines.map((line) => entryLine(line, entry, mapping)),
  };
}

/** The type says how amounts are meant; without it the provider takes them as including tax (provider section 2). */
function entryHead(
  document: Transfer | BankEntry,
  type: 'SPEND' | 'RECEIVE',
  bank: { role: string; account: string },
  mapping: BooksMapping,
): Omit<BankEntryBody, 'LineItems'> {
  return {
    Type: type,
    Contact: { ContactID: mapping.party(document.party.id) },
    BankAccount: bankRef(bank, mapping),
    Date: document.date,
    Reference: clean(document.number, MAX_TEXT),
    CurrencyCode: document.currency,
    LineAmountTypes: 'Exclusive',
    Status: 'AUTHORISED',
  };
}

function bankRef(bank: { role: string; account: string }, mapping: BooksMapping): AccountRefBody {
  return { AccountID: mapping.remoteAccount(bank.role, bank.account).remoteId };
}

function entryLine(line: DocumentLine, entry: BankEntry, mapping: BooksMapping) {
  refuseBank(line, entry, mapping);
  return {
    Description: clean(line.description, MAX_DESCRIPTION) || line.role,
    Quantity: decimal('1'),
    UnitAmount: decimal(amountText(line.net, entry)),
    LineAmount: decimal(amountText(line.net, entry)),
    AccountCode: mapping.account(line.role, line.account),
    TaxType: mapping.tax(line.taxCode),
    TaxAmount: decimal(amountText(line.tax, entry)),
  };
}

interface JournalSide {
  description: string;
  role: string;
  account: string;
  taxCode: string | null;
  /** Debit positive. */
  amount: bigint;
}

function sidesOf(journal: BookJournal): JournalSide[] {
  return journal.lines;
}

function sidesOfEntry({ role, account, lines, total, direction, reference }: BankEntry): JournalSide[] {
  const sign = direction === 'spend' ? 1n : -1n;
  return [
    ...lines.map((line) => ({ ...line, amount: sign * (line.net + line.tax) })),
    { description: reference, role, account, taxCode: null, amount: -sign * total },
  ];
}

function sidesOfTransfer({ from, to, amount, reference }: Transfer): JournalSide[] {
  const side = (end: { role: string; account: string }, signed: bigint) => ({
    ...end,
    description: reference,
    taxCode: null,
    amount: signed,
  });
  return [side(to, amount), side(from, -amount)];
}

/** Our number stands first in the narration: journals have no other field to find them by (provider section 3). */
function journalBody(document: Movement, sides: readonly JournalSide[], mapping: BooksMapping): JournalBody {
  if (sides.length < 2) throw invalid(document, 'it has fewer than two lines', REPORT);
  return {
    Narration: clean(`${document.number} ${document.reference}`, MAX_DESCRIPTION),
    Date: document.date,
    LineAmountTypes: 'NoTax',
    Status: 'POSTED',
    JournalLines: sides.map((side) => {
      refuseBank(side, document, mapping);
      return {
        LineAmount: decimal(amountText(side.amount, document)),
        AccountCode: mapping.account(side.role, side.account),
        Description: clean(side.description, MAX_DESCRIPTION) || side.role,
      };
    }),
  };
}

/** Neither journals nor lines of bank entries take bank accounts. */
function refuseBank(line: { role: string; account: string }, document: Movement, mapping: BooksMapping): void {
  const { isBank, name } = mapping.remoteAccount(line.role, line.account);
  if (!isBank) return;
  throw invalid(
    document,
    `its line on ${line.role} is mapped to the bank account "${name}", which Xero does not take in a line`,
    `Map ${line.role} to an account that is not of type Bank (a current asset with payments enabled), then replay.`,
    'BOOKS_ACCOUNT_REFUSED',
  );
}
