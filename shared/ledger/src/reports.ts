/** The reports of accounting.md H, one module each. */
export { balanceSheet } from './reports/balance-sheet.ts';
export { cashFlow } from './reports/cash-flow.ts';
export { clearingStatement } from './reports/clearing.ts';
export { generalLedger } from './reports/general-ledger.ts';
export { incomeStatement } from './reports/income-statement.ts';
export { type Journal, type JournalEntryRow, type JournalLineRow, journal } from './reports/journal.ts';
export { salesByChannel } from './reports/sales-by-channel.ts';
export { type TaxReturn, taxReturn } from './reports/tax-return.ts';
export { type TrialBalance, trialBalance } from './reports/trial-balance.ts';
