import type { AccountRef, BankEntry, BookJournal, BookPayment, Transfer } from '@daybook/domain';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText, clean } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { entityOf, isVendor, needsParty, shortNumber, typeOf } from './entities.ts';
import { headOf } from './head.ts';
import { contactKey, receivableKey, recordFor } from './record-keys.ts';
import { accountOf, TAX_ON_PURCHASES } from './records.ts';
import { MAX_DESCRIPTION, TAX_LINE } from './sales.ts';
import { type CodedLine, coded, taxFields, taxOfItsOwn } from './tax.ts';
import {
  type DepositBody,
  decimal,
  type JournalBody,
  type Line,
  type PaymentBody,
  type PurchaseBody,
  type Ref,
  type TransferBody,
} from './wire.ts';

/** Money from a customer against an invoice, onto a bank or other current asset account. */
export function paymentBody(payment: BookPayment, mapping: BooksMapping): PaymentBody {
  const amount = decimal(amountText(payment.amount, payment));
  const invoice = mapping.remoteId('invoice', payment.settles.number);
  return {
    ...headOf(payment),
    CustomerRef: { value: contactOf(payment, mapping) },
    TotalAmt: amount,
    DepositToAccountRef: refOf(payment, mapping),
    // The only field of a payment that holds our number and can be asked for.
    PaymentRefNum: shortNumber(payment.number),
    Line: [{ Amount: amount, LinkedTxn: [{ TxnId: invoice, TxnType: 'Invoice' }] }],
  };
}

/**
 * Money that no payment can carry: given back on a credit note, or sitting on an account that payments cannot name (a
 * gift card's liability). It is booked against accounts receivable, as an expense where the account is a bank, and set
 * against its document afterwards (closing.ts): the way the provider tells people to pay a credit out.
 */
export function indirectBody(payment: BookPayment, mapping: BooksMapping): PurchaseBody | JournalBody {
  const customer = contactOf(payment, mapping);
  const receivable = recordFor(payment, mapping, receivableKey(payment.currency));
  const amount = decimal(amountText(payment.amount, payment));
  if (entityOf(payment, mapping) === 'purchase') {
    const body: PurchaseBody = {
      DocNumber: shortNumber(payment.number),
      ...headOf(payment),
      PaymentType: 'Cash',
      AccountRef: refOf(payment, mapping),
      EntityRef: { value: customer, type: 'Customer' },
      Line: [
        {
          Description: clean(payment.reference, MAX_DESCRIPTION) || payment.number,
          Amount: amount,
          DetailType: 'AccountBasedExpenseLineDetail',
          AccountBasedExpenseLineDetail: { AccountRef: { value: receivable } },
        },
      ],
    };
    return isAmerican(mapping) ? body : { ...body, GlobalTaxCalculation: 'NotApplicable' };
  }
  const isIn = payment.settles.kind === 'invoice';
  const money = accountOf(payment, mapping);
  const words = clean(payment.reference, MAX_DESCRIPTION) || payment.number;
  return {
    DocNumber: shortNumber(payment.number),
    ...headOf(payment),
    Line: [
      side({ account: money.remoteId, words, amount: isIn ? payment.amount : -payment.amount }, payment),
      side({ account: receivable, words, amount: isIn ? -payment.amount : payment.amount, customer }, payment),
    ],
  };
}

/** Money between two accounts; a journal entry where one of them is no bank. */
export function transferBody(transfer: Transfer, mapping: BooksMapping): TransferBody | JournalBody {
  const [from, to] = [accountOf(transfer.from, mapping), accountOf(transfer.to, mapping)];
  if (entityOf(transfer, mapping) === 'transfer') {
    return {
      ...headOf(transfer),
      FromAccountRef: { value: from.remoteId },
      ToAccountRef: { value: to.remoteId },
      Amount: decimal(amountText(transfer.amount, transfer)),
    };
  }
  const words = clean(transfer.reference, MAX_DESCRIPTION) || transfer.number;
  return {
    DocNumber: shortNumber(transfer.number),
    ...headOf(transfer),
    Line: [
      side({ account: to.remoteId, words, amount: transfer.amount }, transfer),
      side({ account: from.remoteId, words, amount: -transfer.amount }, transfer),
    ],
  };
}

/** Fees, disputes: an expense, a deposit, or a journal entry whose first line is the money. */
export function bankEntryBody(entry: BankEntry, mapping: BooksMapping): PurchaseBody | DepositBody | JournalBody {
  const lines = coded(entry.lines, mapping);
  const entity = entityOf(entry, mapping);
  if (entity === 'journalentry') return bankJournal(entry, lines, mapping);
  const taxed = taxFields(entry, lines, 'purchase', mapping);
  const contact = contactOf(entry, mapping);
  if (entity === 'deposit') {
    return {
      ...headOf(entry),
      DepositToAccountRef: refOf(entry, mapping),
      Line: depositLines(entry, lines, mapping),
      ...taxed,
    };
  }
  const money = accountOf(entry, mapping);
  return {
    DocNumber: shortNumber(entry.number),
    ...headOf(entry),
    PaymentType: typeOf(money) === 'Credit Card' ? 'CreditCard' : 'Cash',
    AccountRef: { value: money.remoteId },
    EntityRef: { value: contact, type: isVendor(entry.party.id) ? 'Vendor' : 'Customer' },
    Line: spentOn(lines, mapping).map(({ words, account, net, code }) => ({
      Description: words,
      Amount: decimal(amountText(net, entry)),
      DetailType: 'AccountBasedExpenseLineDetail',
      AccountBasedExpenseLineDetail: { AccountRef: { value: account }, TaxCodeRef: { value: code } },
    })),
    ...taxed,
  };
}

function depositLines(entry: BankEntry, lines: readonly CodedLine[], mapping: BooksMapping): Line[] {
  return spentOn(lines, mapping).map(({ words, account, net, code }) => ({
    Description: words,
    Amount: decimal(amountText(net, entry)),
    DetailType: 'DepositLineDetail',
    DepositLineDetail: {
      AccountRef: { value: account },
      Entity: isVendor(entry.party.id)
        ? { value: contactOf(entry, mapping), type: 'VENDOR' }
        : { value: contactOf(entry, mapping) },
      ...(code === NOT_TAXED ? {} : { TaxCodeRef: { value: code }, TaxApplicableOn: 'Purchase' as const }),
    },
  }));
}

/** Lines by account; our tax where the books take none from us is one more (sales.ts). */
function spentOn(lines: readonly CodedLine[], mapping: BooksMapping) {
  const rows = lines.map(({ line, code }) => ({
    words: clean(line.description, MAX_DESCRIPTION) || line.role,
    account: accountOf(line, mapping).remoteId,
    net: line.net,
    code,
  }));
  const own = taxOfItsOwn(lines);
  if (own === 0n) return rows;
  const account = accountOf(TAX_ON_PURCHASES, mapping).remoteId;
  return [...rows, { words: TAX_LINE, account, net: own, code: NOT_TAXED }];
}

function bankJournal(entry: BankEntry, lines: readonly CodedLine[], mapping: BooksMapping): JournalBody {
  const sign = entry.direction === 'spend' ? 1n : -1n;
  // Journal entries carry no tax of ours: it stands on its account.
  const plain = lines.map((each) => ({ ...each, code: NOT_TAXED }));
  const sides = spentOn(plain, mapping).map(({ words, account, net }) =>
    side({ account, words, amount: sign * net }, entry),
  );
  const money = { account: accountOf(entry, mapping).remoteId, words: entry.number, amount: -sign * entry.total };
  return { DocNumber: shortNumber(entry.number), ...headOf(entry), Line: [side(money, entry), ...sides] };
}

/** A journal, line by line. Receivables and payables need the party they are of (provider section 2). */
export function journalBody(journal: BookJournal, mapping: BooksMapping): JournalBody {
  const lines = journal.lines.map((line) => {
    const account = accountOf(line, mapping);
    const words = clean(line.description, MAX_DESCRIPTION) || line.role;
    const money = { account: account.remoteId, words, amount: line.amount };
    return side(needsParty(account) ? { ...money, ...partyOf(journal, mapping) } : money, journal);
  });
  return { DocNumber: shortNumber(journal.number), ...headOf(journal), Line: lines };
}

function partyOf(journal: BookJournal, mapping: BooksMapping): { customer?: string; vendor?: string } {
  const contact = contactOf(journal, mapping);
  return isVendor(journal.party.id) ? { vendor: contact } : { customer: contact };
}

interface Side {
  account: string;
  words: string;
  /** Debit positive. */
  amount: bigint;
  customer?: string;
  vendor?: string;
}

function side(
  { account, words, amount, customer, vendor }: Side,
  document: Transfer | BankEntry | BookJournal | BookPayment,
): Line {
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

function contactOf(document: BookPayment | BankEntry | BookJournal, mapping: BooksMapping): string {
  return recordFor(document, mapping, contactKey(document, mapping));
}

function refOf(ref: AccountRef, mapping: BooksMapping): Ref {
  return { value: accountOf(ref, mapping).remoteId };
}

/** American books know no tax on a document of their own accord; all others want to hear that there is none. */
function isAmerican(mapping: BooksMapping): boolean {
  try {
    return mapping.tax(null) === NOT_TAXED;
  } catch {
    return false;
  }
}
