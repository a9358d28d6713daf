import { pendingMigrations } from '@daybook/platform/migrate';
import { Router } from 'express';
import type { ApiContext } from './context.ts';

/** Whoever asks whether we are ready does not wait longer. */
const ANSWER_WITHIN_MS = 3_000;

/** `/healthz` (the process is up), `/readyz` (database, migrations and queue), `/metrics` (Prometheus). */
export function healthRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'up' });
  });
  router.get('/readyz', async (_request, response) => {
    const [database, migrations, queue] = await Promise.all([
      check(context, 'database', () => context.sql`select 1`),
      check(context, 'migrations', () => refusePending(context)),
      check(context, 'queue', () => context.queues.ping()),
    ]);
    const ready = [database, migrations, queue].every((each) => each === 'ok');
    response.status(ready ? 200 : 503).json({ ready, database, migrations, queue });
  });
  router.get('/metrics', async (_request, response) => {
    response.set('content-type', context.metricsType).send(await context.metrics());
  });
  return router;
}

async function refusePending({ sql }: ApiContext): Promise<void> {
  const pending = await pendingMigrations(sql);
  if (pending > 0) throw new Error(`${pending} migrations are not applied`);
}

/** The log says why; a stranger learns only that it is so. */
async function check({ deps }: ApiContext, what: string, work: () => PromiseLike<unknown>): Promise<'ok' | 'failed'> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
  });
  try {
    await Promise.race([work(), tooLong]);
    return 'ok';
  } catch (error) {
    deps.log.warn({ check: what, error: String(error) }, 'api.not_ready');
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
