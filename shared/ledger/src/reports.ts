/** The reports of accounting.md H, one module each. */

export { balanceSheet } from './reports/balance-sheet.ts';
export { bankReconciliation } from './reports/bank-reconciliation.ts';
export { type CashBookSection, cashBookReport } from './reports/cash-book.ts';
export { COUNTERPARTS, cashFlow } from './reports/cash-flow.ts';
export { CLEARING_FIGURES, clearingStatement } from './reports/clearing.ts';
export { generalLedger, type LedgerAccount, type LedgerLine } from './reports/general-ledger.ts';
export { incomeStatement } from './reports/income-statement.ts';
export { type InventoryValuation, inventoryValuation } from './reports/inventory-valuation.ts';
export { type Journal, type JournalEntryRow, type JournalLineRow, journal } from './reports/journal.ts';
export { FIGURE_REPORTS, type FigureReport, figureLines } from './reports/lines.ts';
export { ossReport } from './reports/oss.ts';
export { REGISTER_NAMES, type Register, registerReport } from './reports/registers.ts';
export { CHANNEL_FIGURES, salesByChannel } from './reports/sales-by-channel.ts';
export type { Scope } from './reports/scope.ts';
export { type StockFindings, stockFindings } from './reports/stock-findings.ts';
export { type StockMovements, stockMovements } from './reports/stock-movements.ts';
export { type TaxReturn, taxReturn } from './reports/tax-return.ts';
export { trialBalance } from './reports/trial-balance.ts';
