import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '@daybook/api/app';
import type { ApiContext } from '@daybook/api/context';
import { expect } from 'vitest';

/** Serves an API of its own on a free port of this machine. */
export async function serve(context: ApiContext): Promise<{ url: string; server: Server }> {
  const server = createServer(createApi(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the route it asked
  body: any;
}

/** Asks the API behind `base`; `json` is sent by POST unless a method is named. Redirects are answered, not followed. */
export async function ask(base: string, path: string, init: RequestInit & { json?: unknown } = {}): Promise<Answer> {
  const { json, ...rest } = init;
  const sent =
    json === undefined
      ? rest
      : {
          method: 'POST',
          ...rest,
          body: JSON.stringify(json),
          headers: { 'content-type': 'application/json', ...rest.headers },
        };
  const response = await fetch(`${base}${path}`, { redirect: 'manual', ...sent });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** The shape every refusal has: a code, what happened, and what to do. */
export const refusal = (code: string) => ({
  error: { code, message: expect.stringMatching(/\w{3}/), hint: expect.any(String) },
});
