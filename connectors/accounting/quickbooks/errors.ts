import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { retryAfter } from '../../kit/retry-after.ts';
import { type Fault, type Rule, ruleFor, ruleForStatus } from './faults.ts';

/** What we were doing when something failed. */
export interface Attempt {
  /** For people: "Sending invoice S-1001 (GBP 119.00)", "Reading the chart of accounts". */
  what: string;
  /** Whether the request may have changed something: then no answer means *unknown*, not failed. */
  writes: boolean;
  /** Our words of the accounts it names, for "something is inactive", which the provider says without saying what. */
  roles?: readonly string[];
}

/** Sending a document. */
export function sending(document: BookDocument): Attempt {
  return { what: `Sending ${subjectOf(document)}`, writes: true, roles: rolesOf(document) };
}

function rolesOf(document: BookDocument): string[] {
  const roles: string[] = [];
  if ('role' in document) roles.push(document.role);
  if (document.kind === 'transfer') roles.push(document.from.role, document.to.role);
  if ('lines' in document) roles.push(...document.lines.map((line) => line.role));
  return [...new Set(roles)];
}

/**
 * A success that cannot be read, or that answers something else than was asked: nobody knows what happened.
 */
export function unreadable(attempt: Attempt, detail: string, cause?: unknown): ConnectorError {
  const todo = attempt.writes
    ? 'Daybook looks it up before it sends anything again.'
    : 'Daybook tries again by itself.';
  return new ConnectorError('retryable', `${attempt.what}: QuickBooks' answer made no sense (${detail}). ${todo}`, {
    code: 'BOOKS_ANSWER_UNREADABLE',
    ambiguous: attempt.writes,
    cause,
  });
}

/** The error for an answer that is not a success, whatever its status (provider section 5). */
export function failure(response: HttpResponse, attempt: Attempt): ConnectorError {
  const fault = faultOf(response);
  const rule = fault ? ruleFor(fault, response.status) : ruleForStatus(response.status);
  if (rule.kind === 'rate_limited') return rateLimited(response, attempt);
  const said = fault?.text ? `, saying "${fault.text}"` : '';
  const message = `${attempt.what}: QuickBooks answered ${response.status}${said}. ${rule.why}. ${todoOf(rule, attempt)}`;
  return new ConnectorError(rule.kind ?? 'rejected', message, {
    code: rule.code,
    ambiguous: rule.ambiguous === true && attempt.writes,
    subject: rule.accounts ? accountSubject(attempt) : undefined,
    retryAfterMs: rule.kind === 'retryable' ? retryAfter(response.headers['retry-after']) : undefined,
  });
}

function todoOf(rule: Rule, attempt: Attempt): string {
  const { roles = [] } = attempt;
  if (!rule.accounts || roles.length === 0) return rule.todo;
  return `It names the accounts for ${roles.join(', ')}. ${rule.todo}`;
}

/** Only where there is no doubt which account it is. */
function accountSubject({ roles = [] }: Attempt): string | undefined {
  return roles.length === 1 ? `account ${roles[0]}` : undefined;
}

/** Throttled requests were not carried out (provider section 4); without a time the page says 60 seconds. */
function rateLimited({ headers }: HttpResponse, attempt: Attempt): ConnectorError {
  const retryAfterMs = retryAfter(headers['retry-after']) ?? 60_000;
  const wait = `Daybook waits ${Math.ceil(retryAfterMs / 1000)} seconds and goes on by itself.`;
  return new ConnectorError('rate_limited', `${attempt.what}: QuickBooks asked us to slow down. ${wait}`, {
    code: 'BOOKS_RATE_LIMITED',
    retryAfterMs,
  });
}

/** The first fault in an answer, or null; also under the lower-case names that a 401 uses (provider section 5). */
export function faultOf(response: HttpResponse): Fault | null {
  try {
    return faultIn(parseJson(response.text));
  } catch {
    // HTML from a proxy or nothing at all: the status alone has to do.
    return null;
  }
}

/** The same for a body that was read already. */
export function faultIn(body: unknown): Fault | null {
  const envelope = field(body, 'Fault') ?? field(body, 'fault');
  const list = field(envelope, 'Error') ?? field(envelope, 'error');
  if (!Array.isArray(list) || list.length === 0) return null;
  const faults = list.map((each) => ({
    code: textOf(field(each, 'code')).replace(/^0+(?=\d)/, ''),
    text: wordsOf(
      textOf(field(each, 'Message') ?? field(each, 'message')),
      textOf(field(each, 'Detail') ?? field(each, 'detail')),
    ),
  }));
  const text = faults.map((each) => each.text).filter((each) => each !== '');
  return { code: faults[0]?.code ?? '', text: text.join(' / ').slice(0, 500) };
}

/** Message and detail, where the detail does not just repeat the message. Tokens in it are never repeated. */
function wordsOf(message: string, detail: string): string {
  const safe = detail.replace(/(token[^:]*: ).*/i, '$1…');
  return [message, safe.startsWith(message) ? safe.slice(message.length).replace(/^[\s:]+/, '') : safe]
    .filter((each) => each !== '' && each !== 'null')
    .join(': ');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? ((value as Record<string, unknown>)[name] ?? undefined)
    : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
