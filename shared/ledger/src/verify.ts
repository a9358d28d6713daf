import type { Sql, Tx } from '@daybook/platform/db';
import { cashBookChecks } from './verify/cash-book.ts';
import { chainChecks } from './verify/chain.ts';
import { type Check, type Finding, runCheck } from './verify/check.ts';
import { closingChecks } from './verify/closing.ts';
import { flowChecks } from './verify/flow.ts';
import { invoiceLedgerChecks } from './verify/invoice-ledger.ts';
import { journalChecks } from './verify/journal.ts';
import { stockChecks } from './verify/stock.ts';
import { sumChecks } from './verify/sums.ts';
import { taxChecks } from './verify/tax.ts';
import { tieOutChecks } from './verify/tie-outs.ts';

export type { Finding } from './verify/check.ts';
export { rebuildSums } from './verify/sums.ts';
export { type TieOut, tieOuts } from './verify/tie-outs.ts';

const CHECKS: readonly Check[] = [
  ...journalChecks,
  ...sumChecks,
  ...tieOutChecks,
  ...cashBookChecks,
  ...chainChecks,
  ...flowChecks,
  ...invoiceLedgerChecks,
  ...closingChecks,
  ...stockChecks,
  ...taxChecks,
];

/**
 * Proves a company's books from their rows, whatever the guards of the database let through: balance, numbers, hash
 * chain, reversals, and that events, entries, documents and work owed agree with one another (design.md section 5).
 * One snapshot for all checks, so that a hub at work gives no false alarm; each check names its first bad row. Tells
 * before each check which one it is, how many are done and how many there are.
 */
export async function verifyCompany(
  sql: Sql,
  companyId: string,
  tell: (check: string, done: number, of: number) => void = () => undefined,
): Promise<{ checks: Finding[] }> {
  return sql.begin('isolation level repeatable read read only', async (tx: Tx) => {
    // Whole tables are compared with whole tables; a planner without statistics would loop over them row by row.
    await tx`set local enable_nestloop = off`;
    // Plans without loops look expensive enough to be compiled, which takes longer than small books need altogether.
    await tx`set local jit = off`;
    await tx`set local work_mem = '64MB'`;
    const checks: Finding[] = [];
    for (const check of CHECKS) {
      tell(check.name, checks.length, CHECKS.length);
      checks.push(await runCheck(check, tx, companyId));
    }
    return { checks };
  });
}
