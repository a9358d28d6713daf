/** An answer other than success, in the shape every route uses (design.md section 6). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** Seconds until it is worth asking again; null where that is not known. */
  readonly retryAfter: number | null;

  constructor(status: number, code: string, message: string, hint = '', retryAfter: number | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfter = retryAfter;
  }
}
