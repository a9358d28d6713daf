const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Milliseconds before each attempt at something that failed for a passing reason (product.md T13). */
export const ATTEMPT_DELAYS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  10 * HOUR,
];

/**
 * Milliseconds before each look for a fact that has to come first (a refund whose sale has not arrived). Most arrive
 * within seconds; what is still missing after two days is a person's to look at.
 */
export const WAITING_DELAYS: readonly number[] = [
  SECOND,
  5 * SECOND,
  30 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  12 * HOUR,
  DAY,
];

/** Milliseconds to leave a provider alone that asks us to slow down and does not say for how long. */
export const SLOW_DOWN_MS = MINUTE;

/** Milliseconds before a document is tried to be taken out of the books again after a passing fault; a person watches. */
export const UNDO_AGAIN_MS = 30 * SECOND;

/**
 * Milliseconds until a day (YYYY-MM-DD) has begun everywhere on earth: what is dated ahead is tried again then. Null
 * where it has begun somewhere already, so that waiting would not help.
 */
export function untilBegun(day: string, now: Date): number | null {
  const delay = Date.parse(`${day}T00:00:00Z`) + DAY / 2 - now.getTime();
  return delay > DAY / 2 ? delay : null;
}

/** A delay is spread by so much to either side, so that what failed together does not come back together. */
const JITTER = 0.2;
/** A provider that names a date far away is in error; nothing waits longer than this for one attempt. */
const LONGEST_RETRY_AFTER = DAY;

export type Next = { delayMs: number } | { giveUp: true };

export interface Attempted {
  /** How many attempts were made already. */
  attempts: number;
  /** Milliseconds the provider asked us to wait; taken when longer than ours, up to a day. */
  retryAfterMs?: number | undefined;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
}

/** When to try again, or that it is time to open an issue. Eight attempts spread over some 28 hours. */
export function nextAttempt(attempted: Attempted): Next {
  return nextOf(ATTEMPT_DELAYS, attempted);
}

/** When to look again for the fact this one waits for, or that it is time to open an issue: after some 39 hours. */
export function nextLook(attempted: Omit<Attempted, 'retryAfterMs'>): Next {
  return nextOf(WAITING_DELAYS, attempted);
}

function nextOf(delays: readonly number[], { attempts, retryAfterMs = 0, random }: Attempted): Next {
  const delay = delays[attempts];
  if (delay === undefined) return { giveUp: true };
  const spread = delay * (1 + JITTER * (2 * random() - 1));
  return { delayMs: Math.round(Math.max(spread, Math.min(retryAfterMs, LONGEST_RETRY_AFTER))) };
}
