import pino from 'pino';

/** The levels our code logs at; fields first, then a sentence, as pino does. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A log that says nothing: for one-off commands and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Opens the log: JSON lines, one per event, to the stream. */
export function createLogger(level: LogLevel, stream: { write(line: string): unknown }): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}
