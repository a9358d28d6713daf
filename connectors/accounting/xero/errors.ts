import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError, type ConnectorErrorKind } from '../../kit/connector-error.ts';
import type { HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { retryAfter } from '../../kit/retry-after.ts';

/** What we were doing when something failed. */
export interface Attempt {
  /** For people: "Sending invoice S-1001 (GBP 119.00)", "Reading the chart of accounts". */
  what: string;
  /** Whether the request may have changed something: then no answer means *unknown*, not failed. */
  writes: boolean;
}

interface Rule {
  match: RegExp;
  code: string;
  kind?: ConnectorErrorKind;
  ambiguous?: boolean;
  why: string;
  todo: string;
}

/**
 * What the provider's validation texts mean. It has no codes per rule (provider section 5), so the texts are matched
 * loosely and always quoted; a text that is not here is BOOKS_REFUSED.
 */
const REFUSALS: readonly Rule[] = [
  {
    match: /idempotency|different request/i,
    code: 'BOOKS_KEY_CONFLICT',
    kind: 'retryable',
    ambiguous: true,
    why: 'The idempotency key was used before with other content',
    todo: 'Daybook looks the document up and sends it with a new key; nothing to do.',
  },
  {
    match: /contact name/i,
    code: 'BOOKS_CONTACT_NAME_TAKEN',
    why: 'Another active contact in Xero has this name',
    todo: 'Rename or merge that contact in Xero, then replay.',
  },
  {
    match: /must be unique|already (exists|been used)/i,
    code: 'BOOKS_DUPLICATE_NUMBER',
    why: 'A document with this number is already there',
    todo: 'Daybook looks it up and takes it over when its totals agree; otherwise remove one of the two in Xero.',
  },
  {
    match: /lock date|period.*(locked|closed)/i,
    code: 'BOOKS_PERIOD_LOCKED',
    why: 'The date lies in a period that is locked in Xero',
    todo: 'Move the lock date in Xero (Accounting, Advanced, Lock dates) and replay, or book it by hand.',
  },
  {
    match: /limit of invoices|approve.*limit|limit.*approve/i,
    code: 'BOOKS_PLAN_LIMIT',
    why: 'The Xero plan allows no more approved invoices this month',
    todo: 'Upgrade the Xero plan or wait for the next month, then replay.',
  },
  {
    match: /amount outstanding|exceeds the (amount|remaining)|greater than.*(outstanding|remaining|due)/i,
    code: 'BOOKS_AMOUNT_EXCEEDS_OPEN',
    why: 'The document it settles has less left open in Xero, so somebody settled or changed it there',
    todo: 'Compare the document in Xero with the one here, undo what was entered by hand, and replay.',
  },
  {
    match: /reconciled|(payment|credit note|batch).*allocated to it/i,
    code: 'BOOKS_STILL_REFERRED',
    why: 'A payment, credit or reconciled bank line in Xero refers to it',
    todo: 'Take that out in Xero first (payments: Options, Remove & Redo), then try again.',
  },
  {
    match: /authorised documents|not of valid status|(voided|deleted).*(cannot|can't)/i,
    code: 'BOOKS_DOCUMENT_NOT_OPEN',
    why: 'The document it belongs to is not open in Xero (draft, voided or deleted)',
    todo: 'Approve or restore that document in Xero, then replay.',
  },
  {
    match: /contact.*archived|archived.*contact/i,
    code: 'BOOKS_CONTACT_ARCHIVED',
    why: 'The contact is archived in Xero',
    todo: 'Restore the contact in Xero (Contacts, Archived), then replay.',
  },
  {
    match: /contact.*(could not be found|not found)/i,
    code: 'BOOKS_CONTACT_UNKNOWN',
    why: 'The contact was deleted or merged in Xero',
    todo: 'Remove the contact from the mappings of this connection, so that it is looked up again, then replay.',
  },
  {
    match: /(invoice|credit note|document).*(could not be found|not found)/i,
    code: 'BOOKS_NOT_FOUND',
    why: 'The document it belongs to is no longer in Xero',
    todo: 'Restore that document in Xero, then replay.',
  },
  {
    match: /TaxType|tax (type|rate|code)/i,
    code: 'BOOKS_TAX_REFUSED',
    why: 'The mapped tax rate does not exist in Xero or not for this kind of account',
    todo: 'Change the tax mapping of this connection, then replay.',
  },
  {
    match: /enable.*payments/i,
    code: 'BOOKS_ACCOUNT_REFUSED',
    why: 'The mapped account takes no payments in Xero',
    todo: 'Tick "Enable payments to this account" in Xero, or change the account mapping, then replay.',
  },
  {
    match: /account.*(code|must be|required|archived|not (a )?valid|does not exist|not be found)/i,
    code: 'BOOKS_ACCOUNT_REFUSED',
    why: 'The mapped account does not exist in Xero, is archived, or cannot be used here',
    todo: 'Change the account mapping of this connection, then replay.',
  },
  {
    match: /currency/i,
    code: 'BOOKS_CURRENCY_REFUSED',
    why: 'The currency is not switched on in Xero, or the account is kept in another one',
    todo: 'Add the currency in Xero (multi-currency plan needed) or map another account, then replay.',
  },
];

const OTHER: Rule = {
  match: /(?:)/,
  code: 'BOOKS_REFUSED',
  why: 'Xero checks more than it documents',
  todo: 'Mend what the text names, here or in Xero, then replay.',
};

/** The error for one document that the provider's validation refused, with its texts quoted. */
export function refusal(document: BookDocument, texts: readonly string[]): ConnectorError {
  return refusalOf(subjectOf(document), texts);
}

/** The same for something that is not a document (a contact). */
export function refusalOf(subject: string, texts: readonly string[]): ConnectorError {
  const quoted = texts.length === 0 ? 'without giving a reason' : `saying "${texts.join(' / ')}"`;
  const rule = REFUSALS.find(({ match }) => texts.some((text) => match.test(text))) ?? OTHER;
  return new ConnectorError(
    rule.kind ?? 'rejected',
    `${subject} was refused by Xero, ${quoted}. ${rule.why}. ${rule.todo}`,
    {
      code: rule.code,
      ambiguous: rule.ambiguous,
    },
  );
}

/** The document is fine, but its neighbour in the batch was refused and so nothing was created. */
export function neighbourRefused(document: BookDocument): ConnectorError {
  const message = `${subjectOf(document)} was not created in Xero: another document of the same request was refused.`;
  return new ConnectorError('retryable', `${message} Daybook sends it again by itself.`, {
    code: 'BOOKS_BATCH_REFUSED',
  });
}

/** A success that cannot be read, or that answers something else than was asked: nobody knows what happened. */
export function unreadable(attempt: Attempt, detail: string, cause?: unknown): ConnectorError {
  const todo = attempt.writes
    ? 'Daybook looks the document up before it sends anything again.'
    : 'Daybook tries again by itself.';
  return new ConnectorError('retryable', `${attempt.what}: Xero's answer made no sense (${detail}). ${todo}`, {
    code: 'BOOKS_ANSWER_UNREADABLE',
    ambiguous: attempt.writes,
    cause,
  });
}

/** The error for an answer that is not a success (provider section 5), for the request as a whole. */
export function failure(response: HttpResponse, attempt: Attempt): ConnectorError {
  const texts = validationTexts(response);
  const said = texts[0] ?? detailOf(response);
  if (response.status === 400) return refusalOf(attempt.what, said === '' ? [] : texts.length > 0 ? texts : [said]);
  if (response.status === 429) return rateLimited(response, attempt);
  const rule = statusRule(response, said, attempt);
  const quoted = said === '' ? '' : `, saying "${said}"`;
  const message = `${attempt.what}: Xero answered ${response.status}${quoted}. ${rule.why}. ${rule.todo}`;
  const retryAfterMs = rule.kind === 'retryable' ? retryAfter(response.headers['retry-after']) : undefined;
  const { code, ambiguous } = rule;
  return new ConnectorError(rule.kind ?? 'rejected', message, { code, ambiguous, retryAfterMs });
}

type StatusRule = Omit<Rule, 'match'>;

function statusRule({ status, headers }: HttpResponse, said: string, attempt: Attempt): StatusRule {
  if (status === 401) return unauthorized(`${said} ${headers['www-authenticate'] ?? ''}`);
  if (status >= 500) {
    return {
      kind: 'retryable',
      code: 'BOOKS_UNAVAILABLE',
      ambiguous: attempt.writes,
      why: attempt.writes ? 'It may have carried the request out all the same' : 'Xero has trouble at the moment',
      todo: attempt.writes ? 'Daybook looks it up before it sends again.' : 'Daybook tries again by itself.',
    };
  }
  return STATUSES[status] ?? { ...UNKNOWN_STATUS, ambiguous: attempt.writes };
}

const STATUSES: Readonly<Record<number, StatusRule>> = {
  403: {
    kind: 'unauthorized',
    code: 'BOOKS_DISCONNECTED',
    why: 'The organisation is no longer connected to Daybook, somebody removed it or its trial ended',
    todo: 'Connect the organisation again; the waiting documents then go out by themselves.',
  },
  404: {
    code: 'BOOKS_NOT_FOUND',
    why: 'The document or contact it points at does not exist in this organisation',
    todo: 'Check that the connection is the right organisation and that the document was not deleted there, then replay.',
  },
  409: {
    kind: 'retryable',
    code: 'BOOKS_CONFLICT',
    ambiguous: true,
    why: 'Another request touched the same document at the same moment',
    todo: 'Daybook looks it up before it sends again.',
  },
  412: {
    kind: 'retryable',
    code: 'BOOKS_CONFLICT',
    ambiguous: true,
    why: 'Another request touched the same document at the same moment',
    todo: 'Daybook looks it up before it sends again.',
  },
  413: {
    code: 'BOOKS_TOO_LARGE',
    why: 'The request is larger than Xero takes',
    todo: 'Report this to support: Daybook should have sent fewer documents at once.',
  },
};

const UNKNOWN_STATUS: StatusRule = {
  kind: 'retryable',
  code: 'BOOKS_ANSWER_UNREADABLE',
  why: 'Xero does not document this answer',
  todo: 'Daybook looks first and tries again; if it stays, report it to support with the correlation id of the log.',
};

function unauthorized(said: string): StatusRule {
  if (/TokenExpired/i.test(said)) {
    return {
      kind: 'unauthorized',
      code: 'BOOKS_TOKEN_EXPIRED',
      why: 'The access token has run out earlier than it said',
      todo: 'A refresh mends it; if this stays, connect the organisation again.',
    };
  }
  if (/insufficient_scope|AuthorizationUnsuccessful/i.test(said)) {
    return {
      kind: 'unauthorized',
      code: 'BOOKS_SCOPE_MISSING',
      why: 'The consent does not cover this',
      todo: 'Connect the organisation again and grant everything the consent page lists.',
    };
  }
  return {
    kind: 'unauthorized',
    code: 'BOOKS_UNAUTHORIZED',
    why: 'Xero does not accept our token',
    todo: 'Connect the organisation again; the waiting documents then go out by themselves.',
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A 429 was decided before the idempotency key was looked at, so nothing happened (provider section 3). */
function rateLimited({ headers }: HttpResponse, attempt: Attempt): ConnectorError {
  const problem = headers['x-rate-limit-problem']?.toLowerCase() ?? 'unnamed';
  const daily = problem.includes('day');
  const retryAfterMs = retryAfter(headers['retry-after']) ?? (daily ? HOUR : MINUTE);
  const why = daily
    ? 'The daily allowance of calls of this organisation is used up'
    : `The ${problem} limit was reached`;
  const wait = `Daybook waits ${Math.ceil(retryAfterMs / 1000)} seconds and goes on by itself.`;
  return new ConnectorError('rate_limited', `${attempt.what}: Xero asked us to slow down. ${why}. ${wait}`, {
    code: daily ? 'BOOKS_DAY_LIMIT' : 'BOOKS_RATE_LIMITED',
    retryAfterMs,
  });
}

/** One element of `Elements` in a validation answer, as far as we read it. */
export function elementsOf(response: HttpResponse): Record<string, unknown>[] {
  const body = jsonOf(response);
  return isRecord(body) && Array.isArray(body.Elements) ? body.Elements.filter(isRecord) : [];
}

/** Texts of the validation errors of one element. */
export function textsOf(element: Record<string, unknown>): string[] {
  return messagesIn(element.ValidationErrors);
}

/** Texts of what the provider did not like but took. */
export function warningsOf(element: Record<string, unknown>): string[] {
  return messagesIn(element.Warnings);
}

function messagesIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isRecord).flatMap(({ Message }) => (typeof Message === 'string' ? [Message] : []));
}

function validationTexts(response: HttpResponse): string[] {
  return elementsOf(response).flatMap(textsOf);
}

function detailOf(response: HttpResponse): string {
  const body = jsonOf(response);
  if (!isRecord(body)) return '';
  const text = [body.Detail, body.detail, body.Message, body.error_description, body.error].find(
    (value) => typeof value === 'string' && value !== '',
  );
  return typeof text === 'string' ? text.slice(0, 500) : '';
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return parseJson(response.text);
  } catch {
    // HTML from a proxy or nothing at all: the status alone has to do.
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
