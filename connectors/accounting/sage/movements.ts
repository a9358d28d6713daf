import type {
  AccountRef,
  Allocation,
  BankEntry,
  BookDocument,
  BookJournal,
  BookPayment,
  Transfer,
} from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import type { BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { amountText, invalid } from './amounts.ts';
import { CONTROL, FOREIGN_BANK } from './books.ts';
import { checkCurrency, foreignFields } from './rates.ts';
import { accountOf, referenceOf, resourceOf } from './resources.ts';
import { allocated, settlementOf } from './settling.ts';
import {
  type AllocationBody,
  type BankTransferBody,
  type ContactPaymentBody,
  decimal,
  type JournalBody,
  type JournalLine,
  type OtherPaymentBody,
  type QuickEntryBody,
} from './wire.ts';

/** Longest text we send in descriptions, details and notes; the provider names no maximum but stores 255 in some. */
export const MAX_TEXT = 255;

/** The tax of a bank entry that can only be a journal goes here. */
const TAX_ON_PURCHASES: AccountRef = { role: 'tax.input', account: '' };

/**
 * Money of a customer in or out of a bank account, set against its invoice or credit note at once. A bank account in
 * the books' own currency takes money of any: it shows what the payment is worth (ca-kb.sage.com, 250409201323443).
 */
export function paymentBody(payment: BookPayment, mapping: BooksMapping): ContactPaymentBody {
  const bank = accountOf(payment, mapping);
  if (bank.type === FOREIGN_BANK) checkCurrency(payment, bank);
  const { contact, artefact } = settlementOf(payment, mapping);
  const amount = decimal(amountText(payment.amount, payment));
  return {
    transaction_type_id: payment.settles.kind === 'invoice' ? 'CUSTOMER_RECEIPT' : 'CUSTOMER_REFUND',
    contact_id: contact,
    bank_account_id: bankIdOf(bank),
    date: payment.date,
    total_amount: amount,
    reference: referenceOf(payment.number),
    ...foreignFields(payment, mapping),
    allocated_artefacts: [{ artefact_id: artefact, amount }],
  };
}

/**
 * Money that no payment can name, because its account is no bank account (a gift card's liability): an entry of the
 * customer's on that account without tax, which is then allocated to what it settles (settling.ts).
 */
export function quickEntryBody(payment: BookPayment, mapping: BooksMapping): QuickEntryBody {
  const account = accountOf(payment, mapping);
  checkNoControl(payment, account);
  const amount = decimal(amountText(payment.amount, payment));
  return {
    quick_entry_type_id: payment.settles.kind === 'invoice' ? 'CREDIT_NOTE' : 'INVOICE',
    contact_id: mapping.party(payment.party.id),
    date: payment.date,
    reference: referenceOf(payment.number),
    ledger_account_id: account.remoteId,
    details: wordsOf(payment),
    ...foreignFields(payment, mapping),
    net_amount: amount,
    tax_rate_id: mapping.tax(null),
    tax_amount: decimal('0'),
    total_amount: amount,
  };
}

/** Part of a credit note set against an invoice: what reduces the customer's debt is negative (provider section 2). */
export function allocationBody(allocation: Allocation, mapping: BooksMapping): AllocationBody {
  return allocated(
    allocation,
    mapping.party(allocation.party.id),
    mapping.remoteId('invoice', allocation.invoice),
    mapping.remoteId('credit_note', allocation.creditNote),
  );
}

/** Money between two accounts: a transfer between banks, a payment or receipt of one, or else a journal. */
export function transferBody(
  transfer: Transfer,
  mapping: BooksMapping,
): BankTransferBody | OtherPaymentBody | JournalBody {
  const [from, to] = [accountOf(transfer.from, mapping), accountOf(transfer.to, mapping)];
  for (const account of [from, to]) checkCurrency(transfer, account);
  const resource = resourceOf(transfer, mapping);
  const amount = decimal(amountText(transfer.amount, transfer));
  const reference = referenceOf(transfer.number);
  if (resource === 'bank_transfers') {
    const ends = { from_bank_account_id: bankIdOf(from), to_bank_account_id: bankIdOf(to) };
    return { ...ends, date: transfer.date, amount, reference, description: wordsOf(transfer) };
  }
  if (resource === 'journals') {
    const rows = [
      { account: to, words: wordsOf(transfer), amount: transfer.amount },
      { account: from, words: wordsOf(transfer), amount: -transfer.amount },
    ];
    return journalOf(transfer, transfer.amount, rows);
  }
  const [bank, other] = from.isBank ? [from, to] : [to, from];
  checkNoControl(transfer, other);
  const line = { ledger_account_id: other.remoteId, details: wordsOf(transfer), tax_rate_id: mapping.tax(null) };
  const sums = { net_amount: amount, tax_amount: decimal('0'), total_amount: amount };
  return {
    transaction_type_id: from.isBank ? 'OTHER_PAYMENT' : 'OTHER_RECEIPT',
    bank_account_id: bankIdOf(bank),
    date: transfer.date,
    reference,
    ...sums,
    payment_lines: [{ ...line, ...sums }],
  };
}

/** Fees and disputes: a payment from, or a receipt on, a bank account; a journal where the money sits elsewhere. */
export function bankEntryBody(entry: BankEntry, mapping: BooksMapping): OtherPaymentBody | JournalBody {
  const money = accountOf(entry, mapping);
  checkCurrency(entry, money);
  if (resourceOf(entry, mapping) === 'journals') return bankJournal(entry, money, mapping);
  const text = (minor: bigint) => decimal(amountText(minor, entry));
  return {
    transaction_type_id: entry.direction === 'spend' ? 'OTHER_PAYMENT' : 'OTHER_RECEIPT',
    contact_id: mapping.party(entry.party.id),
    bank_account_id: bankIdOf(money),
    date: entry.date,
    reference: referenceOf(entry.number),
    net_amount: text(entry.total - entry.tax),
    tax_amount: text(entry.tax),
    total_amount: text(entry.total),
    payment_lines: entry.lines.map((line) => {
      const account = accountOf(line, mapping);
      checkNoControl(entry, account);
      return {
        ledger_account_id: account.remoteId,
        details: clean(line.description, MAX_TEXT) || line.role,
        tax_rate_id: mapping.tax(line.taxCode),
        net_amount: text(line.net),
        tax_amount: text(line.tax),
        total_amount: text(line.net + line.tax),
      };
    }),
  };
}

/** The first line is the money. Journals carry no tax of their own: it stands on its account and is on the VAT return. */
function bankJournal(entry: BankEntry, money: RemoteAccount, mapping: BooksMapping): JournalBody {
  const sign = entry.direction === 'spend' ? 1n : -1n;
  const rows: Row[] = [{ account: money, words: wordsOf(entry), amount: -sign * entry.total }];
  for (const line of entry.lines) {
    const words = clean(line.description, MAX_TEXT) || line.role;
    rows.push({ account: accountOf(line, mapping), words, amount: sign * line.net });
  }
  if (entry.tax !== 0n) {
    const account = accountOf(TAX_ON_PURCHASES, mapping);
    rows.push({ account, words: 'Tax', amount: sign * entry.tax, onTaxReturn: true });
  }
  return journalOf(entry, entry.total, rows);
}

/** A journal, line by line, in the books' own currency. */
export function journalBody(journal: BookJournal, mapping: BooksMapping): JournalBody {
  const rows = journal.lines.map((line) => ({
    account: accountOf(line, mapping),
    words: clean(line.description, MAX_TEXT) || line.role,
    amount: line.amount,
  }));
  return journalOf(journal, journal.total, rows);
}

interface Row {
  account: RemoteAccount;
  words: string;
  /** Debit positive. */
  amount: bigint;
  onTaxReturn?: boolean;
}

function journalOf(document: Transfer | BankEntry | BookJournal, total: bigint, rows: readonly Row[]): JournalBody {
  const text = (minor: bigint) => decimal(amountText(minor, document));
  return {
    date: document.date,
    reference: referenceOf(document.number),
    description: clean(`${document.number} ${document.reference}`, MAX_TEXT),
    total: text(total),
    journal_lines: rows.map(({ account, words, amount, onTaxReturn }) => {
      checkCurrency(document, account);
      checkNoControl(document, account);
      const line: JournalLine = {
        ledger_account_id: account.remoteId,
        details: words,
        debit: text(amount > 0n ? amount : 0n),
        credit: text(amount < 0n ? -amount : 0n),
      };
      return onTaxReturn ? { ...line, include_on_tax_return: true } : line;
    }),
  };
}

/** Debtors and creditors take documents of contacts only. */
function checkNoControl(document: BookDocument, account: RemoteAccount): void {
  if (!account.type.endsWith(CONTROL)) return;
  const why = `the account ${account.code} ${account.name} is a control account, which Sage posts to by itself`;
  throw invalid(document, why, 'Map the role to another account, then replay.', 'BOOKS_ACCOUNT_REFUSED');
}

function bankIdOf(account: RemoteAccount): string {
  return account.bankId ?? account.remoteId;
}

function wordsOf({ number, reference }: BookDocument): string {
  return clean(reference, MAX_TEXT) || number;
}
