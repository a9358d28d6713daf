import { setTimeout as pause } from 'node:timers/promises';
import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { HttpClient } from '@daybook/connectors/kit/contract';

/** Share of a minute's requests that may go out at once after a quiet time; the rest flows back evenly. */
const BURST_SHARE = 0.4;
/** Calls left in the provider's own count below which we stop until more have flowed back. */
const RESERVE = 3;
/**
 * Calls of one piece of work that starts anew when one of them is refused: reading a chart takes six, looking up what
 * may have arrived up to a dozen. With fewer to come back for, it could be refused for ever.
 */
const WHOLE_WORK = 16;

export interface Pace {
  http: HttpClient;
  /** What the provider says is left of this minute; others may use the same tenant. */
  remaining(left: { minute: number | null }): void;
}

/**
 * Keeps calls to one tenant below a provider's limit per minute: a token bucket whose burst plus refill never exceed
 * the limit in any minute. When it is empty the call fails as `rate_limited` with the time to wait, so no worker is
 * held. A limit per second is kept by waiting, which takes less than a second.
 */
export function paced(
  http: HttpClient,
  { requestsPerMinute, requestsPerSecond }: { requestsPerMinute: number; requestsPerSecond?: number },
  { now, wait = pause }: { now: () => Date; wait?: ((ms: number) => Promise<unknown>) | undefined },
): Pace {
  const spaced = requestsPerSecond === undefined ? http : spread(http, requestsPerSecond, { now, wait });
  const burst = Math.max(1, Math.floor(requestsPerMinute * BURST_SHARE));
  const perMs = (requestsPerMinute - burst) / 60_000;
  let tokens = burst;
  let filledAt = now().getTime();
  const request: HttpClient['request'] = (each) => {
    const at = now().getTime();
    tokens = Math.min(burst, tokens + (at - filledAt) * perMs);
    filledAt = at;
    if (tokens >= 1) {
      tokens -= 1;
      return spaced.request(each);
    }
    const retryAfterMs = Math.ceil((Math.min(WHOLE_WORK, burst) - tokens) / perMs);
    return Promise.reject(
      new ConnectorError('rate_limited', `The limit of ${requestsPerMinute} requests a minute is used up for now.`, {
        code: 'RATE_LIMITED',
        retryAfterMs,
      }),
    );
  };
  return {
    http: { request },
    remaining: ({ minute }) => {
      if (minute !== null) tokens = Math.min(tokens, Math.max(0, minute - RESERVE));
    },
  };
}

/** Spreads calls so that no second sees more than the limit: a burst at once, the rest evenly after it. */
function spread(
  http: HttpClient,
  requestsPerSecond: number,
  { now, wait }: { now: () => Date; wait: (ms: number) => Promise<unknown> },
): HttpClient {
  const burst = Math.max(1, Math.floor(requestsPerSecond * BURST_SHARE));
  const everyMs = 1_000 / Math.max(1, requestsPerSecond - burst);
  let freeAt = 0;
  return {
    request: async (each) => {
      const at = now().getTime();
      freeAt = Math.max(freeAt, at - burst * everyMs) + everyMs;
      if (freeAt > at) await wait(freeAt - at);
      return http.request(each);
    },
  };
}
