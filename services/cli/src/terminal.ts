/** Where a command reads and writes; handed in so that commands can be run by tests. */
export interface Terminal {
  env: Record<string, string | undefined>;
  out(text: string): void;
  err(text: string): void;
  /** Whole standard input. */
  read(): Promise<string>;
  /** True when a person watches: progress may be redrawn. */
  live: boolean;
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

/** Prints JSON with bigint as integers. */
export function json(value: unknown): string {
  const integer = (_key: string, each: unknown) => {
    if (typeof each !== 'bigint') return each;
    return Number.isSafeInteger(Number(each)) ? Number(each) : each.toString();
  };
  return `${JSON.stringify(value, integer, 2)}\n`;
}
