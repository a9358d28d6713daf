import { type BankChoice, type BankPosting, type CanonicalEvent, DomainError, makeEvent } from '@daybook/domain';
import type { BankAccount } from '@daybook/ledger/bank/accounts';
import { bankLine, matchesOf, type StoredLine } from '@daybook/ledger/bank/lines';
import type { Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { enterEvents } from '../enter.ts';
import { noteOpenLines } from './open-lines.ts';

/** A bank line of an account, and who decides about it. */
export interface Deciding {
  account: BankAccount;
  line: StoredLine;
  by: string;
  deps: WorkerDeps;
}

/**
 * Settles what a line is. What is booked on the bank account already is only linked; anything else is booked as a
 * `bank_movement` whose id is the line's own key, together with the match in one transaction: whoever comes second,
 * or again after a crash, finds it. Throws BANK_LINE_REFUSED when the line was decided otherwise meanwhile, and
 * what the books refuse; then nothing is kept.
 */
export async function settleLine(deciding: Deciding, choice: BankChoice): Promise<void> {
  const { account, line, deps } = deciding;
  const note = (tx: Tx) => noteMatch(tx, deciding, choice);
  if (choice.post === null) await deps.sql.begin(note);
  else await enterEvents(account.companyId, [movementOf(deciding, choice.post, line.revision + 1)], deps, note);
}

/** The fact that a line is booked as; `post` empty takes back what was booked. */
function movementOf({ account, line }: Deciding, post: readonly BankPosting[], revision: number): CanonicalEvent {
  const { bookedOn, counterparty, text } = line;
  const words = [counterparty, text].filter((each) => each !== null && each !== '').join(': ');
  return makeEvent({
    version: 1,
    type: 'bank_movement',
    channel: 'bank',
    id: factOf(account, line),
    revision: String(revision).padStart(6, '0'),
    occurredAt: `${bookedOn}T12:00:00Z`,
    currency: account.currency,
    test: false,
    date: bookedOn,
    bank: account.role,
    amount: post.length === 0 ? 0n : line.amount,
    lines: post.length === 0 ? [{ role: account.role, net: 0n }] : post,
    ...(words !== '' && { memo: words.slice(0, 200) }),
  });
}

function factOf({ id }: BankAccount, { contentHash, occurrence }: StoredLine): string {
  return `bank-line:${id}:${contentHash.slice(0, 32)}:${occurrence}`;
}

async function noteMatch(tx: Tx, { account, line, by, deps }: Deciding, choice: BankChoice): Promise<void> {
  const booked = choice.post !== null;
  const revision = line.revision + (booked ? 1 : 0);
  const now = await lockLine(tx, line);
  const [standing] = await tx<{ subject: string }[]>`
    select subject from bank_matches where line_id = ${line.id} and state = 'matched'`;
  if (standing?.subject === choice.subject && now.revision === revision) return;
  if (standing || now.revision !== line.revision) throw decidedMeanwhile(line, standing?.subject);
  const entry = booked ? await entryOf(tx, { account, line }) : idsOf(choice.subject);
  await tx`delete from bank_matches where line_id = ${line.id} and state = 'suggested'`;
  await tx`
    insert into bank_matches (company_id, line_id, state, subject, why, score, post, entry_id, line_no, decided_by, decided_at)
    values (${line.companyId}, ${line.id}, 'matched', ${choice.subject}, ${choice.why}, ${choice.score},
      ${postText(choice.post)}::jsonb, ${entry.entryId}::bigint, ${entry.lineNo}::int, ${by}, ${deps.clock()})`.catch(
    (error: unknown) => {
      throw isTaken(error) ? claimed(line, choice.subject) : error;
    },
  );
  await tx`update bank_lines set state = 'matched', reason = null, revision = ${revision} where id = ${line.id}`;
}

/** Whoever decides about the line at the same time waits here. */
async function lockLine(tx: Tx, { id }: StoredLine): Promise<Pick<StoredLine, 'state' | 'revision'>> {
  const [row] = await tx<Pick<StoredLine, 'state' | 'revision'>[]>`
    select state, revision from bank_lines where id = ${id} for update`;
  return row as Pick<StoredLine, 'state' | 'revision'>;
}

/** Amounts as text: JSON has no integers beyond 2^53 that every reader keeps. */
export function postText(post: readonly BankPosting[] | null): string | null {
  return post === null
    ? null
    : JSON.stringify(post, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

/** The line on the bank account that booking this bank line made. Throws BANK_LINE_REFUSED where the fact waits. */
async function entryOf(tx: Tx, { account, line }: Pick<Deciding, 'account' | 'line'>) {
  const [row] = await tx<{ entryId: string; lineNo: number }[]>`
    select l.entry_id::text as "entryId", l.line_no as "lineNo"
    from events v join journal_entries e on e.event_id = v.id join journal_lines l on l.entry_id = e.id
    where v.company_id = ${line.companyId} and v.type = 'bank_movement' and v.source_id = ${factOf(account, line)}
      and l.account = ${account.account} and e.reverses is null and e.reversed_by is null
    order by v.revision desc, e.id desc limit 1`;
  if (row) return row;
  const message = `Bank line ${line.id} could not be booked yet: its fact waits. Mend what its issue names, then try again.`;
  throw new DomainError('BANK_LINE_REFUSED', message, String(line.id));
}

function idsOf(subject: string): { entryId: string; lineNo: number } {
  const [, entryId = '', lineNo = ''] = /^entry (\d+)\/(\d+)$/.exec(subject) ?? [];
  return { entryId, lineNo: Number(lineNo) };
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '23505';
}

function claimed(line: StoredLine, subject: string): DomainError {
  const message = `What bank line ${line.id} would be matched with (${subject}) belongs to another bank line already.`;
  return new DomainError('BANK_LINE_REFUSED', message, String(line.id));
}

function decidedMeanwhile(line: StoredLine, subject: string | undefined): DomainError {
  const became = subject === undefined ? 'was changed meanwhile' : `is matched already (${subject})`;
  return new DomainError('BANK_LINE_REFUSED', `Bank line ${line.id} ${became}. Look at it again.`, String(line.id));
}

/** Leaves a line out of the books, with the reason. Throws REASON_REQUIRED, BANK_LINE_REFUSED for a matched one. */
export async function ignoreLine({ account, line, deps }: Deciding, reason: string | undefined): Promise<void> {
  if (!reason)
    throw new DomainError('REASON_REQUIRED', `Say why bank line ${line.id} is not to be booked.`, String(line.id));
  await deps.sql.begin(async (tx) => {
    const { state } = await lockLine(tx, line);
    if (state === 'matched') throw decidedMeanwhile(line, 'undo that first');
    await tx`delete from bank_matches where line_id = ${line.id} and state = 'suggested'`;
    await tx`update bank_lines set state = 'ignored', reason = ${reason} where id = ${line.id}`;
  });
  await noteOpenLines(account, deps);
}

/** Refuses what was suggested for a line: it is not suggested again. Throws BANK_LINE_REFUSED where nothing was. */
export async function rejectSuggestions({ account, line, by, deps }: Deciding): Promise<void> {
  await deps.sql.begin(async (tx) => {
    await lockLine(tx, line);
    const refused = await tx`
      update bank_matches set state = 'rejected', decided_by = ${by}, decided_at = ${deps.clock()}
      where line_id = ${line.id} and state = 'suggested' returning 1`;
    if (refused.length === 0) {
      throw new DomainError('BANK_LINE_REFUSED', `Nothing is suggested for bank line ${line.id}.`, String(line.id));
    }
    await tx`update bank_lines set state = 'unmatched' where id = ${line.id} and state = 'suggested'`;
  });
  await noteOpenLines(account, deps);
}

/**
 * Takes a decision back: what was booked for the line is reversed, a link is dissolved, an ignored line is open
 * again. The same is not chosen by itself again. Throws BANK_LINE_REFUSED for a line that is open, and what
 * reversing throws.
 */
export async function undoMatch(deciding: Deciding, reason: string | undefined): Promise<void> {
  const { account, line, deps } = deciding;
  const [match] = (await matchesOf(deps.sql, [line.id])).filter(({ state }) => state === 'matched');
  if (!match && line.state !== 'ignored') {
    throw new DomainError(
      'BANK_LINE_REFUSED',
      `Bank line ${line.id} is open: there is nothing to undo.`,
      String(line.id),
    );
  }
  const note = (tx: Tx) => noteUndone(tx, deciding, match?.post != null, reason);
  if (match?.post == null) await deps.sql.begin(note);
  else await enterEvents(account.companyId, [movementOf(deciding, [], line.revision + 1)], deps, note);
  await noteOpenLines(account, deps);
}

async function noteUndone(
  tx: Tx,
  { line, by, deps }: Deciding,
  booked: boolean,
  reason: string | undefined,
): Promise<void> {
  const { revision, state } = await lockLine(tx, line);
  if (revision !== line.revision || state !== line.state) throw decidedMeanwhile(line, undefined);
  await tx`
    update bank_matches set state = 'undone', decided_by = ${by}, decided_at = ${deps.clock()}, reason = ${reason ?? null}
    where line_id = ${line.id} and state = 'matched'`;
  await tx`
    update bank_lines set state = 'unmatched', reason = null, revision = ${revision + (booked ? 1 : 0)} where id = ${line.id}`;
}

/** A line and its account, for a decision about it. Throws BANK_LINE_REFUSED. */
export async function lineToDecide(
  companyId: string,
  id: bigint,
  accounts: readonly BankAccount[],
  { by, deps }: Pick<Deciding, 'by' | 'deps'>,
): Promise<Deciding> {
  const line = await bankLine(deps.sql, companyId, id);
  const account = accounts.find((each) => each.id === line.bankAccountId) as BankAccount;
  return { account, line, by, deps };
}
