import type { Answer } from './answer.ts';
import { Refused } from './refusal.ts';
import type { Company, StoredAnswer } from './world.ts';

/**
 * How long a repeated requestid is answered from memory. Intuit does not say; the simulator forgets after a day, so
 * that nobody relies on longer.
 */
const REMEMBERED_MS = 24 * 60 * 60_000;
const LONGEST = 50;
const LONGEST_OF_BATCH = 36;

/** Throws 2130 for a requestid that is too long (36 characters on /batch) or has other characters than ids have. */
export function checkRequestId(id: string, isBatch: boolean): void {
  const most = isBatch ? LONGEST_OF_BATCH : LONGEST;
  if (id.length <= most && /^[A-Za-z0-9_-]+$/.test(id)) return;
  throw new Refused('2130', `Invalid Request Id Format : it must have 1 to ${most} letters, digits, - and _.`);
}

/**
 * The answer that a requestid already has in this company, refusals included, whatever the body says this time. Null
 * when the id is new.
 */
export function rememberedAnswer(company: Company, id: string, now: number): Answer | null {
  for (const [key, stored] of company.answers) {
    if (now - stored.firstUsedAt < REMEMBERED_MS) break;
    company.answers.delete(key);
  }
  const stored = company.answers.get(id);
  return stored ? { status: stored.status, body: stored.body, contentType: 'application/json;charset=utf-8' } : null;
}

/** The answer as it is kept. */
export function storedAnswer(key: string, answer: Answer, now: number): StoredAnswer {
  return { key, firstUsedAt: now, status: answer.status, body: answer.body };
}
