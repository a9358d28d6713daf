import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { AccountingConnector, Api, RemoteDocument } from '@daybook/connectors/kit/contract';
import { formatMinor } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { amountOf } from '../document-amount.ts';
import { describe, isSlowDown, judge } from '../failure.ts';
import { openIssue } from '../issues.ts';
import { postpone } from '../owed.ts';
import type { MappingFor } from './mapping.ts';
import { type BooksConnection, markDocuments, type OwedDocument } from './owed-documents.ts';

/** Everything a push to one set of books needs. */
export interface Push {
  connection: BooksConnection;
  connector: AccountingConnector;
  api: Api;
  mappingFor: MappingFor;
  deps: WorkerDeps;
}

/** The document is in the books: remembers where, and compares what they made of it with ours to the cent. */
export async function settlePushed(tx: Tx, owed: OwedDocument, remote: RemoteDocument, push: Push): Promise<void> {
  const now = push.deps.clock();
  const equal = sameTotals(owed, remote);
  const reason = equal ? null : difference(owed, remote, push);
  await tx`
    update documents set state = 'pushed', remote_id = ${remote.remoteId}, remote_url = ${remote.url}, pushed_at = ${now},
      attempts = ${owed.attempts + 1}, reason = ${reason}, code = ${equal ? null : 'BOOKS_TOTAL_DIFFERS'}
    where id = ${owed.id}`;
  await tx`delete from todo where stage = 'push' and ref = ${owed.id}`;
  if (reason !== null) {
    await openIssue(
      tx,
      {
        companyId: push.connection.companyId,
        connectionId: push.connection.id,
        code: 'BOOKS_TOTAL_DIFFERS',
        message: reason,
        subject: owed.document.number,
      },
      now,
    );
  }
}

/** Whether the books hold the document with our total, tax and currency, to the cent. */
export function sameTotals({ document }: OwedDocument, remote: RemoteDocument): boolean {
  const ours = amountOf(document);
  return ours.amount === remote.total && ours.tax === remote.tax && document.currency === remote.currency;
}

function difference({ document }: OwedDocument, remote: RemoteDocument, push: Push): string {
  const ours = amountOf(document);
  const show = (minor: bigint) => `${document.currency} ${formatMinor(minor, document.currency)}`;
  return `${push.connection.label} booked ${document.kind} ${document.number} with ${show(remote.total)} (tax ${show(remote.tax)}), but it is ${show(ours.amount)} (tax ${show(ours.tax)}). Compare its tax settings with the mapping, then correct the document there.`;
}

/** One document failed on its own: retried later or held for a person; its neighbours are not touched. */
export async function settleFailed(
  tx: Tx,
  owed: OwedDocument,
  error: unknown,
  push: Pick<Push, 'connection' | 'deps'>,
): Promise<void> {
  const now = push.deps.clock();
  const verdict = judge(error, { attempts: owed.attempts, about: aboutDocument(owed), random: push.deps.random });
  const why = { code: verdict.code, reason: describe(error) };
  // The contact was deleted over there: forgetting it makes the next attempt look for it or make it anew.
  if (verdict.code === 'BOOKS_CONTACT_UNKNOWN') {
    await tx`
      delete from mappings where connection_id = ${push.connection.id} and kind = 'party' and ours = ${owed.document.party.id}`;
  }
  // Also when a person has to act: a replay must look it up, never just send it again.
  const unknown = error instanceof ConnectorError && error.ambiguous;
  if (verdict.action === 'hold') {
    const held = await openIssue(
      tx,
      {
        companyId: push.connection.companyId,
        connectionId: push.connection.id,
        code: verdict.code,
        message: verdict.message,
        subject: verdict.subject,
      },
      now,
    );
    await markDocuments(
      tx,
      [owed.id],
      unknown ? 'unknown' : verdict.code === 'MAPPING_MISSING' ? 'held' : 'rejected',
      why,
    );
    return postpone(tx, 'push', owed.id, { dueAt: now, attempts: owed.attempts + 1, held });
  }
  await markDocuments(tx, [owed.id], unknown ? 'unknown' : 'pending', why);
  await postpone(tx, 'push', owed.id, {
    dueAt: new Date(now.getTime() + verdict.delayMs),
    attempts: isSlowDown(error) ? owed.attempts : owed.attempts + 1,
  });
}

/**
 * The whole round failed: before something was sent, while it was, or when the answer could not be written down. What
 * the database says counts, not what was read before: a document whose request is on record may be in the books.
 */
export async function putBackDocuments(
  due: OwedDocument[],
  error: unknown,
  connection: BooksConnection,
  deps: WorkerDeps,
): Promise<void> {
  await deps.sql.begin(async (tx) => {
    const states = await tx<{ id: bigint; state: OwedDocument['state'] }[]>`
      select id, state from documents
      where id = any(${due.map(({ id }) => String(id))}::bigint[]) and state <> 'pushed' order by id for update`;
    for (const { id, state } of states) {
      const owed = { ...(due.find((each) => each.id === id) as OwedDocument), state };
      await settleFailed(tx, owed, keepUnknown(owed, error), { connection, deps });
    }
  });
}

/** A fault during a look-up tells nothing about the document: what was unknown stays unknown. */
function keepUnknown(owed: OwedDocument, error: unknown): unknown {
  if (owed.state !== 'sending' && owed.state !== 'unknown') return error;
  if (error instanceof ConnectorError && error.ambiguous) return error;
  return new ConnectorError('retryable', describe(error), { code: 'OUTCOME_UNKNOWN', ambiguous: true, cause: error });
}

/** "invoice SHOP-1001 of GBP 12.00" for messages. */
export function aboutDocument({ document }: OwedDocument): string {
  return `${document.kind.replace('_', ' ')} ${document.number} of ${document.currency} ${formatMinor(amountOf(document).amount, document.currency)}`;
}
