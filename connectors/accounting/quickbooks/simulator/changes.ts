import type { Json } from './answer.ts';
import { entityNamed } from './entities.ts';
import { parseInstant } from './instants.ts';
import { missing, Refused } from './refusal.ts';
import { renderDocument, renderRow, tombstone, updatedAt } from './render.ts';
import { type Company, DOCUMENT_ENTITIES, type DocumentEntity } from './world.ts';

const FURTHEST_MS = 30 * 24 * 60 * 60_000;
const MOST_OBJECTS = 1000;

/**
 * GET /cdc: what changed since an instant, per entity in the order of the change, deleted ones last. Throws Refused for
 * a list or an instant that cannot be read, and for one more than 30 days back.
 */
export function changedSince(
  company: Company,
  entities: string | undefined,
  since: string | undefined,
  now: number,
): Json {
  if (entities === undefined) throw missing('entities');
  if (since === undefined) throw missing('changedSince');
  const from = parseInstant(since);
  if (from === null) throw new Refused('2070', `Invalid Date : ${since}`, 'changedSince');
  if (now - from > FURTHEST_MS) {
    throw new Refused('2070', 'Invalid Date : changedSince must be within the last 30 days', 'changedSince');
  }
  const blocks = entities.split(',').map((name) => block(company, name.trim(), from));
  return { CDCResponse: [{ QueryResponse: blocks }] };
}

function block(company: Company, name: string, from: number): Json {
  const entity = entityNamed(name);
  if (entity === undefined) throw new Refused('2170', `Invalid Enumeration : ${name}`, 'entities');
  const isDocument = DOCUMENT_ENTITIES.includes(entity as DocumentEntity);
  const changed = isDocument
    ? changedDocuments(company, entity as DocumentEntity, from)
    : changedRows(company, entity, from);
  const objects = changed.slice(0, MOST_OBJECTS);
  return objects.length === 0 ? {} : { [entity]: objects, startPosition: 1, maxResults: objects.length };
}

function changedDocuments(company: Company, entity: DocumentEntity, from: number): Json[] {
  const changed = [...company.documents.values()]
    .filter((each) => each.entity === entity && updatedAt(company, each) >= from)
    .sort((a, b) => updatedAt(company, a) - updatedAt(company, b));
  const live = changed.filter(({ state }) => state !== 'deleted').map((each) => renderDocument(company, each));
  return [...live, ...changed.filter(({ state }) => state === 'deleted').map(tombstone)];
}

function changedRows(company: Company, entity: string, from: number): Json[] {
  return [...company.rows.values()]
    .filter((row) => row.entity === entity && row.updatedAt >= from)
    .sort((a, b) => a.updatedAt - b.updatedAt)
    .map((row) => renderRow(company, row));
}
