import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HeaderMap } from './contract.ts';

/** How a provider signs its webhooks, as data. */
export interface SignatureScheme {
  algorithm: 'sha256' | 'sha1';
  /** Header that carries the signature, lower case. */
  header: string;
  encoding: 'base64' | 'hex';
  /** What is signed: the raw body, our public URL followed by it, or the header's time, a dot, and the body. */
  signs: 'body' | 'url+body' | 'time.body';
  /**
   * Whose secret: the OAuth application's client secret, or the one of the webhook subscription (a connection's own, or
   * the application's, see `WebhookTarget`).
   */
  secret: 'client' | 'webhook';
  /**
   * For `time.body`: the header is a list like `t=1700000000,v1=…,v1=…`. Names of the parts, and how many seconds the
   * time may lie off our clock in either direction.
   */
  list?: { time: string; signature: string; toleranceSeconds: number };
}

export interface SignedRequest {
  headers: HeaderMap;
  body: Buffer;
  url: string;
  /** When it reached us. */
  receivedAt: Date;
}

/** The header value a provider would send for these bytes at an instant; simulators and tests sign with it. */
export function sign(
  scheme: SignatureScheme,
  message: { body: Buffer; url: string; at: Date },
  secret: string,
): string {
  const time = String(Math.floor(message.at.getTime() / 1_000));
  const digest = digestOf(scheme, message, time, secret);
  return scheme.list ? `${scheme.list.time}=${time},${scheme.list.signature}=${digest}` : digest;
}

/**
 * Whether any of the valid secrets (two during a rotation) made one of the signatures given. Every pair is tried and
 * both sides are hashed first, so that time tells neither length nor position. No secret: false. Where the time is
 * signed, one too far from our clock is refused, in the past (a replay) as in the future.
 */
export function verifySignature(scheme: SignatureScheme, request: SignedRequest, secrets: readonly string[]): boolean {
  const { time, signatures } = givenIn(scheme, request.headers[scheme.header] ?? '');
  if (scheme.list && !isTimely(time, request.receivedAt, scheme.list.toleranceSeconds)) return false;
  let valid = false;
  for (const secret of secrets) {
    const expected = digestOf(scheme, request, time, secret);
    for (const given of signatures) {
      if (sameText(given, expected) && given !== '' && secret !== '') valid = true;
    }
  }
  return valid;
}

/** Compares two texts in a time that depends on neither. */
export function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Most signatures one header may list: two during a rotation, and room for schemes we do not read. */
const MOST_SIGNATURES = 8;

function givenIn(scheme: SignatureScheme, header: string): { time: string; signatures: string[] } {
  const { list } = scheme;
  if (!list) return { time: '', signatures: [header] };
  const parts = header.split(',').map((part) => part.trim());
  const valuesOf = (name: string) =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
  return {
    time: valuesOf(list.time)[0] ?? '',
    signatures: valuesOf(list.signature).slice(0, MOST_SIGNATURES),
  };
}

function isTimely(time: string, receivedAt: Date, toleranceSeconds: number): boolean {
  if (!/^\d{1,12}$/.test(time)) return false;
  return Math.abs(receivedAt.getTime() / 1_000 - Number.parseInt(time, 10)) <= toleranceSeconds;
}

function digestOf(
  scheme: SignatureScheme,
  { body, url }: { body: Buffer; url: string },
  time: string,
  secret: string,
): string {
  const hmac = createHmac(scheme.algorithm, secret);
  if (scheme.signs === 'url+body') hmac.update(url);
  if (scheme.signs === 'time.body') hmac.update(`${time}.`);
  return hmac.update(body).digest(scheme.encoding);
}
