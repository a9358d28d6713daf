/** What a failure of an outside system means for us; `workers/run-job.ts` turns the kind into an action. */
export type ConnectorErrorKind =
  /** Passing fault: try again later. */
  | 'retryable'
  /** The provider asked us to slow down; `retryAfterMs` says for how long. */
  | 'rate_limited'
  /** The grant is gone or too small: the connection waits for a person to reconnect. */
  | 'unauthorized'
  /** This request can never succeed as it is: a person has to mend something. */
  | 'rejected'
  /** The provider or this connector has no such operation. */
  | 'unsupported';

export interface ConnectorErrorOptions {
  /** Stable code of ours, in docs/errors.md, e.g. `BOOKS_PERIOD_LOCKED`. */
  code: string;
  /** Milliseconds the provider asked us to wait. */
  retryAfterMs?: number | undefined;
  /** The request may have been carried out although no answer arrived (design.md, rule 5). */
  ambiguous?: boolean | undefined;
  /** What to map or mend, e.g. `account sales.shipping` or `tax S20`. */
  subject?: string | undefined;
  cause?: unknown;
}

/** The only error a connector throws. The message is for people: what happened, to what, why, what to do. */
export class ConnectorError extends Error {
  readonly kind: ConnectorErrorKind;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  readonly ambiguous: boolean;
  readonly subject: string | undefined;

  constructor(kind: ConnectorErrorKind, message: string, options: ConnectorErrorOptions) {
    super(message, { cause: options.cause });
    this.name = 'ConnectorError';
    this.kind = kind;
    this.code = options.code;
    this.retryAfterMs = options.retryAfterMs;
    this.ambiguous = options.ambiguous ?? false;
    this.subject = options.subject;
  }
}
