import type { BookDocument, BookJournal, BookPayment } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteDocument } from '../../kit/contract.ts';
import { amountIn, type Booked, bookedIn, isRecordOf, isVoided, remoteOf } from './answer.ts';
import { conditions, quoted, select } from './client.ts';
import { close, closingOf, closingPayments, linkedMoney } from './closing.ts';
import { conversionBodies } from './conversions.ts';
import { isIndirect } from './document.ts';
import { type Entity, likelyEntities, NAMES, NUMBER_FIELDS, shortNumber } from './entities.ts';
import type { Attempt } from './errors.ts';
import { isNoteOf } from './head.ts';
import { conversionsOf, convert, takeConversions } from './moving.ts';
import { remove } from './remove.ts';
import { toJson } from './wire.ts';

/**
 * Looks documents of one kind up: by our number where a field holds it, then among all of the day by the note, because
 * deposits and transfers have no such field and the provider assigns numbers of its own while custom numbers are off
 * (provider section 2). Null where there is none; voided ones are as if they were not there. Money that an earlier
 * attempt booked but did not set against its document is set against it now.
 */
export async function find(
  documents: BookDocument[],
  mapping: BooksMapping,
  api: Api,
): Promise<(RemoteDocument | null)[]> {
  const found: Found = new Map();
  const candidates = new Map(documents.map((document) => [document, likelyEntities(document, mapping)]));
  const turns = Math.max(0, ...[...candidates.values()].map(({ length }) => length));
  for (let turn = 0; turn < turns; turn++) {
    const open = documents.filter((each) => !found.has(each) && candidates.get(each)?.[turn] !== undefined);
    for (const [entity, same] of Map.groupBy(open, (each) => candidates.get(each)?.[turn] as Entity)) {
      await byNumber(entity, same, found, api);
      await byDay(
        entity,
        same.filter((each) => !found.has(each)),
        found,
        api,
      );
    }
  }
  const results: (RemoteDocument | null)[] = [];
  for (const document of documents) results.push(await resultOf(document, found, mapping, api));
  return results;
}

type Found = Map<BookDocument, { entity: Entity; record: Booked }>;

async function resultOf(
  document: BookDocument,
  found: Found,
  mapping: BooksMapping,
  api: Api,
): Promise<RemoteDocument | null> {
  const there = found.get(document);
  if (!there) return null;
  const { entity, record } = there;
  if (document.kind === 'payment' && isIndirect(document, entity)) await finish(document, entity, record, mapping, api);
  if (document.kind === 'journal' && !(await isMoved(document, record, mapping, api))) return null;
  return remoteOf(document, entity, record, lookingUp(entity));
}

async function byNumber(entity: Entity, documents: readonly BookDocument[], found: Found, api: Api): Promise<void> {
  const field = NUMBER_FIELDS[entity];
  if (field === null) return;
  const numbers = documents.map(({ number }) => shortNumber(number));
  for (const condition of conditions(field, numbers)) await collect(entity, condition, documents, found, api);
}

async function byDay(entity: Entity, documents: readonly BookDocument[], found: Found, api: Api): Promise<void> {
  for (const day of new Set(documents.map(({ date }) => date))) {
    const same = documents.filter(({ date }) => date === day);
    await collect(entity, `TxnDate = ${quoted(day)}`, same, found, api);
  }
}

async function collect(
  entity: Entity,
  condition: string,
  documents: readonly BookDocument[],
  found: Found,
  api: Api,
): Promise<void> {
  const attempt = lookingUp(entity);
  const rows = (await select(api, attempt.what, NAMES[entity], condition)).map((row) => bookedIn(row, attempt));
  for (const document of documents) {
    if (found.has(document)) continue;
    const ours = rows.filter((row) => isRecordOf(document, entity, row) && isLive(document, entity, row));
    // Its own note is worth more than a number that happens to equal it.
    const record = ours.find((row) => isNoteOf(row.PrivateNote ?? '', document.number)) ?? ours[0];
    if (record) found.set(document, { entity, record });
  }
}

/** A voided record proves nothing, and a payment of nothing only closed the money that is looked for (closing.ts). */
function isLive(document: BookDocument, entity: Entity, record: Booked): boolean {
  if (isVoided(entity, record, document.currency)) return false;
  return document.kind !== 'payment' || entity !== 'payment' || amountIn(entity, record, document.currency) !== 0n;
}

/**
 * The second half of an indirect payment whose first half got through. Where the books refuse it, a person has dealt
 * with the money meanwhile, and what they did is left alone.
 */
async function finish(
  payment: BookPayment,
  entity: Entity,
  found: Booked,
  mapping: BooksMapping,
  api: Api,
): Promise<void> {
  if ((await closingPayments(payment, api)).length > 0) return;
  try {
    await close(payment, closingOf(payment, mapping), linkedMoney(entity, found.Id), api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    api.log('books.left_open', { number: payment.number, code: error.code, message: error.message });
  }
}

/**
 * Moves the foreign money of a journal whose first half got through. Where the books refuse that, the journal is taken
 * out again, so that it counts as never sent and the refusal is told when it is.
 */
async function isMoved(journal: BookJournal, found: Booked, mapping: BooksMapping, api: Api): Promise<boolean> {
  const bodies = conversionBodies(journal, mapping).map(toJson);
  if (bodies.length === 0) return true;
  try {
    await convert(journal, found.Id, bodies, api, await conversionsOf(journal, api));
    return true;
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
    const attempt: Attempt = { what: `Taking back ${journal.number}`, writes: true };
    await takeConversions(journal, attempt, api);
    await remove('journalentry', found, attempt, api);
    return false;
  }
}

function lookingUp(entity: Entity): Attempt {
  return { what: `Looking up in ${NAMES[entity]}`, writes: false };
}
