import { Router } from 'express';
import type { ApiContext } from '../context.ts';
import { openApiDocument } from '../openapi.ts';
import {
  addTaxRule,
  journalReport,
  listAccounts,
  listDocuments,
  putRate,
  putRole,
  trialBalanceReport,
} from './books.ts';
import { addCompany, listCompanies } from './companies.ts';
import { addConnection, listConnections, listMappings, putMapping } from './connections.ts';
import { listFailedWork, listIssues, startReplay } from './failed-work.ts';
import { type Route, serve } from './route.ts';
import { listSales } from './sales.ts';

/** Everything below /api/v1. */
export const routes: readonly Route[] = [
  listCompanies,
  addCompany,
  listAccounts,
  putRole,
  addTaxRule,
  putRate,
  listConnections,
  addConnection,
  listMappings,
  putMapping,
  listSales,
  listFailedWork,
  startReplay,
  listIssues,
  listDocuments,
  journalReport,
  trialBalanceReport,
];

/** `/api/v1/*` and its description at `/api/openapi.json`. */
export function apiRoutes(context: ApiContext): Router {
  const router = Router();
  const document = openApiDocument(routes);
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  router.use('/v1', serve(routes, context));
  return router;
}
