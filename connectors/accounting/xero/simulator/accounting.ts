import type { Request, RequestHandler, Response } from 'express';
import { bodyOf } from '../../../kit/simulator-pages.ts';
import { type Answer, badRequest, gatewayProblem, notFound } from './answer.ts';
import { answerFor, fingerprint, storedAnswer } from './idempotency.ts';
import { authenticate, type Identity } from './identity.ts';
import type { Limiter } from './limits.ts';
import { read } from './reads.ts';
import { allows } from './scopes.ts';
import { send } from './send.ts';
import type { Organisation } from './world.ts';
import { remove, write } from './writes.ts';

export interface AccountingApi {
  identity: Identity;
  limiter: Limiter;
  now(): Date;
  /** Ids of answers; they are not part of the world. */
  nextEnvelopeId(): string;
}

const BASE = '/api.xro/2.0/';
/** IIS, in front of the API, refuses longer query strings with a plain 404 (Xero-NetStandard issues 413 and 471). */
const LONGEST_QUERY = 2048;

const isCall = (request: Request) => request.path.startsWith(BASE);
const resourceOf = (request: Request) => request.path.slice(BASE.length).split('/')[0] ?? '';

/**
 * The gateway: token, tenant, scope, then limits, all before an Idempotency-Key is looked at, so that a 429 has not
 * consumed the key. Mounted before the faults, so that a slow call counts as one in flight.
 */
export function gateway(api: AccountingApi): RequestHandler {
  return (request, response, next) => {
    if (!isCall(request)) return next();
    const refused = refusal(api, request, response);
    if (refused) return send(request, response, refused);
    const organisation = response.locals.organisation as Organisation;
    const admission = api.limiter.admit(organisation.tenantId, api.now().getTime());
    response.set(admission.headers);
    if (!admission.admitted) return send(request, response, { status: 429, body: '', contentType: 'text/plain' });
    response.once('close', admission.release);
    next();
  };
}

function refusal(api: AccountingApi, request: Request, response: Response): Answer | null {
  const instance = api.nextEnvelopeId();
  const claims = authenticate(api.identity, request.get('authorization') ?? '', api.now().getTime(), instance);
  if ('status' in claims) return claims;
  const { world } = api.identity.store;
  const tenantId = request.get('xero-tenant-id') ?? '';
  const organisation = world.organisations.get(tenantId);
  const connected = [...world.connections.values()].some((each) => each.tenantId === tenantId);
  if (!organisation || !connected) return gatewayProblem(403, 'Forbidden', 'AuthenticationUnsuccessful', instance);
  if (!allows(claims.scope, resourceOf(request), request.method !== 'GET')) {
    const answer = gatewayProblem(401, 'Unauthorized', 'AuthorizationUnsuccessful', instance);
    return { ...answer, headers: { 'WWW-Authenticate': 'insufficient_scope' } };
  }
  response.locals.organisation = organisation;
  return null;
}

/** The API itself. */
export function accounting(api: AccountingApi): RequestHandler {
  return (request, response, next) => {
    if (!isCall(request)) return next();
    const organisation = response.locals.organisation as Organisation;
    const query = request.url.split('?')[1] ?? '';
    if (query.length > LONGEST_QUERY) return send(request, response, notFound());
    if (request.method === 'GET') return send(request, response, answerGet(api, request, organisation));
    if (request.method === 'PUT' || request.method === 'POST') {
      return send(request, response, answerWrite(api, request, organisation, request.method));
    }
    if (request.method === 'DELETE') return send(request, response, answerDelete(api, request, organisation));
    send(request, response, { status: 405, body: '', contentType: 'text/plain' });
  };
}

function answerGet(api: AccountingApi, request: Request, organisation: Organisation): Answer {
  const [resource = '', id] = segments(request);
  return read({
    organisation,
    resource,
    id,
    query: queryOf(request),
    modifiedSince: request.get('if-modified-since'),
    envelopeId: api.nextEnvelopeId(),
    now: api.now(),
  });
}

function answerDelete(api: AccountingApi, request: Request, organisation: Organisation): Answer {
  const change = api.identity.store.begin();
  const [resource = '', id, child, childId] = segments(request);
  const envelopeId = api.nextEnvelopeId();
  const answer = remove({ organisation, change, now: api.now(), resource, id, child, childId, envelopeId });
  change.commit();
  return answer;
}

/** Answers from memory when the key is known; otherwise carries out, writes facts and answer down together, answers. */
function answerWrite(api: AccountingApi, request: Request, organisation: Organisation, method: 'PUT' | 'POST'): Answer {
  const now = api.now();
  const { store } = api.identity;
  const body = bodyOf(request);
  const key = request.get('idempotency-key');
  const asked = fingerprint(method, request.url, body);
  const known = key === undefined ? null : answerFor(store.world, key, asked, now.getTime());
  if (known) return known;
  const change = store.begin();
  const [resource = '', id, child] = segments(request);
  const query = queryOf(request);
  const answer = /json/i.test(request.get('content-type') ?? '')
    ? write({
        world: store.world,
        organisation,
        change,
        now,
        method,
        resource,
        id,
        child,
        body,
        unitDecimals: query.unitdp === '4' ? 4 : 2,
        summarizeErrors: query.summarizeerrors?.toLowerCase() !== 'false',
        envelopeId: api.nextEnvelopeId(),
      })
    : badRequest(14, 'PostDataInvalidException', 'Data at the root level is invalid. Line 1, position 1.');
  if (answer.status !== 200) change.rollback();
  if (key !== undefined) change.put({ type: 'answer', value: storedAnswer(key, asked, now.getTime(), answer) });
  change.commit();
  return answer;
}

/**
 * Before the faults: a known key is answered from memory, whatever is going wrong at the time, and a 500 is remembered
 * under its key like any other answer, so that repeating the key repeats the error. (`answerWrite` looks again: a slow
 * call with the same key may have finished in between.)
 */
export function rememberFailures(api: AccountingApi): RequestHandler {
  return (request, response, next) => {
    const key = request.get('idempotency-key');
    if (!isCall(request) || request.method === 'GET' || key === undefined) return next();
    const asked = fingerprint(request.method, request.url, bodyOf(request));
    const now = api.now().getTime();
    const known = answerFor(api.identity.store.world, key, asked, now);
    if (known) return send(request, response, known);
    response.once('finish', () => {
      if (response.statusCode !== 500) return;
      const answer: Answer = { status: 500, body: '', contentType: 'text/plain' };
      const change = api.identity.store.begin();
      change.put({ type: 'answer', value: storedAnswer(key, asked, now, answer) });
      change.commit();
    });
    next();
  };
}

function segments(request: Request): string[] {
  const parts = request.path.slice(BASE.length).split('/');
  return parts.filter((part) => part !== '').map((part) => decodeURIComponent(part));
}

/** Parameters with names in lower case; a repeated one reads like a comma-separated list. */
function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(request.url.split('?')[1] ?? '')) {
    const known = query[name.toLowerCase()];
    query[name.toLowerCase()] = known === undefined ? value : `${known},${value}`;
  }
  return query;
}
