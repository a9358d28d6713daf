import { formatMinor, localDate } from '@daybook/domain';
import { createFiscalYear } from '@daybook/ledger/calendar';
import { calendarChanges } from '@daybook/ledger/calendar-changes';
import { changeFiscalYear } from '@daybook/ledger/change-year';
import { closingPreview } from '@daybook/ledger/closing-balances';
import { lateItems } from '@daybook/ledger/late';
import { calendarOf, checkBeforeLock, LOCK_KINDS, setLockDate, setPeriodState } from '@daybook/ledger/periods';
import { revalue } from '@daybook/ledger/revaluation';
import { closeYear, reopenYear } from '@daybook/ledger/year-end';
import type { WorkerDeps } from '@daybook/workers/deps';
import { approveLate, heldEvents, resumeClosed, setLatePolicy } from '@daybook/workers/late-events';
import type { CompanyRow } from './database.ts';
import { drawTable } from './table.ts';
import { UsageError } from './terminal.ts';

/** What an action is handed besides its values. */
export interface ActionContext {
  company: CompanyRow;
  deps: WorkerDeps;
  by: string;
  reason: string | undefined;
  now: Date;
  from: string | undefined;
  to: string | undefined;
  /** Shows progress to a person. */
  tell(text: string): void;
}

interface Done {
  answer: unknown;
  text: string;
}

export interface PeriodAction {
  usage: string;
  what: string;
  run(values: string[], context: ActionContext): Promise<Done>;
}

const POLICIES = ['post_in_first_open_period', 'hold_for_approval', 'reject'] as const;

/** Everything `daybook periods` can do, by name. */
export const periodActions: Readonly<Record<string, PeriodAction>> = {
  list: { usage: '', what: 'fiscal years, periods, lock dates', run: list },
  check: { usage: '<day>', what: 'what is unfinished before the period is locked', run: check },
  lock: { usage: '<day>', what: 'lock the period of a day', run: ([day], with_) => setState(day, 'locked', with_) },
  'soft-close': {
    usage: '<day>',
    what: 'leave it to journals, stock corrections, revaluation',
    run: ([day], with_) => setState(day, 'soft_closed', with_),
  },
  open: { usage: '<day>', what: 'open the period of a day again', run: ([day], with_) => setState(day, 'open', with_) },
  'lock-date': { usage: '<kind> <day|none>', what: `set a lock date: ${LOCK_KINDS.join(', ')}`, run: lockDate },
  'add-year': { usage: '<label> <from> <to>', what: 'add a fiscal year', run: addYear },
  'change-year': { usage: '<label> <from> <to>', what: 'let a year begin or end on other days', run: changeYear },
  preview: { usage: '[day]', what: 'what closing on a day would make', run: preview },
  close: { usage: '<label>', what: 'close a fiscal year', run: close },
  reopen: { usage: '<label>', what: 'reopen the latest closed year', run: reopen },
  late: { usage: '', what: 'entries booked after their closed day', run: late },
  held: { usage: '', what: 'late facts that wait for approval', run: held },
  approve: { usage: '<event>', what: 'let a held fact into the first open period', run: approve },
  policy: { usage: '<policy>', what: `late facts: ${POLICIES.join(', ')}`, run: policy },
  revalue: { usage: '<day>', what: 'foreign balances to the closing rate', run: revaluation },
  log: { usage: '', what: 'who changed what, when and why', run: log },
};

async function list(_values: string[], { company, deps }: ActionContext): Promise<Done> {
  const answer = await calendarOf(deps.sql, company.id);
  const rows = answer.years.flatMap(({ label, state, periods }) =>
    periods.map((period) => [
      label,
      state,
      period.kind,
      period.startsOn,
      period.endsOn,
      period.state.replace('_', ' '),
    ]),
  );
  const locks = Object.entries(answer.locks).flatMap(([kind, day]) => (day === null ? [] : [`${kind} ${day}`]));
  const table = drawTable(['Year', 'State', 'Period', 'From', 'To', 'State'], rows, []);
  return { answer, text: `${table}Lock dates: ${locks.join(', ') || 'none'}\n` };
}

async function check([day]: string[], { company, deps }: ActionContext): Promise<Done> {
  const answer = await checkBeforeLock(deps.sql, company.id, dayGiven(day));
  const lines = answer.map(({ message, blocks }) => `${blocks ? 'must be settled: ' : ''}${message}\n`);
  return { answer, text: lines.join('') || 'Nothing is unfinished.\n' };
}

async function setState(
  day: string | undefined,
  state: 'open' | 'soft_closed' | 'locked',
  context: ActionContext,
): Promise<Done> {
  const { company, deps } = context;
  const answer = await setPeriodState(deps.sql, company.id, { day: dayGiven(day), state }, context);
  await resumeClosed(company.id, deps);
  const shown = answer.state.replace('_', ' ');
  return { answer, text: `The period from ${answer.startsOn} to ${answer.endsOn} is ${shown}.\n` };
}

async function lockDate([name, day]: string[], context: ActionContext): Promise<Done> {
  const kind = LOCK_KINDS.find((each) => each === name);
  if (!kind) throw new UsageError(`there is no lock date "${name ?? ''}"; there is: ${LOCK_KINDS.join(', ')}`);
  const until = day === 'none' ? null : dayGiven(day);
  const { company, deps } = context;
  const answer = await setLockDate(deps.sql, company.id, { kind, day: until }, context);
  await resumeClosed(company.id, deps);
  return {
    answer,
    text: until === null ? `There is no lock date for ${kind}.\n` : `${kind} is locked up to ${until}.\n`,
  };
}

async function addYear([label, from, to]: string[], { company, deps }: ActionContext): Promise<Done> {
  const year = { label: given(label, 'label'), startsOn: dayGiven(from), endsOn: dayGiven(to) };
  await deps.sql.begin((tx) => createFiscalYear(tx, company.id, year));
  await resumeClosed(company.id, deps);
  return { answer: year, text: `Fiscal year ${year.label} runs from ${year.startsOn} to ${year.endsOn}.\n` };
}

async function changeYear([label, from, to]: string[], context: ActionContext): Promise<Done> {
  const { company, deps } = context;
  const year = { label: given(label, 'label'), startsOn: dayGiven(from), endsOn: dayGiven(to) };
  await deps.sql.begin((tx) => changeFiscalYear(tx, company.id, year, context));
  return { answer: year, text: `Fiscal year ${year.label} runs from ${year.startsOn} to ${year.endsOn}.\n` };
}

async function preview([day]: string[], { company, deps, now }: ActionContext): Promise<Done> {
  const answer = await closingPreview(
    deps.sql,
    company.id,
    dayGiven(day ?? localDate(now.toISOString(), company.timeZone)),
  );
  const show = (minor: bigint) => formatMinor(minor, company.currency);
  const rows = answer.opening.map(({ account, balance }) => [account, show(balance)]);
  const results = `Result ${show(answer.result)}, retained earnings ${show(answer.retainedBefore)} to ${show(answer.retainedAfter)}`;
  return { answer, text: `${results}; opening balances:\n${drawTable(['Account', 'Balance'], rows, [1])}` };
}

async function close([label]: string[], context: ActionContext): Promise<Done> {
  const { company, deps, tell } = context;
  const shown = (done: number, of: number, what: string) => tell(`${done} of ${of}: ${what}`);
  const answer = await closeYear(deps.sql, company.id, given(label, 'label of a fiscal year'), context, shown);
  const posted = answer.entries.map(({ step, fiscalYear, number }) => `${step} is entry ${fiscalYear}/${number}\n`);
  const told = answer.outcome === 'closed' ? 'is closed' : 'was closed already';
  return { answer, text: `Fiscal year ${answer.label} ${told}.\n${posted.join('')}` };
}

async function reopen([label]: string[], context: ActionContext): Promise<Done> {
  const { company, deps } = context;
  const answer = await reopenYear(deps.sql, company.id, given(label, 'label of a fiscal year'), context);
  const posted = answer.map(({ step, fiscalYear, number }) => `${step} is reversed by ${fiscalYear}/${number}\n`);
  return { answer, text: `Fiscal year ${label} is open again; its periods are locked.\n${posted.join('')}` };
}

async function late(_values: string[], { company, deps, from, to }: ActionContext): Promise<Done> {
  const range = { from: dayGiven(from ?? '0001-01-01'), to: dayGiven(to ?? '9999-12-31') };
  const answer = await lateItems(deps.sql, company.id, range);
  const rows = answer.map((item) => [`${item.fiscalYear}/${item.number}`, item.taxPoint, item.postingDate, item.memo]);
  return { answer, text: drawTable(['Entry', 'Belongs to', 'Booked on', 'What'], rows, []) };
}

async function held(_values: string[], { company, deps }: ActionContext): Promise<Done> {
  const answer = await heldEvents(deps.sql, company.id);
  const rows = answer.map(({ id, reason }) => [String(id), reason]);
  return { answer, text: drawTable(['Event', 'Why'], rows, []) };
}

async function approve([event]: string[], { company, deps, by, reason }: ActionContext): Promise<Done> {
  if (!/^\d{1,18}$/.test(event ?? '')) throw new UsageError(`"${event ?? ''}" is not an event id`);
  await approveLate(company.id, { eventId: BigInt(event as string), by, reason }, deps);
  return { answer: { event }, text: `Event ${event} goes into the first open period.\n` };
}

async function policy([name]: string[], { company, deps }: ActionContext): Promise<Done> {
  const chosen = POLICIES.find((each) => each === name);
  if (!chosen) throw new UsageError(`there is no policy "${name ?? ''}"; there is: ${POLICIES.join(', ')}`);
  await setLatePolicy(deps.sql, company.id, chosen);
  return { answer: { policy: chosen }, text: `Late facts: ${chosen.replaceAll('_', ' ')}.\n` };
}

async function revaluation([day]: string[], { company, deps, now }: ActionContext): Promise<Done> {
  const answer = await revalue(deps.sql, company.id, dayGiven(day), { now });
  const { posted, date } = answer;
  if (posted === null) return { answer, text: `Every foreign balance has the closing rate of ${date} already.\n` };
  const { fiscalYear, number, reversalNumber } = posted;
  return {
    answer,
    text: `Posted as ${fiscalYear}/${number} on ${date}, taken back by entry ${reversalNumber} the day after.\n`,
  };
}

async function log(_values: string[], { company, deps }: ActionContext): Promise<Done> {
  const answer = await calendarChanges(deps.sql, company.id);
  const rows = answer.map(({ changedAt, changedBy, kind, subject, before, after, reason }) => [
    changedAt.toISOString().slice(0, 16).replace('T', ' '),
    changedBy,
    `${kind.replace('_', ' ')} ${subject}`,
    `${before ?? 'none'} → ${after ?? 'none'}`,
    reason ?? '',
  ]);
  return { answer, text: drawTable(['When', 'Who', 'What', 'Change', 'Why'], rows, []) };
}

/** A value the action needs. */
function given(value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`this action needs a ${what}`);
}

function dayGiven(value: string | undefined): string {
  const day = given(value, 'day, such as 2026-03-31');
  const parsed = new Date(`${day}T00:00:00Z`);
  if (!Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day)) return day;
  throw new UsageError(`"${day}" is not a day of the calendar; write YYYY-MM-DD, such as 2026-03-31`);
}
