import type { BookDocument, BookPayment } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, PreparedRequest, SendResult } from '../../kit/contract.ts';
import { bookedIn, remoteOf } from './answer.ts';
import { callJson, withIdempotency } from './client.ts';
import { sending } from './errors.ts';
import { alreadyThere } from './find.ts';
import { deleteRecord } from './remove.ts';
import { type Resource, SINGULAR } from './resources.ts';
import { allocationsOf, halfDone, type Settlement, settle, settlementIn } from './settling.ts';

/**
 * Sends a frozen request once, with the idempotency id made from the key inside its object, and where its path says so
 * allocates it to what it settles. An invoice or credit note that is there already is taken over instead. One result
 * for the one document; throws what concerns more than it.
 */
export async function send(
  request: PreparedRequest,
  documents: BookDocument[],
  key: string,
  api: Api,
): Promise<SendResult[]> {
  const [document] = documents;
  const [path = ''] = request.path.split('?');
  const resource = resourceIn(path);
  if (!document || documents.length > 1 || request.method !== 'POST' || resource === undefined) {
    const message = `A recorded request (${request.method} ${path}) has a form that Sage does not take.`;
    throw new ConnectorError('unsupported', message, { code: 'BOOKS_METHOD_UNSUPPORTED' });
  }
  const attempt = sending(document);
  try {
    const before = await alreadyThere(document, resource, api);
    if (before) return [{ ok: true, remote: remoteOf(document, resource, before, attempt) }];
    const body = withIdempotency(request.body, key);
    const found = bookedIn(await callJson(api, { ...attempt, method: 'POST', path, body }), attempt);
    const remote = remoteOf(document, resource, found, attempt);
    const settlement = settlementIn(request.path);
    if (settlement !== null && document.kind === 'payment') await finish(document, found.id, settlement, api);
    return [{ ok: true, remote }];
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected' && !error.ambiguous) return [{ ok: false, error }];
    throw error;
  }
}

function resourceIn(path: string): Resource | undefined {
  return (Object.keys(SINGULAR) as Resource[]).find((each) => path === `/${each}`);
}

/**
 * The second half of an indirect payment. All or nothing: where the books refuse to allocate it, the entry is taken out
 * again, so that a refusal means that nothing is there.
 */
async function finish(payment: BookPayment, entry: string, settlement: Settlement, api: Api): Promise<void> {
  try {
    await settle(payment, entry, settlement, api);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw halfDone(payment, error);
    await takeBack(payment, entry, error, api);
  }
}

async function takeBack(payment: BookPayment, entry: string, refusal: ConnectorError, api: Api): Promise<void> {
  const what = `Taking back ${payment.number}`;
  try {
    // A replay of the same request finds it allocated already: that is what was wanted.
    if ((await allocationsOf(entry, what, api)).length > 0) return;
    await deleteRecord('sales_quick_entries', entry, { what, writes: true }, api);
  } catch (error) {
    throw halfDone(payment, error);
  }
  throw refusal;
}
