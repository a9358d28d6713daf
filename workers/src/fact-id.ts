import { type CanonicalEvent, stageOf } from '@daybook/domain';

/**
 * Id a fact is kept under: the provider's object id, and for a dispute its stage too, because opened, won and lost are
 * facts of their own (accounting.md C17) which supersede nothing of each other.
 */
export function factId(event: CanonicalEvent): string {
  const stage = stageOf(event);
  return stage === null ? event.id : `${event.id}:${stage}`;
}
