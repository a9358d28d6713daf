import { type BookDocument, formatMinor } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { type Finding, fingerprint, resolveIssue } from '../issues.ts';
import type { BooksConnection } from '../push/owed-documents.ts';
import type { Difference } from './compare.ts';

interface Drifted {
  id: bigint;
  document: BookDocument;
}

/** Fingerprint of the issue about a drifted document. */
export function printOf({ document }: Pick<Drifted, 'document'>, connection: { id: string }): string {
  return fingerprint({ code: 'BOOKS_DRIFTED', connectionId: connection.id, subject: subjectOf(document) });
}

function subjectOf(document: BookDocument): string {
  return `${document.kind} ${document.number}`;
}

/** What a person is told of a difference. */
export function issueOf({ document }: Drifted, difference: Difference, connection: BooksConnection): Finding {
  const { kind, ours, theirs } = difference;
  const show = (total: bigint) => `${document.currency} ${formatMinor(total, document.currency)}`;
  const change =
    kind === 'edited' && theirs && theirs.total !== ours.total
      ? `was changed by hand from ${show(ours.total)} to ${show(theirs.total)}`
      : `was ${kind} by hand`;
  return {
    companyId: connection.companyId,
    connectionId: connection.id,
    code: 'BOOKS_DRIFTED',
    subject: subjectOf(document),
    message: `${document.kind.replace('_', ' ')} ${document.number} (${show(ours.total)}) ${change} in ${connection.label}. Accept it as it is there, restore ours, or ignore it.`,
  };
}

/** The difference is gone, or the document is: closes its drift and the issue about it. */
export async function closeDrift(tx: Tx, drifted: Drifted, connection: BooksConnection, now: Date): Promise<void> {
  const healed = await tx`
    update drifts set state = 'healed', settled_at = ${now} where document_id = ${drifted.id} and state = 'open' returning id`;
  if (healed.length > 0) await resolveIssue(tx, connection.companyId, printOf(drifted, connection), now);
}
