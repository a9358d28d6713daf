import type { BookDocument } from '@daybook/domain';

const MINOR_FIELDS = ['amount', 'amountTc', 'net', 'tax', 'total'] as const;

/** A document as stored, with its minor units as bigint again. */
export function reviveDocument(payload: unknown): BookDocument {
  return reviveMinor(payload, MINOR_FIELDS) as BookDocument;
}

/** What was stored as JSON, with the named fields as bigint again, however deep they are. */
export function reviveMinor(stored: unknown, fields: readonly string[]): unknown {
  return revive(stored, '', new Set(fields));
}

function revive(value: unknown, field: string, minor: ReadonlySet<string>): unknown {
  if (minor.has(field) && (typeof value === 'number' || typeof value === 'string')) return BigInt(value);
  if (Array.isArray(value)) return value.map((each) => revive(each, '', minor));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member, name, minor)]));
}
