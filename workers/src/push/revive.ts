import type { BookDocument } from '@daybook/domain';

const MINOR_FIELDS = new Set(['amount', 'net', 'tax', 'total']);

/** A document as stored, with its minor units as bigint again. */
export function reviveDocument(payload: unknown): BookDocument {
  return revive(payload, '') as BookDocument;
}

function revive(value: unknown, field: string): unknown {
  if (MINOR_FIELDS.has(field) && (typeof value === 'number' || typeof value === 'string')) return BigInt(value);
  if (Array.isArray(value)) return value.map((each) => revive(each, ''));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member, name)]));
}
