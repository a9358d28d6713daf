/**
 * Revisions say how far an object has come and how much of it was known, never when we heard of it: Stripe's objects
 * have no time of change. Whichever way a state is told, by webhook, by poll or read again, it has the same revision
 * and the same content, and a state told more exactly has the later one.
 */

/** What was known when a sale was made of a charge. */
export interface Known {
  /** Taken so far, in the event's minor units: it only grows, capture by capture. */
  taken: bigint;
  /** Where the lines are from: nowhere, the payment intent, the checkout session, the invoice. */
  lines: 'none' | 'intent' | 'session' | 'invoice';
  /** Whether the charge itself was there, and not only something that names it. */
  charge: boolean;
  /** Whether every tax came with its rate. */
  rates: boolean;
  /** When it was taken, where an event of that moment told; epoch seconds. */
  at: string | null;
}

const LINES: Readonly<Record<Known['lines'], string>> = { none: '0', intent: '1', session: '2', invoice: '3' };

/** Revision of a sale by its charge. */
export function saleRevision({ taken, lines, charge, rates, at }: Known): string {
  const knowledge = `${LINES[lines]}${digit(charge)}${digit(rates)}`;
  return `1-${taken.toString().padStart(15, '0')}-${knowledge}-${(at ?? '').padStart(11, '0')}`;
}

/**
 * Revision of something that happens once and may be undone: a refund that fails, an invoice that is voided, a charge
 * that turns out to be no sale of its own. `known` orders what was told in less or more detail.
 */
export function stageRevision(stage: 'done' | 'undone', ...known: boolean[]): string {
  return `${stage === 'done' ? '1' : '2'}-${stage}${known.length > 0 ? `-${known.map(digit).join('')}` : ''}`;
}

function digit(known: boolean): string {
  return known ? '1' : '0';
}
