import type { Sql } from '@daybook/platform/db';

/**
 * Runs the work while holding the connection's advisory lock; 'busy' when another worker holds it. The lock lives in a
 * database session of its own, so a killed worker frees it at once.
 */
export async function withLock<Result>(
  sql: Sql,
  connectionId: string,
  work: () => Promise<Result>,
): Promise<Result | 'busy'> {
  const session = await sql.reserve();
  try {
    const [row] = await session<{ locked: boolean }[]>`
      select pg_try_advisory_lock(hashtextextended(${`push ${connectionId}`}, 0)) as locked`;
    if (!row?.locked) return 'busy';
    try {
      return await work();
    } finally {
      await session`select pg_advisory_unlock(hashtextextended(${`push ${connectionId}`}, 0))`;
    }
  } finally {
    session.release();
  }
}
