import { parse } from 'lossless-json';
import { ConnectorError } from './connector-error.ts';

/**
 * Parses JSON with every number kept as the text it was written with, so that 18-digit ids and amounts survive.
 * Throws ConnectorError `rejected` PAYLOAD_NOT_JSON for anything that is not JSON, including an empty body.
 */
export function parseJson(body: Buffer | string): unknown {
  try {
    return parse(body.toString(), null, (number) => number);
  } catch (cause) {
    throw new ConnectorError('rejected', `The body is not valid JSON: ${(cause as Error).message}`, {
      code: 'PAYLOAD_NOT_JSON',
      cause,
    });
  }
}
