import { formatMinor } from '@daybook/domain';
import { LosslessNumber, stringify } from 'lossless-json';
import { pacificTime } from './instants.ts';
import { faultOf, type Refused } from './refusal.ts';

/** What a route answers with. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
  headers?: Record<string, string>;
}

export type Json = Record<string, unknown>;

/** A JSON number with exactly the currency's decimals. */
export function amount(minor: bigint, currency: string): LosslessNumber {
  return new LosslessNumber(formatMinor(minor, currency));
}

/** A JSON number written exactly like this decimal text. */
export function decimal(text: string): LosslessNumber {
  return new LosslessNumber(text);
}

/** Any JSON answer; numbers that must keep their digits come as LosslessNumber. */
export function json(status: number, body: unknown, headers?: Record<string, string>): Answer {
  const text = stringify(body) ?? 'null';
  return { status, body: text, contentType: 'application/json;charset=utf-8', ...(headers ? { headers } : {}) };
}

/** A good answer of the API: its content and the server's time. */
export function answered(content: Json, now: number): Answer {
  return json(200, { ...content, time: pacificTime(now) });
}

/** 400 with a Fault: nothing of the request was carried out. */
export function refusedAnswer(refused: Refused, now: number, status = 400): Answer {
  return json(status, { Fault: faultOf(refused), time: pacificTime(now) });
}

/**
 * 401, 403 and 429 come from the gateway in front of the API: lower-case names among null siblings (recorded exchange
 * rec-error-401).
 */
export function gatewayFault(
  status: number,
  problem: { code: string; name: string; detail: string | null; type: string },
  now: number,
  headers?: Record<string, string>,
): Answer {
  const { code, name, detail, type } = problem;
  const message = `message=${name}; errorCode=${code.padStart(6, '0')}; statusCode=${status}`;
  return json(
    status,
    {
      warnings: null,
      intuitObject: null,
      fault: { error: [{ message, detail, code, element: null }], type },
      report: null,
      queryResponse: null,
      batchItemResponse: [],
      attachableResponse: [],
      syncErrorResponse: null,
      requestId: null,
      time: now,
      status: null,
      cdcresponse: [],
    },
    headers,
  );
}
