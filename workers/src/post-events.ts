import {
  type BookDocument,
  type Books,
  businessDate,
  type CanonicalEvent,
  dependsOn,
  documentsFor,
  entriesFor,
  formatMinor,
  isSummarisable,
  type ResolvedEntry,
  stockFor,
} from '@daybook/domain';
import { ensureFiscalYears, loadBooks } from '@daybook/ledger/company';
import { postEntries } from '@daybook/ledger/post';
import type { Tx } from '@daybook/platform/db';
import { BATCH } from './catalog.ts';
import type { WorkerDeps } from './deps.ts';
import { ring, ringPush } from './doorbell.ts';
import { describe, judge, waitsForAnotherFact } from './failure.ts';
import { closeIdle, openIssue } from './issues.ts';
import { oweDocuments } from './owe-documents.ts';
import { claim, lease, type Owed, putBack } from './owed.ts';
import { type EventRow, factKeys, factsOf, isNewest, type Known, readEvents } from './posting-facts.ts';
import { openStock, type Stock } from './stock.ts';
import { type Granularities, granularitiesOf } from './summaries/granularity.ts';
import { type Receipt, stageReceipts } from './summaries/stage.ts';

interface Round {
  tx: Tx;
  companyId: string;
  now: Date;
  owed: Map<bigint, Owed>;
  deps: WorkerDeps;
  /** Who entered the facts is waiting: what the rules refuse is thrown, and nothing is kept. */
  strict?: boolean;
}

/** What became of a batch: whom to wake next. */
export interface Posted {
  booksConnections: string[];
  freed: bigint[];
}

/**
 * Posts events of one company: journal entries, documents owed and the work they cause in one transaction (design.md
 * rule 4). A fault of the database gives the whole batch back and each event is tried on its own, so that a bad one
 * never hurts its neighbours; what the rules refuse is put aside event by event without that.
 */
export async function postEvents(payload: { companyId: string; refs: string[] }, deps: WorkerDeps): Promise<void> {
  let taken: number;
  do {
    taken = await postLeased(payload.companyId, payload.refs.map(BigInt), deps);
    // A job that names nothing was rung for everything that is due.
  } while (payload.refs.length === 0 && taken === BATCH);
}

/** Posts one batch, one by one where it fails as a whole; answers how many events it took. */
async function postLeased(companyId: string, named: bigint[], deps: WorkerDeps): Promise<number> {
  const refs = await lease(deps.sql, 'post', companyId, named, BATCH, deps.clock());
  const [first] = refs;
  if (first === undefined) return 0;
  try {
    await postBatch(companyId, refs, deps);
  } catch (error) {
    if (refs.length === 1) await failed(first, companyId, error, deps);
    else {
      for (const ref of refs) {
        await postBatch(companyId, [ref], deps).catch((each: unknown) => failed(ref, companyId, each, deps));
      }
    }
  }
  return refs.length;
}

async function postBatch(companyId: string, refs: bigint[], deps: WorkerDeps): Promise<void> {
  const posted = await deps.sql.begin(async (tx) => postIn(tx, companyId, refs, deps));
  await wake(companyId, posted, deps);
}

/**
 * Posts events inside a transaction; `strict` throws what the rules refuse instead of setting the event aside. Whom to
 * wake once the transaction is committed is answered for `wake`.
 */
export async function postIn(
  tx: Tx,
  companyId: string,
  refs: readonly bigint[],
  deps: WorkerDeps,
  { strict = false } = {},
): Promise<Posted> {
  // One poster per company at a time: numbers and the hash chain are strictly in sequence anyway, and two revisions
  // of one sale must see each other.
  const [head] = await tx<{ keepsStock: boolean }[]>`
    select exists (select from inventory_groups g where g.company_id = h.company_id) as "keepsStock"
    from journal_heads h where h.company_id = ${companyId} for update`;
  const now = deps.clock();
  const owed = new Map((await claim(tx, 'post', refs)).map((each) => [each.ref, each]));
  const result: Posted = { booksConnections: [], freed: [] };
  let rows = await readEvents(tx, [...owed.keys()]);
  while (rows.length > 0) {
    const { round, rest } = takeRound(rows, head?.keepsStock ?? false);
    await postRound(round, { tx, companyId, now, owed, deps, strict }, result);
    rows = rest;
  }
  return result;
}

/** Wakes whoever has work to do after a commit. */
export async function wake(companyId: string, posted: Posted, deps: WorkerDeps): Promise<void> {
  await ring(deps, 'post', companyId, posted.freed);
  for (const connectionId of new Set(posted.booksConnections)) await ringPush(deps, connectionId);
}

/**
 * Events that share a fact (two revisions, a sale and its refund) go into different rounds, each seeing the one before.
 * What goods cost depends on the order they are moved in: where items are kept nothing overtakes what has to wait.
 */
function takeRound(rows: EventRow[], inOrder: boolean): { round: EventRow[]; rest: EventRow[] } {
  const taken = new Set<string>();
  const round: EventRow[] = [];
  const rest: EventRow[] = [];
  for (const row of rows) {
    const keys = factKeys(row);
    const waits = keys.some((key) => taken.has(key)) || (inOrder && rest.length > 0);
    (waits ? rest : round).push(row);
    for (const key of keys) taken.add(key);
  }
  return { round, rest };
}

/** The company's books with a fiscal year for every event: a first import or a new year opens what is missing. */
async function booksFor(rows: EventRow[], round: Round): Promise<Books> {
  const books = await loadBooks(round.tx, round.companyId);
  const soon = new Date(round.now.getTime() + 2 * 24 * 60 * 60_000).toISOString();
  const outside = rows
    .filter((row) => row.event.occurredAt < soon)
    .map((row) => ({ date: businessDate(row.event, books.timeZone), byHand: 'date' in row.event }))
    // People date what they enter inside the years there are, or in the year that has just begun.
    .filter(({ date, byHand }) => !books.isOpen(date) && !(byHand && (date < books.firstOpenDay || date > soon)))
    .map(({ date }) => date);
  if (outside.length === 0) return books;
  for (const date of new Set(outside)) await ensureFiscalYears(round.tx, round.companyId, date);
  return loadBooks(round.tx, round.companyId);
}

async function postRound(rows: EventRow[], round: Round, result: Posted): Promise<void> {
  const { tx, companyId, now } = round;
  const plain = await booksFor(rows, round);
  const facts = await factsOf(tx, rows, plain);
  const stock = await openStock(tx, companyId, rows, plain, facts);
  const books = stock?.books ?? plain;
  const entries: { entry: ResolvedEntry; eventId: bigint }[] = [];
  const documents: { event: EventRow; document: BookDocument }[] = [];
  const receipts: Receipt[] = [];
  const done: EventRow[] = [];
  const granularity = await granularitiesOf(
    tx,
    rows.map((row) => row.connectionId),
  );
  for (const row of rows) {
    const known = facts(row);
    if (!isNewest(row, known)) {
      await settle(tx, [row.id], 'superseded', 'a newer revision is booked already', null);
    } else if (known.previousHash === row.contentHash) {
      await settle(tx, [row.id], 'unchanged', 'says the same as the revision booked before', null);
    } else {
      try {
        const { moved, ...owes } = made(row, known, stock, books);
        if (isReceipt(row, known, owes.documents, granularity, books)) receipts.push({ row, ...owes });
        else {
          for (const entry of owes.entries) entries.push({ entry, eventId: row.id });
          for (const document of owes.documents) documents.push({ event: row, document });
        }
        // What goods cost is booked with each sale, also where the sale itself goes into the summary of its day.
        for (const entry of moved.entries) entries.push({ entry, eventId: row.id });
        stock?.keep(row, moved);
        done.push(row);
      } catch (error) {
        if (round.strict && !waitsForAnotherFact(error)) throw error;
        await setAside(row, error, round);
      }
    }
  }
  await stock?.write(now);
  await postEntries(tx, companyId, entries, now);
  await stageReceipts(tx, companyId, receipts, books, now);
  await writePosted(done, entries, documents, round, result);
}

/** What an event owes: entries, documents, and what it does to stock. */
function made(row: EventRow, known: Known, stock: Stock | null, books: Books) {
  const facts = stock ? { ...known.facts, stock: stock.factsFor(row, known) } : known.facts;
  return {
    entries: entriesFor(row.event, facts, books),
    documents: documentsFor(row.event, facts, books),
    moved: stockFor(row.event, facts, books),
  };
}

/**
 * Whether a fact goes into the summary of its day: as its revision before did, else as its channel is set. What
 * settles a document of a summarised sale follows it, because the books know that document only as part of the summary.
 */
function isReceipt(
  row: EventRow,
  known: Known,
  documents: readonly BookDocument[],
  granularity: Granularities,
  books: Books,
): boolean {
  if (known.facts.previous && known.facts.previous.entries.length > 0) return known.summarised;
  const isOwn = (kind: string, number: string) =>
    documents.some((each) => each.kind === kind && each.number === number);
  const settlesOthers = documents.flatMap(dependsOn).some(({ kind, number }) => !isOwn(kind, number));
  if (known.saleSummarised && settlesOthers) return true;
  const date = businessDate(row.event, books.timeZone);
  return granularity(row.connectionId, date) === 'daily_summary' && isSummarisable(row.event, known.facts);
}

async function writePosted(
  rows: EventRow[],
  entries: { entry: ResolvedEntry; eventId: bigint }[],
  documents: { event: EventRow; document: BookDocument }[],
  round: Round,
  result: Posted,
): Promise<void> {
  if (rows.length === 0) return;
  const { tx, now } = round;
  await settle(
    tx,
    rows.map((row) => row.id),
    'posted',
    null,
    now,
  );
  const superseded = rows.flatMap((row) => (row.previousId === null ? [] : [row.previousId]));
  await settle(tx, superseded, 'superseded', 'a newer revision is booked', null);
  await showSuspense(rows, entries, round);
  const owed = documents.map(({ event, document }) => ({
    document,
    eventId: event.id,
    summaryId: null,
    priority: round.owed.get(event.id)?.priority ?? 0,
  }));
  result.booksConnections.push(...(await oweDocuments(tx, round.companyId, owed, now)));
  result.freed.push(...(await freeWaiting(rows, round)));
}

/** What a processor moved without saying why is booked to suspense, and a person is told (accounting.md A4, C16). */
async function showSuspense(
  rows: EventRow[],
  entries: { entry: ResolvedEntry; eventId: bigint }[],
  round: Round,
): Promise<void> {
  for (const { entry, eventId } of entries) {
    const unexplained = entry.lines.filter(({ role }) => role === 'suspense');
    const row = rows.find(({ id }) => id === eventId);
    if (unexplained.length === 0 || !row || entry.reverses !== undefined) continue;
    const amounts = unexplained.map((line) => `${line.currency} ${formatMinor(line.amountTc, line.currency)}`);
    const message = `${aboutEvent(row.event)} of ${row.label} moves ${amounts.join(' and ')} that its processor does not explain. It is booked to suspense: find out what it was, then book it from there to its account.`;
    const { companyId, tx, now } = round;
    const subject = `${row.event.type} ${row.event.id}`;
    await openIssue(tx, { companyId, connectionId: row.connectionId, code: 'SUSPENSE_POSTED', message, subject }, now);
  }
}

async function settle(
  tx: Tx,
  ids: bigint[],
  state: string,
  reason: string | null,
  postedAt: Date | null,
): Promise<void> {
  if (ids.length === 0) return;
  await tx`
    update events set state = ${state}, reason = ${reason}, code = null, posted_at = coalesce(${postedAt}, posted_at)
    where id = any(${ids.map(String)}::bigint[])`;
}

/** What is told of settled money waits for the facts it settles. */
const SETTLED = new Set(['refund', 'fee', 'dispute', 'settlement']);

/** Facts that waited for one of these (a refund for its sale, a settlement for its refund) are due at once. */
async function freeWaiting(rows: EventRow[], round: Round): Promise<bigint[]> {
  const sales = rows.filter((row) => row.event.type === 'sale');
  const settling = rows.filter((row) => row.event.type === 'sale' || SETTLED.has(row.event.type));
  if (settling.length === 0) return [];
  const freed = await round.tx<{ ref: bigint; companyId: string; held: string | null }[]>`
    update todo set due_at = ${round.now}, held = null from (
      select t.id, t.held from todo t join events e on e.id = t.ref
      where t.stage = 'post' and e.company_id = ${round.companyId} and e.state = 'waiting' and ((e.connection_id, e.sale_id) in (
        select * from unnest(${sales.map((row) => row.connectionId)}::uuid[], ${sales.map((row) => row.event.id)}::text[]))
        or (e.type in ('payout', 'settlement', 'dispute') and e.code = 'SALE_UNKNOWN'
            and e.connection_id = any(${settling.map((row) => row.connectionId)}::uuid[])))
    ) as waiting where todo.id = waiting.id
    returning ref, company_id as "companyId", waiting.held`;
  await closeIdle(round.tx, freed, round.now);
  return freed.map((row) => row.ref);
}

/** A fault of ours that stays, and a late fact that is to be sent again: nothing that could still come helps them. */
const WAITS_FOR_NOTHING = new Set(['INTERNAL_FAULT', 'LATE_EVENT_REJECTED']);

/** What the rules refuse: another attempt later, or an issue that names what to mend. */
async function setAside(row: EventRow, error: unknown, round: Round): Promise<void> {
  const owed = round.owed.get(row.id) as Owed;
  const { now, deps } = round;
  const verdict = judge(error, { attempts: owed.attempts, about: aboutEvent(row.event), random: deps.random, now });
  const waits = verdict.action === 'retry';
  const held = waits
    ? undefined
    : await openIssue(
        round.tx,
        {
          companyId: round.companyId,
          connectionId: verdict.scope === 'company' ? null : row.connectionId,
          code: verdict.code,
          message: verdict.message,
          subject: verdict.subject,
        },
        now,
      );
  const dueAt = new Date(now.getTime() + (waits ? verdict.delayMs : 0));
  await putBack(round.tx, 'post', owed, { dueAt, attempts: owed.attempts + 1, ...(held && { held }) });
  const state = held && WAITS_FOR_NOTHING.has(verdict.code) ? 'failed' : 'waiting';
  await round.tx`update events set state = ${state}, reason = ${describe(error)}, code = ${verdict.code} where id = ${row.id}`;
}

/** Notes that posting failed, unless it was done after all: by another worker, or with the reply of the commit lost. */
async function failed(ref: bigint, companyId: string, error: unknown, deps: WorkerDeps): Promise<void> {
  const now = deps.clock();
  await deps.sql.begin(async (tx) => {
    const [row] = await readEvents(tx, [ref]);
    const owed = new Map((await claim(tx, 'post', [ref])).map((each) => [each.ref, each]));
    if (owed.size === 0) return;
    if (!row) throw error;
    await setAside(row, error, { tx, companyId, now, owed, deps });
  });
  deps.log.warn({ event_id: String(ref), error: describe(error) }, 'entry.refused');
}

/** "sale #1001" for messages. */
function aboutEvent(event: CanonicalEvent): string {
  return `${event.type} ${event.order?.number ?? event.id} (${event.channel})`;
}
