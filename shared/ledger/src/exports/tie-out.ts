import { DomainError, formatMinor } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { trialBalance } from '../reports.ts';
import type { Moved } from './book.ts';
import { contained, type Extent } from './extent.ts';

/** Debits and credits per account; company's currency, minor units. */
export type Movement = Map<string, { debits: bigint; credits: bigint }>;

/** Adds what a piece of a file tells. */
export function addMoved(movement: Movement, moved: readonly Moved[]): void {
  for (const { account, amount } of moved) {
    const sums = movement.get(account) ?? { debits: 0n, credits: 0n };
    if (amount > 0n) sums.debits += amount;
    else sums.credits -= amount;
    movement.set(account, sums);
  }
}

/**
 * Compares what a file tells with the trial balance of its days, less what the file was not to tell: entries that
 * earlier runs told, and openings and closings. By debits and credits, or only by what they come to; exchange accounts
 * always so. Throws EXPORT_DIFFERS naming the first account, its movement in the file and in the books.
 */
export async function tieOut(
  sql: Queryable,
  extent: Extent,
  told: Movement,
  compares: 'turnover' | 'net',
): Promise<void> {
  const { companyId, from, to } = extent;
  const { rows, currency } = await trialBalance(sql, companyId, { from, to });
  const trading = await sql<{ account: string }[]>`
    select account from account_roles where company_id = ${companyId} and role ~ '^fx[.]trading'`;
  const untold = await movedOutside(sql, extent);
  const codes = new Set([...rows.map(({ account }) => account), ...told.keys()]);
  for (const account of [...codes].sort()) {
    const row = rows.find((each) => each.account === account) ?? NOTHING;
    const outside = untold.get(account) ?? NOTHING;
    const booked = { debits: row.debits - outside.debits, credits: row.credits - outside.credits };
    const file = told.get(account) ?? NOTHING;
    const isNet = compares === 'net' || trading.some((each) => each.account === account);
    const isEqual = isNet
      ? file.debits - file.credits === booked.debits - booked.credits
      : file.debits === booked.debits && file.credits === booked.credits;
    if (!isEqual) throw differs(account, file, booked, currency);
  }
}

const NOTHING = { debits: 0n, credits: 0n };

function differs(account: string, file: typeof NOTHING, booked: typeof NOTHING, currency: string): DomainError {
  const said = ({ debits, credits }: typeof NOTHING) =>
    `${currency} ${formatMinor(debits, currency)} debit, ${formatMinor(credits, currency)} credit`;
  return new DomainError(
    'EXPORT_DIFFERS',
    `The file moves account ${account} by ${said(file)}, the trial balance by ${said(booked)}. Nothing was exported; ` +
      'run `daybook verify`, and report it if that finds nothing.',
    account,
  );
}

/** What the trial balance of the days counts and the file was not to tell. */
async function movedOutside(sql: Queryable, extent: Extent): Promise<Movement> {
  const { companyId, from, to } = extent;
  const shown = contained(sql, { ...extent, scope: 'all', flow: false, through: 2n ** 62n });
  const rows = await sql<{ account: string; debits: bigint; credits: bigint }[]>`
    select l.account, sum(l.debit)::bigint as debits, sum(l.credit)::bigint as credits
    from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${companyId} and e.posting_date between ${from}::date and ${to}::date
      and ${shown} and not (${contained(sql, extent)}) group by l.account`;
  return new Map(rows.map(({ account, ...sums }) => [account, sums]));
}
