import type { EntryType, TaxKind } from '@daybook/domain';
import type { Queryable } from '@daybook/platform/db';
import { COUNTERPARTS, counterpartLines } from './cash-flow.ts';
import { chartOf, INCOME_SECTIONS, incomeSection } from './chart.ts';
import { CLEARING_FIGURES, clearingLines } from './clearing.ts';
import type { LedgerCursor } from './general-ledger.ts';
import { REGISTER_NAMES, registerLines } from './registers.ts';
import { CHANNEL_FIGURES, channelLines } from './sales-by-channel.ts';
import { bookedLines, companyOf, type Scope, type Subquery } from './scope.ts';

/** Reports whose figures are made of lines. */
export const FIGURE_REPORTS = [
  'trial-balance',
  'general-ledger',
  'income-statement',
  'balance-sheet',
  'cash-flow',
  'sales-by-channel',
  'clearing-statement',
  ...REGISTER_NAMES,
] as const;
export type FigureReport = (typeof FIGURE_REPORTS)[number];

/** A figure of a report: by its name, and whose it is. */
export interface FigureScope extends Scope {
  report: FigureReport;
  /** As the report calls it; of an account's movement it can be left out. */
  figure?: string | undefined;
  account?: string | undefined;
  /** Card or order, in a register. */
  document?: string | undefined;
  after?: LedgerCursor | null | undefined;
  limit?: number | undefined;
}

/** A line with what it adds to the figure, in minor units of the company's currency. */
export interface FigureLine {
  entryId: bigint;
  lineNo: number;
  fiscalYear: string;
  number: number;
  entryType: EntryType;
  postingDate: string;
  sourceKey: string;
  memo: string;
  channel: string | null;
  account: string;
  role: string;
  debit: bigint;
  credit: bigint;
  taxCode: string | null;
  taxKind: TaxKind | null;
  party: string | null;
  document: string | null;
  eventId: bigint | null;
  amount: bigint;
}

export interface FigureLines {
  currency: string;
  /** What all its lines add up to: the figure. */
  total: bigint;
  lines: FigureLine[];
  cursor: LedgerCursor | null;
}

/**
 * The lines a figure of a report is made of, page by page in order of date and number, and what all of them come to.
 * Throws RangeError naming what there is when the report has no such figure.
 */
export async function figureLines(sql: Queryable, companyId: string, scope: FigureScope): Promise<FigureLines> {
  const { currency } = await companyOf(sql, companyId);
  const { after = null, limit = 1000 } = scope;
  const { query: behind } = await linesBehind(sql, companyId, scope);
  const [sum] = await sql<{ total: bigint }[]>`
    select coalesce(sum(amount), 0)::bigint as total from (${behind}) b`;
  const found = await sql<FigureLine[]>`
    select l.entry_id as "entryId", l.line_no as "lineNo", e.fiscal_year as "fiscalYear", e.number,
      e.entry_type as "entryType", l.posting_date as "postingDate", e.source_key as "sourceKey", e.memo, e.channel,
      l.account, l.role, l.debit, l.credit, l.tax_code as "taxCode", l.tax_kind as "taxKind", l.party, l.document,
      e.event_id as "eventId", b.amount
    from (${behind}) b join journal_lines l on l.entry_id = b.entry_id and l.line_no = b.line_no
      join journal_entries e on e.id = l.entry_id
    where ${after === null} or (l.posting_date, l.entry_id, l.line_no)
      > (${after?.postingDate ?? '0001-01-01'}::date, ${after?.entryId ?? 0n}::bigint, ${after?.lineNo ?? 0}::int)
    order by l.posting_date, l.entry_id, l.line_no limit ${limit + 1}`;
  const lines = found.slice(0, limit);
  const last = found.length > limit ? lines.at(-1) : undefined;
  const cursor = last ? { postingDate: last.postingDate, entryId: last.entryId, lineNo: last.lineNo } : null;
  return { currency, total: sum?.total ?? 0n, lines, cursor };
}

const REGISTER_FIGURES = ['opening', 'issued', 'used', 'expired', 'open'] as const;

async function linesBehind(sql: Queryable, companyId: string, scope: FigureScope): Promise<Subquery> {
  const { report, account = '', document, figure } = scope;
  const register = REGISTER_NAMES.find((name) => name === report);
  if (register) {
    const named = oneOf(REGISTER_FIGURES, figure, report);
    return { query: registerLines(sql, companyId, { ...scope, register }, { figure: named, document }) };
  }
  switch (report) {
    case 'cash-flow':
      return counterpartLines(sql, companyId, scope, oneOf(COUNTERPARTS, figure, report));
    case 'sales-by-channel':
      return channelLines(sql, companyId, scope, oneOf(CHANNEL_FIGURES, figure, report));
    case 'clearing-statement':
      return {
        query: clearingLines(sql, companyId, scope, { account, figure: oneOf(CLEARING_FIGURES, figure, report) }),
      };
    case 'income-statement':
      return statementLines(sql, companyId, { ...scope, flow: true });
    case 'balance-sheet':
      return statementLines(sql, companyId, { ...scope, from: null });
    default:
      return statementLines(sql, companyId, scope);
  }
}

function oneOf<Name extends string>(names: readonly Name[], figure: string | undefined, report: string): Name {
  const found = names.find((name) => name === figure);
  if (found !== undefined) return found;
  throw new RangeError(`${report} has no figure "${figure ?? ''}"; it has ${names.join(', ')}`);
}

/** Of an account, or of a section of the income statement; expenses and assets count as debits, the rest as credits. */
async function statementLines(
  sql: Queryable,
  companyId: string,
  scope: FigureScope & { flow?: boolean },
): Promise<Subquery> {
  const chart = await chartOf(sql, companyId);
  const accounts =
    scope.account === undefined
      ? chart.filter((one) => incomeSection(one) === oneOf(INCOME_SECTIONS, scope.figure, scope.report))
      : chart.filter(({ code }) => code === scope.account);
  const isDebit = scope.report === 'trial-balance' || scope.report === 'general-ledger';
  const debits = accounts.filter((one) => isDebit || isDebitIn(one, scope.report)).map(({ code }) => code);
  const query = sql`
    select entry_id, line_no, case when account = any(${debits}) then debit - credit else credit - debit end as amount
    from (${bookedLines(sql, companyId, scope)}) b where account = any(${accounts.map(({ code }) => code)})`;
  return { query };
}

function isDebitIn(account: Parameters<typeof incomeSection>[0], report: string): boolean {
  if (report === 'balance-sheet') return account.type === 'asset';
  const section = incomeSection(account);
  return section === 'cost_of_sales' || section === 'other_expenses';
}
