import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { stringify } from 'lossless-json';
import { random } from '../../../kit/random.ts';
import {
  createEndpoint,
  deleteEndpoint,
  type EndpointContext,
  listEndpoints,
  showEndpoint,
  updateEndpoint,
} from './endpoints.ts';
import { expanded } from './expand.ts';
import { type Posted, remember, remembered } from './idempotency.ts';
import { type Caller, callerOf, type KeyRing } from './keys.ts';
import { type Limits, rateLimit, TooMany } from './limits.ts';
import { listParam, type Params, readParams } from './params.ts';
import { Refusal } from './refusals.ts';
import { API_VERSION } from './render.ts';
import { reads } from './resources.ts';
import type { Answer } from './routes.ts';
import { letters } from './stage.ts';
import type { JsonObject } from './wire.ts';

export interface ApiOptions extends KeyRing {
  limits: Limits;
  now(): Date;
}

/** A request that was let in. */
interface Admitted {
  caller: Caller;
  params: Params;
  /** The form or query as it came. */
  form: string;
  at: number;
}

/** Everything under /v1. */
export function apiRoutes(options: ApiOptions): Router {
  const router = express.Router();
  const count = rateLimit(options.limits, options.now);
  let asked = 0;
  router.use('/v1', express.text({ type: () => true, limit: '1mb' }), (request, response, next) => {
    asked += 1;
    response.locals.requestId = `req_${letters(random(options.seed, 'request', asked), 14)}`;
    response.set({ 'Request-Id': response.locals.requestId, 'Stripe-Version': API_VERSION });
    guarded(response, () => {
      response.locals.admitted = admitted(options, request);
      const { caller } = response.locals.admitted as Admitted;
      count(caller.state.account, `${request.method} ${endpointOf(request.path)}`);
      next();
    });
  });
  for (const [path, answer] of reads)
    router.get(path, (request, response) => guarded(response, () => read(answer, request, response)));
  endpointRoutes(router, options);
  router.use('/v1', (request, response) =>
    guarded(response, () => {
      throw new Refusal(404, `Unrecognized request URL (${request.method}: ${request.originalUrl.split('?')[0]}).`);
    }),
  );
  router.use((error: Error, _request: Request, response: Response, _next: NextFunction) => failed(response, error));
  return router;
}

/** `/v1/charges/ch_1` and `/v1/charges/ch_2` are one endpoint. */
const endpointOf = (path: string) => path.replace(/\/[a-z]+_[A-Za-z0-9_]{8,}/g, '/:id');

function admitted(options: ApiOptions, request: Request): Admitted {
  const version = request.header('stripe-version');
  const caller = callerOf(options, request.header('authorization'), request.header('stripe-account'));
  if (version !== undefined && version !== API_VERSION)
    throw new Refusal(400, `Invalid Stripe API version: ${version}. This Stripe knows ${API_VERSION} only.`);
  const form = formOf(request);
  return { caller, form, params: readParams(form), at: Math.floor(options.now().getTime() / 1_000) };
}

/** Parameters of a GET or DELETE are in the address, those of a POST in a form. */
function formOf(request: Request): string {
  const query = request.originalUrl.split('?')[1] ?? '';
  const body = typeof request.body === 'string' ? request.body : '';
  if (request.method !== 'POST' || body === '') return query;
  if (request.is('application/x-www-form-urlencoded')) return query === '' ? body : `${query}&${body}`;
  const message = 'Invalid request (check that your POST content type is application/x-www-form-urlencoded).';
  throw new Refusal(400, message);
}

function read(answer: Answer, request: Request, response: Response): void {
  const { caller, params, at } = response.locals.admitted as Admitted;
  const { state, readable } = caller;
  const view = { books: state.books, at };
  const ids = typeof request.params.id === 'string' ? [request.params.id] : [];
  const found = answer({ state, params, ids, view, readable });
  send(response, 200, print(expanded(found, listParam(params, 'expand'), view)));
}

function endpointRoutes(router: Router, options: ApiOptions): void {
  const path = '/v1/webhook_endpoints';
  const context = (response: Response): EndpointContext => {
    const { seed, store, now } = options;
    const { caller, params } = response.locals.admitted as Admitted;
    return { seed, store, caller, params, now };
  };
  const reply = (response: Response, make: (context: EndpointContext) => JsonObject) =>
    guarded(response, () => send(response, 200, print(make(context(response)))));
  const id = (request: Request) => `${request.params.id}`;
  router.get(path, (_, response) => reply(response, listEndpoints));
  router.get(`${path}/:id`, (request, response) => reply(response, (ask) => showEndpoint(ask, id(request))));
  router.delete(`${path}/:id`, (request, response) => reply(response, (ask) => deleteEndpoint(ask, id(request))));
  const write =
    (make: (ask: EndpointContext, request: Request) => JsonObject) => (request: Request, response: Response) =>
      guarded(response, () => once(options, request, response, () => print(make(context(response), request))));
  router.post(path, write(createEndpoint));
  router.post(
    `${path}/:id`,
    write((ask, request) => updateEndpoint(ask, id(request))),
  );
}

/** Carries a POST out, or answers what its Idempotency-Key was answered before. */
function once({ store }: ApiOptions, request: Request, response: Response, act: () => string): void {
  const { caller, form, at } = response.locals.admitted as Admitted;
  const key = request.header('idempotency-key');
  if (key === undefined) return void send(response, 200, act());
  response.set('Idempotency-Key', key);
  const posted: Posted = { key, method: request.method, path: request.path, form };
  const known = remembered(caller.state, posted, at);
  if (known !== undefined) {
    response.set('Idempotent-Replayed', 'true');
    return void send(response, known.status, known.body);
  }
  const body = act();
  remember(store, caller.state, posted, { status: 200, body, at });
  send(response, 200, body);
}

function print(answer: JsonObject): string {
  return stringify(answer, undefined, 2) ?? '';
}

function guarded(response: Response, act: () => void): void {
  try {
    act();
  } catch (error) {
    failed(response, error as Error);
  }
}

function failed(response: Response, error: Error): void {
  // Anything but a refusal is this simulator's own fault, and as loud as a fault of Stripe's.
  const refusal = error instanceof Refusal ? error : new Refusal(500, error.message, { type: 'api_error' });
  if (refusal.status === 401) response.set('WWW-Authenticate', 'Basic realm="Stripe"');
  if (refusal instanceof TooMany) response.set('Stripe-Rate-Limited-Reason', refusal.reason);
  send(response, refusal.status, print(refusal.body(`${response.locals.requestId}`)));
}

function send(response: Response, status: number, text: string): void {
  response.status(status).type('application/json').send(text);
}
