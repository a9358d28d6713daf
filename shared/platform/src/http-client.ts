import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { isPublicAddress } from './addresses.ts';

/** Same shape as HttpRequest of the connector contract. */
export interface OutboundRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}
export interface OutboundResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  text: string;
}

export type OutboundErrorCode =
  | 'HTTP_NOT_ALLOWED'
  | 'HTTP_UNREACHABLE'
  | 'HTTP_NO_ANSWER'
  | 'HTTP_TIMEOUT'
  | 'HTTP_ANSWER_TOO_LARGE'
  | 'HTTP_ANSWER_UNREADABLE';

export interface OutboundFailure {
  /** True when the request may have been carried out although we have no answer (design.md, rule 5). */
  ambiguous: boolean;
  code: OutboundErrorCode;
  cause?: unknown;
}

export interface HttpClientOptions {
  /** Origins (`https://api.example.com`) that may be called; they must lie in the public internet. */
  allowedOrigins: readonly string[];
  /** Origins the operator configured (DAYBOOK_HOST_…): may be called wherever they lie. */
  configuredOrigins?: readonly string[];
  /** Milliseconds for the whole exchange, body included. */
  timeoutMs: number;
  /** Makes the error to reject with. */
  fail: (message: string, failure: OutboundFailure) => Error;
  /** Bytes of an answer after unpacking; default 10 MiB. */
  maxBytes?: number;
  /** Name resolution; the system's by default. */
  lookup?: LookupFunction;
}

const TEN_MIB = 10 * 1024 * 1024;

/**
 * The way out to the network. Resolves with any HTTP answer, redirects included: they are never followed. The address
 * that is checked is the one that is connected to, so a name that changes its mind in between (DNS rebinding) gains
 * nothing. Proxies of the environment are not used.
 */
export function createHttpClient(options: HttpClientOptions): {
  request(request: OutboundRequest): Promise<OutboundResponse>;
  close(): void;
} {
  const agentOptions = { keepAlive: true, timeout: 60_000, maxSockets: 16 };
  const agents = { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };
  const send = async (request: OutboundRequest): Promise<OutboundResponse> => {
    const url = checkedUrl(request, options);
    return exchange({ request, url, agents, options }).catch((error) => {
      if (!(error instanceof TypeError)) throw error;
      // Node refuses headers with line breaks and the like before anything is sent.
      const message = `${request.method} ${withoutQuery(request.url)} was not sent: ${error.message}.`;
      throw options.fail(message, { ambiguous: false, code: 'HTTP_NOT_ALLOWED', cause: error });
    });
  };
  return {
    async request(request) {
      try {
        return await send(request);
      } catch (error) {
        // A kept connection that the provider closed in the same moment. Reading again can do no harm.
        if (error instanceof StaleConnection) {
          if (request.method !== 'GET') throw error.failure;
          return send(request).catch((again) => {
            throw again instanceof StaleConnection ? again.failure : again;
          });
        }
        throw error;
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A request on a connection that had been used before was reset before any answer. */
class StaleConnection extends Error {
  readonly failure: Error;
  constructor(failure: Error) {
    super(failure.message);
    this.failure = failure;
  }
}

class AddressNotAllowed extends Error {}

const originsOf = (urls: readonly string[]) => urls.map((url) => new URL(url).origin);
const isConfigured = (url: URL, options: HttpClientOptions) =>
  originsOf(options.configuredOrigins ?? []).includes(url.origin);

function checkedUrl(request: OutboundRequest, options: HttpClientOptions): URL {
  const refuse = (why: string) =>
    options.fail(`${request.method} ${withoutQuery(request.url)} was not sent: ${why}`, {
      ambiguous: false,
      code: 'HTTP_NOT_ALLOWED',
    });
  if (!URL.canParse(request.url)) throw refuse('this is no address.');
  const url = new URL(request.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('only https and http are allowed.');
  if (url.username || url.password) throw refuse('an address must not carry a user name or password.');
  if (isConfigured(url, options)) return url;
  if (!originsOf(options.allowedOrigins).includes(url.origin)) {
    throw refuse(
      `${url.origin} is not one of this connection's hosts (${options.allowedOrigins.join(', ') || 'none'}).`,
    );
  }
  // A name is checked when it is resolved; an address in the URL is never resolved.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && !isPublicAddress(host)) throw refuse(privateAddress(host));
  return url;
}

const privateAddress = (address: string) =>
  `${address} is not a public address. If this is meant, set DAYBOOK_HOST_<CONNECTOR>_API or _AUTH to this origin.`;

/** Resolves a name and refuses it when any of its addresses is private; the connection uses what was checked. */
function guardedLookup(resolve: LookupFunction): LookupFunction {
  return (hostname, lookupOptions, callback) => {
    resolve(hostname, { ...lookupOptions, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (refused || !first) {
        return callback(new AddressNotAllowed(privateAddress(refused?.address ?? hostname)), '');
      }
      if (lookupOptions.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

interface Exchange {
  request: OutboundRequest;
  url: URL;
  agents: { http: http.Agent; https: https.Agent };
  options: HttpClientOptions;
}

function exchange({ request, url, agents, options }: Exchange): Promise<OutboundResponse> {
  const secure = url.protocol === 'https:';
  const resolve = options.lookup ?? (systemLookup as LookupFunction);
  const limitMs = request.timeoutMs ?? options.timeoutMs;
  const what = `${request.method} ${withoutQuery(request.url)}`;
  return new Promise((settle, reject) => {
    const outgoing = (secure ? https : http).request(url, {
      method: request.method,
      headers: headersFor(request),
      agent: secure ? agents.https : agents.http,
      // Configured origins share the agent but never a socket with others: sockets are kept per host and port.
      lookup: isConfigured(url, options) ? resolve : guardedLookup(resolve),
    });
    let sent = false;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      outgoing.destroy(new TimedOut());
    }, limitMs);
    const done = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    outgoing.on('socket', (socket) => {
      const ready = () => {
        sent = true;
      };
      if (outgoing.reusedSocket) ready();
      else socket.once(secure ? 'secureConnect' : 'connect', ready);
    });
    outgoing.on('error', (error) =>
      done(() => reject(failureOf({ error, sent, what, limitMs, options, reused: outgoing.reusedSocket }))),
    );
    outgoing.on('response', (response) => {
      readBody(response, options.maxBytes ?? TEN_MIB).then(
        (text) => done(() => settle({ status: response.statusCode ?? 0, headers: plainHeaders(response), text })),
        (error) => {
          outgoing.destroy();
          const cause = timedOut ? new TimedOut() : error;
          done(() => reject(failureOf({ error: cause, sent: true, what, limitMs, options, reused: false })));
        },
      );
    });
    outgoing.end(request.body);
  });
}

class TimedOut extends Error {}
class TooLarge extends Error {}
class Unreadable extends Error {}

function failureOf(failure: {
  error: Error;
  sent: boolean;
  what: string;
  limitMs: number;
  options: HttpClientOptions;
  reused: boolean;
}): Error {
  const { error, sent, what, limitMs, options } = failure;
  const fail = (code: OutboundErrorCode, said: string) =>
    options.fail(`${what} ${said}`, { ambiguous: sent, code, cause: error });
  const whether = sent ? ' Whether it was carried out is not known.' : ' It was not sent.';
  if (error instanceof AddressNotAllowed) return fail('HTTP_NOT_ALLOWED', `was not sent: ${error.message}`);
  if (error instanceof TimedOut) return fail('HTTP_TIMEOUT', `got no complete answer within ${limitMs} ms.${whether}`);
  if (error instanceof TooLarge) return fail('HTTP_ANSWER_TOO_LARGE', `got an answer that is ${error.message}.`);
  if (error instanceof Unreadable) return fail('HTTP_ANSWER_UNREADABLE', `got an answer that ${error.message}.`);
  const said = describe(error);
  if (!sent) return fail('HTTP_UNREACHABLE', `did not reach the server: ${said}.${whether}`);
  const lost = fail('HTTP_NO_ANSWER', `got no answer: ${said}.${whether}`);
  return failure.reused ? new StaleConnection(lost) : lost;
}

function describe(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return error.message && error.message !== code ? error.message : (code ?? error.name);
}

/** Queries can carry tokens and names of customers; messages end up in logs and on screens. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}

function headersFor(request: OutboundRequest): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'Daybook' };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  if (request.body !== undefined) headers['content-length'] = String(Buffer.byteLength(request.body));
  else if (request.method !== 'GET') headers['content-length'] = '0';
  return headers;
}

function plainHeaders(response: http.IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return Object.fromEntries(entries);
}

const UNPACK: Record<string, () => NodeJS.ReadWriteStream & { destroy(error?: Error): unknown }> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
};

async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<string> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').toLowerCase();
  const unpack = UNPACK[encoding];
  if (!unpack && encoding !== 'identity') throw new Unreadable(`is packed as "${encoding}", which we did not ask for`);
  const unpacked = unpack?.();
  if (unpacked) response.on('error', (error) => unpacked.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of (unpacked ? response.pipe(unpacked) : response) as Readable) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new TooLarge(`larger than ${maxBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw new Unreadable('is not packed as it says');
    throw error;
  }
  return decode(Buffer.concat(chunks), response.headers['content-type']);
}

function decode(bytes: Buffer, contentType = ''): string {
  const charset = /charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    throw new Unreadable(`is in the character set "${charset}", which we do not know`);
  }
}
