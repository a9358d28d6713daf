import type { Sql } from '@daybook/platform/db';

interface Kept {
  answer: Promise<unknown>;
  /** Milliseconds of the process clock; infinite while it is being worked out. */
  goodUntil: number;
}

/** What takes less is worked out anew every time. */
const CHEAP_MS = 50;
/** An answer is kept this many times as long as it took, so that watching costs the database a twentieth at most. */
const TIMES = 20;

const memory = new WeakMap<Sql, Map<string, Kept>>();

/** Counts over millions of rows take seconds: everybody who asks meanwhile, or shortly after, shares one answer. */
export async function kept<Answer>(sql: Sql, key: string, work: () => Promise<Answer>): Promise<Answer> {
  const entries = memory.get(sql) ?? new Map<string, Kept>();
  memory.set(sql, entries);
  const known = entries.get(key);
  if (known && performance.now() < known.goodUntil) return known.answer as Promise<Answer>;
  const started = performance.now();
  const entry: Kept = { answer: work(), goodUntil: Number.POSITIVE_INFINITY };
  entries.set(key, entry);
  try {
    return (await entry.answer) as Answer;
  } catch (error) {
    entries.delete(key);
    throw error;
  } finally {
    const took = performance.now() - started;
    entry.goodUntil = performance.now() + (took < CHEAP_MS ? 0 : took * TIMES);
  }
}
