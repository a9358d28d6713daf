import type { EntryType, TaxKind } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { asked, companyOf, leftOut, movements, type Scope } from './scope.ts';

/** A line of an account sheet; minor units, running balance debit positive. */
export interface LedgerLine {
  entryId: bigint;
  lineNo: number;
  fiscalYear: string;
  number: number;
  entryType: EntryType;
  postingDate: string;
  memo: string;
  channel: string | null;
  debit: bigint;
  credit: bigint;
  balance: bigint;
  currency: string;
  amountTc: bigint;
  role: string;
  taxCode: string | null;
  taxKind: TaxKind | null;
  party: string | null;
  document: string | null;
  /** Accounts on the other side of the entry. */
  counterAccounts: string[];
}

/** Where a page of lines ended. */
export interface LedgerCursor {
  postingDate: string;
  entryId: bigint;
  lineNo: number;
}

/** accounting.md H2: an account from its opening balance, line by line, to its closing balance. */
export interface LedgerAccount {
  account: string;
  name: string;
  currency: string;
  from: string | null;
  to: string;
  /** Balance before the first line of the page. */
  opening: bigint;
  lines: LedgerLine[];
  /** Balance after the last line of the page. */
  closing: bigint;
  /** Where the next page begins; null after the last line. */
  cursor: LedgerCursor | null;
}

export interface LedgerScope extends Scope {
  account: string;
  after?: LedgerCursor | null;
  limit?: number;
}

/**
 * One page of an account's lines in order of date and number, at most `limit` (1,000). Throws when the company does not
 * exist.
 */
export async function generalLedger(sql: Queryable, companyId: string, scope: LedgerScope): Promise<LedgerAccount> {
  const { currency } = await companyOf(sql, companyId);
  const { account, after = null, limit = 1000 } = scope;
  const { from, to } = asked(scope);
  const opening = await openingOf(sql, companyId, scope, after);
  const found = await linesOf(sql, companyId, scope, { after, limit: limit + 1 });
  const page = found.slice(0, limit);
  let closing = opening;
  const lines = page.map((line) => {
    closing += line.debit - line.credit;
    return { ...line, balance: closing };
  });
  const last = found.length > limit ? lines.at(-1) : undefined;
  const cursor = last ? { postingDate: last.postingDate, entryId: last.entryId, lineNo: last.lineNo } : null;
  const [named] = await sql<{ name: string }[]>`
    select name from accounts where company_id = ${companyId} and code = ${account}`;
  return { account, name: named?.name ?? '', currency, from, to, opening, lines, closing, cursor };
}

/** Balance before the range, or before the rest of it: whole days first, then the lines of the cursor's own day. */
async function openingOf(sql: Queryable, companyId: string, scope: LedgerScope, after: LedgerCursor | null) {
  const { from, channel } = asked(scope);
  const day = after?.postingDate ?? from;
  if (day === null) return 0n;
  const [whole] = await sql<{ balance: bigint }[]>`
    select coalesce(sum(debit - credit), 0)::bigint as balance from (${movements(sql, companyId, scope)}) m
    where account = ${scope.account} and day < ${day}::date`;
  const before = whole?.balance ?? 0n;
  if (after === null) return before;
  const [rest] = await sql<{ balance: bigint }[]>`
    select coalesce(sum(l.debit - l.credit), 0)::bigint as balance
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where l.company_id = ${companyId} and l.account = ${scope.account} and l.posting_date = ${day}::date
      and (l.entry_id, l.line_no) <= (${after.entryId}::bigint, ${after.lineNo}::int)
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
      and l.entry_id not in (${leftOut(sql, companyId, scope)})`;
  return before + (rest?.balance ?? 0n);
}

type Found = Omit<LedgerLine, 'balance'>;

/** Ids of entries grow with their numbers: both are given out under the lock of the journal. */
async function linesOf(
  sql: Queryable,
  companyId: string,
  scope: LedgerScope,
  { after, limit }: { after: LedgerCursor | null; limit: number },
): Promise<Found[]> {
  const { from, to, channel } = asked(scope);
  return sql<Found[]>`
    select l.entry_id as "entryId", l.line_no as "lineNo", e.fiscal_year as "fiscalYear", e.number,
      e.entry_type as "entryType", l.posting_date as "postingDate", e.memo, e.channel, l.debit, l.credit, l.currency,
      l.amount_tc as "amountTc", l.role, l.tax_code as "taxCode", l.tax_kind as "taxKind", l.party, l.document,
      array(select distinct o.account from journal_lines o
        where o.entry_id = l.entry_id and (o.debit > 0) <> (l.debit > 0) order by o.account) as "counterAccounts"
    from journal_lines l join journal_entries e on e.id = l.entry_id
    where l.company_id = ${companyId} and l.account = ${scope.account} and l.posting_date <= ${to}::date
      and l.posting_date >= coalesce(${after?.postingDate ?? null}::date, ${from}::date, '-infinity')
      and (${after === null} or (l.posting_date, l.entry_id, l.line_no)
        > (${after?.postingDate ?? to}::date, ${after?.entryId ?? 0n}::bigint, ${after?.lineNo ?? 0}::int))
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)
      and l.entry_id not in (${leftOut(sql, companyId, scope)})
    order by l.posting_date, l.entry_id, l.line_no limit ${limit}`;
}

/** What every account's sheet closes with, summed line by line. */
export async function sheetTotals(sql: Queryable, companyId: string, scope: Scope): Promise<Map<string, bigint>> {
  const { to } = asked(scope);
  const rows = await sql<{ account: string; closing: bigint }[]>`
    select account, sum(debit - credit)::bigint as closing from journal_lines
    where company_id = ${companyId} and posting_date <= ${to}::date
      and entry_id not in (${leftOut(sql, companyId, scope)}) group by account`;
  return new Map(rows.map(({ account, closing }) => [account, closing]));
}
