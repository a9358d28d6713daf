import { formatMinor } from '@daybook/domain';
import { LosslessNumber, stringify } from 'lossless-json';

/** What a route answers with. */
export interface Answer {
  status: number;
  body: string;
  contentType: string;
  headers?: Record<string, string>;
}

export type Json = Record<string, unknown>;

/** A refused element: Xero's own wording, since that is all a caller has to go by. */
export interface Refusal {
  errors: string[];
  warnings?: string[];
}

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
  return {
    status,
    body: stringify(body) ?? 'null',
    contentType: 'application/json; charset=utf-8',
    ...(headers ? { headers } : {}),
  };
}

/** The envelope around every good answer of the accounting API. */
export function envelope(id: string, now: Date, content: Json): Answer {
  return json(200, {
    Id: id,
    Status: 'OK',
    ProviderName: 'Daybook',
    DateTimeUTC: `/Date(${now.getTime()})/`,
    ...content,
  });
}

/** 400 for refused elements: nothing of the request was carried out. */
export function validationException(elements: Json[]): Answer {
  return json(400, {
    ErrorNumber: 10,
    Type: 'ValidationException',
    Message: 'A validation exception occurred',
    Elements: elements,
  });
}

/** 400 for a request that could not be read at all. */
export function badRequest(errorNumber: number, type: string, message: string): Answer {
  return json(400, { ErrorNumber: errorNumber, Type: type, Message: message });
}

/** 401, 403 and their like come from the gateway in front of the API, in another shape. */
export function gatewayProblem(status: number, title: string, detail: string, instance: string): Answer {
  return json(status, { Type: null, Title: title, Status: status, Detail: detail, Instance: instance, Extensions: {} });
}

/** 404 for what is not there, is another organisation’s, or has an address that is too long. */
export function notFound(): Answer {
  return {
    status: 404,
    body: "The resource you're looking for cannot be found",
    contentType: 'text/plain; charset=utf-8',
  };
}

/** Texts in the shape of ValidationErrors and Warnings. */
export function messages(texts: readonly string[]): { Message: string }[] {
  return texts.map((text) => ({ Message: text }));
}
