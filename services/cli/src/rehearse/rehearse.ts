import { type CanonicalEvent, DomainError } from '@daybook/domain';
import { verifyCompany } from '@daybook/ledger/verify';
import type { WorkerDeps } from '@daybook/workers/deps';
import { enterEvents, importEvents } from '@daybook/workers/enter';
import { postEvents } from '@daybook/workers/post-events';
import { UsageError } from '../terminal.ts';
import { approveDays, makeCashBooks } from './cash-books.ts';
import { makeCompany, openingOf } from './company.ts';
import { type Difference, differences } from './compare.ts';
import { contradictionsIn } from './contradictions.ts';
import { entryDifferences } from './entries.ts';
import type { Month, MonthEvent } from './month-file.ts';
import { SECTIONS } from './sections.ts';
import { contextOf, translate } from './translate.ts';

/** A month as it went through the books. */
export interface Rehearsal {
  companyId: string;
  /** Reports in the shape of the file's `expected`. */
  reports: Record<string, unknown>;
  differences: Difference[];
  /** Figures of the file that contradict the file. */
  contradictions: Difference[];
}

/** Members of one batch of posting. */
const BATCH = 300;

/**
 * Takes a month through the books of a company made for it: what is delivered (in that order, twice where the file says
 * so) is stored as it comes, then posted in the order of time. `about` names what is under way. Whatever is not as the
 * file expects is a difference; what the books refuse is one too.
 */
export async function rehearse(
  month: Month,
  deliveries: readonly string[],
  deps: WorkerDeps,
  { slug, about = () => undefined }: { slug: string; about?: (what: string) => void },
): Promise<Rehearsal> {
  about('making the company');
  const companyId = await makeCompany(deps.sql, month, slug, deps.clock());
  await makeCashBooks(month, companyId, deps);
  const opening = openingOf(month);
  if (opening) await enterEvents(companyId, [opening], deps);
  about(`delivering ${deliveries.length} facts`);
  const refused = await deliver(month, companyId, deliveries, deps);
  about('posting them in the order of time');
  await postInTime(companyId, deps);
  about('comparing');
  const range = { from: month.company.period_start, to: month.company.period_end };
  const reports = await tell(month, companyId, range, deps);
  const unlike = Object.entries(month.expected).flatMap(([name, expected]) =>
    differences(expected, reports[name], name),
  );
  const contradictions = contradictionsIn(unlike, month.expected.sales_by_channel);
  const found = [
    ...refused,
    ...(await unposted(companyId, deps)),
    ...(await approveDays(month, companyId, deps)),
    ...(await entryDifferences(deps.sql, companyId, eventsOf(month), month.company.functional_currency)),
    ...unlike.filter((each) => !contradictions.includes(each)),
    ...(await broken(companyId, deps)),
  ];
  return { companyId, reports, differences: found, contradictions };
}

/** All events of a month, those after its end too. */
export function eventsOf(month: Month): MonthEvent[] {
  return [...month.events, ...month.cutoff_events];
}

/** Stores the deliveries in their order; what cannot be told or contradicts an earlier one is a difference. */
async function deliver(
  month: Month,
  companyId: string,
  deliveries: readonly string[],
  deps: WorkerDeps,
): Promise<Difference[]> {
  const context = contextOf(month);
  const byId = new Map(eventsOf(month).map((event) => [event.id, event]));
  const refused: Difference[] = [];
  for (const id of deliveries) {
    const event = byId.get(id);
    if (!event) refused.push({ where: `deliveries.${id}`, expected: 'an event of the file', found: null });
    else {
      const problem = await refusalOf(() => importEvents(companyId, translate(event, context), deps));
      if (problem !== null) refused.push({ where: `events.${id}`, expected: 'accepted', found: problem });
    }
  }
  return refused;
}

/** Code and words of what the books refuse; null where they accept it. */
export async function refusalOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return `${error.code}: ${error.message}`;
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

/** Posts what is owed by the time it happened, as far as it goes: what waited for another fact comes after it. */
async function postInTime(companyId: string, deps: WorkerDeps): Promise<void> {
  const rows = await deps.sql<{ id: bigint }[]>`
    select e.id from events e join todo t on t.stage = 'post' and t.ref = e.id and t.held is null
    where e.company_id = ${companyId} order by e.occurred_at, (e.type <> 'sale'), e.id`;
  const refs = rows.map((row) => String(row.id));
  for (let at = 0; at < refs.length; at += BATCH) {
    await postEvents({ companyId, refs: refs.slice(at, at + BATCH) }, deps);
  }
  await postEvents({ companyId, refs: [] }, deps);
}

async function tell(
  month: Month,
  companyId: string,
  range: { from: string; to: string },
  deps: WorkerDeps,
): Promise<Record<string, unknown>> {
  const context = contextOf(month);
  const bySource = new Map<string, string>();
  for (const event of eventsOf(month)) bySource.set(event.source_key, event.id);
  const rehearsed = {
    sql: deps.sql,
    companyId,
    month,
    context,
    range,
    eventOf: (sourceId: string) => bySource.get(sourceId) ?? null,
  };
  const told: Record<string, unknown> = {};
  for (const [name, section] of Object.entries(SECTIONS)) told[name] = await section(rehearsed);
  return told;
}

/** Facts that are not booked in the end: they wait, or were refused. */
async function unposted(companyId: string, { sql }: WorkerDeps): Promise<Difference[]> {
  const rows = await sql<{ sourceId: string; type: CanonicalEvent['type']; state: string; reason: string | null }[]>`
    select source_id as "sourceId", type, state, reason from events
    where company_id = ${companyId} and state not in ('posted', 'unchanged', 'superseded') order by occurred_at`;
  return rows.map(({ sourceId, type, state, reason }) => ({
    where: `posting.${type} ${sourceId}`,
    expected: 'posted',
    found: `${state}: ${reason ?? 'no reason given'}`,
  }));
}

async function broken(companyId: string, { sql }: WorkerDeps): Promise<Difference[]> {
  const { checks } = await verifyCompany(sql, companyId);
  return checks
    .filter((check) => !check.ok)
    .map((check) => ({ where: `verify.${check.name}`, expected: 'holds', found: check.firstBad ?? 'does not hold' }));
}
