import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';

/** The levels our code logs at; fields first, then a sentence, as pino does. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log that says nothing: for one-off commands and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Fields whose values are never written, at the top or up to three levels down. Bodies carry customers' data. */
const HIDDEN_FIELDS = [
  'accessToken access_token apiKey api_key authorization clientSecret client_secret cookie credentials databaseUrl',
  'encryptionKeys idToken id_token key password redisUrl refreshToken refresh_token sealed secret secrets signature',
  'token tokens body rawBody payload',
].flatMap((line) => line.split(' '));
const HIDDEN_HEADERS = ['set-cookie', 'x-api-key', 'proxy-authorization'];

/**
 * Opens the log: JSON lines with level, ISO time and sentence. Fields named like a secret or a body are blanked, and
 * errors are written with their type, code, message, stack and cause only, because client libraries hang whole requests
 * with their headers onto errors.
 */
export function createLogger(level: LogLevel, stream: { write(line: string): unknown } = process.stdout): Log {
  const names = [...HIDDEN_FIELDS, ...HIDDEN_HEADERS.map((name) => `["${name}"]`)];
  const paths = ['', '*.', '*.*.', '*.*.*.'].flatMap((above) =>
    names.map((name) => (name.startsWith('[') ? `${above.slice(0, -1)}${name}` : `${above}${name}`)),
  );
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths, censor: '[hidden]' },
    serializers: { err: describeError, error: describeError, cause: describeError },
    hooks: {
      logMethod(args, method) {
        const scrubbed = args.map((arg: unknown) => (typeof arg === 'string' ? scrub(arg) : arg));
        method.apply(this, scrubbed as Parameters<typeof method>);
      },
    },
  };
  return pino(options, stream);
}

/** Appends log lines to a file that only its owner may read. */
export function openLogFile(path: string): { write(line: string): void; close(): void } {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'a', 0o600);
  return {
    write(line) {
      writeSync(file, line);
    },
    close() {
      closeSync(file);
    },
  };
}

interface ErrorInLog {
  type: string;
  code?: string;
  message: string;
  stack?: string;
  cause?: ErrorInLog;
}

const DEEPEST_CAUSE = 5;

function describeError(error: unknown, depth = 0): ErrorInLog {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: scrub(error.message),
    ...(error.stack ? { stack: scrub(error.stack) } : {}),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** Passwords in addresses and tokens in headers, where a library put them into a sentence. */
function scrub(text: string): string {
  return text
    .replace(/(\w+:\/\/[^:@/\s]*:)[^@/\s]+@/g, '$1[hidden]@')
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/g, '$1 [hidden]');
}
