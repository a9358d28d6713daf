import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { ApiContext } from '../context.ts';

/** A route as data: the Express handler and its OpenAPI entry are both made from it, so they cannot disagree. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put';
  /** With `{name}` for parameters, below /api/v1. */
  path: string;
  summary: string;
  params?: Params;
  query?: Query;
  body?: Body;
  answer: Answer;
  /** Of an answer that is a file, as `fileAnswer`: its media type. */
  media?: string;
  handle(
    request: { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> },
    context: ApiContext,
  ): Promise<z.input<Answer>>;
}

/** Keeps the types of a route together; does nothing else. */
export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(definition: Route<Params, Query, Body, Answer>): Route {
  return definition as unknown as Route;
}

/** Serves routes: input parsed before, output after the handler, faults passed on. */
export function serve(routes: readonly Route[], context: ApiContext): Router {
  const router = Router();
  const nothing = z.object({});
  for (const each of routes) {
    router[each.method](each.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request: Request, response) => {
      refuseZeroBytes([request.params, request.query, request.body]);
      const answer = await each.handle(
        {
          params: (each.params ?? nothing).parse(request.params),
          query: (each.query ?? nothing).parse(request.query),
          body: each.body === undefined ? undefined : each.body.parse(request.body ?? {}),
        },
        context,
      );
      if (each.media === undefined) response.json(answerOf(each, answer));
      else await send(response, each.media, answer as FileAnswer);
    });
  }
  return router;
}

/** A file to download, in pieces. */
export interface FileAnswer {
  name: string;
  bytes: number;
  content: AsyncIterable<Buffer>;
}

/** The schema of an answer that is a file. */
export const fileAnswer = z.custom<FileAnswer>();

async function send(response: Response, media: string, { name, bytes, content }: FileAnswer): Promise<void> {
  response.attachment(name).type(media).set('content-length', String(bytes));
  await pipeline(Readable.from(content), response);
}

/** An answer that does not fit its schema is our fault, not the caller's input. */
function answerOf(each: Route, answer: unknown): unknown {
  const parsed = each.answer.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Error(`${each.method} ${each.path} made an answer against its schema: ${z.prettifyError(parsed.error)}`);
}

/** PostgreSQL keeps no zero byte in text. */
function refuseZeroBytes(input: unknown): void {
  if (JSON.stringify(input).includes('\\u0000'))
    throw new ApiError(400, 'INPUT_INVALID', 'The request holds a zero byte (\\u0000).', 'Send it without.');
}

/** Minor units and ids are 64-bit in the database; on the wire they are text, so that no reader rounds them. */
export const minorText = z.bigint().transform(String).pipe(z.string());
export const idText = z.bigint().transform(String).pipe(z.string());
/** An instant as ISO text. */
export const instantText = z
  .date()
  .transform((date) => date.toISOString())
  .pipe(z.string());
/** An id as callers send it: as many digits as fit 64 bits. */
export const givenId = z.string().regex(/^\d{1,18}$/, 'is not an id');
/** A day as callers send it. */
export const givenDay = z.iso.date().refine((day) => day >= '1900-01-01', 'is before 1900');
/** The company a list is about; all when left out. */
export const ofCompany = z.object({ company: z.string().min(1).optional() });
/** Cursor pagination: `cursor` of the last answer goes into the next request. */
export const page = ofCompany.extend({
  cursor: givenId.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** The cursor to the next page of rows in id order; null after the last. */
export function nextCursor(rows: readonly { id: bigint }[], limit: number): string | null {
  const last = rows.at(-1);
  return last !== undefined && rows.length === limit ? String(last.id) : null;
}
