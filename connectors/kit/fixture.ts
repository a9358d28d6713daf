import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'lossless-json';
import { z } from 'zod';
import type { HeaderMap } from './contract.ts';

/** Where a fixture comes from: the provider's own samples, a recorded exchange, or written after the documents. */
const provenance = {
  source: z.enum(['upstream', 'captured', 'handauthored']),
  docsUrl: z.url(),
  capturedOn: z.iso.date(),
};
const json = z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]);

const salesFixture = z.strictObject({
  ...provenance,
  /** For polled resources, whose topic no header tells. */
  topic: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  settings: z.record(z.string(), z.string()).default({}),
  /** What a thin delivery makes us re-read, by name. */
  fetched: z.record(z.string(), json).default({}),
  body: json,
});

const recordedExchange = z.looseObject(provenance);

/** One delivery of a provider as it is kept in `fixtures/<name>.json`, ready to be normalized. */
export interface SalesFixture {
  name: string;
  topic: string | undefined;
  headers: HeaderMap;
  body: Buffer;
  settings: Record<string, string>;
  fetched: Record<string, string>;
  /**
   * `{ events }`, `{ ignored }` or `{ rejected: { code } }`, worked out by hand, in wire form; undefined when missing.
   */
  expected: unknown;
}

/** Names of the fixtures in a folder, without `.json`; [] when there is none. */
export function fixtureNames(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).some(({ name }) => name === 'fixtures')
    ? readdirSync(join(folder, 'fixtures'))
    : [];
  return files
    .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
}

/**
 * Reads a sales fixture of a connector folder. A body written as JSON is sent with its numbers exactly as they stand in
 * the file, 18-digit ids included; a body written as text is sent as it is. Throws a readable error naming the file.
 */
export function readSalesFixture(folder: string, name: string): SalesFixture {
  const fixture = checked(folder, name, salesFixture);
  return {
    name,
    topic: fixture.topic,
    headers: Object.fromEntries(Object.entries(fixture.headers).map(([key, value]) => [key.toLowerCase(), value])),
    body: Buffer.from(asText(fixture.body)),
    settings: fixture.settings,
    fetched: Object.fromEntries(Object.entries(fixture.fetched).map(([key, value]) => [key, asText(value)])),
    expected: readExpected(folder, name),
  };
}

/**
 * Reads a recorded exchange with books: `net`, `tax`, `total` and `amount` that are texts become bigint, minor units. Its
 * shape is the caller's, who wrote the file.
 */
export function readExchange<Exchange>(folder: string, name: string): Exchange {
  const text = readFileSync(join(folder, 'fixtures', `${name}.json`), 'utf8');
  return JSON.parse(text, (key, value) => (MONEY.has(key) && typeof value === 'string' ? BigInt(value) : value));
}

const MONEY: ReadonlySet<string> = new Set(['net', 'tax', 'total', 'amount']);

/** Checks that a recorded exchange with books says where it comes from. Throws a readable error naming the file. */
export function checkRecordedExchange(folder: string, name: string): void {
  checked(folder, name, recordedExchange);
}

function checked<Schema extends z.ZodType>(folder: string, name: string, schema: Schema): z.output<Schema> {
  const path = join(folder, 'fixtures', `${name}.json`);
  const result = schema.safeParse(parse(readFileSync(path, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`fixtures/${name}.json: ${z.prettifyError(result.error)}`);
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : (stringify(body) ?? '');
}

function readExpected(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, 'fixtures', `${name}.expected.json`), 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`fixtures/${name}.expected.json is not JSON: ${(cause as Error).message}`, { cause });
  }
}
