import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HeaderMap } from './contract.ts';

/** How a provider signs its webhooks, as data. */
export interface SignatureScheme {
  algorithm: 'sha256' | 'sha1';
  /** Header that carries the signature, lower case. */
  header: string;
  encoding: 'base64' | 'hex';
  /** What is signed: the raw body, or our public URL followed by it. */
  signs: 'body' | 'url+body';
  /** Whose secret: the OAuth application's, or one per connection. */
  secret: 'app' | 'connection';
}

export interface SignedRequest {
  headers: HeaderMap;
  body: Buffer;
  url: string;
}

/** The signature a provider would send for these bytes; simulators and tests sign with it. */
export function sign(scheme: SignatureScheme, body: Buffer, url: string, secret: string): string {
  const hmac = createHmac(scheme.algorithm, secret);
  if (scheme.signs === 'url+body') hmac.update(url);
  return hmac.update(body).digest(scheme.encoding);
}

/**
 * Whether any of the valid secrets (two during a rotation) made the signature. Every secret is tried and both sides
 * are hashed first, so that time tells neither length nor position. No secret: false.
 */
export function verifySignature(scheme: SignatureScheme, request: SignedRequest, secrets: readonly string[]): boolean {
  const given = request.headers[scheme.header] ?? '';
  let valid = false;
  for (const secret of secrets) {
    const expected = sign(scheme, request.body, request.url, secret);
    if (sameText(given, expected) && given !== '' && secret !== '') valid = true;
  }
  return valid;
}

/** Compares two texts in a time that depends on neither. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
