import type { BookDocument, BookJournal } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, HttpResponse, PreparedRequest, SendResult } from '../../kit/contract.ts';
import { type Element, elementsIn, numberIn, refusedTexts, remoteOf } from './answer.ts';
import { type Call, exchange, jsonOf } from './client.ts';
import { withoutConversions } from './conversions.ts';
import { sendConverted } from './converting.ts';
import { type Collection, collectionIn } from './document.ts';
import {
  type Attempt,
  elementsOf,
  failure,
  neighbourRefused,
  refusal,
  textsOf,
  unreadable,
  warningsOf,
} from './errors.ts';

/**
 * Sends a frozen request once, with what its path says has to be booked before it. One result per document, in order;
 * throws for the request as a whole.
 */
export async function send(
  request: PreparedRequest,
  documents: BookDocument[],
  key: string,
  api: Api,
): Promise<SendResult[]> {
  const { path, bodies } = withoutConversions(request.path);
  const [document] = documents;
  if (bodies.length === 0 || document?.kind !== 'journal') return sendOnce(request, documents, key, api);
  const sendOne = async (each: PreparedRequest, journal: BookJournal, ownKey: string) => {
    const [result] = await sendOnce(each, [journal], ownKey, api);
    return result as SendResult;
  };
  return [await sendConverted({ ...request, path }, bodies, document, key, api, sendOne)];
}

async function sendOnce(
  request: PreparedRequest,
  documents: BookDocument[],
  key: string,
  api: Api,
): Promise<SendResult[]> {
  const attempt: Attempt = { what: describe(documents), writes: true };
  if (request.method !== 'PUT') {
    throw new ConnectorError(
      'unsupported',
      `${attempt.what}: a ${request.method} could change what is in Xero already.`,
      {
        code: 'BOOKS_METHOD_UNSUPPORTED',
      },
    );
  }
  const call: Call = { ...attempt, method: 'PUT', path: request.path, body: request.body, key };
  const response = await exchange(api, call);
  const collection = collectionIn(request.path);
  if (response.status === 400) return validationResults(response, collection, documents, attempt);
  const elements = elementsIn(collection, jsonOf(response, attempt), attempt);
  if (elements.length !== documents.length) {
    throw unreadable(attempt, `it tells about ${elements.length} documents, ${documents.length} were sent`);
  }
  return documents.map((document, index) => {
    const element = elements[index] ?? {};
    const warnings = warningsOf(element);
    if (warnings.length > 0) api.log('books.warned', { kind: document.kind, number: document.number, warnings });
    return resultOf(document, element, collection, attempt);
  });
}

function describe(documents: readonly BookDocument[]): string {
  const [first] = documents;
  if (!first) return 'Sending nothing';
  if (documents.length === 1) return `Sending ${subjectOf(first)}`;
  return `Sending ${documents.length} documents (${first.number} to ${documents.at(-1)?.number})`;
}

/** By position, checked by number: an answer in another order must never be booked to the wrong sale. */
function resultOf(document: BookDocument, element: Element, collection: Collection, attempt: Attempt): SendResult {
  const number = numberIn(collection, element);
  const texts = refusedTexts(element);
  const known = number !== undefined && number !== '';
  const matches = known ? number === document.number : texts !== null || document.kind === 'allocation';
  const single: Attempt = { ...attempt, what: `Sending ${subjectOf(document)}` };
  if (!matches) {
    const detail = known ? `in its place is ${String(number)}` : 'it does not name the document';
    return { ok: false, error: unreadable(single, detail) };
  }
  if (texts !== null) return { ok: false, error: refusal(document, texts) };
  return attemptRemote(document, element, single);
}

function attemptRemote(document: BookDocument, element: Element, attempt: Attempt): SendResult {
  try {
    return { ok: true, remote: remoteOf(document, element, attempt) };
  } catch (error) {
    if (error instanceof ConnectorError) return { ok: false, error };
    throw error;
  }
}

/**
 * A 400 created nothing. Its elements are laid over the documents where they correspond; a document without an error
 * of its own was held back by its neighbours.
 */
function validationResults(
  response: HttpResponse,
  collection: Collection,
  documents: BookDocument[],
  attempt: Attempt,
): SendResult[] {
  const elements = elementsOf(response);
  const refused = documents.map((document, index) => textsFor(document, index, collection, elements, documents.length));
  if (!refused.some((texts) => texts.length > 0)) throw failure(response, attempt);
  return documents.map((document, index) => {
    const texts = refused[index] ?? [];
    return { ok: false, error: texts.length > 0 ? refusal(document, texts) : neighbourRefused(document) };
  });
}

function textsFor(
  document: BookDocument,
  index: number,
  collection: Collection,
  elements: Element[],
  count: number,
): string[] {
  const named = elements.filter((element) => numberIn(collection, element) === document.number);
  if (named.length > 0) return named.flatMap(textsOf);
  const inPlace = elements.length === count ? elements[index] : undefined;
  if (!inPlace) return [];
  const number = numberIn(collection, inPlace);
  return number === undefined || number === '' ? textsOf(inPlace) : [];
}
