import { type Books, canonicalJson, DomainError, localDate, type Span } from '@daybook/domain';
import type { Queryable, Sql, Tx } from '@daybook/platform/db';
import { loadBooks } from '../books.ts';
import { moveLockDate } from '../periods.ts';
import type { Act } from '../year-end.ts';
import { type Prepared, prepareReturn, type TaxForm } from './prepared.ts';
import { type ReturnRow, returnsOf } from './returns.ts';
import { settle } from './settle.ts';

/** Which return is drafted or filed. */
export interface FilingWish {
  form: TaxForm;
  period: Span;
  /** Hash of the draft that was looked at: other figures are refused. */
  hash?: string | undefined;
}

/**
 * Keeps a return as a draft, instead of the one before it of the same period, and tells what stands against filing it.
 * Nothing is posted.
 */
export async function draftReturn(
  sql: Sql,
  companyId: string,
  wish: FilingWish,
  { now }: { now: Date },
): Promise<{ draft: ReturnRow; problems: Prepared['problems'] }> {
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const prepared = await prepareReturn(tx, companyId, wish);
    await dropDraft(tx, companyId, prepared);
    const earlier = await samePeriod(tx, companyId, prepared);
    const draft = await keep(tx, companyId, prepared, { version: versionAfter(earlier), state: 'draft', madeAt: now });
    return { draft, problems: prepared.problems };
  });
}

/**
 * Files a return (accounting.md H7): its taxes are posted to the settlement account by one entry, the cents by which a
 * form of whole units differs to rounding, and the lock date for taxes moves to its last day. Filing what is filed with
 * the same figures changes nothing. Where late facts count in the period they belong to, changed figures make a
 * corrected return, whose entry settles the difference.
 *
 * Throws TAX_RETURN_NOT_READY naming what the checks found (unless a reason accepts it), TAX_RETURN_FILED where days of
 * it are filed otherwise, ACCOUNT_UNRESOLVED and PERIOD_CLOSED.
 */
export async function fileReturn(sql: Sql, companyId: string, wish: FilingWish, act: Act): Promise<ReturnRow> {
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const prepared = await prepareReturn(tx, companyId, wish);
    const earlier = await samePeriod(tx, companyId, prepared);
    const filed = earlier.findLast(({ state }) => state === 'filed');
    if (filed?.hash === prepared.hash) return filed;
    if (filed && prepared.basis !== 'original_period') throw filedOtherwise(filed, prepared);
    const books = await loadBooks(tx, companyId);
    refuseUnready({ prepared, wish, books }, act);
    const version = versionAfter(earlier);
    const entryId = await settle(tx, companyId, { prepared, version, books, filed }, act.now);
    await dropDraft(tx, companyId, prepared);
    const lockedBefore = await lockTaxes(tx, companyId, prepared.period, act);
    const { now: madeAt, by: filedBy, reason } = act;
    return keep(tx, companyId, prepared, { version, state: 'filed', madeAt, entryId, filedBy, reason, lockedBefore });
  });
}

async function samePeriod(sql: Queryable, companyId: string, { regime, period }: Prepared): Promise<ReturnRow[]> {
  const all = (await returnsOf(sql, companyId)).filter((each) => each.regime === regime && each.state !== 'draft');
  const isSame = (row: ReturnRow) => row.startsOn === period.startsOn && row.endsOn === period.endsOn;
  const overlaps = (row: ReturnRow) => row.startsOn <= period.endsOn && period.startsOn <= row.endsOn;
  const other = all.find((row) => row.state === 'filed' && overlaps(row) && !isSame(row));
  if (!other) return all.filter(isSame);
  const message =
    `${other.startsOn} to ${other.endsOn} is filed already, and ${period.startsOn} to ${period.endsOn} shares days with ` +
    'it. Choose the days after it, or take that return back with a reason.';
  throw new DomainError('TAX_RETURN_FILED', message, `${other.id}`);
}

function versionAfter(earlier: readonly ReturnRow[]): number {
  return 1 + Math.max(0, ...earlier.map(({ version }) => version));
}

function filedOtherwise({ id, hash }: ReturnRow, { period }: Prepared): DomainError {
  const message =
    `The return of ${period.startsOn} to ${period.endsOn} is filed as number ${id} with other figures ` +
    `(${hash.slice(0, 12)}…). ` +
    'Take it back with a reason and file it again, or let the next return carry the difference.';
  return new DomainError('TAX_RETURN_FILED', message, `${id}`);
}

interface Asked {
  prepared: Prepared;
  wish: FilingWish;
  books: Books;
}

function refuseUnready({ prepared, wish, books }: Asked, act: Act): void {
  const { period, problems, hash } = prepared;
  const refuse = (why: string) => {
    const message = `The return of ${period.startsOn} to ${period.endsOn} cannot be filed yet: ${why}`;
    throw new DomainError('TAX_RETURN_NOT_READY', message, period.startsOn);
  };
  if (localDate(act.now.toISOString(), books.timeZone) <= period.endsOn) refuse('the period is not over.');
  if (wish.hash !== undefined && wish.hash !== hash) {
    refuse('its figures are not those of the draft any more. Look at it again.');
  }
  const decisive = act.reason ? problems.filter(({ blocks }) => blocks) : problems;
  if (decisive.length === 0) return;
  const way = decisive.some(({ blocks }) => blocks) ? 'Settle it first.' : 'Settle it, or file with a reason.';
  refuse(`${decisive.map(({ message }) => message).join(' ')} ${way}`);
}

async function dropDraft(tx: Tx, companyId: string, { regime, period }: Prepared): Promise<void> {
  await tx`
    delete from tax_returns where company_id = ${companyId} and regime = ${regime} and state = 'draft'
      and starts_on = ${period.startsOn} and ends_on = ${period.endsOn}`;
}

interface Kept {
  version: number;
  state: 'draft' | 'filed';
  madeAt: Date;
  entryId?: bigint | null;
  filedBy?: string;
  reason?: string | undefined;
  lockedBefore?: string | null;
}

async function keep(tx: Tx, companyId: string, prepared: Prepared, kept: Kept): Promise<ReturnRow> {
  const { regime, period, basis, figures, hash, due, codes } = prepared;
  const { version, state, madeAt, entryId = null, filedBy = null, reason = null, lockedBefore = null } = kept;
  const [made] = await tx<{ id: bigint }[]>`
    insert into tax_returns (company_id, regime, starts_on, ends_on, version, basis, state, figures, hash, due, codes,
      entry_id, locked_before, made_at, filed_at, filed_by, reason)
    values (${companyId}, ${regime}, ${period.startsOn}, ${period.endsOn}, ${version}, ${basis}, ${state},
      ${canonicalJson(figures)}::jsonb, ${hash}, ${due}, ${codes}::text[], ${entryId}, ${lockedBefore}, ${madeAt},
      ${state === 'filed' ? madeAt : null}, ${filedBy}, ${reason})
    returning id`;
  const [row] = await returnsOf(tx, companyId, made?.id);
  return row as ReturnRow;
}

/** Answers the lock date for taxes that was. */
async function lockTaxes(tx: Tx, companyId: string, { endsOn }: Span, act: Act): Promise<string | null> {
  const [row] = await tx<{ tax: string | null }[]>`select tax from lock_dates where company_id = ${companyId}`;
  const before = row?.tax ?? null;
  if (before === null || before < endsOn) await moveLockDate(tx, companyId, { kind: 'tax', day: endsOn }, act);
  return before;
}
