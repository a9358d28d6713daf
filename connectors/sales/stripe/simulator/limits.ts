import { Refusal } from './refusals.ts';

/** Requests a second: of an account, and of one endpoint of it. */
export interface Limits {
  account: number;
  endpoint: number;
}
/** What Stripe allows live accounts (docs.stripe.com/rate-limits). */
export const standardLimits: Limits = { account: 100, endpoint: 25 };

interface Bucket {
  left: number;
  at: number;
}

/**
 * Counts requests. Buckets hold one second's worth and fill with time. Throws 429 when one is empty; how long to wait
 * is not told.
 */
export function rateLimit(limits: Limits, now: () => Date): (account: string, endpoint: string) => void {
  const buckets = new Map<string, Bucket>();
  const take = (name: string, perSecond: number): boolean => {
    const time = now().getTime();
    const bucket = buckets.get(name) ?? { left: perSecond, at: time };
    const refill = (Math.max(0, time - bucket.at) / 1_000) * perSecond;
    const left = Math.min(perSecond, bucket.left + refill);
    const isAllowed = left >= 1;
    buckets.set(name, { left: isAllowed ? left - 1 : left, at: time });
    return isAllowed;
  };
  return (account, endpoint) => {
    if (!take(account, limits.account)) throw tooMany('global-rate');
    if (!take(`${account} ${endpoint}`, limits.endpoint)) throw tooMany('endpoint-rate');
  };
}

/** A 429 with the reason that goes into `Stripe-Rate-Limited-Reason`. */
export class TooMany extends Refusal {
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(429, message, { code: 'rate_limit' });
    this.reason = reason;
  }
}

function tooMany(reason: string): TooMany {
  const message =
    'Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.';
  return new TooMany(message, reason);
}
