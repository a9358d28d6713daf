import type { Normalized } from '../../kit/contract.ts';
import type { OrderOutcome } from './order.ts';

/** Wrapped (`{order}`, `{orders}`, a GraphQL answer) or bare: the objects of one kind inside a body. */
export function unwrap(body: unknown, one: string, many: string): unknown[] {
  const node = (body ?? {}) as Record<string, unknown>;
  const inner = node.data && typeof node.data === 'object' ? (node.data as Record<string, unknown>) : node;
  if (Array.isArray(inner)) return inner;
  const list = inner[many] as { nodes?: unknown[]; edges?: { node: unknown }[] } | unknown[] | undefined;
  if (Array.isArray(list)) return list;
  if (list?.nodes) return list.nodes;
  if (list?.edges) return list.edges.map((edge) => edge.node);
  return [inner[one] ?? inner];
}

/** Events of several objects together. One that still needs something holds the delivery back as a whole. */
export function gathered(outcomes: readonly OrderOutcome[]): Normalized {
  const waiting = outcomes.find((each) => 'needs' in each && each.needs !== undefined);
  if (waiting && 'ignored' in waiting) return waiting;
  const events = outcomes.flatMap((each) => ('events' in each ? each.events : []));
  if (events.length > 0) return { events };
  const reasons = outcomes.flatMap((each) => ('ignored' in each ? [each.ignored] : []));
  return { ignored: [...new Set(reasons)].join('; ') || 'the list is empty' };
}
