import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { HttpClient } from '@daybook/connectors/kit/contract';

/** A plain client for tests that talk to simulators: no retries, no redirects, only the origins it is told. */
export function testHttp(allowedOrigins: string[], timeoutMs: number): HttpClient {
  return {
    request: async ({ method, url, headers, body }) => {
      if (!allowedOrigins.includes(new URL(url).origin)) {
        throw new ConnectorError('retryable', `${new URL(url).origin} is not a host of this test.`, {
          code: 'HOST_NOT_ALLOWED',
        });
      }
      const signal = AbortSignal.timeout(timeoutMs);
      const init = {
        method,
        signal,
        redirect: 'manual' as const,
        ...(headers && { headers }),
        ...(body !== undefined && { body }),
      };
      try {
        const response = await fetch(url, init);
        return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
      } catch (cause) {
        throw new ConnectorError('retryable', `No answer from ${url}: ${String(cause)}`, {
          code: 'NO_ANSWER',
          ambiguous: (cause as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED',
          cause,
        });
      }
    },
  };
}
