import { expect, test } from 'vitest';
import type { BooksWorld } from './conformance-books.ts';
import { invoice } from './conformance-documents.ts';
import { failureOf, TIMEOUT_MS } from './conformance-world.ts';
import type { SendResult } from './contract.ts';
import type { Fault } from './simulator.ts';

interface Answer {
  what: string;
  fault: Omit<Fault, 'count' | 'path' | 'method'>;
  kinds: string[];
  /** Whether the document may have been made although we cannot know. */
  ambiguous: boolean;
}

const status = (code: number, kinds: string[], ambiguous = false): Answer => ({
  what: `status ${code}`,
  fault: { kind: 'status', status: code, body: '{}' },
  kinds,
  ambiguous,
});

const ANSWERS: Answer[] = [
  status(400, ['rejected']),
  status(401, ['unauthorized']),
  status(403, ['unauthorized']),
  status(404, ['rejected']),
  // A conflict says that something else is under way or already there: never a success, never a new document blindly.
  status(409, ['rejected', 'retryable']),
  status(500, ['retryable'], true),
  status(503, ['retryable'], true),
  { what: 'a proxy’s HTML page', fault: { kind: 'html' }, kinds: ['retryable'], ambiguous: true },
  { what: '200 in HTML', fault: { kind: 'html', status: 200 }, kinds: ['retryable'], ambiguous: true },
  { what: '200 and nothing', fault: { kind: 'empty' }, kinds: ['retryable'], ambiguous: true },
  {
    what: '200 and JSON of something else',
    fault: { kind: 'status', status: 200, body: '{"weather":"fine"}' },
    kinds: ['retryable'],
    ambiguous: true,
  },
  { what: 'a broken connection', fault: { kind: 'drop_before' }, kinds: ['retryable'], ambiguous: true },
  { what: 'nothing in time', fault: { kind: 'slow', delayMs: TIMEOUT_MS * 2 }, kinds: ['retryable'], ambiguous: true },
];

/** What each kind of bad answer means: the error's kind decides what the workers do. */
export function answerConformance(books: () => BooksWorld): void {
  test.for(ANSWERS.map((answer) => ({ ...answer, means: answer.kinds.join(' or ') })))(
    '$what is $means',
    async ({ fault, kinds, ambiguous }) => {
      const { terms, failOn, send } = books();
      const document = invoice(terms());
      await failOn(document, fault);
      const failure = refusal(await failureOf(() => send([document])));
      expect(kinds).toContain((failure as { kind?: string }).kind);
      expect(failure).toMatchObject({ name: 'ConnectorError', code: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/) });
      if (fault.status !== 409) expect(failure).toHaveProperty('ambiguous', ambiguous);
      expect((failure as Error).message.length, 'a message for people').toBeGreaterThan(20);
    },
  );

  test('429 waits as long as it was told to, and nothing was done', async () => {
    const { terms, failOn, send, find } = books();
    const document = invoice(terms());
    await failOn(document, { kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: '{}' });
    const failure = refusal(await failureOf(() => send([document])));
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7_000, ambiguous: false });
    expect(await find([document])).toEqual([null]);
  });

  test('a slow answer that never came leaves a document that can be found', async () => {
    const { terms, failOn, send, find } = books();
    const document = invoice(terms());
    await failOn(document, { kind: 'slow', delayMs: TIMEOUT_MS + 200 });
    await failureOf(() => send([document]));
    const found = async () => (await find([document]))[0]?.total;
    await expect.poll(found, { timeout: TIMEOUT_MS * 5 }).toBe(document.total);
  });
}

/** The error of a request as a whole, or of its only document. */
function refusal(outcome: unknown): unknown {
  const [result] = (outcome as { answered?: SendResult[] }).answered ?? [];
  return result && !result.ok ? result.error : outcome;
}
