import { ConnectorError } from './connector-error.ts';
import type { Api, HttpRequest, HttpResponse } from './contract.ts';

/** An answer of a provider; a function sees the request first. */
export type Answer = Partial<HttpResponse> | ((request: HttpRequest) => Partial<HttpResponse>) | ConnectorError;

/** What a connector is handed, what it asked for, and what it told in return. */
export interface Handed {
  api: Api;
  asked: HttpRequest[];
  logged: { message: string; fields: Record<string, unknown> | undefined }[];
}

/** A connection whose provider gives these answers, in this order; more requests than answers fail the test. */
export function answering(
  given: Pick<Api, 'hosts' | 'credentials' | 'account'> & { now: Date },
  answers: Answer[],
): Handed {
  const { now, ...connection } = given;
  const asked: HttpRequest[] = [];
  const logged: Handed['logged'] = [];
  const request = async (each: HttpRequest): Promise<HttpResponse> => {
    const answer = answers[asked.length];
    asked.push(each);
    if (answer === undefined) throw new Error(`No answer is left for ${each.method} ${each.url}`);
    if (answer instanceof ConnectorError) throw answer;
    return { status: 200, headers: {}, text: '', ...(typeof answer === 'function' ? answer(each) : answer) };
  };
  const api: Api = {
    ...connection,
    http: { request },
    settings: {},
    now: () => now,
    log: (message, fields) => void logged.push({ message, fields }),
  };
  return { api, asked, logged };
}

/** A JSON answer. */
export function json(body: unknown, status = 200): Partial<HttpResponse> {
  return { status, text: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** What a test mapping says of a subject; throws MAPPING_MISSING as the workers' mapping does. */
export function mapped<Value>(value: Value | undefined, subject: string): Value {
  if (value !== undefined) return value;
  throw new ConnectorError('rejected', `${subject} is not mapped.`, { code: 'MAPPING_MISSING', subject });
}

/** The ConnectorError something ends in; fails where it does not. */
export async function failureOf(work: () => unknown): Promise<ConnectorError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
