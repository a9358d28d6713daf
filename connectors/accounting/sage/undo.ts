import { type BookDocument, formatMinor } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { minor, stateOf } from './answer.ts';
import type { Attempt } from './errors.ts';
import { type Located, locate } from './inspect.ts';
import { deleteRecord } from './remove.ts';
import { isIndirect } from './resources.ts';
import { allocationsOf, linksIn } from './settling.ts';

/**
 * Takes a pushed document out again: invoices and credit notes are voided, so that their number stays and tells what
 * happened; all else is deleted. Throws ConnectorError `rejected` BOOKS_STILL_REFERRED while a payment or allocation
 * refers to it, BOOKS_PERIOD_LOCKED before the lockdown date or on a filed VAT return.
 */
export async function undo(
  document: BookDocument,
  remoteId: string,
  mapping: BooksMapping,
  api: Api,
): Promise<'undone' | 'gone'> {
  const there = await locate(document, remoteId, mapping, api);
  if (!there || stateOf(there.found) !== 'live') return 'gone';
  const attempt: Attempt = { what: `Taking out ${subjectOf(document)}`, writes: true };
  if (isIndirect(document, there.resource)) {
    for (const id of await allocationsOf(remoteId, attempt.what, api)) {
      await deleteRecord('contact_allocations', id, attempt, api);
    }
  } else checkFree(document, there);
  await deleteRecord(there.resource, remoteId, attempt, api);
  return 'undone';
}

/** Voiding an invoice from under its payments would leave them floating. */
function checkFree(document: BookDocument, { found, fields }: Located): void {
  if (document.kind !== 'invoice' && document.kind !== 'credit_note') return;
  const currency = found.currency?.id ?? document.currency;
  const open = found.outstanding_amount ?? found.total_amount ?? '0';
  const settled = minor(found.total_amount ?? '0', currency) - minor(open, currency);
  if (settled === 0n) return;
  const names = linksIn(fields).map(({ displayed_as, reference, type }) => String(reference || displayed_as || type));
  const subject = names.filter((each) => each !== '').join(', ') || 'a payment or allocation';
  const message =
    `${subjectOf(document)} was not taken out of Sage: ${currency} ${formatMinor(settled, currency)} of it is settled ` +
    `there (${subject}). Take that out first, here or in Sage, then try again.`;
  throw new ConnectorError('rejected', message, { code: 'BOOKS_STILL_REFERRED', subject });
}
