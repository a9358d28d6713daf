import type { BookDocument, BookJournal, BookPayment } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, PreparedRequest, SendResult } from '../../kit/contract.ts';
import { type Booked, bookedIn, isVoided, remoteOf } from './answer.ts';
import { callJson, quoted, recordIn, requestIdOf, select } from './client.ts';
import { type Closing, close, closingIn, closingPayments, halfDone, linkedMoney } from './closing.ts';
import { conversionsIn } from './conversions.ts';
import { type Entity, NAMES, shortNumber } from './entities.ts';
import { type Attempt, sending } from './errors.ts';
import { convert, takeConversions } from './moving.ts';
import { remove } from './remove.ts';

/**
 * Sends a frozen request once, and where its path says so sets the money against its document. One result for the one
 * document; throws what concerns more than it: no answer, no access, too many calls.
 */
export async function send(
  request: PreparedRequest,
  documents: BookDocument[],
  key: string,
  api: Api,
): Promise<SendResult[]> {
  const [document] = documents;
  const [path = ''] = request.path.split('?');
  const entity = entityIn(path);
  if (!document || documents.length > 1 || request.method !== 'POST' || entity === undefined) {
    const message = `A recorded request (${request.method} ${path}) has a form that QuickBooks does not take.`;
    throw new ConnectorError('unsupported', message, { code: 'BOOKS_METHOD_UNSUPPORTED' });
  }
  const attempt = sending(document);
  try {
    const found = await create(document, entity, { body: request.body, key }, api);
    const remote = remoteOf(document, entity, found, attempt);
    const closing = closingIn(request.path);
    if (closing !== null && document.kind === 'payment') await finish(document, entity, found, closing, api);
    if (document.kind === 'journal') await move(document, found, conversionsIn(request.path), api);
    return [{ ok: true, remote }];
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected' && !error.ambiguous) return [{ ok: false, error }];
    throw error;
  }
}

/** Creates the record. A number that only voided records still hold is given once more, under a request id of its own. */
async function create(
  document: BookDocument,
  entity: Entity,
  { body, key }: { body: string; key: string },
  api: Api,
): Promise<Booked> {
  const attempt = sending(document);
  const post = async (path: string, id: string): Promise<Booked> => {
    const call = { ...attempt, method: 'POST' as const, path, body, requestId: requestIdOf(id) };
    return bookedIn(recordIn(await callJson(api, call), NAMES[entity], attempt), attempt);
  };
  try {
    return await post(`/${entity}`, key);
  } catch (error) {
    const isTaken = error instanceof ConnectorError && error.code === 'BOOKS_DUPLICATE_NUMBER';
    if (!isTaken || !(await isVoidedNumber(document, entity, api))) throw error;
    return post(`/${entity}?include=allowduplicatedocnum`, `${key} again`);
  }
}

async function isVoidedNumber(document: BookDocument, entity: Entity, api: Api): Promise<boolean> {
  const attempt: Attempt = { what: `Looking up who has the number ${document.number}`, writes: false };
  const condition = `DocNumber = ${quoted(shortNumber(document.number))}`;
  const rows = await select(api, attempt.what, NAMES[entity], condition);
  const holders = rows.map((row) => bookedIn(row, attempt));
  return holders.length > 0 && holders.every((each) => isVoided(entity, each, document.currency));
}

function entityIn(path: string): Entity | undefined {
  return (Object.keys(NAMES) as Entity[]).find((each) => path === `/${each}`);
}

/**
 * The second half of an indirect payment. All or nothing: where the books refuse to set the money against its document,
 * the money is taken out again, so that a refusal means that nothing is there.
 */
async function finish(payment: BookPayment, entity: Entity, found: Booked, closing: Closing, api: Api): Promise<void> {
  try {
    await close(payment, closing, linkedMoney(entity, found.Id), api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw halfDone(payment, error);
    await takeBack(payment, entity, found, error, api);
  }
}

async function takeBack(
  payment: BookPayment,
  entity: Entity,
  found: Booked,
  refusal: ConnectorError,
  api: Api,
): Promise<void> {
  const attempt: Attempt = { what: `Taking back ${payment.number}`, writes: true };
  try {
    // A replay of the same request finds it closed already: that is what was wanted.
    if ((await closingPayments(payment, api)).length > 0) return;
    await remove(entity, found, attempt, api);
  } catch (error) {
    throw halfDone(payment, error);
  }
  throw refusal;
}

/** The foreign money of a journal, all or nothing like `finish`. */
async function move(journal: BookJournal, found: Booked, bodies: readonly string[], api: Api): Promise<void> {
  if (bodies.length === 0) return;
  try {
    await convert(journal, found.Id, bodies, api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw halfDone(journal, error);
    await moveBack(journal, found, error, api);
  }
}

async function moveBack(journal: BookJournal, found: Booked, refusal: ConnectorError, api: Api): Promise<void> {
  const attempt: Attempt = { what: `Taking back ${journal.number}`, writes: true };
  try {
    await takeConversions(journal, attempt, api);
    await remove('journalentry', found, attempt, api);
  } catch (error) {
    throw halfDone(journal, error);
  }
  throw refusal;
}
