import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { parseJson } from '../../../kit/json.ts';
import type { Faults } from '../../../kit/simulator-faults.ts';
import { bodyOf, failure, formOf, searchOf, sendPage } from '../../../kit/simulator-pages.ts';
import { type Answer, json, missing, problem, Refused } from './answer.ts';
import { deny, grant, readAuthorize } from './consent.ts';
import { checkBearer, type Identity, revocationEndpoint, tokenEndpoint } from './identity.ts';
import { idFrom } from './ids.ts';
import type { Limiter } from './limits.ts';
import { page } from './lists.ts';
import { operate } from './operations.ts';
import { consentPage, overviewPage, problemPage } from './pages.ts';
import { renderBusiness } from './render.ts';
import type { Business } from './world.ts';

/** What the routes need. */
export interface SageApi {
  identity: Identity;
  limiter: Limiter;
  now: () => Date;
  /** POSTs that arrived at a business while another one was under way there, by its id. */
  overlaps: Map<string, number>;
}

const VERSION = '/v3.1';
const LARGEST_BODY = 10_000_000;

/** Log-in pages, token endpoints and the accounting API on one origin. */
export function createApp(api: SageApi, faults: Faults): Express {
  const app = express();
  let answers = 0;
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    answers += 1;
    response.set('x_request_id', idFrom(api.identity.store.world.seed, 'answer', answers));
    next();
  });
  // Before the faults, so that slow requests count as long as they last.
  app.use(VERSION, overlapCounter(api));
  app.use(express.raw({ type: () => true, limit: LARGEST_BODY }));
  app.use(faults.middleware);
  const { identity } = api;
  app.get('/', (_request, response) => sendPage(response, 200, overviewPage(identity.store.world)));
  app.get('/oauth2/auth/central', authorizePage(api));
  app.post('/oauth2/auth/central', decide(api));
  app.post('/token', (request, response) => {
    send(response, tokenEndpoint(identity, formOf(request), api.now().getTime()));
  });
  app.post('/revoke', (request, response) => send(response, revocationEndpoint(identity, formOf(request))));
  app.use(VERSION, (request, response) => send(response, answerTo(api, request, response)));
  app.use((_request, response) => void response.status(404).end());
  app.use(failure);
  return app;
}

/** Sage numbers documents in sequence and asks for one POST at a time; nothing refuses more, so they are counted. */
function overlapCounter({ overlaps }: SageApi): RequestHandler {
  const under = new Map<string, number>();
  return (request, response, next) => {
    if (request.method !== 'POST') return next();
    const business = request.get('x-business') ?? '';
    const others = under.get(business) ?? 0;
    if (others > 0) overlaps.set(business, (overlaps.get(business) ?? 0) + 1);
    under.set(business, others + 1);
    response.once('close', () => under.set(business, (under.get(business) ?? 1) - 1));
    next();
  };
}

function answerTo(api: SageApi, request: Request, response: Response): Answer {
  try {
    return carryOut(api, request, response);
  } catch (error) {
    if (error instanceof Refused) return problem(error);
    return problem(new Refused('An unexpected error occurred.', '', 500, 'UnexpectedError'));
  }
}

function carryOut(api: SageApi, request: Request, response: Response): Answer {
  const { identity } = api;
  const now = api.now().getTime();
  checkBearer(identity, request.get('authorization') ?? '', now);
  const { businesses } = identity.store.world;
  const query = searchOf(request);
  const [first, id] = request.path.split('/').filter((part) => part !== '');
  if (first === 'businesses') return businessPages(businesses, id, query);
  const asked = request.get('x-business');
  // Without the header the lead business is meant.
  const business = asked === undefined ? [...businesses.values()][0] : businesses.get(asked);
  if (!business) throw missing();
  response.set('x-business', business.id);
  if (!api.limiter.admit(business.id, now)) return json(429, [], { 'retry-after': '10' });
  if (business.suspended) throw new Refused('No active subscription. (MSE)', '', 401, 'AuthorizationFailure');
  const body = request.method === 'POST' ? parsed(request) : null;
  return operate(identity.store, business, { method: request.method, path: request.path, query, body }, now);
}

function businessPages(businesses: Map<string, Business>, id: string | undefined, query: URLSearchParams): Answer {
  if (id === undefined) return page('businesses', [...businesses.values()].map(renderBusiness), query);
  const business = businesses.get(id);
  if (!business) throw missing();
  return json(200, renderBusiness(business));
}

function parsed(request: Request): unknown {
  if (!/json/i.test(request.get('content-type') ?? '')) {
    throw new Refused('The media type is not supported.', '', 415, 'UnsupportedMediaType');
  }
  try {
    return parseJson(bodyOf(request));
  } catch {
    throw new Refused('The request body could not be parsed.', '', 400, 'BadRequest');
  }
}

function authorizePage({ identity }: SageApi): RequestHandler {
  return (request, response) => {
    const asked = readAuthorize(searchOf(request), identity.app);
    if ('scope' in asked) {
      return sendPage(response, 200, consentPage(identity.store.world, identity.app.clientId, request.originalUrl));
    }
    if (asked.redirect !== undefined) return response.redirect(302, asked.redirect);
    sendPage(response, 400, problemPage(asked.problem));
  };
}

function decide({ identity, now }: SageApi): RequestHandler {
  return (request, response) => {
    const asked = readAuthorize(searchOf(request), identity.app);
    if (!('scope' in asked)) return sendPage(response, 400, problemPage(asked.problem));
    const isAllowed = formOf(request).get('decision') !== 'deny';
    const { store, codes } = identity;
    response.redirect(302, isAllowed ? grant(store, codes, asked, now().getTime()) : deny(asked));
  };
}

function send(response: Response, { status, body, headers }: Answer): void {
  response.status(status).set(headers ?? {});
  if (body !== '') response.set('content-type', 'application/json');
  response.end(body);
}
