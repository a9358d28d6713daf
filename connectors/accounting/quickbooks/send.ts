import type { BookDocument, BookPayment } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, PreparedRequest, SendResult } from '../../kit/contract.ts';
import { type Booked, bookedIn, remoteOf } from './answer.ts';
import { callJson, recordIn, requestIdOf } from './client.ts';
import { type Closing, close, closingIn, closingPayments, halfDone, linkedMoney } from './closing.ts';
import { type Entity, NAMES } from './entities.ts';
import { type Attempt, sending } from './errors.ts';
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
    const body = await callJson(api, {
      ...attempt,
      method: 'POST',
      path,
      body: request.body,
      requestId: requestIdOf(key),
    });
    const found = bookedIn(recordIn(body, NAMES[entity], attempt), attempt);
    const remote = remoteOf(document, entity, found, attempt);
    const closing = closingIn(request.path);
    if (closing !== null && document.kind === 'payment') await finish(document, entity, found, closing, api);
    return [{ ok: true, remote }];
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'rejected' && !error.ambiguous) return [{ ok: false, error }];
    throw error;
  }
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
