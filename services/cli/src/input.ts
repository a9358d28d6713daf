import { readFile } from 'node:fs/promises';
import { type Terminal, UsageError } from './terminal.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
};

/** Bytes of a file, or of standard input for "-". Throws UsageError saying why it cannot be read. */
export async function readInput(file: string, terminal: Pick<Terminal, 'read'>): Promise<Buffer> {
  if (file === '-') return terminal.read();
  try {
    return await readFile(file);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new UsageError(`"${file}" cannot be read: ${WHY[code] ?? message}`);
  }
}

/**
 * Parses JSON without losing digits: whole numbers beyond 2^53 become bigint, and a number with a fraction or an
 * exponent stays the text it was written with, so that 12.00 cannot pass for twelve minor units. Throws UsageError.
 */
export function parseExactJson(text: string, file: string): unknown {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    if (!/^-?\d+$/.test(source)) return source;
    return Number.isSafeInteger(value) ? value : BigInt(source);
  };
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
  } catch (error) {
    throw new UsageError(`${file === '-' ? 'standard input' : `"${file}"`} is not JSON: ${(error as Error).message}`);
  }
}
