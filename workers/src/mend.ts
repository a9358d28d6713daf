import type { DomainErrorCode } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from './deps.ts';
import { ring } from './doorbell.ts';
import { resolveIssue } from './issues.ts';

/**
 * Makes a change and sets free every event that waits for something of the kind; what still misses something opens its
 * issue again. The lock of the journal's head keeps posting out meanwhile: an event is either tried after the change,
 * or its issue is there already to be closed. Answers how many events go on.
 */
export async function mend(
  companyId: string,
  code: DomainErrorCode,
  change: (tx: Tx) => Promise<void>,
  deps: Pick<WorkerDeps, 'sql' | 'clock' | 'queues' | 'log'>,
): Promise<{ resumed: number }> {
  const refs = await deps.sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    await change(tx);
    const prints = await tx<{ fingerprint: string }[]>`
      select fingerprint from issues where company_id = ${companyId} and code = ${code} and state = 'open'`;
    const waiting = await tx<{ ref: bigint }[]>`
      select ref from todo where company_id = ${companyId} and stage = 'post'
        and held = any(${prints.map((row) => row.fingerprint)}::text[])`;
    for (const { fingerprint } of prints) await resolveIssue(tx, companyId, fingerprint, deps.clock());
    return waiting.map((row) => row.ref);
  });
  await ring(deps, 'post', companyId, refs);
  return { resumed: refs.length };
}
