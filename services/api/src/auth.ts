import { sameText } from '@daybook/connectors/kit/signature';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './context.ts';

const COOKIE = 'daybook_key';
const A_MONTH_MS = 30 * 24 * 60 * 60_000;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Lets a request in with the API key, as `Authorization: Bearer` or as the cookie that `/?key=…` sets. Without a key
 * (the sandbox) only pages of this very machine may ask: the Host header must be loopback, which shuts out rebound
 * names, and writes must not come from a foreign page.
 */
export function requireKey(context: ApiContext): RequestHandler {
  return (request, _response, next) => {
    if (context.apiKey === null) return next(sandboxProblem(context, request));
    const given = bearer(request) ?? cookie(request) ?? '';
    if (sameText(given, context.apiKey)) return next(foreignWrite(context, request));
    next(
      new ApiError(
        401,
        'KEY_MISSING',
        'This needs the API key.',
        'Open the link that `npm start` printed, or send Authorization: Bearer <key>.',
      ),
    );
  };
}

/** Turns `/?key=…` into a cookie and a clean address, so that the key does not stay in the browser's history. */
export function acceptKeyLink(context: ApiContext): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const key = request.query.key;
    if (request.path !== '/' || typeof key !== 'string' || context.apiKey === null) return next();
    if (!sameText(key, context.apiKey))
      return next(
        new ApiError(401, 'KEY_WRONG', 'This key does not open Daybook.', 'Use the link that the hub printed last.'),
      );
    response.cookie(COOKIE, key, {
      httpOnly: true,
      sameSite: 'strict',
      maxAge: A_MONTH_MS,
      secure: context.publicUrl().startsWith('https:'),
    });
    response.redirect(303, '/');
  };
}

function sandboxProblem(context: ApiContext, request: Request): ApiError | undefined {
  if (!LOOPBACK.test(request.headers.host ?? '')) {
    return new ApiError(
      403,
      'SANDBOX_LOCAL_ONLY',
      'The sandbox answers this machine only.',
      'Open it as http://127.0.0.1.',
    );
  }
  return foreignWrite(context, request);
}

/** Browsers name the page a write comes from; it must be ours, under our own name or the one a proxy gives us. */
function foreignWrite(context: ApiContext, request: Request): ApiError | undefined {
  const { origin, host } = request.headers;
  if (request.method === 'GET' || request.method === 'HEAD' || origin === undefined) return undefined;
  const from = URL.canParse(origin) ? new URL(origin).host : '';
  if (from !== '' && (from === host || from === new URL(context.publicUrl()).host)) return undefined;
  return new ApiError(
    403,
    'FOREIGN_ORIGIN',
    'Another site may not change anything here.',
    'Use the page of Daybook itself.',
  );
}

function bearer(request: Request): string | undefined {
  return /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function cookie(request: Request): string | undefined {
  const given = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  try {
    return given === undefined ? undefined : decodeURIComponent(given);
  } catch {
    return undefined;
  }
}
