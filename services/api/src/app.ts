import { DomainError } from '@daybook/domain';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { acceptKeyLink, requireKey } from './auth.ts';
import type { ApiContext } from './context.ts';
import { healthRoutes } from './health.ts';
import { oauthRoutes } from './oauth.ts';
import { pageRoutes } from './page.ts';
import { apiRoutes } from './routes/index.ts';

/** The API, the OAuth pages and the page to look at, as one Express application. */
export function createApi(context: ApiContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(
    helmet({
      strictTransportSecurity: context.publicUrl().startsWith('https:'),
      contentSecurityPolicy: { directives: policy(context) },
    }),
  );
  app.use(healthRoutes(context));
  app.use(acceptKeyLink(context));
  app.use('/oauth', oauthRoutes(context));
  app.use('/api', requireKey(context), express.json({ limit: '1mb' }), apiRoutes(context));
  app.use(pageRoutes());
  app.use((_request, _response, next) =>
    next(new ApiError(404, 'NOT_FOUND', 'There is nothing at this address.', 'See /api/docs.')),
  );
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    refuse(context, error, response),
  );
  return app;
}

/** On plain http the browser must not be told to upgrade our own addresses. */
function policy(context: ApiContext): Record<string, null | string[]> {
  return context.publicUrl().startsWith('https:') ? {} : { upgradeInsecureRequests: null };
}

function refuse(context: ApiContext, error: unknown, response: Response): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = toKnown(error);
  if (known) {
    if (known.retryAfter !== null) response.set('retry-after', String(known.retryAfter));
    response.status(known.status).json({ error: { code: known.code, message: known.message, hint: known.hint } });
    return;
  }
  context.deps.log.error({ error: String(error) }, 'api.failed');
  response.status(500).json({
    error: {
      code: 'INTERNAL_FAULT',
      message: 'Daybook could not do that just now.',
      hint: 'Try again; the log says more.',
    },
  });
}

function toKnown(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof DomainError) return new ApiError(422, error.code, error.message, 'See docs/errors.md.');
  if (error instanceof z.ZodError)
    return new ApiError(400, 'INPUT_INVALID', z.prettifyError(error), 'See /api/docs for what is expected.');
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  if (status === 413) return new ApiError(413, 'TOO_LARGE', 'The request is larger than 1 MB.', 'Send less at once.');
  return new ApiError(status, 'INPUT_INVALID', (error as Error).message, 'Send well-formed JSON in UTF-8.');
}
