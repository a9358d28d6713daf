import type { AccountRef, BankEntry, BookJournal, DocumentLine, Transfer } from '@daybook/domain';
import { clean, REPORT } from '../../kit/book-documents.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { REVERSE_CHARGE } from '../../kit/mapping.ts';
import { amountText, checkLines, checkPositive, invalid, MAX_DESCRIPTION, MAX_TEXT } from './checks.ts';
import { rateFields } from './rate.ts';
import { type AccountRefBody, type BankEntryBody, type BankTransferBody, decimal, type JournalBody } from './wire.ts';

/** A document of money that no customer is party to. */
export type Movement = Transfer | BankEntry | BookJournal;

/** By the number of bank accounts among those a movement touches. */
const RESOURCES = ['ManualJournals', 'BankTransactions', 'BankTransfers'] as const;

/** Resources a movement can become (provider section 2). */
export type MovementResource = (typeof RESOURCES)[number];

/**
 * Which resource a movement becomes, by the accounts it is mapped to: between two bank accounts a transfer, money on
 * one bank account a spend or receive entry, anything without a bank account a manual journal, which takes no bank
 * accounts. Throws what the mapping throws.
 */
export function resourceOf(document: Movement, mapping: BooksMapping): MovementResource {
  if (document.kind === 'journal') return 'ManualJournals';
  const isBank = (line: AccountRef) => isBankLine(line, mapping);
  if (document.kind === 'bank_entry') return isBank(document) ? 'BankTransactions' : 'ManualJournals';
  const banks = [document.from, document.to].filter(isBank).length;
  return RESOURCES[banks] as MovementResource;
}

/** What stands in a journal for bank accounts, which it does not take (conversions.ts). */
export const EXCHANGE: AccountRef = { role: 'fx.trading', account: '' };

/** Whether a line is on a bank account. */
export function isBankLine({ role, account }: AccountRef, mapping: BooksMapping): boolean {
  return mapping.remoteAccount(role, account).isBank;
}

/** What a movement would become now, then what it may have become while other accounts were mapped. */
export function possibleResources(document: Movement, mapping: BooksMapping): MovementResource[] {
  const all: readonly MovementResource[] = RESOURCES.slice(
    0,
    1 + ['journal', 'bank_entry', 'transfer'].indexOf(document.kind),
  );
  const expected = resourceOf(document, mapping);
  return [expected, ...all.filter((each) => each !== expected)];
}

type Line = NonNullable<BankEntryBody['LineItems']>[number];

/** A movement in the provider's words. */
export function movementBody(
  document: Movement,
  mapping: BooksMapping,
): BankTransferBody | BankEntryBody | JournalBody {
  const resource = resourceOf(document, mapping);
  if (document.kind === 'journal') return journalBody(document, document.lines, mapping);
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
    FromBankAccount: bankRef(transfer.from, transfer, mapping),
    ToBankAccount: bankRef(transfer.to, transfer, mapping),
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
      plainLine(reference, mapping.account(other.role, other.account), amountText(amount, transfer), transfer, mapping),
    ],
  };
}

/** A line without tax; what has no words is described by its number. */
export function plainLine(
  words: string,
  AccountCode: string,
  amount: string,
  { number }: Movement,
  mapping: BooksMapping,
): Line {
  return {
    Description: clean(words, MAX_DESCRIPTION) || number,
    Quantity: decimal('1'),
    UnitAmount: decimal(amount),
    LineAmount: decimal(amount),
    AccountCode,
    TaxType: mapping.tax(null),
    TaxAmount: decimal('0.00'),
  };
}

function bankEntryBody(entry: BankEntry, mapping: BooksMapping): BankEntryBody {
  return {
    ...entryHead(entry, entry.direction === 'spend' ? 'SPEND' : 'RECEIVE', entry, mapping),
    LineItems: entry.lines.map((line) => entryLine(line, entry, mapping)),
  };
}

/**
 * The type says how amounts are meant; without it the provider takes them as including tax (provider section 2). The
 * currency is that of the bank account: the provider lets nobody set it here (openapi.yaml, BankTransaction).
 */
export function entryHead(
  document: Movement,
  type: 'SPEND' | 'RECEIVE',
  bank: AccountRef,
  mapping: BooksMapping,
): Omit<BankEntryBody, 'LineItems'> {
  return {
    Type: type,
    Contact: { ContactID: mapping.party(document.party.id) },
    BankAccount: bankRef(bank, document, mapping),
    Date: document.date,
    Reference: clean(document.number, MAX_TEXT),
    ...rateFields(document),
    LineAmountTypes: 'Exclusive',
    Status: 'AUTHORISED',
  };
}

function bankRef({ role, account }: AccountRef, document: Movement, mapping: BooksMapping): AccountRefBody {
  const bank = mapping.remoteAccount(role, account);
  checkCurrency(bank, role, document);
  return { AccountID: bank.remoteId };
}

/** Bank accounts have one currency, all other accounts and so every journal the organisation's own. */
function checkCurrency({ name, currency }: RemoteAccount, role: string, document: Movement): void {
  if (currency === undefined || currency === document.currency) return;
  throw invalid(
    document,
    `${role} is mapped to "${name}", which Xero keeps in ${currency}`,
    `Map ${role} to a bank account in ${document.currency}, then replay; or enter this document in Xero by hand.`,
    'BOOKS_CURRENCY_REFUSED',
  );
}

/**
 * The purchase's tax type where tax was paid. What has no tax goes without: our codes for exempt sales name types that
 * the provider refuses on expenses.
 */
function paidTax({ taxCode, tax }: { taxCode: string | null; tax: bigint }, mapping: BooksMapping): string {
  if (taxCode !== null && REVERSE_CHARGE.test(taxCode)) return mapping.tax(taxCode);
  return tax === 0n ? mapping.tax(null) : purchaseType(mapping.tax(taxCode));
}

/** Types come in pairs: OUTPUT2 on income is INPUT2 on expenses (openapi.yaml, TaxType). */
function purchaseType(taxType: string): string {
  return taxType.replace(/OUTPUT(?=\d*$)/, 'INPUT');
}

function entryLine(line: DocumentLine, entry: BankEntry, mapping: BooksMapping) {
  refuseBank(line, entry, mapping);
  return {
    Description: clean(line.description, MAX_DESCRIPTION) || line.role,
    Quantity: decimal('1'),
    UnitAmount: decimal(amountText(line.net, entry)),
    LineAmount: decimal(amountText(line.net, entry)),
    AccountCode: mapping.account(line.role, line.account),
    TaxType: paidTax(line, mapping),
    TaxAmount: decimal(amountText(line.tax, entry)),
  };
}

interface JournalSide {
  description: string;
  role: string;
  account: string;
  /** Debit positive, without the tax. */
  amount: bigint;
  /** Tax paid with it, of the same sign; none on a journal proper, which has it on lines of its own. */
  taxed?: { taxCode: string | null; tax: bigint };
}

function sidesOfEntry({ role, account, lines, total, direction, reference }: BankEntry): JournalSide[] {
  const sign = direction === 'spend' ? 1n : -1n;
  return [
    ...lines.map((line) => ({
      ...line,
      amount: sign * line.net,
      taxed: { taxCode: line.taxCode, tax: sign * line.tax },
    })),
    { description: reference, role, account, amount: -sign * total },
  ];
}

function sidesOfTransfer({ from, to, amount, reference }: Transfer): JournalSide[] {
  const side = (end: AccountRef, signed: bigint) => ({ ...end, description: reference, amount: signed });
  return [side(to, amount), side(from, -amount)];
}

/** Our number stands first in the narration: journals have no other field to find them by (provider section 3). */
function journalBody(document: Movement, sides: readonly JournalSide[], mapping: BooksMapping): JournalBody {
  if (sides.length < 2) throw invalid(document, 'it has fewer than two lines', REPORT);
  const isTaxed = sides.some(({ taxed }) => taxed !== undefined && carriesTax(taxed));
  return {
    Narration: clean(`${document.number} ${document.reference}`, MAX_DESCRIPTION),
    Date: document.date,
    LineAmountTypes: isTaxed ? 'Exclusive' : 'NoTax',
    Status: 'POSTED',
    JournalLines: sides.map((side) => ({
      LineAmount: decimal(amountText(side.amount, document)),
      AccountCode: journalAccount(side, document, mapping),
      Description: clean(side.description, MAX_DESCRIPTION) || side.role,
      ...(isTaxed ? journalTax(side, document, mapping) : {}),
    })),
  };
}

function carriesTax({ taxCode, tax }: { taxCode: string | null; tax: bigint }): boolean {
  return tax !== 0n || (taxCode !== null && REVERSE_CHARGE.test(taxCode));
}

/** What is taxed by reverse charge says no amount: it is owed and recovered at once, and the provider knows how much. */
function journalTax({ taxed }: JournalSide, document: Movement, mapping: BooksMapping) {
  if (!taxed) return { TaxType: mapping.tax(null) };
  const TaxType = paidTax(taxed, mapping);
  return taxed.tax === 0n ? { TaxType } : { TaxType, TaxAmount: decimal(amountText(taxed.tax, document)) };
}

function journalAccount(side: JournalSide, document: Movement, mapping: BooksMapping): string {
  if (document.kind === 'journal' && isBankLine(side, mapping)) {
    refuseBank(EXCHANGE, document, mapping);
    return mapping.account(EXCHANGE.role, EXCHANGE.account);
  }
  refuseBank(side, document, mapping);
  // The lines of a journal proper are in the company's currency already.
  if (document.kind !== 'journal') checkCurrency(mapping.remoteAccount(side.role, side.account), side.role, document);
  return mapping.account(side.role, side.account);
}

/** Lines of bank entries take no bank accounts, nor does a journal that stands for one. */
function refuseBank(line: AccountRef, document: Movement, mapping: BooksMapping): void {
  const { isBank, name } = mapping.remoteAccount(line.role, line.account);
  if (!isBank) return;
  throw invalid(
    document,
    `its line on ${line.role} is mapped to the bank account "${name}", which Xero does not take in a line`,
    `Map ${line.role} to an account that is not of type Bank (a current asset with payments enabled), then replay.`,
    'BOOKS_ACCOUNT_REFUSED',
  );
}
