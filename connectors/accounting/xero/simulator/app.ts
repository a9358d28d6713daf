import express, { type Express, type RequestHandler } from 'express';
import type { Faults } from '../../../kit/simulator-faults.ts';
import { failure, formOf, searchOf, sendPage } from '../../../kit/simulator-pages.ts';
import { type AccountingApi, accounting, gateway, rememberFailures } from './accounting.ts';
import { deny, grant, readAuthorize } from './consent.ts';
import { authenticate, deleteConnection, listConnections, revocationEndpoint, tokenEndpoint } from './identity.ts';
import { consentPage, overviewPage, problemPage } from './pages.ts';
import { send } from './send.ts';

/** One POST may carry this much. */
const LARGEST_BODY = 3_500_000;

/** Log-in pages, token endpoints, /connections and the accounting API on one origin. */
export function createApp(api: AccountingApi, faults: Faults): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set('xero-correlation-id', api.nextEnvelopeId());
    next();
  });
  app.use(express.raw({ type: () => true, limit: LARGEST_BODY }));
  app.use(gateway(api), rememberFailures(api), faults.middleware);
  app.get('/', (_request, response) => sendPage(response, 200, overviewPage(api.identity.store.world)));
  app.get('/identity/connect/authorize', authorizePage(api));
  app.post('/identity/connect/authorize', decide(api));
  app.post('/connect/token', (request, response) => {
    const { identity, now } = api;
    send(
      request,
      response,
      tokenEndpoint(identity, request.get('authorization') ?? '', formOf(request), now().getTime()),
    );
  });
  app.post('/connect/revocation', (request, response) => {
    send(request, response, revocationEndpoint(api.identity, request.get('authorization') ?? '', formOf(request)));
  });
  app.use('/connections', connections(api));
  app.use(accounting(api));
  app.use((_request, response) => void response.status(404).end());
  app.use(failure);
  return app;
}

function authorizePage(api: AccountingApi): RequestHandler {
  return (request, response) => {
    const { store, app } = api.identity;
    const asked = readAuthorize(searchOf(request), app);
    if ('scopes' in asked)
      return sendPage(response, 200, consentPage(store.world, app.clientId, asked.scopes, request.originalUrl));
    if (asked.redirect !== undefined) return response.redirect(302, asked.redirect);
    sendPage(response, 400, problemPage(asked.problem));
  };
}

function decide(api: AccountingApi): RequestHandler {
  return (request, response) => {
    const { store, app, codes } = api.identity;
    const asked = readAuthorize(searchOf(request), app);
    if (!('scopes' in asked)) return sendPage(response, 400, problemPage(asked.problem));
    const form = formOf(request);
    const chosen = form.getAll('organisation').filter((tenantId) => store.world.organisations.has(tenantId));
    const allowed = form.get('decision') !== 'deny' && chosen.length > 0;
    response.redirect(302, allowed ? grant(store, codes, asked, chosen, api.now().getTime()) : deny(asked));
  };
}

function connections(api: AccountingApi): RequestHandler {
  return (request, response) => {
    const { identity } = api;
    const claims = authenticate(
      identity,
      request.get('authorization') ?? '',
      api.now().getTime(),
      api.nextEnvelopeId(),
    );
    if ('status' in claims) return send(request, response, claims);
    const id = request.path.slice(1);
    if (request.method === 'GET' && id === '') {
      return send(request, response, listConnections(identity.store, searchOf(request).get('authEventId')));
    }
    if (request.method === 'DELETE' && id !== '') return send(request, response, deleteConnection(identity.store, id));
    response.status(405).end();
  };
}
