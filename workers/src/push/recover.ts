import type { RemoteDocument } from '@daybook/connectors/kit/contract';
import type { DocumentKind } from '@daybook/domain';
import { markDocuments, type OwedDocument } from './owed-documents.ts';
import { type Attempt, perform } from './send.ts';
import { type Push, settlePushed } from './settle.ts';

interface AttemptRow {
  id: bigint;
  key: string;
  method: 'POST' | 'PUT';
  path: string;
  body: Buffer;
  documentIds: bigint[];
  sentAt: Date;
}

/**
 * Settles documents whose fate is not known (design.md rule 5): look upstream first and adopt what is there. What is
 * not there is sent again with the same key and bytes while the provider still remembers the key, since the first
 * request may even now be on its way; after that, or after a provider without keys, as a new attempt.
 */
export async function recover(uncertain: OwedDocument[], push: Push): Promise<void> {
  const missing: OwedDocument[] = [];
  for (const [owed, remote] of await lookUp(uncertain, push)) {
    if (remote) await push.deps.sql.begin((tx) => settlePushed(tx, owed, remote, push));
    else missing.push(owed);
  }
  if (missing.length === 0) return;
  const attempt = await latestAttempt(missing[0] as OwedDocument, push);
  const covered = attempt ? missing.filter((owed) => attempt.documentIds.includes(owed.id)) : [];
  if (attempt && replayable(attempt, uncertain, push)) {
    const all = uncertain.filter((owed) => attempt.documentIds.includes(owed.id));
    const settled = new Set(all.filter((owed) => !missing.includes(owed)).map((owed) => owed.id));
    return perform({ ...toAttempt(attempt), settled }, inOrder(attempt, all), push);
  }
  const lost = covered.length > 0 ? covered : missing;
  await markDocuments(
    push.deps.sql,
    lost.map((owed) => owed.id),
    'pending',
    {
      code: 'NOT_FOUND_UPSTREAM',
      reason: 'Looked up after an unclear answer and not found, so it is sent again.',
    },
  );
}

/** Only a complete batch can be replayed byte for byte: when a member went another way before, the rest goes anew. */
function replayable(attempt: AttemptRow, uncertain: OwedDocument[], push: Push): boolean {
  const age = push.deps.clock().getTime() - attempt.sentAt.getTime();
  const whole = attempt.documentIds.every((id) => uncertain.some((owed) => owed.id === id));
  return whole && age < push.connector.idempotencyWindowMs;
}

function inOrder(attempt: AttemptRow, documents: OwedDocument[]): OwedDocument[] {
  return attempt.documentIds.flatMap((id) => documents.filter((owed) => owed.id === id));
}

function toAttempt({ id, key, method, path, body }: AttemptRow): Attempt {
  return { id, key, request: { method, path, body: body.toString() } };
}

async function latestAttempt(owed: OwedDocument, push: Push): Promise<AttemptRow | undefined> {
  const [row] = await push.deps.sql<AttemptRow[]>`
    select id, idempotency_key as key, method, path, body, document_ids as "documentIds", sent_at as "sentAt"
    from push_attempts where connection_id = ${push.connection.id} and document_ids @> ${[String(owed.id)]}::bigint[]
      and outcome in ('sent', 'unknown') order by id desc limit 1`;
  return row;
}

/** Looks documents up by their natural keys, kind by kind. */
export async function lookUp(documents: OwedDocument[], push: Push): Promise<Map<OwedDocument, RemoteDocument | null>> {
  const found = new Map<OwedDocument, RemoteDocument | null>();
  const byKind = Map.groupBy(documents, ({ document }): DocumentKind => document.kind);
  for (const same of byKind.values()) {
    const remotes = await push.connector.find(
      same.map((owed) => owed.document),
      push.mappingFor(same[0] as OwedDocument),
      push.api,
    );
    same.forEach((owed, index) => {
      found.set(owed, remotes[index] ?? null);
    });
  }
  return found;
}
