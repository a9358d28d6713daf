import { DomainError, reversalOf } from '@daybook/domain';
import type { Sql, Tx } from '@daybook/platform/db';
import { loadBooks } from '../books.ts';
import { moveLockDate } from '../periods.ts';
import { postEntries } from '../post.ts';
import { postedEntries } from '../posted-entries.ts';
import type { Act } from '../year-end.ts';
import { type ReturnRow, returnsOf } from './returns.ts';
import { dayFor } from './settle.ts';

/**
 * Takes a filed return back: its entry is reversed and the lock date for taxes goes back to where it was, or to the
 * last day of what else is filed. Throws REASON_REQUIRED, TAX_RETURN_FILED while a later one is filed, EVENT_INVALID
 * for a return that is not filed.
 */
export async function withdrawReturn(sql: Sql, companyId: string, id: bigint, act: Act): Promise<ReturnRow> {
  const { reason } = act;
  if (!reason) throw new DomainError('REASON_REQUIRED', `Say why tax return ${id} is to be taken back.`, `${id}`);
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const all = await returnsOf(tx, companyId);
    const row = all.find((each) => each.id === id);
    if (row?.state !== 'filed') throw new DomainError('EVENT_INVALID', `No tax return ${id} is filed.`, `${id}`);
    const others = all.filter((each) => each.state === 'filed' && each.id !== id);
    refuseEarlier(row, others);
    if (row.entry) await takeBack(tx, companyId, row.entry.sourceKey, act);
    await tx`
      update tax_returns set state = 'withdrawn', withdrawn_at = ${act.now}, withdrawn_by = ${act.by},
        withdrawn_reason = ${reason} where id = ${id}`;
    await unlockTaxes(tx, companyId, { row, others }, act);
    const [withdrawn] = await returnsOf(tx, companyId, id);
    return withdrawn as ReturnRow;
  });
}

async function unlockTaxes(
  tx: Tx,
  companyId: string,
  { row, others }: { row: ReturnRow; others: readonly ReturnRow[] },
  act: Act,
): Promise<void> {
  const [locks] = await tx<{ tax: string | null; before: string | null }[]>`
    select l.tax, t.locked_before as before from lock_dates l join tax_returns t on t.company_id = l.company_id
    where t.id = ${row.id}`;
  if (locks?.tax !== row.endsOn) return;
  const days = [locks.before, ...others.map(({ endsOn }) => endsOn)].filter((day) => day !== null);
  const day = days.reduce<string | null>((latest, each) => (latest === null || each > latest ? each : latest), null);
  await moveLockDate(tx, companyId, { kind: 'tax', day }, act);
}

function refuseEarlier(row: ReturnRow, others: readonly ReturnRow[]): void {
  const later = others.find(
    (each) =>
      each.regime === row.regime &&
      (each.startsOn > row.endsOn || each.version > row.version) &&
      each.endsOn >= row.endsOn,
  );
  if (!later) return;
  const name = `The return of ${later.startsOn} to ${later.endsOn} (number ${later.id})`;
  const message = `${name} is filed after it; take that one back first.`;
  throw new DomainError('TAX_RETURN_FILED', message, `${later.id}`);
}

async function takeBack(tx: Tx, companyId: string, sourceKey: string, { now, reason }: Act): Promise<void> {
  const [entry] = await postedEntries(tx, companyId, [sourceKey]);
  if (!entry) throw new Error(`The entry ${sourceKey} of the return is not there.`);
  const day = dayFor(await loadBooks(tx, companyId), entry.postingDate, entry.lines);
  const back = { ...reversalOf(entry, day), taxPoint: day, memo: `Taken back: ${entry.memo} (${reason})` };
  await postEntries(tx, companyId, [{ entry: back, eventId: null }], now);
}
