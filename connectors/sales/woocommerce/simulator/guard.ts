import type { Request, RequestHandler } from 'express';
import type { ApiKey, Store } from './state.ts';

/** The error object of the REST API. */
export interface ApiError {
  code: string;
  message: string;
  data: { status: number };
}

/**
 * Lets requests through that carry keys with the right to do what they ask: Basic, or the same pair in the query for
 * servers that drop the header.
 */
export function allowed(store: Store): RequestHandler {
  return (request, response, next) => {
    const refusal = refused(store, request);
    if (refusal === null) next();
    else response.status(refusal.data.status).json(refusal);
  };
}

function refused(store: Store, request: Request): ApiError | null {
  const given = givenKeys(request);
  const verb = request.method === 'GET' ? 'list' : 'create';
  if (given === null)
    return unauthorized(
      `woocommerce_rest_cannot_${verb === 'list' ? 'view' : 'create'}`,
      `Sorry, you cannot ${verb} resources.`,
    );
  const key = [...store.state.keys.values()].find((each) => each.consumerKey === given.key);
  if (key === undefined) return unauthorized('woocommerce_rest_authentication_error', 'Consumer key is invalid.');
  if (key.consumerSecret !== given.secret) {
    return unauthorized('woocommerce_rest_authentication_error', 'Consumer secret is invalid.');
  }
  if (permits(key, request.method)) return null;
  const right = request.method === 'GET' ? 'read' : 'write';
  const message = `The API key provided does not have ${right} permissions.`;
  return unauthorized('woocommerce_rest_authentication_error', message);
}

function unauthorized(code: string, message: string): ApiError {
  return { code, message, data: { status: 401 } };
}

const permits = ({ permissions }: ApiKey, method: string) =>
  permissions === 'read_write' || permissions === (method === 'GET' ? 'read' : 'write');

function givenKeys(request: Request): { key: string; secret: string } | null {
  const [, encoded] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (encoded !== undefined) {
    const [key = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':');
    return { key, secret };
  }
  const { consumer_key: key, consumer_secret: secret } = request.query;
  return typeof key === 'string' && typeof secret === 'string' ? { key, secret } : null;
}
