import { parse } from 'lossless-json';
import { ConnectorError } from './connector-error.ts';

/**
 * Parses JSON with every number kept as the text it was written with, so that 18-digit ids and amounts survive.
 * Throws ConnectorError `rejected` PAYLOAD_NOT_JSON for anything that is not JSON, including an empty body.
 */
export function parseJson(body: Buffer | string): unknown {
  // Editors on Windows put a mark in front, which stands for nothing.
  const text = body.toString().replace(/^\uFEFF/, '');
  try {
    return parse(text, null, (number) => number);
  } catch (cause) {
    throw new ConnectorError('rejected', notJson(text, cause as Error), { code: 'PAYLOAD_NOT_JSON', cause });
  }
}

function notJson(text: string, cause: Error): string {
  if (text.trim() === '') return 'The body is empty; a payload in JSON was expected.';
  const why = cause instanceof RangeError ? 'it is nested too deeply' : cause.message;
  return `The body is not valid JSON: ${why}`;
}

/** An answer whose numbers are small (seconds, counts), parsed as usual; undefined for anything that is not JSON. */
export function plainJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
