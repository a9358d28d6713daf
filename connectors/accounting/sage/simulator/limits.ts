const MINUTE = 60_000;

export interface Limiter {
  /** Counts a call of a business at an instant in milliseconds; false = it is too many, and counts nowhere. */
  admit(business: string, now: number): boolean;
}

/** Counts calls in a rolling minute, by the time it is told. */
export function createLimiter(perMinute: number): Limiter {
  const calls = new Map<string, number[]>();
  return {
    admit: (business, now) => {
      const lately = (calls.get(business) ?? []).filter((instant) => instant > now - MINUTE);
      calls.set(business, lately);
      if (lately.length >= perMinute) return false;
      lately.push(now);
      return true;
    },
  };
}
