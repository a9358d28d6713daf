import { parseJson } from '../../../kit/json.ts';
import {
  type Answer,
  badRequest,
  envelope,
  type Json,
  messages,
  notFound,
  type Refusal,
  validationException,
} from './answer.ts';
import { writeContact } from './contacts.ts';
import { findDocument, writeDocument } from './documents.ts';
import { deletePayment, writeAllocation, writePayment } from './payments.ts';
import { renderAllocation, renderContact, renderDocument, renderPayment } from './render.ts';
import { list, member, text, type WriteContext } from './request.ts';

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

type Outcome = { element: Json; warnings?: string[] } | Refusal;
interface Resource {
  /** Name of the array in request and answer. */
  wrapper: string;
  /** Fields of a refused element that the answer repeats. */
  echo: readonly string[];
  write(element: unknown, request: WriteRequest): Outcome;
}

const INVOICES: Resource = {
  wrapper: 'Invoices',
  echo: ['Type', 'InvoiceNumber', 'Reference'],
  write: (element, request) => {
    const written = writeDocument('invoice', element, request);
    return 'errors' in written ? written : { element: renderDocument(request.organisation, written, true) };
  },
};
const CREDIT_NOTES: Resource = {
  wrapper: 'CreditNotes',
  echo: ['Type', 'CreditNoteNumber', 'Reference'],
  write: (element, request) => {
    const written = writeDocument('credit_note', element, request);
    return 'errors' in written ? written : { element: renderDocument(request.organisation, written, true) };
  },
};
const CONTACTS: Resource = {
  wrapper: 'Contacts',
  echo: ['ContactNumber', 'Name', 'EmailAddress'],
  write: (element, request) => {
    const written = writeContact(element, request);
    return 'errors' in written ? written : { element: renderContact(written) };
  },
};
const PAYMENTS: Resource = {
  wrapper: 'Payments',
  echo: ['Date', 'Reference', 'Amount', 'Invoice', 'CreditNote', 'Account'],
  write: (element, request) => {
    const written = writePayment(element, request);
    if ('errors' in written) return written;
    return { element: renderPayment(request.organisation, written.payment, true), warnings: written.warnings };
  },
};
const ALLOCATIONS: Resource = {
  wrapper: 'Allocations',
  echo: ['Date', 'Amount', 'Invoice'],
  write: (element, request) => {
    const note = findDocument('credit_note', { CreditNoteID: request.id }, request.organisation)!;
    const written = writeAllocation(note, element, request);
    return 'errors' in written ? written : { element: renderAllocation(request.organisation, written, true) };
  },
};

const RESOURCES: Readonly<Record<string, Resource>> = {
  Invoices: INVOICES,
  CreditNotes: CREDIT_NOTES,
  Contacts: CONTACTS,
  Payments: PAYMENTS,
};

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

/** POST /Invoices/{id}, /CreditNotes/{id}, /Contacts/{id} edit that record; POST /Payments/{id} can only delete it. */
function writeOne(request: WriteRequest, resource: Resource, body: unknown): Answer {
  const [element] = elementsOf(body, resource.wrapper);
  const { organisation } = request;
  const id = request.id!.toLowerCase();
  if (resource === PAYMENTS) {
    const deleted = deletePayment(id, element, request);
    if (deleted === null) return notFound();
    const outcome: Outcome = 'errors' in deleted ? deleted : { element: renderPayment(organisation, deleted, false) };
    return answerOutcomes(request, resource, [{ said: element, outcome }]);
  }
  const idName = resource === CONTACTS ? 'ContactID' : resource === INVOICES ? 'InvoiceID' : 'CreditNoteID';
  const known = resource === CONTACTS ? organisation.contacts.has(id) : organisation.documents.has(id);
  return known ? writeElements(request, resource, [{ ...(element as Json), [idName]: id }]) : notFound();
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
const ID_NAMES: Readonly<Record<string, string>> = {
  Invoices: 'InvoiceID',
  CreditNotes: 'CreditNoteID',
  Contacts: 'ContactID',
  Payments: 'PaymentID',
};

function refusedElement(resource: Resource, said: unknown, refusal: Refusal): Json {
  const echo = resource.echo.filter((name) => member(said, name) !== undefined);
  const flag = resource === INVOICES || resource === CREDIT_NOTES ? 'HasErrors' : 'HasValidationErrors';
  const idName = ID_NAMES[resource.wrapper];
  return {
    ...(idName ? { [idName]: text(said, idName) ?? NO_ID } : {}),
    ...Object.fromEntries(echo.map((name) => [name, member(said, name)])),
    [flag]: true,
    ValidationErrors: messages(refusal.errors),
    ...(refusal.warnings?.length ? { Warnings: messages(refusal.warnings) } : {}),
  };
}
