import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { HttpClient } from '@daybook/connectors/kit/contract';

/** Requests that may go out at once after a quiet time. */
const BURST = 10;

/**
 * Keeps calls to one tenant below a provider's limit per minute: a token bucket whose burst plus refill never exceed the
 * limit in any minute. When it is empty the call fails as `rate_limited` with the time to wait, so no worker is held.
 */
export function paced(http: HttpClient, requestsPerMinute: number, now: () => Date): HttpClient {
  const burst = Math.min(BURST, Math.max(1, Math.floor(requestsPerMinute / 2)));
  const perMs = (requestsPerMinute - burst) / 60_000;
  let tokens = burst;
  let filledAt = now().getTime();
  return {
    request(request) {
      const at = now().getTime();
      tokens = Math.min(burst, tokens + (at - filledAt) * perMs);
      filledAt = at;
      if (tokens >= 1) {
        tokens -= 1;
        return http.request(request);
      }
      // Coming back for a handful of calls at once lets documents gather into fuller batches.
      const retryAfterMs = Math.ceil((Math.min(4, burst) - tokens) / perMs);
      return Promise.reject(
        new ConnectorError('rate_limited', `The limit of ${requestsPerMinute} requests a minute is used up for now.`, {
          code: 'RATE_LIMITED',
          retryAfterMs,
        }),
      );
    },
  };
}
