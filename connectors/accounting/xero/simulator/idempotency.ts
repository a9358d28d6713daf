import { createHash } from 'node:crypto';
import { type Answer, badRequest } from './answer.ts';
import type { StoredAnswer, World } from './world.ts';

/** How long Xero answers a repeated key from memory, counted from its first use. */
const KEY_WINDOW_MS = 6 * 60_000;

/** What a request says: method, URL and body; the organisation is not part of it, since keys belong to the app. */
export function fingerprint(method: string, url: string, body: string): string {
  return createHash('sha256').update(`${method} ${url}\n${body}`).digest('hex');
}

/**
 * The answer a key already has, errors included: the stored one for the same request, a refusal for another. Null when
 * the key is new, also when it was used more than six minutes ago.
 */
export function answerFor(world: World, key: string, asked: string, now: number): Answer | null {
  if (key.length > 128)
    return badRequest(10, 'ValidationException', 'The Idempotency-Key must be 128 characters or fewer.');
  forgetOld(world, now);
  const stored = world.answers.get(key);
  if (!stored) return null;
  if (stored.fingerprint !== asked) {
    return badRequest(
      10,
      'ValidationException',
      `The Idempotency-Key '${key}' has already been used with a different request.`,
    );
  }
  return { status: stored.status, body: stored.body, contentType: stored.contentType };
}

/** Answers are kept in the order of their first use. */
function forgetOld(world: World, now: number): void {
  for (const [key, stored] of world.answers) {
    if (now - stored.firstUsedAt < KEY_WINDOW_MS) return;
    world.answers.delete(key);
  }
}

/** The answer as it is kept for the key. */
export function storedAnswer(key: string, asked: string, now: number, answer: Answer): StoredAnswer {
  return {
    key,
    fingerprint: asked,
    firstUsedAt: now,
    status: answer.status,
    body: answer.body,
    contentType: answer.contentType,
  };
}
