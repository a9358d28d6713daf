import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { DomainError } from '@daybook/domain';
import { nextAttempt, nextLook, SLOW_DOWN_MS, untilBegun } from '@daybook/platform/retry';

/** Whether a provider asked us to slow down, which is no failure. */
export function isSlowDown(error: unknown): error is ConnectorError {
  return error instanceof ConnectorError && error.kind === 'rate_limited';
}

/** A lost grant or a used-up limit concerns the connection, not one document. */
export function stopsEverything(error: unknown): boolean {
  return isSlowDown(error) || (error instanceof ConnectorError && error.kind === 'unauthorized');
}

/** What to do about work that failed: try again at an instant, or wait for a person. */
export type Verdict =
  | { action: 'retry'; delayMs: number; code: string; message: string }
  | { action: 'hold'; code: string; message: string; subject: string; scope: 'company' | 'connection' };

export interface FailureContext {
  attempts: number;
  /**
   * What the work is about, for people: "sale 1001 of GBP 12.00". Also what to mend when nothing more precise is known.
   */
  about: string;
  random(): number;
  /** When it failed; a day that is still to come is then waited for. */
  now?: Date;
}

/** Facts that miss another fact wait for it on their own, shorter ladder. */
const WAITS_FOR_ANOTHER_FACT = new Set(['SALE_UNKNOWN']);

/** Whether the error means that a fact came before the one it belongs to. */
export function waitsForAnotherFact(error: unknown): boolean {
  return error instanceof DomainError && WAITS_FOR_ANOTHER_FACT.has(error.code);
}

/**
 * The one place that decides to retry (exemplars.md, house). Passing faults get the retry table, facts that wait for
 * another fact theirs, everything that cannot heal by itself is held for a person at once; so is what ran out of
 * attempts.
 */
export function judge(error: unknown, context: FailureContext): Verdict {
  if (error instanceof DomainError) return judgeDomain(error, context);
  if (error instanceof ConnectorError) return judgeConnector(error, context);
  return retryOrHold(context, { code: 'INTERNAL_FAULT', message: `${context.about}: ${describe(error)}` });
}

function judgeDomain(error: DomainError, context: FailureContext): Verdict {
  const message = `${context.about}: ${error.message}`;
  if (waitsForAnotherFact(error)) {
    const look = nextLook({ attempts: context.attempts, random: context.random });
    if (!('giveUp' in look)) return { action: 'retry', delayMs: look.delayMs, code: error.code, message };
  }
  const delayMs = untilDay(error, context.now);
  if (delayMs !== null) return { action: 'retry', delayMs, code: error.code, message };
  return { action: 'hold', code: error.code, message, subject: error.subject ?? context.about, scope: 'company' };
}

/**
 * How long until a day that is not open yet has begun everywhere, such as that of a payout which arrives next month.
 * Null where it is not the future that keeps the fact from being booked.
 */
function untilDay({ code, subject = '' }: DomainError, now: Date | undefined): number | null {
  if (code !== 'PERIOD_CLOSED' || !now || !/^\d{4}-\d{2}-\d{2}$/.test(subject)) return null;
  return untilBegun(subject, now);
}

function judgeConnector(error: ConnectorError, context: FailureContext): Verdict {
  const message = `${context.about}: ${error.message}`;
  switch (error.kind) {
    case 'retryable':
      return retryOrHold(context, { code: error.code, message, retryAfterMs: error.retryAfterMs });
    case 'rate_limited':
      // Being asked to slow down is no failure: it uses up no attempt and never ends in an issue.
      return { action: 'retry', delayMs: error.retryAfterMs ?? SLOW_DOWN_MS, code: error.code, message };
    case 'unauthorized':
      return { action: 'hold', code: 'RECONNECT', message: error.message, subject: 'reconnect', scope: 'connection' };
    case 'rejected':
    case 'unsupported':
      return {
        action: 'hold',
        code: error.code,
        message,
        subject: error.subject ?? context.about,
        scope: 'connection',
      };
  }
}

function retryOrHold(
  context: FailureContext,
  failure: { code: string; message: string; retryAfterMs?: number | undefined },
): Verdict {
  const next = nextAttempt({
    attempts: context.attempts + 1,
    retryAfterMs: failure.retryAfterMs,
    random: context.random,
  });
  if (!('giveUp' in next))
    return { action: 'retry', delayMs: next.delayMs, code: failure.code, message: failure.message };
  return {
    action: 'hold',
    code: failure.code,
    message: `${failure.message} It was tried ${context.attempts + 1} times; replay it when the cause is gone.`,
    subject: context.about,
    scope: 'connection',
  };
}

/** The error's own words, without a stack. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
