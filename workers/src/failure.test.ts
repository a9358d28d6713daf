import { DomainError } from '@daybook/domain';
import { expect, test } from 'vitest';
import { judge } from './failure.ts';

const closed = (subject: string) => new DomainError('PERIOD_CLOSED', `Entry x is dated ${subject}.`, subject);
const at = (now: string) => ({ attempts: 0, about: 'payout 1', random: () => 0, now: new Date(now) });

test('what is dated in a period that has not begun is tried again when its day has begun everywhere', () => {
  expect(judge(closed('2026-04-02'), at('2026-03-31T12:00:00Z'))).toMatchObject({
    action: 'retry',
    // 36 hours to the beginning of 2 April, and twelve more for the last place where it begins.
    delayMs: 48 * 60 * 60_000,
    code: 'PERIOD_CLOSED',
  });
});

test('what is dated in a closed period waits for a person at once', () => {
  expect(judge(closed('2026-03-31'), at('2026-03-31T12:00:00Z'))).toMatchObject({ action: 'hold' });
  expect(judge(closed('2025-12-31'), at('2026-03-31T12:00:00Z'))).toMatchObject({ action: 'hold' });
  expect(judge(new DomainError('RATE_MISSING', 'no rate', '2026-04-02'), at('2026-03-31T12:00:00Z'))).toMatchObject({
    action: 'hold',
  });
});
