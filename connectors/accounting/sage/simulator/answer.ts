import { formatMinor, plainDecimal } from '@daybook/domain';

export type Json = Record<string, unknown>;

/** What a route answers with. */
export interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** Any JSON answer. */
export function json(status: number, body: unknown, headers?: Record<string, string>): Answer {
  return { status, body: JSON.stringify(body), ...(headers ? { headers } : {}) };
}

/** Something the API refuses: nothing of the request was carried out. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly source: string;

  constructor(message: string, source = 'base', status = 422, code = 'RecordInvalid') {
    super(message);
    this.status = status;
    this.code = code;
    this.source = source;
  }
}

/** The array that every error of the API comes in. */
export function problem({ status, code, message, source }: Refused): Answer {
  return json(status, [{ $severity: 'error', $dataCode: code, $message: message, $source: source }]);
}

/** 404 for an id that this business does not have. */
export function missing(): Refused {
  return new Refused('Could not find the requested resource.', '', 404, 'RecordNotFound');
}

/** An amount as the API writes it: a string without the zeros at its end, "321.2", "55.0". */
export function amount(minor: bigint, currency: string): string {
  const text = plainDecimal(formatMinor(minor, currency));
  return text.includes('.') ? text : `${text}.0`;
}

/** A reference to another record. */
export function ref(id: string | null, shown: string, resource: string): Json | null {
  return id === null ? null : { id, displayed_as: shown, $path: `/${resource}/${id}` };
}
