import { createHash } from 'node:crypto';

/** Equal for the same bytes; enough of a SHA-256 that two states of an object never meet. */
export function contentHash(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 24);
}
