import type { Queryable } from '@daybook/platform/db';
import type { StatementPart } from './income-statement.ts';
import { companyOf, lastYearStart, type Scope } from './scope.ts';
import { balances, type TrialBalanceRow } from './trial-balance.ts';

/** accounting.md H5. Assets above zero on the debit side, liabilities and equity on the credit side. */
export interface BalanceSheet {
  currency: string;
  to: string;
  assets: StatementPart;
  liabilities: StatementPart;
  /** Without the results below. */
  equity: StatementPart;
  /** Result of the fiscal year of the day, as far as it was not transferred to equity. */
  resultOfYear: bigint;
  /** Results of earlier years that nobody closed. */
  earlierResults: bigint;
  totalEquity: bigint;
  /** Assets less liabilities and equity: zero, or the books are broken. */
  difference: bigint;
}

export interface BalanceSheetScope extends Omit<Scope, 'from'> {
  /** Show a balance on the unusual side in the other section; the company's setting where nothing is said. */
  reclassifyContraBalances?: boolean | undefined;
}

/**
 * Balances at the end of a day. In a closed year `closing: 'after'` shows its result in equity, where it was
 * transferred to. Accounts at zero are left out. Throws when the company does not exist.
 */
export async function balanceSheet(sql: Queryable, companyId: string, scope: BalanceSheetScope): Promise<BalanceSheet> {
  const { currency } = await companyOf(sql, companyId);
  const { to } = scope;
  const rows = await balances(sql, companyId, { ...scope, from: await lastYearStart(sql, companyId, to) });
  const reclassify = scope.reclassifyContraBalances ?? (await reclassifies(sql, companyId));
  const part = (section: Section): StatementPart => {
    const shown = rows.filter((row) => row.closing !== 0n && sectionOf(row, reclassify) === section);
    const sign = section === 'asset' ? 1n : -1n;
    const listed = shown.map(({ account, name, closing }) => ({ account, name, amount: sign * closing }));
    return { rows: listed, total: listed.reduce((sum, row) => sum + row.amount, 0n) };
  };
  const [assets, liabilities, equity] = [part('asset'), part('liability'), part('equity')];
  const results = rows.filter(({ type }) => type === 'income' || type === 'expense');
  const earlierResults = -results.reduce((sum, row) => sum + row.opening, 0n);
  const resultOfYear = -results.reduce((sum, row) => sum + row.debits - row.credits, 0n);
  const totalEquity = equity.total + resultOfYear + earlierResults;
  const difference = assets.total - liabilities.total - totalEquity;
  return { currency, to, assets, liabilities, equity, resultOfYear, earlierResults, totalEquity, difference };
}

type Section = 'asset' | 'liability' | 'equity' | null;

/** An asset we owe is a liability, and a liability owed to us an asset, only where that is asked for. */
function sectionOf({ type, closing }: TrialBalanceRow, reclassify: boolean): Section {
  if (type === 'income' || type === 'expense') return null;
  if (!reclassify || type === 'equity') return type;
  return closing > 0n ? 'asset' : 'liability';
}

async function reclassifies(sql: Queryable, companyId: string): Promise<boolean> {
  const [row] = await sql<{ set: boolean }[]>`
    select coalesce((settings->>'reclassifyContraBalances')::boolean, false) as set from companies where id = ${companyId}`;
  return row?.set ?? false;
}
