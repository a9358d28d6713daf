import type { Allocation, BookJournal, BookPayment } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { callJson, recordIn, requestIdOf, select } from './client.ts';
import { type Entity, NAMES, shortNumber } from './entities.ts';
import { headOf } from './head.ts';
import { contactOf } from './record-keys.ts';
import { decimal, type PaymentBody, toJson } from './wire.ts';

/** A record that a payment may be linked to, in the words of links (developer.intuit.com, Payment, Line.LinkedTxn). */
export interface Linked {
  type: 'Invoice' | 'CreditMemo' | 'Expense' | 'JournalEntry';
  id: string;
}

/** What money has to be set against after it was booked on accounts receivable. */
export interface Closing {
  customer: string;
  target: Linked;
}

/** What the document settles, and whose it is. */
export function closingOf(payment: BookPayment, mapping: BooksMapping): Closing {
  const { kind, number } = payment.settles;
  return {
    customer: contactOf(payment, mapping),
    target: { type: kind === 'invoice' ? 'Invoice' : 'CreditMemo', id: mapping.remoteId(kind, number) },
  };
}

/** A closing as the query of a frozen request's path, which knows no mapping any more when it is sent. */
export function closingQuery({ customer, target }: Closing): string {
  return new URLSearchParams({ closes: target.type, id: target.id, customer }).toString();
}

/** Reads what `closingQuery` wrote; null for a path without. */
export function closingIn(path: string): Closing | null {
  const parameters = new URLSearchParams(path.split('?')[1] ?? '');
  const type = parameters.get('closes');
  const [id, customer] = [parameters.get('id'), parameters.get('customer')];
  if ((type !== 'Invoice' && type !== 'CreditMemo') || id === null || customer === null) return null;
  return { customer, target: { type, id } };
}

/** A payment of nothing that sets two open records of a customer against each other. */
export function zeroPayment(
  document: BookPayment | Allocation,
  customer: string,
  both: readonly [Linked, Linked],
): PaymentBody {
  const amount = amountText(document.amount, document);
  return {
    ...headOf(document),
    CustomerRef: { value: customer },
    TotalAmt: decimal('0'),
    PaymentRefNum: shortNumber(document.number),
    Line: both.map(({ type, id }) => ({ Amount: decimal(amount), LinkedTxn: [{ TxnId: id, TxnType: type }] })),
  };
}

/** How links name the money of a payment that was booked as this. */
export function linkedMoney(entity: Entity, id: string): Linked {
  return { type: entity === 'purchase' ? 'Expense' : 'JournalEntry', id };
}

/**
 * Sets booked money against what it settles. The request id is made from the two records, so that a repeat is the same
 * request whoever makes it. Throws what the provider refuses.
 */
export async function close(payment: BookPayment, closing: Closing, money: Linked, api: Api): Promise<void> {
  const { target, customer } = closing;
  const attempt = { what: `Setting ${subjectOf(payment)} against what it settles`, writes: true };
  const body = await callJson(api, {
    ...attempt,
    method: 'POST',
    path: '/payment',
    body: toJson(zeroPayment(payment, customer, [target, money])),
    requestId: requestIdOf(`close:${money.type}:${money.id}:${target.type}:${target.id}`),
  });
  recordIn(body, NAMES.payment, attempt);
}

/** Ids of the zero payments that closed it: one, or none when it was never closed or was opened again. */
export async function closingPayments(payment: BookPayment, api: Api): Promise<{ id: string; syncToken: string }[]> {
  const where = `PaymentRefNum = '${shortNumber(payment.number)}'`;
  const rows = await select(api, `Looking up what closed ${subjectOf(payment)}`, NAMES.payment, where);
  return rows.flatMap(({ Id, SyncToken }) =>
    typeof Id === 'string' ? [{ id: Id, syncToken: typeof SyncToken === 'string' ? SyncToken : '0' }] : [],
  );
}

/** Money that was booked, but not what has to follow: nobody may send it again before it was looked up. */
export function halfDone(document: BookPayment | BookJournal, cause: unknown): ConnectorError {
  const words = cause instanceof Error ? ` (${cause.message})` : '';
  const rest =
    document.kind === 'payment' ? 'it was set against what it settles' : 'its foreign money was moved with it';
  const message =
    `${subjectOf(document)} was booked in QuickBooks, but it is not known whether ${rest}${words}. ` +
    'Daybook looks it up and finishes it.';
  return new ConnectorError('retryable', message, { code: 'OUTCOME_UNKNOWN', ambiguous: true, cause });
}
