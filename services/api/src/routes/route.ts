import { type Request, Router } from 'express';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';

/** A route as data: the Express handler and its OpenAPI entry are both made from it, so they cannot disagree. */
export interface Route<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put';
  /** With `{name}` for parameters, below /api/v1. */
  path: string;
  summary: string;
  query?: Query;
  body?: Body;
  answer: Answer;
  handle(
    request: { params: Record<string, string>; query: z.output<Query>; body: z.output<Body> },
    context: ApiContext,
  ): Promise<z.input<Answer>>;
}

/** Keeps the types of a route together; does nothing else. */
export function route<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>(
  definition: Route<Query, Body, Answer>,
): Route {
  return definition as unknown as Route;
}

/** Serves routes: input parsed before, output after the handler, faults passed on. */
export function serve(routes: readonly Route[], context: ApiContext): Router {
  const router = Router();
  for (const each of routes) {
    router[each.method](each.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request: Request, response) => {
      const answer = await each.handle(
        {
          params: request.params as Record<string, string>,
          query: (each.query ?? z.object({})).parse(request.query),
          body: (each.body ?? z.unknown()).parse(request.body ?? {}),
        },
        context,
      );
      response.type('json').send(JSON.stringify(each.answer.parse(answer), figureAsText));
    });
  }
  return router;
}

/** Reports carry bigint as it is; on the wire it is text like every 64-bit figure. */
function figureAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Minor units and ids are 64-bit in the database; on the wire they are text, so that no reader rounds them. */
export const minorText = z.bigint().transform(String).pipe(z.string());
export const idText = z.bigint().transform(String).pipe(z.string());
/** An instant as ISO text. */
export const instantText = z.date().transform((date) => date.toISOString()).pipe(z.string());
/** Cursor pagination: `cursor` of the last answer goes into the next request. */
export const page = z.object({
  company: z.string().optional(),
  cursor: z.string().regex(/^\d+$/).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
