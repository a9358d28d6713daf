import type { BankEntry, Transfer } from '@daybook/domain';
import { clean } from '../../kit/book-documents.ts';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { entityOf, isVendor, shortNumber, typeOf } from './entities.ts';
import { headOf } from './head.ts';
import { journalOf, MAX_DESCRIPTION, wordsOf } from './journals.ts';
import { contactOf } from './record-keys.ts';
import { accountOf, TAX_ON_PURCHASES } from './records.ts';
import { TAX_LINE } from './sales.ts';
import { type CodedLine, coded, taxFields, taxOfItsOwn } from './tax.ts';
import {
  type DepositBody,
  decimal,
  type JournalBody,
  type Line,
  type PurchaseBody,
  type TransferBody,
} from './wire.ts';

/** Money between two accounts; a journal entry where one of them is no bank. */
export function transferBody(transfer: Transfer, mapping: BooksMapping): TransferBody | JournalBody {
  const [from, to] = [accountOf(transfer.from, mapping).remoteId, accountOf(transfer.to, mapping).remoteId];
  if (entityOf(transfer, mapping) === 'transfer') {
    return {
      ...headOf(transfer),
      FromAccountRef: { value: from },
      ToAccountRef: { value: to },
      Amount: decimal(amountText(transfer.amount, transfer)),
    };
  }
  const words = wordsOf(transfer);
  return journalOf(transfer, [
    { account: to, words, amount: transfer.amount },
    { account: from, words, amount: -transfer.amount },
  ]);
}

/** Fees, disputes: an expense, a deposit, or a journal entry whose first line is the money. */
export function bankEntryBody(entry: BankEntry, mapping: BooksMapping): PurchaseBody | DepositBody | JournalBody {
  const lines = coded(entry.lines, mapping);
  const entity = entityOf(entry, mapping);
  if (entity === 'deposit') return depositBody(entry, lines, mapping);
  return entity === 'purchase' ? expenseBody(entry, lines, mapping) : bankJournal(entry, lines, mapping);
}

function expenseBody(entry: BankEntry, lines: readonly CodedLine[], mapping: BooksMapping): PurchaseBody {
  const money = accountOf(entry, mapping);
  return {
    DocNumber: shortNumber(entry.number),
    ...headOf(entry),
    PaymentType: typeOf(money) === 'Credit Card' ? 'CreditCard' : 'Cash',
    AccountRef: { value: money.remoteId },
    EntityRef: { value: contactOf(entry, mapping), type: isVendor(entry.party.id) ? 'Vendor' : 'Customer' },
    Line: rowsOf(lines, mapping).map(({ words, account, net, code }) => ({
      Description: words,
      Amount: decimal(amountText(net, entry)),
      DetailType: 'AccountBasedExpenseLineDetail',
      AccountBasedExpenseLineDetail: { AccountRef: { value: account }, TaxCodeRef: { value: code } },
    })),
    ...taxFields(entry, lines, 'purchase', mapping),
  };
}

function depositBody(entry: BankEntry, lines: readonly CodedLine[], mapping: BooksMapping): DepositBody {
  const type = isVendor(entry.party.id) ? 'VENDOR' : 'CUSTOMER';
  const contact = contactOf(entry, mapping);
  const line = ({ words, account, net, code }: Row): Line => ({
    Description: words,
    Amount: decimal(amountText(net, entry)),
    DetailType: 'DepositLineDetail',
    DepositLineDetail: {
      AccountRef: { value: account },
      Entity: { value: contact, type },
      // What comes back was bought: a fee, a dispute.
      ...(code === NOT_TAXED ? {} : { TaxCodeRef: { value: code }, TaxApplicableOn: 'Purchase' as const }),
    },
  });
  return {
    ...headOf(entry),
    DepositToAccountRef: { value: accountOf(entry, mapping).remoteId },
    Line: rowsOf(lines, mapping).map(line),
    ...taxFields(entry, lines, 'purchase', mapping),
  };
}

function bankJournal(entry: BankEntry, lines: readonly CodedLine[], mapping: BooksMapping): JournalBody {
  const sign = entry.direction === 'spend' ? 1n : -1n;
  const money = { account: accountOf(entry, mapping).remoteId, words: wordsOf(entry), amount: -sign * entry.total };
  // Journal entries carry no tax of ours: it stands on its account.
  const plain = lines.map((each) => ({ ...each, code: NOT_TAXED }));
  const others = rowsOf(plain, mapping).map(({ words, account, net }) => ({ account, words, amount: sign * net }));
  return journalOf(entry, [money, ...others]);
}

interface Row {
  words: string;
  account: string;
  net: bigint;
  code: string;
}

/** Lines by account; our tax where the books take none from us is one more (sales.ts). */
function rowsOf(lines: readonly CodedLine[], mapping: BooksMapping): Row[] {
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
