import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The provider's schema is data beside the repository (SOURCES.md there names its commit). */
export const XSD_FOLDER = join(import.meta.dirname, '../../../../shared/contracts/quickbooks/xsd');
const FILES = ['Finance.xsd', 'IntuitBaseTypes.xsd', 'IntuitNamesTypes.xsd'];

interface Property {
  type: string;
  isList: boolean;
}
interface Shape {
  base: string | undefined;
  properties: Map<string, Property>;
}

/** As much of the schema as a JSON body can be held to: properties by type, and the words of enumerations. */
export interface Schema {
  shapes: Map<string, Shape>;
  words: Map<string, Set<string>>;
}

/** Reads the schema. Nested choices and sequences do not matter to JSON, so only names and types are kept. */
export function readSchema(): Schema {
  const schema: Schema = { shapes: new Map(), words: new Map() };
  for (const file of FILES) {
    const text = readFileSync(join(XSD_FOLDER, file), 'utf8').replaceAll(/<!--[\s\S]*?-->/g, '');
    let shape: Shape | undefined;
    let words: Set<string> | undefined;
    for (const [, tag = '', written = ''] of text.matchAll(/<xs:(\w+)((?:\s+[\w:]+\s*=\s*"[^"]*")*)\s*\/?>/g)) {
      const attributes = Object.fromEntries(
        [...written.matchAll(/([\w:]+)\s*=\s*"([^"]*)"/g)].map(([, k, v]) => [k, v]),
      );
      if (tag === 'complexType' && attributes.name) {
        shape = { base: undefined, properties: new Map() };
        schema.shapes.set(attributes.name, shape);
      }
      if (tag === 'simpleType' && attributes.name) {
        words = new Set();
        schema.words.set(attributes.name, words);
      }
      if (tag === 'extension' && shape) shape.base ??= attributes.base;
      if (tag === 'enumeration') words?.add(attributes.value ?? '');
      if ((tag === 'element' || tag === 'attribute') && attributes.name && attributes.type && shape) {
        const isList = attributes.maxOccurs === 'unbounded';
        shape.properties.set(attributes.name, { type: attributes.type, isList });
      }
    }
  }
  return schema;
}

function propertyOf(schema: Schema, shape: string, name: string): Property | undefined {
  const found = schema.shapes.get(shape);
  if (!found) return undefined;
  return found.properties.get(name) ?? (found.base ? propertyOf(schema, found.base, name) : undefined);
}

/** What the schema objects to in a JSON value of a type; [] when nothing. References are `{ value }` in JSON. */
export function objections(schema: Schema, type: string, value: unknown, path = type): string[] {
  if (type === 'ReferenceType') return objectionsToRef(value, path);
  const words = schema.words.get(type);
  if (words && words.size > 0) return words.has(String(value)) ? [] : [`${path} is "${value}", which is no ${type}`];
  if (!schema.shapes.has(type)) return isOf(type, value) ? [] : [`${path} is no ${type}: ${JSON.stringify(value)}`];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is no object`];
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = propertyOf(schema, type, name);
    const here = `${path}.${name}`;
    if (!property) return [`${here} is not in the schema`];
    if (property.isList !== Array.isArray(inner)) return [`${here} is ${property.isList ? 'no' : 'a'} list`];
    const all: unknown[] = Array.isArray(inner) ? inner : [inner];
    return all.flatMap((each) => objections(schema, property.type, each, here));
  });
}

function objectionsToRef(value: unknown, path: string): string[] {
  const { value: id, name, type, ...rest } = (value ?? {}) as Record<string, unknown>;
  const isFine = typeof id === 'string' && id !== '' && [name, type].every((each) => !each || typeof each === 'string');
  return isFine && Object.keys(rest).length === 0 ? [] : [`${path} is no reference: ${JSON.stringify(value)}`];
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  'xs:decimal': (value) => typeof value === 'number',
  'xs:boolean': (value) => typeof value === 'boolean',
  'xs:date': (value) => /^\d{4}-\d\d-\d\d$/.test(String(value)),
};

function isOf(type: string, value: unknown): boolean {
  return KINDS[type]?.(value) ?? typeof value === 'string';
}
