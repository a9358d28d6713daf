import express, { type Express, type Request, type RequestHandler } from 'express';
import { parseJson } from '../../../kit/json.ts';
import type { Faults } from '../../../kit/simulator-faults.ts';
import { uuidFrom } from '../../../kit/simulator-ids.ts';
import { bodyOf, failure, formOf, searchOf, sendPage } from '../../../kit/simulator-pages.ts';
import { type CompanyApi, companyApi, gateway, stamped } from './company-api.ts';
import { chosenCompany, deny, grant, readAuthorize } from './consent.ts';
import { revocationEndpoint, tokenEndpoint } from './identity.ts';
import { consentPage, overviewPage, problemPage } from './pages.ts';
import { text } from './request.ts';
import { send } from './send.ts';

/** One POST may carry this much. */
const LARGEST_BODY = 3_500_000;

/** Log-in pages, token endpoints and the accounting API on one origin. */
export function createApp(api: CompanyApi, faults: Faults): Express {
  const app = express();
  let answers = 0;
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    answers += 1;
    stamped(response, `1-${uuidFrom(api.identity.store.world.seed, 'answer', answers)}`);
    next();
  });
  app.use(express.raw({ type: () => true, limit: LARGEST_BODY }));
  app.use(gateway(api), faults.middleware);
  app.get('/', (_request, response) => sendPage(response, 200, overviewPage(api.identity.store.world)));
  app.get('/connect/oauth2', authorizePage(api));
  app.post('/connect/oauth2', decide(api));
  app.post('/oauth2/v1/tokens/bearer', (request, response) => {
    const tellsHardEnd = request.get('x-include-refresh-token-hard-expires-in') === 'true';
    const asked = { authorization: request.get('authorization') ?? '', form: formOf(request), tellsHardEnd };
    send(request, response, tokenEndpoint(api.identity, asked, api.now().getTime()));
  });
  app.post('/v2/oauth2/tokens/revoke', (request, response) => {
    send(request, response, revocationEndpoint(api.identity, request.get('authorization') ?? '', tokenOf(request)));
  });
  app.use(companyApi(api));
  app.use((_request, response) => void response.status(404).end());
  app.use(failure);
  return app;
}

function authorizePage(api: CompanyApi): RequestHandler {
  return (request, response) => {
    const { store, app } = api.identity;
    const asked = readAuthorize(searchOf(request), app);
    if ('scope' in asked) {
      const chosen = chosenCompany(store.world, asked.realm);
      return sendPage(response, 200, consentPage(store.world, app.clientId, chosen, request.originalUrl));
    }
    if (asked.redirect !== undefined) return response.redirect(302, asked.redirect);
    sendPage(response, 400, problemPage(asked.problem));
  };
}

function decide(api: CompanyApi): RequestHandler {
  return (request, response) => {
    const { store, app, codes } = api.identity;
    const asked = readAuthorize(searchOf(request), app);
    if (!('scope' in asked)) return sendPage(response, 400, problemPage(asked.problem));
    const form = formOf(request);
    const company = store.world.companies.get(form.get('company') ?? '');
    const isAllowed = form.get('decision') !== 'deny' && company !== undefined;
    response.redirect(302, isAllowed ? grant(store, codes, asked, company, api.now().getTime()) : deny(asked));
  };
}

/** The token to revoke comes as JSON or as a form. */
function tokenOf(request: Request): string {
  if (!/json/i.test(request.get('content-type') ?? '')) return formOf(request).get('token') ?? '';
  try {
    return text(parseJson(bodyOf(request)), 'token') ?? '';
  } catch {
    return '';
  }
}
