import { type BookDocument, formatMinor } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { type Booked, isVoided, minor } from './answer.ts';
import { closingPayments } from './closing.ts';
import { isIndirect } from './document.ts';
import type { Entity } from './entities.ts';
import type { Attempt } from './errors.ts';
import { locate } from './inspect.ts';
import { takeConversions } from './moving.ts';
import { nullify, read, remove } from './remove.ts';

/** A person may save the same record between our reading and our writing; twice in a row is a reason to wait. */
const TRIES = 2;

/**
 * Takes a pushed document out again: invoices, sales receipts and payments are voided, so that their number stays and
 * tells what happened; all else is deleted, for which the provider has no void. Throws ConnectorError `rejected`
 * BOOKS_STILL_REFERRED while a payment, credit or bank deposit refers to it, BOOKS_PERIOD_LOCKED in a closed period.
 */
export async function undo(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<'undone' | 'gone'> {
  for (let left = TRIES; ; left--) {
    try {
      return await undoOnce(document, remoteId, mapping, api);
    } catch (error) {
      const isStale = error instanceof ConnectorError && error.code === 'BOOKS_CONFLICT' && !error.ambiguous;
      if (!isStale || left === 1) throw error;
    }
  }
}

async function undoOnce(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<'undone' | 'gone'> {
  const attempt: Attempt = { what: `Taking out ${subjectOf(document)}`, writes: true };
  if (document.kind === 'journal') await takeConversions(document, attempt, api);
  const there = await locate(document, remoteId, mapping, api);
  if (!there) return 'gone';
  const { entity, found, text } = there;
  const currency = found.CurrencyRef?.value ?? document.currency;
  if (isVoided(entity, found, currency)) return 'gone';
  checkFree(document, entity, found, currency);
  if (document.kind === 'payment' && isIndirect(document, entity)) await reopen(document, attempt, api);
  await (isKept(document, entity) ? nullify(entity, found, attempt, api) : remove(entity, found, attempt, api, text));
  return 'undone';
}

/** What the provider can void; allocations are payments, too, but only of nothing. */
function isKept(document: BookDocument, entity: Entity): boolean {
  return entity === 'invoice' || entity === 'salesreceipt' || (entity === 'payment' && document.kind === 'payment');
}

/** The payments of nothing that set the money against its document go first. */
async function reopen(document: Extract<BookDocument, { kind: 'payment' }>, attempt: Attempt, api: Api): Promise<void> {
  for (const { id } of await closingPayments(document, api)) {
    const there = await read('payment', id, attempt.what, api);
    if (there) await remove('payment', there.found, attempt, api);
  }
}

/** What a bank deposit may be made of. */
const TAKEN_TO_BANKS: ReadonlySet<Entity> = new Set(['payment', 'salesreceipt', 'refundreceipt']);

/**
 * The provider would take an invoice out from under its payments, which then float. What is settled shows in the
 * balance; a payment or receipt that lies in a bank deposit is linked to it.
 */
function checkFree(document: BookDocument, entity: Entity, found: Booked, currency: string): void {
  const links = (found.LinkedTxn ?? []).filter(
    ({ TxnType }) => TxnType !== 'Estimate' && TxnType !== 'ReimburseCharge',
  );
  const names = links.map(({ TxnType, TxnId }) => `${TxnType} ${TxnId}`).join(', ');
  if (TAKEN_TO_BANKS.has(entity) && links.some(({ TxnType }) => TxnType === 'Deposit')) {
    throw stillReferred(document, 'it lies in a bank deposit', names);
  }
  if ((entity !== 'invoice' && entity !== 'creditmemo') || !found.Balance) return;
  const settled = minor(found.TotalAmt, currency) - minor(found.Balance, currency);
  if (settled === 0n) return;
  const amount = `${currency} ${formatMinor(settled, currency)}`;
  throw stillReferred(document, `${amount} of it is settled there`, names || 'a payment or credit');
}

function stillReferred(document: BookDocument, why: string, subject: string): ConnectorError {
  const message =
    `${subjectOf(document)} was not taken out of QuickBooks: ${why} (${subject}). ` +
    'Take that out first, here or in QuickBooks, then try again.';
  return new ConnectorError('rejected', message, { code: 'BOOKS_STILL_REFERRED', subject });
}
