import { type BankLine, type BankPosting, DomainError } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';

/** A line as it is stored. */
export interface StoredLine extends BankLine {
  id: bigint;
  companyId: string;
  bankAccountId: string;
  contentHash: string;
  occurrence: number;
  state: 'unmatched' | 'suggested' | 'matched' | 'ignored';
  reason: string | null;
  revision: number;
}

/** What a line is or may be. */
export interface LineMatch {
  id: bigint;
  lineId: bigint;
  state: 'suggested' | 'matched' | 'rejected' | 'undone';
  subject: string;
  why: string;
  score: number;
  post: BankPosting[] | null;
  entryId: bigint | null;
  decidedBy: string;
}

export interface LineFilter {
  bankAccountId?: string | undefined;
  state?: StoredLine['state'] | 'open' | undefined;
  from?: string | undefined;
  to?: string | undefined;
  limit?: number | undefined;
  /** Lines after this one, in the order of days. */
  cursor?: bigint | undefined;
}

function columns(sql: Queryable) {
  return sql`
    select l.id, l.company_id as "companyId", l.bank_account_id as "bankAccountId", l.content_hash as "contentHash",
      l.occurrence, l.booked_on as "bookedOn", l.value_on as "valueOn", l.amount, l.counterparty,
      l.counterparty_account as "counterpartyAccount", l.reference, l.text, l.bank_id as "bankId",
      l.end_to_end_id as "endToEndId", l.state, l.reason, l.revision
    from bank_lines l`;
}

/** Lines by day; `open` are those that are neither matched nor ignored. */
export async function bankLines(sql: Queryable, companyId: string, filter: LineFilter): Promise<StoredLine[]> {
  const { bankAccountId = null, state = null, from = null, to = null, limit = 1_000_000, cursor = null } = filter;
  return sql<StoredLine[]>`
    ${columns(sql)}
    where l.company_id = ${companyId} and (${bankAccountId}::uuid is null or l.bank_account_id = ${bankAccountId}::uuid)
      and (${state}::text is null or l.state = ${state}::text
        or (${state}::text = 'open' and l.state in ('unmatched', 'suggested')))
      and (${from}::date is null or l.booked_on >= ${from}::date) and (${to}::date is null or l.booked_on <= ${to}::date)
      and (${cursor}::bigint is null
        or (l.booked_on, l.id) > (select c.booked_on, c.id from bank_lines c where c.id = ${cursor}::bigint))
    order by l.booked_on, l.id limit ${limit}`;
}

/** One line. Throws BANK_LINE_REFUSED when there is none of that id. */
export async function bankLine(sql: Queryable, companyId: string, id: bigint): Promise<StoredLine> {
  const [line] = await sql<StoredLine[]>`${columns(sql)} where l.company_id = ${companyId} and l.id = ${id}`;
  if (line) return line;
  throw new DomainError('BANK_LINE_REFUSED', `The company has no bank line ${id}. List them first.`, String(id));
}

/** What lines are or may be, best first; of those that were refused or undone the newest last. */
export async function matchesOf(sql: Queryable, ids: readonly bigint[]): Promise<LineMatch[]> {
  const rows = await sql<(Omit<LineMatch, 'post'> & { post: Record<string, string>[] | null })[]>`
    select id, line_id as "lineId", state, subject, why, score, post, entry_id as "entryId", decided_by as "decidedBy"
    from bank_matches where line_id = any(${ids.map(String)}::bigint[])
    order by line_id, array_position(array['matched', 'suggested'], state) nulls last, score desc, id`;
  return rows.map((row) => ({ ...row, post: row.post?.map(postingOf) ?? null }));
}

function postingOf({ net = '0', tax = '0', ...rest }: Record<string, string>): BankPosting {
  return { ...rest, net: BigInt(net), tax: BigInt(tax) };
}
