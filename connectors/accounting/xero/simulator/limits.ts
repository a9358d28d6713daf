/** Rolling windows and calls in flight, as Xero counts them per organisation and per app. */
export interface Limits {
  perMinute: number;
  perDay: number;
  concurrent: number;
  appPerMinute: number;
}

export const DEFAULT_LIMITS: Limits = { perMinute: 60, perDay: 5000, concurrent: 5, appPerMinute: 10_000 };

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

type Admission =
  | { admitted: true; headers: Record<string, string>; release(): void }
  | { admitted: false; headers: Record<string, string> };

export interface Limiter {
  /** Counts a call, or refuses it with Retry-After. A refused call counts nowhere. */
  admit(tenantId: string, now: number): Admission;
}

interface Tally {
  minute: number[];
  day: number[];
  inFlight: number;
}

/** Counts calls by the time it is told, from zero. */
export function createLimiter(limits: Limits): Limiter {
  const tenants = new Map<string, Tally>();
  const app: number[] = [];
  return {
    admit: (tenantId, now) => {
      const tally = tenants.get(tenantId) ?? { minute: [], day: [], inFlight: 0 };
      tenants.set(tenantId, tally);
      forget(tally.minute, now - MINUTE);
      forget(tally.day, now - DAY);
      forget(app, now - MINUTE);
      const problem = problemOf(limits, tally, app, now);
      if (problem) return { admitted: false, headers: { ...remaining(limits, tally, app), ...problem } };
      for (const window of [tally.minute, tally.day, app]) window.push(now);
      tally.inFlight += 1;
      let released = false;
      const release = () => {
        if (!released) tally.inFlight -= 1;
        released = true;
      };
      return { admitted: true, headers: remaining(limits, tally, app), release };
    },
  };
}

function problemOf(limits: Limits, tally: Tally, app: number[], now: number): Record<string, string> | null {
  const refuse = (problem: string, freeAt: number) => ({
    'X-Rate-Limit-Problem': problem,
    'Retry-After': String(Math.max(1, Math.ceil((freeAt - now) / 1000))),
  });
  if (tally.inFlight >= limits.concurrent) return refuse('concurrent', now);
  if (tally.day.length >= limits.perDay) return refuse('day', (tally.day[0] ?? now) + DAY);
  if (tally.minute.length >= limits.perMinute) return refuse('minute', (tally.minute[0] ?? now) + MINUTE);
  if (app.length >= limits.appPerMinute) return refuse('appminute', (app[0] ?? now) + MINUTE);
  return null;
}

function remaining(limits: Limits, tally: Tally, app: number[]): Record<string, string> {
  return {
    'X-MinLimit-Remaining': String(limits.perMinute - tally.minute.length),
    'X-DayLimit-Remaining': String(limits.perDay - tally.day.length),
    'X-AppMinLimit-Remaining': String(limits.appPerMinute - app.length),
  };
}

/** Drops instants that have left the window; they are in order. */
function forget(window: number[], until: number): void {
  const kept = window.findIndex((instant) => instant > until);
  window.splice(0, kept === -1 ? window.length : kept);
}
