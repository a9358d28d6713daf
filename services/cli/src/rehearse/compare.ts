import { wireInteger } from '@daybook/domain';

/** A figure that is not what it should be. */
export interface Difference {
  where: string;
  expected: unknown;
  found: unknown;
}

/**
 * What of `expected` is not so in `found`, path by path. Objects are compared by the keys that are expected, lists of
 * records by what identifies a record, so that one that is missing is one difference. Amounts are integers, however
 * they are written.
 */
export function differences(expected: unknown, found: unknown, where: string): Difference[] {
  if (Array.isArray(expected)) return listDifferences(expected, found, where);
  if (isRecord(expected)) {
    if (!isRecord(found)) return [{ where, expected, found: found ?? null }];
    return Object.entries(expected).flatMap(([key, value]) => differences(value, found[key], `${where}.${key}`));
  }
  return plain(expected) === plain(found) ? [] : [{ where, expected, found: found ?? null }];
}

function listDifferences(expected: unknown[], found: unknown, where: string): Difference[] {
  if (!Array.isArray(found)) return [{ where, expected, found: found ?? null }];
  const missing =
    expected.length === found.length
      ? []
      : [{ where: `${where}.length`, expected: expected.length, found: found.length }];
  const key = keyOf(expected);
  const rows = expected.flatMap((each, index) => {
    const other = key === null ? found[index] : found.find((one) => identity(one, key) === identity(each, key));
    return differences(each, other, `${where}[${key === null ? index : identity(each, key)}]`);
  });
  return [...missing, ...rows];
}

/** Fields that tell records of a list apart: the first of these that all have and no two share. */
const IDENTITIES = [['account'], ['document'], ['sku'], ['event', 'document'], ['event', 'sku'], ['register', 'date']];

function keyOf(records: readonly unknown[]): string[] | null {
  if (!records.every(isRecord)) return null;
  for (const fields of IDENTITIES) {
    const names = records.map((each) => identity(each, fields));
    if (names.every((name) => name !== null) && new Set(names).size === records.length) return fields;
  }
  return null;
}

function identity(record: unknown, fields: readonly string[]): string | null {
  if (!isRecord(record) || fields.some((field) => record[field] === undefined)) return null;
  return fields.map((field) => String(record[field])).join(' ');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Numbers of any kind as text, so that 5 and 5n are one. */
function plain(value: unknown): string | undefined {
  return typeof value === 'bigint'
    ? value.toString()
    : JSON.stringify(value, wireInteger)?.replace(/^"(-?\d+)"$/, '$1');
}
