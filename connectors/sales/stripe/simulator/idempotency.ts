import { createHash } from 'node:crypto';
import { Refusal } from './refusals.ts';
import type { AccountState, Remembered, Store } from './state.ts';

/** Keys may be used for something else after this long. */
const KEPT_SECONDS = 24 * 3600;
const LONGEST = 255;

/** A POST as the memory of keys sees it. */
export interface Posted {
  key: string;
  method: string;
  path: string;
  /** The form as it came. */
  form: string;
}

/** What tells two requests apart. */
export function askedBy({ method, path, form }: Posted): string {
  return `${method} ${path} ${createHash('sha256').update(form).digest('hex')}`;
}

/**
 * The first answer to a key, or undefined when it is new. Throws when the key was used for another request
 * (docs.stripe.com/api/idempotent_requests).
 */
export function remembered(state: AccountState, posted: Posted, at: number): Remembered | undefined {
  if (posted.key.length > LONGEST)
    throw new Refusal(400, `Idempotency keys may be at most ${LONGEST} characters long.`, {
      type: 'idempotency_error',
    });
  const known = state.remembered.get(posted.key);
  if (known === undefined || known.at <= at - KEPT_SECONDS) return undefined;
  if (known.asked === askedBy(posted)) return known;
  const message =
    'Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a ' +
    `key other than '${posted.key}' if you meant to execute a different request.`;
  throw new Refusal(400, message, { type: 'idempotency_error' });
}

/** Keeps the answer of a request that was carried out; what was refused before it began is not kept. */
export function remember(
  store: Store,
  state: AccountState,
  posted: Posted,
  answer: { status: number; body: string; at: number },
): void {
  const { account } = state;
  store.record({ account, kind: 'remembered', answer: { key: posted.key, asked: askedBy(posted), ...answer } });
}
