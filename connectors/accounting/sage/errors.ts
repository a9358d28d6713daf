import type { BookDocument } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { HttpResponse } from '../../kit/contract.ts';
import { parseJson } from '../../kit/json.ts';
import { retryAfter } from '../../kit/retry-after.ts';
import { type Problem, type Rule, ruleFor } from './refusals.ts';

/** What we were doing when something failed. */
export interface Attempt {
  /** For people: "Sending invoice S-1001 (GBP 119.00)", "Reading the chart of accounts". */
  what: string;
  /** Whether the request may have changed something: then no answer means *unknown*, not failed. */
  writes: boolean;
}

/** Sending a document. */
export function sending(document: BookDocument): Attempt {
  return { what: `Sending ${subjectOf(document)}`, writes: true };
}

/** A success that cannot be read, or that answers something else than was asked: nobody knows what happened. */
export function unreadable(attempt: Attempt, detail: string, cause?: unknown): ConnectorError {
  const todo = attempt.writes
    ? 'Daybook looks it up before it sends anything again.'
    : 'Daybook tries again by itself.';
  return new ConnectorError('retryable', `${attempt.what}: Sage's answer made no sense (${detail}). ${todo}`, {
    code: 'BOOKS_ANSWER_UNREADABLE',
    ambiguous: attempt.writes,
    cause,
  });
}

/** The error for an answer that is not a success, whatever its status (provider section 5). */
export function failure(response: HttpResponse, attempt: Attempt): ConnectorError {
  const problems = problemsIn(response);
  const rule = ruleFor(response.status, problems);
  if (rule.kind === 'rate_limited') return rateLimited(response, attempt);
  const message = `${attempt.what}: Sage answered ${response.status}${saying(problems)}. ${rule.why}. ${rule.todo}`;
  return new ConnectorError(rule.kind ?? 'rejected', message, {
    code: rule.code,
    ambiguous: isAmbiguous(rule, attempt),
    retryAfterMs: rule.kind === 'retryable' ? retryAfter(response.headers['retry-after']) : undefined,
  });
}

function isAmbiguous(rule: Rule, attempt: Attempt): boolean {
  return rule.ambiguous === true && attempt.writes;
}

function saying(problems: readonly Problem[]): string {
  const words = problems.map(({ source, text }) => (source === '' || source === 'base' ? text : `${source}: ${text}`));
  const said = words
    .filter((each) => each !== '')
    .join(' / ')
    .slice(0, 500);
  return said === '' ? '' : `, saying "${said}"`;
}

/** Throttled requests were not carried out; how long to wait is not documented (provider section 4). */
function rateLimited({ headers }: HttpResponse, attempt: Attempt): ConnectorError {
  const retryAfterMs = retryAfter(headers['retry-after']) ?? 60_000;
  const wait = `Daybook waits ${Math.ceil(retryAfterMs / 1000)} seconds and goes on by itself.`;
  return new ConnectorError('rate_limited', `${attempt.what}: Sage asked us to slow down. ${wait}`, {
    code: 'BOOKS_RATE_LIMITED',
    retryAfterMs,
  });
}

/** The errors an answer lists; none for HTML from a proxy or an empty body. */
function problemsIn(response: HttpResponse): Problem[] {
  try {
    const body = parseJson(response.text);
    return (Array.isArray(body) ? body : [body]).map((each) => ({
      code: field(each, '$dataCode'),
      text: field(each, '$message') || field(each, 'error_description') || field(each, 'error'),
      source: field(each, '$source'),
    }));
  } catch {
    return [];
  }
}

function field(value: unknown, name: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found.trim() : '';
}
