import type { Request, RequestHandler, Response } from 'express';
import { parseJson } from '../../../kit/json.ts';
import { bodyOf } from '../../../kit/simulator-pages.ts';
import { type Answer, answered, gatewayFault, type Json, refusedAnswer } from './answer.ts';
import { batch } from './batch.ts';
import { changedSince } from './changes.ts';
import { entityNamed, readEntity } from './entities.ts';
import { authenticate, type Identity } from './identity.ts';
import type { Limiter } from './limits.ts';
import { checkRequestId, rememberedAnswer, storedAnswer } from './memory.ts';
import { type Operation, operate } from './operations.ts';
import { query } from './query.ts';
import { missing, Refused } from './refusal.ts';
import { member } from './request.ts';
import { send } from './send.ts';
import type { Change } from './store.ts';
import type { Company } from './world.ts';

export interface CompanyApi {
  identity: Identity;
  limiter: Limiter;
  now(): Date;
}

const BASE = /^\/v3\/company\/([^/]+)\/(.+?)\/?$/;

/**
 * The gateway: token, company, limits, all before anything of a request is looked at, so that a 429 has done nothing.
 */
export function gateway(api: CompanyApi): RequestHandler {
  return (request, response, next) => {
    const [, realm = '', rest = ''] = BASE.exec(request.path) ?? [];
    if (realm === '') return next();
    const now = api.now().getTime();
    const consent = authenticate(api.identity, request.get('authorization') ?? '', now);
    if ('status' in consent) return send(request, response, consent);
    const company = api.identity.store.world.companies.get(realm);
    if (!company || consent.realm !== realm) {
      const problem = { code: '3100', name: 'ApplicationAuthorizationFailed', detail: null, type: 'AUTHORIZATION' };
      return send(request, response, gatewayFault(403, problem, now));
    }
    if (!api.limiter.admit(realm, rest === 'batch', now)) {
      const detail = 'The request limit was reached.';
      const problem = { code: '3001', name: 'ThrottleExceeded', detail, type: 'SERVICE' };
      return send(request, response, gatewayFault(429, problem, now));
    }
    response.locals.company = company;
    response.locals.rest = rest.split('/').map((part) => decodeURIComponent(part));
    next();
  };
}

/** The API itself. */
export function companyApi(api: CompanyApi): RequestHandler {
  return (request, response, next) => {
    if (!BASE.test(request.path)) return next();
    const { company, rest } = response.locals as { company: Company; rest: string[] };
    send(request, response, answerTo(api, request, company, rest));
  };
}

function answerTo(api: CompanyApi, request: Request, company: Company, rest: string[]): Answer {
  const now = api.now().getTime();
  try {
    const parameters = parametersOf(request);
    const [resource = '', id] = rest;
    if (request.method === 'GET') return answerRead(company, resource, id, parameters, now);
    if (request.method !== 'POST') return unknownAddress(request, now);
    if (resource === 'query') return answered({ QueryResponse: query(company, bodyOf(request)) }, now);
    const isBatch = resource === 'batch';
    if (id !== undefined || (!isBatch && entityNamed(resource) === undefined)) return unknownAddress(request, now);
    return answerWrite(api, request, company, { resource, isBatch, parameters }, now);
  } catch (problem) {
    if (problem instanceof Refused) return refusedAnswer(problem, now);
    throw problem;
  }
}

function answerRead(
  company: Company,
  resource: string,
  id: string | undefined,
  parameters: Record<string, string>,
  now: number,
): Answer {
  if (resource === 'query') {
    if (parameters.query === undefined) throw missing('query');
    return answered({ QueryResponse: query(company, parameters.query) }, now);
  }
  if (resource === 'cdc')
    return answered(changedSince(company, parameters.entities, parameters.changedsince, now), now);
  const content = readEntity(company, resource, id);
  return content ? answered(content, now) : unknownAddress({ path: `/${resource}` }, now);
}

interface Write {
  resource: string;
  isBatch: boolean;
  parameters: Record<string, string>;
}

/** Answers from memory when the requestid is known; otherwise carries out, writes facts and answer down, answers. */
function answerWrite(api: CompanyApi, request: Request, company: Company, write: Write, now: number): Answer {
  const key = write.parameters.requestid;
  if (key !== undefined) {
    checkRequestId(key, write.isBatch);
    const known = rememberedAnswer(company, key, now);
    if (known) return known;
  }
  const { store } = api.identity;
  const change = store.begin();
  const answer = carryOut(() => {
    const body = jsonOf(request);
    if (write.isBatch) return batch(body, { company, now, hasRequestId: key !== undefined, begin: () => part(change) });
    return writeEntity(company, body, write, change, now);
  }, now);
  if (answer.status !== 200) change.rollback();
  if (key !== undefined) {
    change.put({ type: 'answer', realm: company.realm, value: storedAnswer(key, answer, now) });
  }
  change.commit();
  return answer;
}

/** Part of a change: what it put goes when it is taken back, the rest stays; it is written down with the whole. */
function part(whole: Change): Change {
  const mark = whole.mark();
  return { ...whole, rollback: () => whole.rollback(mark), commit: () => undefined };
}

function carryOut(work: () => Json, now: number): Answer {
  try {
    return answered(work(), now);
  } catch (problem) {
    if (problem instanceof Refused) return refusedAnswer(problem, now);
    throw problem;
  }
}

function writeEntity(
  company: Company,
  body: unknown,
  { resource, parameters }: Write,
  change: Change,
  now: number,
): Json {
  const entity = entityNamed(resource)!;
  const include = new Set((parameters.include ?? '').split(',').map((word) => word.trim().toLowerCase()));
  const operation = operationOf(parameters.operation, include, body);
  const context = { company, change, now, include, byHand: false };
  return { [entity]: operate(entity, operation, body, context) };
}

/** A body with an Id is an update, whatever its address; `operation=update&include=void` voids. */
function operationOf(said: string | undefined, include: ReadonlySet<string>, body: unknown): Operation {
  if (said === undefined) return member(body, 'Id') === undefined ? 'create' : 'update';
  const operation = (['update', 'delete', 'void'] as const).find((each) => each === said.toLowerCase());
  if (operation === undefined) throw new Refused('500', `Operation ${said} is not supported.`);
  return operation === 'update' && include.has('void') ? 'void' : operation;
}

function unknownAddress(request: { path: string }, now: number): Answer {
  const refused = new Refused(
    '500',
    `Operation Could not find resource for relative : ${request.path} is not supported.`,
  );
  return refusedAnswer(refused, now, 404);
}

/** Parameters with names in lower case. */
function parametersOf(request: Request): Record<string, string> {
  const pairs = [...new URLSearchParams(request.url.split('?')[1] ?? '')];
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

function jsonOf(request: Request): unknown {
  try {
    if (/json/i.test(request.get('content-type') ?? '')) return parseJson(bodyOf(request));
  } catch {
    // Falls through to the same refusal as a body that is no JSON by its own word.
  }
  throw new Refused(
    '2010',
    'Property Name:failed to parse json object; a property specified is unsupported or invalid',
  );
}

/** Every answer names the request for Intuit's support. */
export function stamped(response: Response, id: string): void {
  response.set({ intuit_tid: id, 'qbo-version': '1990.0' });
}
