import {
  type BookDocument,
  type EntryType,
  type SummaryHead,
  summaryDocuments,
  summaryEntry,
  type Within,
} from '@daybook/domain';
import { postEntries } from '@daybook/ledger/post';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { ringPush } from '../doorbell.ts';
import { describe } from '../failure.ts';
import { oweDocuments } from '../owe-documents.ts';
import { reviveDocument } from '../push/revive.ts';
import { settles } from '../undo/undos.ts';
import { reviveEntry } from './receipts.ts';

/** Summaries posted in one transaction at most. */
const MOST = 20;

interface SummaryRow {
  id: bigint;
  connectionId: string;
  connector: string;
  account: string;
  label: string;
  journal: EntryType;
  day: string;
  taxPoint: string;
  register: string;
  version: number;
}

/** Posts what is due of every company; one company's fault does not stop the others. */
export async function summariseAll(deps: WorkerDeps): Promise<void> {
  const rows = await deps.sql<{ companyId: string }[]>`
    select distinct company_id as "companyId" from summaries where state = 'open' and due_at <= ${deps.clock()}`;
  for (const { companyId } of rows) {
    await postSummaries(companyId, deps).catch((error: unknown) => {
      deps.log.error({ company: companyId, error: describe(error) }, 'summary.failed');
    });
  }
}

/** Posts the due summaries of a company: entry, documents and the work they cause in one transaction per lot. */
async function postSummaries(companyId: string, deps: WorkerDeps): Promise<void> {
  for (;;) {
    const posted = await deps.sql.begin((tx) => postLot(tx, companyId, deps));
    for (const connectionId of new Set(posted.booksConnections)) await ringPush(deps, connectionId);
    if (posted.count < MOST) return;
  }
}

async function postLot(
  tx: Tx,
  companyId: string,
  deps: WorkerDeps,
): Promise<{ count: number; booksConnections: string[] }> {
  // The same lock as posting events: receipts come into a summary under it.
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const due = await tx<SummaryRow[]>`
    select s.id, s.connection_id as "connectionId", c.connector, c.account, c.label, s.journal, s.day::text as day,
           s.tax_point::text as "taxPoint", s.register, s.version
    from summaries s join connections c on c.id = s.connection_id
    where s.company_id = ${companyId} and s.state = 'open' and s.due_at <= ${deps.clock()}
    order by (s.journal not in ('SAL', 'DEP')), s.id limit ${MOST}`;
  const early = await putOffEarly(
    tx,
    due.map(({ id }) => id),
  );
  const booksConnections: string[] = [];
  for (const row of due)
    if (!early.has(row.id)) booksConnections.push(...(await postSummary(tx, companyId, row, deps)));
  return { count: due.length, booksConnections };
}

/** What settles a document that itself waits in a summary comes after that one. Answers what was put off. */
async function putOffEarly(tx: Tx, ids: readonly bigint[]): Promise<Set<bigint>> {
  const rows = await tx<{ id: bigint }[]>`
    update summaries set due_at = waiting.until + interval '1 second' from (
      select d.summary_id as id, max(s.due_at) as until
      from receipt_documents d
        join receipt_documents t on t.company_id = d.company_id and t.summary_id <> d.summary_id and ${settles(tx)}
        join summaries s on s.id = t.summary_id and s.state = 'open'
      where d.summary_id = any(${ids.map(String)}::bigint[]) and s.id <> all(${ids.map(String)}::bigint[])
      group by d.summary_id) as waiting
    where summaries.id = waiting.id returning summaries.id`;
  return new Set(rows.map(({ id }) => id));
}

async function postSummary(tx: Tx, companyId: string, row: SummaryRow, deps: WorkerDeps): Promise<string[]> {
  const now = deps.clock();
  const { journal, day, taxPoint, register, version } = row;
  const head: SummaryHead = {
    channel: row.connector,
    source: row.account,
    connectionLabel: row.label,
    journal,
    day,
    taxPoint,
    register,
    version,
  };
  const receipts = await tx<{ entry: unknown }[]>`select entry from receipts where summary_id = ${row.id} order by id`;
  const entry = summaryEntry(
    receipts.map((each) => reviveEntry(each.entry)),
    head,
  );
  if (entry.lines.length > 0) await postEntries(tx, companyId, [{ entry, eventId: null }], now);
  const documents = await makeDocuments(tx, companyId, row, head);
  await tx`
    update summaries set state = 'posted', posted_at = ${now}, source_key = ${entry.lines.length > 0 ? entry.sourceKey : null}
    where id = ${row.id}`;
  const owed = documents.map((document) => ({ document, eventId: null, summaryId: row.id, priority: 0 }));
  return oweDocuments(tx, companyId, owed, now);
}

/** Documents of the summary; each receipt's document remembers which one it went into. */
async function makeDocuments(tx: Tx, companyId: string, row: SummaryRow, head: SummaryHead): Promise<BookDocument[]> {
  const stored = await tx<{ id: bigint; payload: unknown }[]>`
    select id, payload from receipt_documents where summary_id = ${row.id} order by id`;
  const parts = stored.map(({ id, payload }) => ({ id, part: reviveDocument(payload) }));
  const earlier = await wherePartsWent(
    tx,
    companyId,
    parts.map(({ part }) => part),
  );
  const party = { id: `${row.connector}:${row.account}`, name: row.label };
  const { documents, within } = summaryDocuments(
    parts.map(({ part }) => part),
    head,
    party,
    earlier,
  );
  for (const { id, part } of parts) {
    const whole = within.get(part);
    if (whole)
      await tx`update receipt_documents set within_kind = ${whole.kind}, within = ${whole.number} where id = ${id}`;
  }
  return documents;
}

/** Where the documents that these settle went, when an earlier summary holds them. */
async function wherePartsWent(
  tx: Tx,
  companyId: string,
  parts: readonly BookDocument[],
): Promise<(kind: BookDocument['kind'], number: string) => Within | null> {
  const numbers = parts.flatMap((part) => {
    if (part.kind === 'payment') return [part.settles.number];
    return part.kind === 'allocation' ? [part.creditNote, part.invoice] : [];
  });
  const rows = await tx<{ kind: string; number: string; withinKind: BookDocument['kind']; within: string }[]>`
    select kind, number, within_kind as "withinKind", within from receipt_documents
    where company_id = ${companyId} and number = any(${numbers}) and within is not null`;
  const known = new Map(
    rows.map((each) => [`${each.kind} ${each.number}`, { kind: each.withinKind, number: each.within }]),
  );
  return (kind, number) => known.get(`${kind} ${number}`) ?? null;
}
