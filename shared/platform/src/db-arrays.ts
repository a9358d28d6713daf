/**
 * Array types for postgres.js. It can fetch them itself, but the first statement of a pool runs before what it fetched
 * is in place, and an array in that statement is then sent as garbage.
 */
const ARRAY_OF: Readonly<Record<number, number>> = {
  16: 1000, // boolean
  17: 1001, // bytea
  20: 1016, // bigint
  21: 1005, // smallint
  23: 1007, // integer
  25: 1009, // text
  114: 199, // json
  1043: 1015, // varchar
  1082: 1182, // date
  1184: 1185, // timestamptz
  1700: 1231, // numeric
  2950: 2951, // uuid
  3802: 3807, // jsonb
};

type Parser = (text: string) => unknown;
type Serializer = (value: unknown) => string;

export interface ArrayOptions {
  parsers: Record<number, Parser>;
  serializers: Record<number, Serializer>;
  shared: { typeArrayMap: Record<number, number> };
}

/** Teaches a pool to send and read one-dimensional arrays. */
export function addArrayTypes({ parsers, serializers, shared }: ArrayOptions): void {
  for (const [element, array] of Object.entries(ARRAY_OF).map(([key, value]) => [Number(key), value] as const)) {
    parsers[array] = (text) => parseArray(text, parsers[element]);
    serializers[array] = (value) => serializeArray(value, serializers[element]);
    shared.typeArrayMap[element] = array;
  }
}

function parseArray(text: string, parse: Parser = (element) => element): unknown[] {
  const elements: unknown[] = [];
  for (const [, quoted, bare] of text.matchAll(/"((?:[^"\\]|\\.)*)"|([^,{}"]+)/g)) {
    if (quoted !== undefined) elements.push(parse(quoted.replace(/\\(.)/gs, '$1')));
    else elements.push(bare === 'NULL' ? null : parse(bare ?? ''));
  }
  return elements;
}

function serializeArray(value: unknown, serialize: Serializer = String): string {
  if (!Array.isArray(value)) return String(value);
  const elements = value.map((element) =>
    element === null ? 'NULL' : `"${serialize(element).replace(/["\\]/g, '\\$&')}"`,
  );
  return `{${elements.join(',')}}`;
}
