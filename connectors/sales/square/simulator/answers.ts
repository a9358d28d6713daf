/** What a call is answered: status and body; amounts in the body may be bigint. */
export interface Answer {
  status: number;
  body: object;
}

/** An answer with everything in order. */
export function fine(body: object): Answer {
  return { status: 200, body };
}

const CATEGORIES: Record<number, string> = {
  401: 'AUTHENTICATION_ERROR',
  403: 'AUTHENTICATION_ERROR',
  429: 'RATE_LIMIT_ERROR',
  500: 'API_ERROR',
};

/** Square's envelope for a refusal: one error with category, code and detail, and the field at fault if there is one. */
export function refused(status: number, code: string, detail: string, field?: string): Answer {
  const category = CATEGORIES[status] ?? 'INVALID_REQUEST_ERROR';
  const error = field === undefined ? { category, code, detail } : { category, code, detail, field };
  return { status, body: { errors: [error] } };
}

/** A request that cannot be understood or asks for what is not allowed. */
export function badRequest(code: string, detail: string, field?: string): Answer {
  return refused(400, code, detail, field);
}

/** There is no such object, or it is somebody else's. */
export function notFound(detail = 'Resource not found.'): Answer {
  return refused(404, 'NOT_FOUND', detail);
}

/** Whether a value is a refusal rather than what was asked for. */
export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'status' in value && 'body' in value;
}
