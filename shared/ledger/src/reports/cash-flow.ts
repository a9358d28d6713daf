import type { EntryType } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { type ChartAccount, chartOf, incomeSection, isCash } from './chart.ts';
import type { StatementRow } from './income-statement.ts';
import { asked, companyOf, type Fragment, leftOut, movements, type Scope, type Subquery } from './scope.ts';

/** Who cash came from or went to. */
export const COUNTERPARTS = [
  'customers',
  'suppliers',
  'operating_expenses',
  'taxes',
  'other',
  'investing',
  'financing',
] as const;
export type Counterpart = (typeof COUNTERPARTS)[number];

/** accounting.md H6, both ways; amounts above zero came in. */
export interface CashFlow {
  currency: string;
  from: string | null;
  to: string;
  cashAccounts: string[];
  opening: bigint;
  closing: bigint;
  direct: Record<Counterpart, bigint> & { change: bigint };
  indirect: { profit: bigint; changes: StatementRow[]; change: bigint };
}

/**
 * What changed bank, cash on hand and cash in transit: by counterpart, and from the result by way of all other accounts
 * of the balance sheet. Opening entries are opening balance, whenever they are dated. Throws when the company does not
 * exist.
 */
export async function cashFlow(sql: Queryable, companyId: string, scope: Scope): Promise<CashFlow> {
  const { currency } = await companyOf(sql, companyId);
  const { from, to } = asked(scope);
  const chart = await chartOf(sql, companyId);
  const cashAccounts = chart.filter(isCash).map(({ code }) => code);
  const { opening, indirect } = await indirectly(sql, companyId, scope, { chart, cashAccounts });
  const direct = await directly(sql, companyId, scope, { chart, cashAccounts });
  return { currency, from, to, cashAccounts, opening, closing: opening + direct.change, direct, indirect };
}

interface Cash {
  chart: ChartAccount[];
  cashAccounts: string[];
}

interface Change {
  account: string;
  opening: bigint;
  moved: bigint;
}

async function indirectly(sql: Queryable, companyId: string, scope: Scope, { chart, cashAccounts }: Cash) {
  const { from } = asked(scope);
  const isOpening = sql`(entry_type = 'OPN' or day < ${from}::date)`;
  const rows = await sql<Change[]>`
    select account, coalesce(sum(debit - credit) filter (where ${isOpening}), 0)::bigint as opening,
      coalesce(sum(debit - credit) filter (where (${isOpening}) is not true), 0)::bigint as moved
    from (${movements(sql, companyId, { ...scope, flow: true })}) m group by account`;
  const byAccount = new Map(rows.map((row) => [row.account, row]));
  let [opening, profit] = [0n, 0n];
  const changes: StatementRow[] = [];
  for (const { code, name, type } of chart) {
    const row = byAccount.get(code);
    if (!row) continue;
    if (cashAccounts.includes(code)) opening += row.opening;
    else if (type === 'income' || type === 'expense') profit -= row.moved;
    else if (row.moved !== 0n) changes.push({ account: code, name, amount: -row.moved });
  }
  const change = changes.reduce((sum, row) => sum + row.amount, profit);
  return { opening, indirect: { profit, changes, change } };
}

/** Lines of one kind that stand against cash: their account, and that of the amount a tax is on. */
interface CounterLines {
  entryType: EntryType;
  account: string;
  role: string;
  taxKind: string | null;
  taxed: string | null;
  amount: bigint;
}

/** Each entry's effect on cash is what its other lines come to, turned round; each of them says to whom it went. */
async function directly(sql: Queryable, companyId: string, scope: Scope, cash: Cash) {
  const accounts = new Map(cash.chart.map((account) => [account.code, account]));
  const direct = { ...nothing(), change: 0n };
  for (const row of await kindsOf(sql, counterLines(sql, companyId, scope, cash))) {
    direct[counterpartOf(row, accounts)] += row.amount;
    direct.change += row.amount;
  }
  return direct;
}

/** Lines that stand against cash in the same entry, as a subquery. */
function counterLines(sql: Queryable, companyId: string, scope: Scope, { cashAccounts }: Cash) {
  const { from, to, channel } = asked(scope);
  return sql`
    select l.entry_id, l.line_no, e.entry_type, l.account, l.role, l.tax_kind, case when l.tax_kind like 'tax%' then (
        select n.account from journal_lines n where n.entry_id = l.entry_id and n.tax_code = l.tax_code
          and n.tax_kind like 'net%' order by n.line_no limit 1) end as taxed, l.credit - l.debit as amount
    from (
      select distinct entry_id from journal_lines
      where company_id = ${companyId} and account = any(${cashAccounts}) and posting_date <= ${to}::date
        and (${from}::date is null or posting_date >= ${from}::date)
        and entry_id not in (${leftOut(sql, companyId, { ...scope, flow: true })})
    ) entries join journal_entries e on e.id = entries.entry_id join journal_lines l on l.entry_id = e.id
    where e.entry_type <> 'OPN' and l.account <> all(${cashAccounts})
      and (${channel}::text is null or coalesce(e.channel, '') = ${channel}::text)`;
}

function kindsOf(sql: Queryable, lines: Fragment) {
  return sql<CounterLines[]>`
    select entry_type as "entryType", account, role, tax_kind as "taxKind", taxed, sum(amount)::bigint as amount
    from (${lines}) l group by 1, 2, 3, 4, 5`;
}

/** Lines behind the flow from or to a counterpart, as a subquery of entry_id, line_no and amount. */
export async function counterpartLines(
  sql: Queryable,
  companyId: string,
  scope: Scope,
  counterpart: Counterpart,
): Promise<Subquery> {
  const chart = await chartOf(sql, companyId);
  const cash = { chart, cashAccounts: chart.filter(isCash).map(({ code }) => code) };
  const lines = counterLines(sql, companyId, scope, cash);
  const accounts = new Map(chart.map((account) => [account.code, account]));
  const kinds = (await kindsOf(sql, lines)).filter((kind) => counterpartOf(kind, accounts) === counterpart);
  const texts = (pick: (kind: CounterLines) => string | null) => kinds.map((kind) => pick(kind) ?? '');
  const query = sql`
    select entry_id, line_no, amount from (${lines}) l
    where (entry_type, account, role, coalesce(tax_kind, ''), coalesce(taxed, '')) in (
      select * from unnest(${texts((kind) => kind.entryType)}::text[], ${texts((kind) => kind.account)}::text[],
        ${texts((kind) => kind.role)}::text[], ${texts((kind) => kind.taxKind)}::text[],
        ${texts((kind) => kind.taxed)}::text[]))`;
  return { query };
}

function nothing(): Record<Counterpart, bigint> {
  return Object.fromEntries(COUNTERPARTS.map((each) => [each, 0n])) as Record<Counterpart, bigint>;
}

/** Entries between the company and its customers, processors in between included. */
const WITH_CUSTOMERS: ReadonlySet<EntryType> = new Set(['SAL', 'RFD', 'DEP', 'PYT', 'DSP']);

/** By roles, the first that fits; the rest is told by section and type. */
const BY_ROLE: readonly [RegExp, Counterpart][] = [
  [/^(ar\.control|clearing|processor\.reserve|dispute\.held)/, 'customers'],
  [/^((giftcard|storecredit|storedvalue)\.liability|customer\.deposits)/, 'customers'],
  [/^(ap\.control|grni|inventory\.control)/, 'suppliers'],
  [/^tax\./, 'taxes'],
  [/^(cash\.(short|over)|rounding|fx|suspense)/, 'other'],
  [/^equity\./, 'financing'],
];

/** Whose money a line that stands against cash is; tax goes with the amount it is on. */
function counterpartOf(line: CounterLines, accounts: ReadonlyMap<string, ChartAccount>): Counterpart {
  if (WITH_CUSTOMERS.has(line.entryType)) return 'customers';
  const account = accounts.get(line.taxed ?? line.account);
  if (!account) return 'other';
  const { type, roles, section } = account;
  if (section === 'fixed_assets') return 'investing';
  if (section === 'loans') return 'financing';
  const income = incomeSection(account);
  if (income === 'revenue') return 'customers';
  if (income === 'cost_of_sales') return 'suppliers';
  const named = line.taxed === null ? [line.role, ...roles] : roles;
  const found = BY_ROLE.find(([pattern]) => named.some((role) => pattern.test(role)));
  if (found) return found[1];
  if (type === 'expense') return 'operating_expenses';
  return type === 'equity' ? 'financing' : 'other';
}
