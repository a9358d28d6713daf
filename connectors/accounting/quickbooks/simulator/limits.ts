/** What Intuit's page of limits allows one app at one company. */
export interface Limits {
  perMinute: number;
  perSecond: number;
  batchesPerMinute: number;
}

export const DEFAULT_LIMITS: Limits = { perMinute: 500, perSecond: 10, batchesPerMinute: 40 };

const MINUTE = 60_000;
const SECOND = 1_000;

export interface Limiter {
  /** Counts a call of a company at an instant in milliseconds; false = it is too many, and counts nowhere. */
  admit(realm: string, isBatch: boolean, now: number): boolean;
}

/** Counts calls in rolling windows, by the time it is told. */
export function createLimiter(limits: Limits): Limiter {
  const calls = new Map<string, { all: number[]; batches: number[] }>();
  return {
    admit: (realm, isBatch, now) => {
      const of = calls.get(realm) ?? { all: [], batches: [] };
      calls.set(realm, of);
      for (const window of [of.all, of.batches]) forget(window, now - MINUTE);
      const lately = of.all.filter((instant) => instant > now - SECOND).length;
      if (of.all.length >= limits.perMinute || lately >= limits.perSecond) return false;
      if (isBatch && of.batches.length >= limits.batchesPerMinute) return false;
      of.all.push(now);
      if (isBatch) of.batches.push(now);
      return true;
    },
  };
}

/** Drops instants that have left the window; they are in order. */
function forget(window: number[], until: number): void {
  const kept = window.findIndex((instant) => instant > until);
  window.splice(0, kept === -1 ? window.length : kept);
}
