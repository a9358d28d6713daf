import type { ErrorRequestHandler, Request, Response } from 'express';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in a page, in an attribute too. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character]!);
}

/** A whole page of simulated books; `content` is HTML. */
export function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}
td.amount{text-align:right;font-variant-numeric:tabular-nums}</style></head>
<body><h1>${escaped(title)}</h1>${content}</body></html>`;
}

/** Answers a page. */
export function sendPage(response: Response, status: number, content: string): void {
  response.status(status).set('content-type', 'text/html; charset=utf-8').end(content);
}

/** An address with these parameters set; empty ones are left out. */
export function withParameters(uri: string, parameters: Record<string, string>): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== '') url.searchParams.set(name, value);
  }
  return url.toString();
}

/** The query of a request, parameters that come twice included. */
export function searchOf(request: Request): URLSearchParams {
  return new URLSearchParams(request.originalUrl.split('?')[1] ?? '');
}

/** The body that `express.raw` read, as text; empty when there is none. */
export function bodyOf(request: Request): string {
  return Buffer.isBuffer(request.body) ? request.body.toString() : '';
}

/** The same as a form. */
export function formOf(request: Request): URLSearchParams {
  return new URLSearchParams(bodyOf(request));
}

/** Answers what express refuses, a body too large for one, with its status alone; 500 for anything else. */
export const failure: ErrorRequestHandler = (error: { status?: number }, _request, response, _next) => {
  response.status(error.status ?? 500).end();
};
