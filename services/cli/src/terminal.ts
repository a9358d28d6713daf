import { wireInteger } from '@daybook/domain';

/** Where a command reads and writes; handed in so that commands can be run by tests. */
export interface Terminal {
  env: Record<string, string | undefined>;
  out(text: string): void;
  err(text: string): void;
  /** Whole standard input, byte for byte. */
  read(): Promise<Buffer>;
  /** True when a person watches: progress may be redrawn, tables are drawn instead of JSON. */
  live: boolean;
  /** True once nobody reads the output any more, as after `| head`: what would still be written can be left out. */
  closed(): boolean;
}

/** Wrong usage or input: one clear line and exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A difference or a failure was found and has been printed: exit code 1. */
export class FoundError extends Error {
  constructor(message = '') {
    super(message);
    this.name = 'FoundError';
  }
}

/** Prints JSON; bigint becomes an integer, or a string of digits above 2^53 (accounting.md A5). */
export function json(value: unknown): string {
  return `${JSON.stringify(value, wireInteger, 2)}\n`;
}

/** The same text in one line, for messages that quote several. */
export function inOneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** The error's own words; of several attempts at once (IPv4 and IPv6) those of the first, and its code without words. */
export function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}
