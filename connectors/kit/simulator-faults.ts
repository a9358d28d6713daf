import type { Request, RequestHandler, Response } from 'express';
import type { Fault } from './simulator.ts';

/** Faults a simulator has been told to commit, and the middleware that commits them; mount it before every route. */
export interface Faults {
  inject(fault: Fault): void;
  middleware: RequestHandler;
}

/**
 * - `status`: answers `status` (500) with `headers` and `body` and does nothing else.
 * - `html`: answers a proxy's error page (`status`, 502) where JSON is expected.
 * - `empty`: answers `status` (200) without a body, nothing done.
 * - `slow`: waits `delayMs` (1000), then does its work; does it even if the client has gone by then.
 * - `lost_reply`: does its work, then cuts the connection instead of answering.
 * - `drop_before`: cuts the connection, nothing done.
 *
 * Of several matching faults the oldest goes first; each matching request uses up one of its `count`.
 */
export function simulatorFaults(): Faults {
  const waiting: Fault[] = [];
  return {
    inject: (fault) => void waiting.push({ ...fault }),
    middleware: (request, response, next) => {
      const fault = waiting.find((candidate) => candidate.count > 0 && matches(candidate, request));
      if (fault === undefined) return next();
      fault.count -= 1;
      if (fault.count <= 0) waiting.splice(waiting.indexOf(fault), 1);
      commit(fault, request, response, next);
    },
  };
}

function matches(fault: Fault, request: Request): boolean {
  const method = fault.method === undefined || fault.method.toUpperCase() === request.method;
  return method && (fault.path === undefined || request.path.includes(fault.path));
}

function commit(fault: Fault, request: Request, response: Response, next: () => void): void {
  switch (fault.kind) {
    case 'status':
      response
        .status(fault.status ?? 500)
        .set({ 'content-type': 'application/json', ...fault.headers })
        .end(fault.body ?? '');
      return;
    case 'html':
      response
        .status(fault.status ?? 502)
        .set({ 'content-type': 'text/html; charset=utf-8', ...fault.headers })
        .end(
          fault.body ?? '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>Sorry.</body></html>',
        );
      return;
    case 'empty':
      response
        .status(fault.status ?? 200)
        .set(fault.headers ?? {})
        .end();
      return;
    case 'slow':
      setTimeout(next, fault.delayMs ?? 1000);
      return;
    case 'lost_reply':
      loseReply(request, response);
      next();
      return;
    case 'drop_before':
      request.socket.destroy();
  }
}

/** The route runs and believes it has answered; the client sees the connection break. */
function loseReply(request: Request, response: Response): void {
  response.writeHead = () => response;
  response.flushHeaders = () => undefined;
  response.write = () => true;
  response.end = () => {
    request.socket.destroy();
    return response;
  };
}
