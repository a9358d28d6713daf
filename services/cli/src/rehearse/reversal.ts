import { reverseEntry } from '@daybook/ledger/reversal';
import type { Sql } from '@daybook/platform/db';
import type { WorkerDeps } from '@daybook/workers/deps';
import { type Difference, differences } from './compare.ts';
import type { Month } from './month-file.ts';
import { eventsOf, refusalOf } from './rehearse.ts';

interface Linked {
  id: bigint;
  sourceKey: string;
  reverses: bigint | null;
  reversedBy: bigint | null;
}

/** Reverses an entry as the file asks, and compares its lines and the links between the two. */
export async function reversalDifferences(month: Month, companyId: string, deps: WorkerDeps): Promise<Difference[]> {
  const asked = month.reversal_case;
  if (!asked) return [];
  const [, id = '', date] = /reverse the entry of (\S+) on (\d{4}-\d{2}-\d{2})/.exec(asked.case) ?? [];
  const event = eventsOf(month).find((each) => each.id === id);
  const original = event && (await entryOf(deps.sql, companyId, event.source_key));
  if (!original) return [{ where: 'reversal_case', expected: asked.case, found: 'no such entry' }];
  const wish = { entry: original.sourceKey, date };
  const act = { by: 'rehearsal', reason: asked.case, now: deps.clock() };
  const problem = await refusalOf(() => reverseEntry(deps.sql, companyId, wish, act));
  if (problem !== null) return [{ where: 'reversal_case', expected: 'reversed', found: problem }];
  const after = await entryOf(deps.sql, companyId, event.source_key);
  const [made] = await deps.sql<Linked[]>`
    select id, source_key as "sourceKey", reverses, reversed_by as "reversedBy" from journal_entries
    where company_id = ${companyId} and reverses = ${original.id}`;
  const lines = await deps.sql`
    select account, debit, credit from journal_lines where entry_id = ${made?.id ?? 0n} order by line_no`;
  return [
    ...differences(asked.expected_lines, [...lines], 'reversal_case.expected_lines'),
    ...differences(String(original.id), String(made?.reverses), 'reversal_case.reverses'),
    ...differences(String(made?.id), String(after?.reversedBy), 'reversal_case.reversed_by'),
  ];
}

async function entryOf(sql: Sql, companyId: string, sourceId: string): Promise<Linked | undefined> {
  const [entry] = await sql<Linked[]>`
    select e.id, e.source_key as "sourceKey", e.reverses, e.reversed_by as "reversedBy"
    from journal_entries e join events v on v.id = e.event_id
    where e.company_id = ${companyId} and v.source_id = ${sourceId} and e.reverses is null order by e.sequence limit 1`;
  return entry;
}
