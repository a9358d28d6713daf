import { amount, decimal, type Json } from './answer.ts';
import { dateString, msDate } from './dates.ts';
import type { BookedBankEntry, BookedJournal, BookedTransfer } from './movements.ts';
import { contactHead, renderLine } from './render.ts';
import type { Organisation } from './world.ts';

/** A spend or receive entry the way Xero answers it; lists that are not paged leave the line items out. */
export function renderBankEntry(organisation: Organisation, entry: BookedBankEntry, withLines: boolean): Json {
  const money = (minor: bigint) => amount(minor, entry.currency);
  const contact = organisation.contacts.get(entry.contactId);
  return {
    BankTransactionID: entry.id,
    BankAccount: accountHead(organisation, entry.bankCode),
    Type: entry.type,
    ...(entry.reference === null ? {} : { Reference: entry.reference }),
    IsReconciled: false,
    CurrencyRate: decimal(entry.currencyRate),
    HasAttachments: false,
    Contact: contact ? contactHead(contact) : {},
    DateString: dateString(entry.date),
    Date: msDate(entry.date),
    Status: entry.status,
    LineAmountTypes: entry.lineAmountTypes,
    LineItems: (withLines ? entry.lines : []).map((line) => renderLine(organisation, entry, line)),
    SubTotal: money(entry.subTotal),
    TotalTax: money(entry.totalTax),
    Total: money(entry.total),
    UpdatedDateUTC: msDate(entry.updatedAt),
    CurrencyCode: entry.currency,
  };
}

/** A transfer the way Xero answers it. */
export function renderTransfer(organisation: Organisation, transfer: BookedTransfer): Json {
  return {
    BankTransferID: transfer.id,
    CreatedDateUTC: msDate(transfer.updatedAt),
    DateString: dateString(transfer.date),
    Date: msDate(transfer.date),
    Status: transfer.status,
    FromBankAccount: accountHead(organisation, transfer.fromCode),
    ToBankAccount: accountHead(organisation, transfer.toCode),
    Amount: amount(transfer.amount, transfer.currency),
    FromIsReconciled: false,
    ToIsReconciled: false,
    ...(transfer.reference === null ? {} : { Reference: transfer.reference }),
    CurrencyRate: decimal(transfer.currencyRate),
    HasAttachments: false,
  };
}

/** A journal the way Xero answers it; lists that are not paged leave the lines out. */
export function renderJournal(organisation: Organisation, journal: BookedJournal, withLines: boolean): Json {
  const money = (minor: bigint) => amount(minor, organisation.currency);
  return {
    Date: msDate(journal.date),
    Status: journal.status,
    LineAmountTypes: journal.lineAmountTypes,
    UpdatedDateUTC: msDate(journal.updatedAt),
    ManualJournalID: journal.id,
    Narration: journal.narration,
    JournalLines: (withLines ? journal.lines : []).map((line) => ({
      Description: line.description,
      TaxType: line.taxType,
      TaxAmount: money(line.taxAmount),
      LineAmount: money(line.amount),
      AccountCode: line.accountCode,
      Tracking: [],
      AccountID: organisation.accounts.get(line.accountCode)?.id ?? '',
      IsBlank: false,
    })),
    ShowOnCashBasisReports: true,
    HasAttachments: false,
  };
}

function accountHead(organisation: Organisation, code: string): Json {
  const account = organisation.accounts.get(code)!;
  return { AccountID: account.id, Code: account.code, Name: account.name };
}
