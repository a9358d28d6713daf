import { asNode, asText } from './envelope.ts';
import { type Kind, readThing, schemas, type Thing } from './payload.ts';

/**
 * Every object of Stripe that is known while one delivery is read, wherever it stood: embedded, expanded in place of
 * its id, or read for it. Objects are told apart by the name they give themselves.
 */
export interface Bag {
  /** One object. Throws ConnectorError `rejected` PAYLOAD_UNREADABLE when it is not what Stripe documents. */
  get<Name extends Kind>(kind: Name, id: string | null | undefined): Thing<Name> | undefined;
  all<Name extends Kind>(kind: Name): Thing<Name>[];
}

/** Gathers what is in some JSON values; what stands in a later one is newer and wins. */
export function bagOf(values: readonly unknown[]): Bag {
  const found = new Map<Kind, Map<string, unknown>>();
  for (const value of values) gather(value, found);
  const read = new Map<string, unknown>();
  const get = <Name extends Kind>(kind: Name, id: string | null | undefined) => {
    const value = id ? found.get(kind)?.get(id) : undefined;
    if (value === undefined) return undefined;
    const key = `${kind} ${id}`;
    if (!read.has(key)) read.set(key, readThing(kind, value));
    return read.get(key) as Thing<Name>;
  };
  const all = <Name extends Kind>(kind: Name) =>
    [...(found.get(kind)?.keys() ?? [])].flatMap((id) => get(kind, id) ?? []);
  return { get, all };
}

function gather(value: unknown, found: Map<Kind, Map<string, unknown>>): void {
  if (Array.isArray(value)) {
    for (const each of value) gather(each, found);
    return;
  }
  const node = asNode(value);
  if (node === null) return;
  const name = asText(node.object);
  const id = asText(node.id);
  if (name !== null && id !== null && Object.hasOwn(schemas, name)) {
    const kind = name as Kind;
    const known = found.get(kind) ?? new Map<string, unknown>();
    found.set(kind, known.set(id, node));
  }
  for (const [field, inner] of Object.entries(node)) if (field !== 'metadata') gather(inner, found);
}
