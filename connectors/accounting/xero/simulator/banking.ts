import { exponentOf } from '@daybook/domain';
import type { Refusal } from './answer.ts';
import { documentSums } from './arithmetic.ts';
import type { ChartAccount } from './charts.ts';
import { contactOfDocument } from './contacts.ts';
import { today } from './dates.ts';
import { parseDecimal, roundTo } from './decimal.ts';
import { currencyRate, dateOf, lineAmountTypes } from './documents.ts';
import { readLine } from './lines.ts';
import { lockErrors } from './locks.ts';
import type { BookedBankEntry, BookedTransfer } from './movements.ts';
import { list, member, text, type WriteContext } from './request.ts';
import type { Organisation } from './world.ts';

/**
 * Books money spent from or received on a bank account. A PUT creates; a POST that names one can only delete it here.
 * Amounts include tax unless the request says otherwise, which is another default than that of invoices.
 */
export function writeBankEntry(element: unknown, context: WriteContext): BookedBankEntry | Refusal {
  const { organisation, change } = context;
  const known = organisation.bankEntries.get(text(element, 'BankTransactionID')?.toLowerCase() ?? '');
  if (context.method === 'POST' && known) return deletedEntry(known, element, context);
  const errors: string[] = [];
  const draft = readEntry(element, context, errors);
  const contact = contactOfDocument(member(element, 'Contact'), context);
  if ('errors' in contact) errors.push(NO_CONTACT);
  if (errors.length > 0 || 'errors' in contact) return { errors };
  const value = { ...draft, contactId: (typeof contact === 'function' ? contact() : contact).id };
  change.put({ type: 'bank_entry', tenant: organisation.tenantId, value });
  return value;
}

const NO_CONTACT =
  'The Contact must contain at least 1 of the following elements to identify the contact: Name, ContactID, ContactNumber';

function readEntry(element: unknown, context: WriteContext, errors: string[]): BookedBankEntry {
  const { organisation, now } = context;
  const type = text(element, 'Type');
  if (type !== 'SPEND' && type !== 'RECEIVE') errors.push('Type must be SPEND or RECEIVE.');
  const bank = bankAccount(member(element, 'BankAccount'), organisation, errors);
  const currency = bank?.currency ?? organisation.currency;
  const types = lineAmountTypes(element, 'Inclusive', errors);
  const setting = { kind: 'bank_entry' as const, types, currency, authorised: true };
  const lines = (list(element, 'LineItems') ?? []).map((item) => readLine(item, setting, context, errors));
  const sums = documentSums(lines, types);
  const date = dateOf(element, 'Date', errors) ?? today(now, organisation.timeZone);
  if (lines.length === 0) errors.push('One or more line items must be specified');
  if (sums.total < 0n) errors.push('The document total cannot be negative.');
  errors.push(...lockErrors(organisation, date));
  return {
    id: context.change.newId('bank_entry'),
    type: type === 'RECEIVE' ? 'RECEIVE' : 'SPEND',
    contactId: '',
    bankCode: bank?.code ?? '',
    date,
    reference: text(element, 'Reference'),
    lineAmountTypes: types,
    currency,
    currencyRate: currencyRate(element, currency, organisation, errors),
    lines,
    ...sums,
    status: 'AUTHORISED',
    updatedAt: now.getTime(),
  };
}

function deletedEntry(entry: BookedBankEntry, element: unknown, context: WriteContext): BookedBankEntry | Refusal {
  const errors = deletionErrors('bank transaction', entry, element, context);
  if (errors.length > 0) return { errors };
  const value: BookedBankEntry = { ...entry, status: 'DELETED', updatedAt: context.now.getTime() };
  context.change.put({ type: 'bank_entry', tenant: context.organisation.tenantId, value });
  return value;
}

/** Moves money between two bank accounts of the same currency. */
export function writeTransfer(element: unknown, context: WriteContext): BookedTransfer | Refusal {
  const { organisation, now, change } = context;
  const errors: string[] = [];
  const from = bankAccount(member(element, 'FromBankAccount'), organisation, errors);
  const to = bankAccount(member(element, 'ToBankAccount'), organisation, errors);
  const currency = from?.currency ?? organisation.currency;
  if (from && from === to) errors.push('The bank accounts of a transfer must differ.');
  // What Xero does across currencies is not documented, so nothing may depend on it.
  if (to && (to.currency ?? organisation.currency) !== currency)
    errors.push('The currency of both accounts must match.');
  const said = parseDecimal(text(element, 'Amount'));
  const amount = said === null ? 0n : roundTo(said, exponentOf(currency));
  if (amount <= 0n) errors.push('The amount must be greater than zero.');
  const date = dateOf(element, 'Date', errors) ?? today(now, organisation.timeZone);
  errors.push(...lockErrors(organisation, date));
  if (errors.length > 0) return { errors };
  const value: BookedTransfer = {
    id: change.newId('transfer'),
    fromCode: from?.code ?? '',
    toCode: to?.code ?? '',
    date,
    currency,
    currencyRate: currencyRate({}, currency, organisation, errors),
    amount,
    reference: text(element, 'Reference'),
    status: 'AUTHORISED',
    updatedAt: now.getTime(),
  };
  change.put({ type: 'transfer', tenant: organisation.tenantId, value });
  return value;
}

/** Takes a transfer back, which is all that can be done to one; null when there is none. */
export function deleteTransfer(id: string, element: unknown, context: WriteContext): BookedTransfer | Refusal | null {
  const transfer = context.organisation.transfers.get(id.toLowerCase());
  if (!transfer) return null;
  const errors = deletionErrors('bank transfer', transfer, element, context);
  if (errors.length > 0) return { errors };
  const value: BookedTransfer = { ...transfer, status: 'DELETED', updatedAt: context.now.getTime() };
  context.change.put({ type: 'transfer', tenant: context.organisation.tenantId, value });
  return value;
}

function deletionErrors(
  what: string,
  { status, date }: { status: string; date: string },
  element: unknown,
  { organisation }: WriteContext,
): string[] {
  if (text(element, 'Status') !== 'DELETED') return [`The simulated ${what} can only be DELETED.`];
  if (status === 'DELETED') return [`The ${what} has already been deleted.`];
  return lockErrors(organisation, date);
}

function bankAccount(said: unknown, { accounts }: Organisation, errors: string[]): ChartAccount | undefined {
  const code = text(said, 'Code');
  const id = text(said, 'AccountID')?.toLowerCase();
  const account = id === undefined ? accounts.get(code ?? '') : [...accounts.values()].find((each) => each.id === id);
  if (!account) errors.push('The bank account could not be found.');
  else if (account.type !== 'BANK') errors.push(`Account code '${account.code}' is not a valid bank account.`);
  else if (account.status !== 'ACTIVE') errors.push(`Account code '${account.code}' has been archived.`);
  return account;
}
