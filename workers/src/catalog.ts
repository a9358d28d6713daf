import { z } from 'zod';

/**
 * Every job there is. A job carries ids only: the work itself, its attempts and its due time stand in the `todo` table,
 * so a queue that forgets everything costs minutes, not a sale (design.md section 2, rule 1).
 */
const ids = z.array(z.string().regex(/^\d+$/));

export const jobs = {
  normalize: { queue: 'deliveries', concurrency: 2, payload: z.strictObject({ companyId: z.uuid(), refs: ids }) },
  post: { queue: 'events', concurrency: 2, payload: z.strictObject({ companyId: z.uuid(), refs: ids }) },
  push: { queue: 'documents', concurrency: 4, payload: z.strictObject({ connectionId: z.uuid() }) },
  backfill: { queue: 'imports', concurrency: 1, payload: z.strictObject({ id: z.uuid() }) },
  upkeep: {
    queue: 'maintenance',
    concurrency: 1,
    payload: z.object({ name: z.enum(['sweep', 'poll', 'repair', 'summarise', 'watch', 'remind', 'match']) }),
  },
} as const;

/** Members of one job at most; more are cut into several jobs. */
export const BATCH = 300;
