import { type BankCandidate, plainWords } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import type { BankAccount } from './accounts.ts';

/** Days of bank lines that candidates are sought for. */
export interface Around {
  from: string;
  to: string;
}

interface Row extends Omit<BankCandidate, 'kind' | 'days'> {
  days: [number, number];
}

/**
 * What lines of a bank account may be: lines booked on its ledger account that stand for no bank line yet, money
 * under way (cash in transit, filed tax returns), and open invoices, credit notes and bills, all in the account's
 * currency.
 */
export async function bankCandidates(sql: Queryable, account: BankAccount, around: Around): Promise<BankCandidate[]> {
  const [entries, clears, items] = await Promise.all([
    bookedLines(sql, account, around),
    underWay(sql, account, around),
    openItems(sql, account),
  ]);
  const of = (kind: BankCandidate['kind'], rows: readonly Row[]) =>
    rows.map(
      (row): BankCandidate => ({ ...row, kind, names: plainAll(row.names), references: plainAll(row.references) }),
    );
  return [...of('entry', entries), ...of('clears', clears), ...of('item', items)];
}

function plainAll(texts: readonly (string | null)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text === null ? [] : [plainWords(text)])))].filter((text) => text !== '');
}

const BOOKED_DAYS: [number, number] = [10, 7];

/**
 * A reversed entry and its reversal are both left out, unless the bank showed the first: then it shows the second
 * too.
 */
async function bookedLines(sql: Queryable, { companyId, account, currency }: BankAccount, { from, to }: Around) {
  const rows = await sql<Omit<Row, 'days'>[]>`
    select l.entry_id || '/' || l.line_no as id, l.account, case when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount,
      l.posting_date as on, array[e.memo, l.party] as names, l.party, l.document,
      array[v.source_id] || (select array_agg(o.document) from journal_lines o where o.entry_id = e.id) as references
    from journal_lines l join journal_entries e on e.id = l.entry_id left join events v on v.id = e.event_id
    where l.company_id = ${companyId} and l.account = ${account} and l.currency = ${currency} and l.amount_tc > 0
      and l.posting_date between ${from}::date - ${BOOKED_DAYS[0]}::int and ${to}::date + ${BOOKED_DAYS[1]}::int
      and e.entry_type not in ('OPN', 'CLS', 'FXR') and e.reversed_by is null
      and (e.reverses is null or exists (
        select from bank_matches o where o.entry_id = e.reverses and o.state = 'matched'))
      and not exists (
        select from bank_matches m where m.entry_id = l.entry_id and m.line_no = l.line_no and m.state = 'matched')
    order by l.posting_date, l.entry_id, l.line_no`;
  return rows.map((row): Row => ({ ...row, days: BOOKED_DAYS }));
}

/**
 * Roles (and those below them) whose balance comes in or goes out over the bank, and how long before that it may
 * have been booked.
 */
const UNDER_WAY: readonly [role: string, days: [number, number]][] = [
  ['cash.transit', [14, 0]],
  ['tax.settlement', [100, 5]],
];
const LONGEST = 100;

interface UnderWay extends Omit<Row, 'days'> {
  role: string;
  isCleared: boolean;
}

async function underWay(sql: Queryable, account: BankAccount, { from, to }: Around): Promise<Row[]> {
  const { companyId, currency } = account;
  const rows = await sql<UnderWay[]>`
    select l.entry_id || '/' || l.line_no as id, l.account, case when l.debit > 0 then l.amount_tc else -l.amount_tc end as amount,
      l.posting_date as on, array[e.memo] as names, array[v.source_id, l.document] as references, null as party,
      null as document, r.role, exists (
        select from journal_lines b join account_roles k on k.company_id = b.company_id and k.account = b.account
        where b.entry_id = l.entry_id and (k.role = ${account.role} or k.role like 'bank.%')) as "isCleared"
    from (
      select account, min(role) as role from account_roles
      where company_id = ${companyId} and role ~ ${`^(${UNDER_WAY.map(([role]) => role).join('|')})([.]|$)`} group by account) r
      join journal_lines l on l.company_id = ${companyId} and l.account = r.account
      join journal_entries e on e.id = l.entry_id left join events v on v.id = e.event_id
    where l.currency = ${currency} and l.amount_tc > 0 and e.reverses is null and e.reversed_by is null
      and e.entry_type not in ('OPN', 'CLS', 'FXR')
      and l.posting_date between ${from}::date - ${LONGEST}::int and ${to}::date + ${LONGEST}::int
      and not exists (select from bank_matches m where m.company_id = l.company_id and m.state = 'matched'
        and (m.subject = 'clears ' || l.entry_id || '/' || l.line_no
          or (m.entry_id = l.entry_id and m.subject like 'clears %')))
    order by l.posting_date, l.entry_id, l.line_no`;
  return withoutCleared(rows).map((row): Row => {
    const [, days] = UNDER_WAY.find(([role]) => row.role.startsWith(role)) as (typeof UNDER_WAY)[number];
    return { ...row, days };
  });
}

/** What people booked from the bank by hand has cleared the oldest of its amount. */
function withoutCleared(rows: readonly UnderWay[]): UnderWay[] {
  const open = rows.filter(({ isCleared }) => !isCleared);
  for (const cleared of rows.filter(({ isCleared }) => isCleared)) {
    const at = open.findIndex(({ account, amount }) => account === cleared.account && amount === -cleared.amount);
    if (at >= 0) open.splice(at, 1);
  }
  return open;
}

async function openItems(sql: Queryable, { companyId, currency }: BankAccount): Promise<Row[]> {
  const rows = await sql<Omit<Row, 'days'>[]>`
    select v.id::text as id, v.account, v.open_tc as amount, coalesce(v.due_date, v.posting_date) as on,
      array[v.party_name, v.party] as names, array[v.document, v.reference] as references, v.party, v.document
    from invoice_events v
    where v.company_id = ${companyId} and v.kind = 0 and v.open_tc <> 0 and v.currency = ${currency} and exists (
      select from account_roles r where r.company_id = v.company_id and r.account = v.account
        and (r.role like 'ar.control%' or r.role like 'ap.control%'))
    order by v.id`;
  return rows.map((row): Row => ({ ...row, days: [0, 0] }));
}
