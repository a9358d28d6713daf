import { type CanonicalEvent, sum } from '@daybook/domain';

/** What events leave with a processor: its clearing and reserve accounts together, minor units, by "processor CCY"; of those named. */
export function owedByProcessors(
  events: Iterable<CanonicalEvent>,
  processors: ReadonlySet<string>,
): Record<string, bigint> {
  const owed: Record<string, bigint> = {};
  const put = (processor: string | undefined, currency: string, amount: bigint) => {
    if (processor === undefined || !processors.has(processor)) return;
    const key = `${processor} ${currency}`;
    owed[key] = (owed[key] ?? 0n) + amount;
  };
  for (const event of events) {
    if (event.test) continue;
    if (event.type === 'sale' || event.type === 'refund') {
      const sign = event.type === 'sale' ? 1n : -1n;
      for (const tender of event.tenders)
        if (isCleared(tender.kind)) put(tender.processor, event.currency, sign * tender.amount);
    }
    if (event.type === 'payment' && isCleared(event.tender.kind))
      put(event.tender.processor, event.currency, event.amount);
    if (event.type === 'fee') put(event.processor, event.currency, -event.amount);
    if (event.type === 'settlement') {
      put(event.processor, event.from.currency, -event.from.amount);
      put(event.processor, event.currency, event.amount);
    }
    if (event.type === 'dispute') {
      const back = event.status === 'won' ? event.amount : event.status === 'opened' ? -event.amount : 0n;
      put(event.processor, event.currency, back - event.fee);
    }
    if (event.type === 'payout') {
      const own = event.lines.filter(({ kind }) => kind === 'adjustment' || kind === 'transfer');
      put(event.processor, event.currency, sum(own.map(({ net }) => net)) - event.amount);
    }
  }
  return Object.fromEntries(Object.entries(owed).filter(([, amount]) => amount !== 0n));
}

/** Tenders whose money the processor still has; the others sit in a drawer or on a liability account. */
function isCleared(kind: string): boolean {
  return kind === 'card' || kind === 'wallet' || kind === 'pay_later' || kind === 'other';
}
