/** An answer that is no: thrown by whoever finds the reason, sent by the API in Stripe's envelope. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;

  constructor(status: number, message: string, more: { type?: string; code?: string; param?: string } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.type = more.type ?? 'invalid_request_error';
    this.code = more.code;
    this.param = more.param;
  }

  /** `{ "error": { … } }` as Stripe writes it. */
  body(requestId: string): { error: Record<string, string> } {
    return {
      error: {
        ...(this.code === undefined ? {} : { code: this.code, doc_url: docs(this.code) }),
        message: this.message,
        ...(this.param === undefined ? {} : { param: this.param }),
        request_log_url: `https://dashboard.stripe.example/logs/${requestId}`,
        type: this.type,
      },
    };
  }
}

const docs = (code: string) => `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;

/** 404 for an id in the address, 400 for one in a parameter. */
export function missing(what: string, id: string, param = 'id'): Refusal {
  const status = param === 'id' ? 404 : 400;
  return new Refusal(status, `No such ${what}: '${id}'`, { code: 'resource_missing', param });
}

/** A test object asked for with a live key. */
export function inTestMode(what: string, id: string): Refusal {
  const message =
    `No such ${what}: '${id}'; a similar object exists in test mode, but a live mode key was used to make this ` +
    'request.';
  return new Refusal(404, message, { code: 'resource_missing', param: 'id' });
}

/** A parameter that is not what it should be. */
export function badParam(param: string, message: string, code?: string): Refusal {
  return new Refusal(400, message, { param, ...(code === undefined ? {} : { code }) });
}

/** An account that the key has nothing to do with. */
export function noAccess(account: string): Refusal {
  const message =
    `The provided key does not have access to account '${account}' (or that account does not exist). Application ` +
    'access may have been revoked.';
  return new Refusal(403, message, { code: 'account_invalid' });
}
