import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { PreparedRequest, SendResult } from '@daybook/connectors/kit/contract';
import { contentHash } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { describe, stopsEverything } from '../failure.ts';
import { checkLockDate } from './lock-date.ts';
import { markDocuments, type OwedDocument } from './owed-documents.ts';
import { lookUp } from './recover.ts';
import { aboutDocument, type Push, sameTotals, settleFailed, settlePushed } from './settle.ts';

export interface Attempt {
  id: bigint;
  key: string;
  request: PreparedRequest;
  /** Set when the request was sent before: members that are in the books already. Whatever fails now, that may arrive. */
  settled?: ReadonlySet<bigint>;
}

/**
 * Sends documents of one kind in one request. What cannot be translated (an unmapped account) is put aside first; then
 * the exact bytes and the key are committed, and only then sent, so that whoever comes after a crash can tell.
 */
export async function sendDocuments(batch: OwedDocument[], push: Push): Promise<void> {
  const ready: { owed: OwedDocument; encoded: string }[] = [];
  for (const owed of batch) {
    try {
      await checkLockDate(owed, push);
      ready.push({ owed, encoded: push.connector.encode(owed.document, push.mappingFor(owed)) });
    } catch (error) {
      if (stopsEverything(error)) throw error;
      await push.deps.sql.begin((tx) => settleFailed(tx, owed, error, push));
    }
  }
  const first = ready[0];
  if (!first) return;
  const documents = ready.map((each) => each.owed);
  const request = push.connector.prepare(
    first.owed.document.kind,
    ready.map((each) => each.encoded),
    first.owed.document,
    push.mappingFor(first.owed),
  );
  const attempt = await recordAttempt(documents, request, push);
  await perform(attempt, documents, push);
}

async function recordAttempt(documents: OwedDocument[], request: PreparedRequest, push: Push): Promise<Attempt> {
  const { sql, clock } = push.deps;
  const ids = documents.map((each) => each.id);
  return sql.begin(async (tx) => {
    // Only one worker gets them, even if another lost its lock without noticing.
    const taken = await tx`
      update documents set state = 'sending', reason = null, code = null
      where id = any(${ids.map(String)}::bigint[]) and state not in ('sending', 'unknown', 'pushed') returning id`;
    if (taken.length !== ids.length) throw new Error('Another worker is sending these documents.');
    const [earlier] = await tx<{ count: bigint }[]>`
      select count(*) from push_attempts where document_ids && ${ids.map(String)}::bigint[]`;
    const key = contentHash({ connection: push.connection.id, ids, generation: earlier?.count ?? 0n });
    const [row] = await tx<{ id: bigint }[]>`
      insert into push_attempts (company_id, connection_id, document_ids, idempotency_key, method, path, body, sent_at)
      values (${push.connection.companyId}, ${push.connection.id}, ${ids.map(String)}::bigint[], ${key}, ${request.method},
              ${request.path}, ${Buffer.from(request.body)}, ${clock()}) returning id`;
    return { id: (row as { id: bigint }).id, key, request };
  });
}

/** Sends a recorded attempt, for the first time or as a replay of the same bytes, and books what became of it. */
export async function perform(attempt: Attempt, documents: OwedDocument[], push: Push): Promise<void> {
  let results: SendResult[];
  try {
    results = await push.connector.send(
      attempt.request,
      documents.map((each) => each.document),
      attempt.key,
      push.api,
    );
  } catch (error) {
    await requestFailed(attempt, documents, error, push);
    return;
  }
  const duplicates = await adoptDuplicates(documents, results, push);
  await push.deps.sql.begin(async (tx) => {
    await finish(tx, attempt, 'answered', null, push);
    for (const [index, owed] of documents.entries()) {
      if (attempt.settled?.has(owed.id)) continue;
      const result = duplicates.get(owed.id) ?? results[index] ?? unanswered(owed);
      if (result.ok) await settlePushed(tx, owed, result.remote, push);
      else await settleFailed(tx, owed, result.error, push);
    }
  });
  push.deps.log.info(
    {
      connection: push.connection.id,
      connector: push.connector.id,
      documents: documents.length,
      pushed: results.filter((each) => each.ok).length,
      attempt: String(attempt.id),
      outcome: 'answered',
    },
    'document.pushed',
  );
}

function unanswered(owed: OwedDocument): SendResult {
  const error = new ConnectorError('retryable', `The answer says nothing about ${aboutDocument(owed)}.`, {
    code: 'OUTCOME_UNKNOWN',
    ambiguous: true,
  });
  return { ok: false, error };
}

/**
 * "This number exists already" may be our own earlier attempt: what is there is looked at before anything else is said.
 * Other totals are somebody else's document: it is not adopted, or our payments would settle it.
 */
async function adoptDuplicates(
  documents: OwedDocument[],
  results: SendResult[],
  push: Push,
): Promise<Map<bigint, SendResult>> {
  const taken = documents.filter((_, index) => {
    const result = results[index];
    return result !== undefined && !result.ok && result.error.code === 'BOOKS_DUPLICATE_NUMBER';
  });
  const found = new Map<bigint, SendResult>();
  for (const [owed, remote] of await lookUp(taken, push))
    if (remote && sameTotals(owed, remote)) found.set(owed.id, { ok: true, remote });
  return found;
}

async function requestFailed(attempt: Attempt, documents: OwedDocument[], error: unknown, push: Push): Promise<void> {
  const open = documents.filter((owed) => !attempt.settled?.has(owed.id));
  const definite = error instanceof ConnectorError && !error.ambiguous;
  // That a replay did not get through says nothing about the first request, only a refusal of the same bytes does.
  const known = definite && (attempt.settled === undefined || error.kind === 'rejected');
  await push.deps.sql.begin(async (tx) => {
    await finish(tx, attempt, known ? 'refused' : 'unknown', describe(error), push);
    if (known)
      await markDocuments(
        tx,
        open.map((each) => each.id),
        'pending',
        { code: error.code, reason: error.message },
      );
  });
  if (!known) {
    if (stopsEverything(error)) throw error;
    await push.deps.sql.begin(async (tx) => {
      for (const owed of open) await settleFailed(tx, owed, ambiguous(error), push);
    });
    return;
  }
  if (stopsEverything(error)) throw error;
  if (error.kind === 'rejected' && open.length > 1) {
    // One of them spoils the request: each goes alone, so that only the bad one stays behind.
    for (const owed of open) await sendDocuments([owed], push);
    return;
  }
  await push.deps.sql.begin(async (tx) => {
    for (const owed of open) await settleFailed(tx, owed, error, push);
  });
}

function ambiguous(error: unknown): ConnectorError {
  if (error instanceof ConnectorError && error.ambiguous) return error;
  return new ConnectorError('retryable', describe(error), { code: 'OUTCOME_UNKNOWN', ambiguous: true, cause: error });
}

async function finish(tx: Tx, attempt: Attempt, outcome: string, detail: string | null, push: Push): Promise<void> {
  await tx`
    update push_attempts set outcome = ${outcome}, detail = ${detail}, finished_at = ${push.deps.clock()} where id = ${attempt.id}`;
}
