import { type Response, Router } from 'express';
import type { ApiContext } from './context.ts';

/** `/healthz` (the process is up), `/readyz` (database and queue answer), `/metrics` (Prometheus). */
export function healthRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'up' });
  });
  router.get('/readyz', async (_request, response) => {
    const checks = {
      database: await answers(() => context.sql`select 1`),
      queue: await answers(() => context.queues.ping()),
    };
    const ready = Object.values(checks).every((check) => check === 'ok');
    response.status(ready ? 200 : 503).json({ ready, ...checks });
  });
  router.get('/metrics', async (_request, response: Response) => {
    response.type('text/plain').send(await context.metrics());
  });
  return router;
}

async function answers(check: () => PromiseLike<unknown>): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}
