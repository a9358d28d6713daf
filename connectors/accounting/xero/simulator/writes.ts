import { parseJson } from '../../../kit/json.ts';
import {
  type Answer,
  badRequest,
  envelope,
  type Json,
  json,
  messages,
  notFound,
  type Refusal,
  validationException,
} from './answer.ts';
import { msDate } from './dates.ts';
import { findDocument } from './documents.ts';
import { deleteAllocation } from './payments.ts';
import { list, member, text, type WriteContext } from './request.ts';
import { ALLOCATIONS, type Outcome, RESOURCES, type Resource } from './resources.ts';

export interface WriteRequest extends WriteContext {
  resource: string;
  id: string | undefined;
  /** `Allocations` under a credit note. */
  child: string | undefined;
  body: string;
  /** Query parameter summarizeErrors: only an explicit false asks for answers element by element. */
  summarizeErrors: boolean;
  envelopeId: string;
}

/** PUT and POST. The caller commits the change when this answers 200 and takes it back otherwise. */
export function write(request: WriteRequest): Answer {
  let body: unknown;
  try {
    body = parseJson(request.body);
  } catch {
    return badRequest(14, 'PostDataInvalidException', 'The request body could not be read as JSON.');
  }
  if (request.child !== undefined) return writeChild(request, body);
  const resource = RESOURCES[request.resource];
  if (!resource) return notFound();
  if (request.id === undefined) return writeElements(request, resource, elementsOf(body, resource.wrapper));
  return request.method === 'POST' ? writeOne(request, resource, body) : notFound();
}

function writeChild(request: WriteRequest, body: unknown): Answer {
  const note = findDocument('credit_note', { CreditNoteID: request.id }, request.organisation);
  if (request.resource !== 'CreditNotes' || request.child !== 'Allocations' || !note) return notFound();
  return writeElements(request, ALLOCATIONS, elementsOf(body, 'Allocations'));
}

/** POST of one record by its id: an edit, or for some only their end. */
function writeOne(request: WriteRequest, resource: Resource, body: unknown): Answer {
  const [element] = elementsOf(body, resource.wrapper);
  const id = request.id!.toLowerCase();
  if (resource.end) {
    const outcome = resource.end(id, element, request);
    return outcome === null ? notFound() : answerOutcomes(request, resource, [{ said: element, outcome }]);
  }
  if (!resource.has(id, request.organisation)) return notFound();
  return writeElements(request, resource, [{ ...(element as Json), [resource.idName]: id }]);
}

/** DELETE /CreditNotes/{id}/Allocations/{id}; nothing else can be deleted that way. */
export function remove(
  request: Pick<WriteRequest, 'organisation' | 'change' | 'now' | 'resource' | 'id' | 'child' | 'envelopeId'> & {
    childId: string | undefined;
  },
): Answer {
  const note = findDocument('credit_note', { CreditNoteID: request.id }, request.organisation);
  if (request.resource !== 'CreditNotes' || request.child !== 'Allocations' || !note) return notFound();
  const deleted = deleteAllocation(note, request.childId ?? '', request);
  if (deleted === null) return notFound();
  if ('errors' in deleted) return validationException([{ ValidationErrors: messages(deleted.errors) }]);
  const { id, date, invoiceId } = deleted;
  const body = { AllocationId: id, Date: msDate(date), Invoice: [{ InvoiceID: invoiceId }], IsDeleted: true };
  return json(200, body);
}

/** A single object without the array around it is accepted as well. */
function elementsOf(body: unknown, wrapper: string): unknown[] {
  const wrapped = list(body, wrapper);
  if (wrapped) return wrapped;
  return body !== null && typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length > 0
    ? [body]
    : [];
}

function writeElements(request: WriteRequest, resource: Resource, elements: unknown[]): Answer {
  if (elements.length === 0) {
    const name = resource.wrapper.slice(0, -1);
    return badRequest(
      17,
      'NoDataProcessedException',
      // "specifed" is Xero's own spelling.
      'No data has been processed for this endpoint. ' +
        `This endpoint is expecting ${name} data to be specifed in the request body.`,
    );
  }
  return answerOutcomes(
    request,
    resource,
    elements.map((said) => ({ said, outcome: resource.write(said, request) })),
  );
}

/** One bad element refuses all of them, unless the caller asked for answers element by element. */
function answerOutcomes(
  request: WriteRequest,
  resource: Resource,
  results: { said: unknown; outcome: Outcome }[],
): Answer {
  const refused = results.filter(({ outcome }) => 'errors' in outcome);
  if (request.summarizeErrors && refused.length > 0) {
    request.change.rollback();
    return validationException(refused.map(({ said, outcome }) => refusedElement(resource, said, outcome as Refusal)));
  }
  const elements = results.map(({ said, outcome }) => {
    if ('errors' in outcome) return { ...refusedElement(resource, said, outcome), StatusAttributeString: 'ERROR' };
    const warned = outcome.warnings?.length ? { Warnings: messages(outcome.warnings) } : {};
    return { ...outcome.element, ...warned, ...(request.summarizeErrors ? {} : { StatusAttributeString: 'OK' }) };
  });
  return envelope(request.envelopeId, request.now, { [resource.wrapper]: elements });
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
function refusedElement(resource: Resource, said: unknown, refusal: Refusal): Json {
  const echo = resource.echo.filter((name) => member(said, name) !== undefined);
  const { idName, flag } = resource;
  return {
    ...(idName === '' ? {} : { [idName]: text(said, idName) ?? NO_ID }),
    ...Object.fromEntries(echo.map((name) => [name, member(said, name)])),
    [flag]: true,
    ValidationErrors: messages(refusal.errors),
    ...(refusal.warnings?.length ? { Warnings: messages(refusal.warnings) } : {}),
  };
}
