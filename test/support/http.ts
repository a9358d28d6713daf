import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { HttpClient } from '@daybook/connectors/kit/contract';
import { createHttpClient } from '@daybook/platform/http-client';

/** The product's client, made impatient: no request of a test waits longer than `timeoutMs`, whatever it asks for. */
export function testHttp(allowedOrigins: string[], timeoutMs: number): HttpClient {
  const client = createHttpClient({
    allowedOrigins: [],
    configuredOrigins: allowedOrigins,
    timeoutMs,
    fail: (message, { ambiguous, cause, code }) => new ConnectorError('retryable', message, { code, ambiguous, cause }),
  });
  return { request: (request) => client.request({ ...request, timeoutMs }) };
}
