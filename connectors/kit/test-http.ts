import { ConnectorError } from './connector-error.ts';
import type { HttpClient } from './contract.ts';

/** An HttpClient over the global fetch, for tests: interceptors see it, and it reaches simulators on this machine. */
export const plainHttp: HttpClient = {
  request: async ({ method, url, headers, body }) => {
    try {
      const init = { method, ...(headers && { headers }), ...(body !== undefined && { body }) };
      const response = await fetch(url, { ...init, redirect: 'manual' });
      return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
    } catch (cause) {
      const message = `No answer from ${url}.`;
      throw new ConnectorError('retryable', message, { code: 'HTTP_NO_ANSWER', ambiguous: true, cause });
    }
  },
};
