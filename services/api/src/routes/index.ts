import { Router } from 'express';
import type { ApiContext } from '../context.ts';
import { docsPage } from '../docs-page.ts';
import { openApiDocument } from '../openapi.ts';
import { addAccount, addTaxRule, listAccounts, putRate, putRole, putSubledger } from './accounts.ts';
import { addBackfill, continueBackfill, listBackfills, showCoverage, stopBackfill } from './backfills.ts';
import {
  addBankAccount,
  addBankMatching,
  addBankStatements,
  listBankAccountsRoute,
  showBankReconciliation,
} from './bank.ts';
import {
  addBankRuleRoute,
  bookBankLine,
  confirmBankLine,
  endBankRuleRoute,
  ignoreBankLine,
  listBankLines,
  listBankRules,
  rejectBankLine,
  undoBankLine,
} from './bank-lines.ts';
import {
  addCashBook,
  archiveBook,
  cashBookRoute,
  listCashBooks,
  listCashDays,
  listUnapprovedCashDays,
  showCashBook,
} from './cash-books.ts';
import {
  approveCashDay,
  correctCashDay,
  putCashDay,
  rejectCashDay,
  showCashDay,
  showNextCashDay,
  submitCashDay,
} from './cash-days.ts';
import { addCompany, listCompanies, listCurrencies } from './companies.ts';
import { addConnection, listConnections } from './connections.ts';
import { listDocuments } from './documents.ts';
import { addEntries } from './entries.ts';
import { exportRoutes } from './exports.ts';
import { listFailedWork, startReplay } from './failed-work.ts';
import { putGranularity, showGranularity } from './granularity.ts';
import { inventoryRoutes } from './inventory.ts';
import { invoiceReportRoutes } from './invoice-reports.ts';
import { invoiceRoutes } from './invoices.ts';
import { closeIssue, listIssues } from './issues.ts';
import {
  addLateApproval,
  addRevaluation,
  addReversal,
  listHeldEvents,
  listLateItems,
  putLatePolicy,
} from './late-and-reversals.ts';
import { listMappingChanges, listMappings, listPaymentMethods, putMapping, showMappingTable } from './mappings.ts';
import { putPaidSales, showPaidSales } from './paid-sales.ts';
import {
  addClosing,
  addFiscalYear,
  addReopening,
  listCalendarChanges,
  listPeriods,
  putFiscalYear,
  putLockDate,
  putPeriod,
  showClosingPreview,
  showLockChecks,
} from './periods.ts';
import { listProofs } from './proofs.ts';
import { quoteRoutes } from './quotes.ts';
import { listJournalEntries, trialBalanceReport } from './reports.ts';
import { type Route, serve } from './route.ts';
import { listSales } from './sales.ts';
import { statementRoutes } from './statements.ts';
import { taxRoutes } from './tax.ts';
import { addUndo, continueUndo, listDrifts, listUndos, putDrift, repostUndo } from './undos.ts';

/** Everything below /api/v1. */
export const routes: readonly Route[] = [
  listCompanies,
  addCompany,
  listProofs,
  listCurrencies,
  listAccounts,
  addAccount,
  putSubledger,
  putRole,
  addTaxRule,
  putRate,
  listConnections,
  addConnection,
  listMappings,
  putMapping,
  showMappingTable,
  listMappingChanges,
  listPaymentMethods,
  showCoverage,
  showGranularity,
  putGranularity,
  showPaidSales,
  putPaidSales,
  listBackfills,
  addBackfill,
  stopBackfill,
  continueBackfill,
  listSales,
  listFailedWork,
  startReplay,
  listIssues,
  closeIssue,
  listDocuments,
  addEntries,
  ...quoteRoutes,
  listJournalEntries,
  trialBalanceReport,
  ...statementRoutes,
  ...inventoryRoutes,
  ...taxRoutes,
  ...invoiceRoutes,
  ...invoiceReportRoutes,
  cashBookRoute,
  listCashBooks,
  addCashBook,
  showCashBook,
  archiveBook,
  listCashDays,
  listUnapprovedCashDays,
  showNextCashDay,
  showCashDay,
  putCashDay,
  submitCashDay,
  correctCashDay,
  approveCashDay,
  rejectCashDay,
  listUndos,
  addUndo,
  continueUndo,
  repostUndo,
  listDrifts,
  putDrift,
  listPeriods,
  listCalendarChanges,
  showLockChecks,
  putPeriod,
  putLockDate,
  addFiscalYear,
  putFiscalYear,
  showClosingPreview,
  addClosing,
  addReopening,
  listLateItems,
  listHeldEvents,
  addLateApproval,
  putLatePolicy,
  addRevaluation,
  addReversal,
  ...exportRoutes,
  listBankAccountsRoute,
  addBankAccount,
  addBankStatements,
  addBankMatching,
  showBankReconciliation,
  listBankLines,
  confirmBankLine,
  rejectBankLine,
  bookBankLine,
  ignoreBankLine,
  undoBankLine,
  listBankRules,
  addBankRuleRoute,
  endBankRuleRoute,
];

/** `/api/v1/*`, and its description for programs at `/api/openapi.json` and for people at `/api/docs`. */
export function apiRoutes(context: ApiContext): Router {
  const router = Router();
  const document = openApiDocument(routes);
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  router.get('/docs', (_request, response) => {
    response.type('html').send(docsPage(document));
  });
  router.use('/v1', serve(routes, context));
  return router;
}
