import type { Books } from '../chart.ts';
import type { CanonicalEvent, Dispute, Payout } from '../events.ts';

/** Another fact whose live entries decide at which value foreign money leaves an account. */
export interface RelatedFact {
  type: 'sale' | 'refund' | 'fee' | 'dispute';
  /** The fact's id at the same connection. */
  id: string;
}

/** Key of a related fact in `PostingFacts.related`. */
export function relatedKey({ type, id }: RelatedFact): string {
  return `${type}:${id}`;
}

/**
 * The facts whose live entries a posting rule needs besides those of the event's own sale. Each stands for everything
 * that moved its money on the clearing account, this event itself left out:
 *
 * - `sale`: the sale, the fees that name it, and the settlements that name it and no refund;
 * - `refund`: the refund and the settlements that name it;
 * - `fee`: the fee;
 * - `dispute`: all stages of the dispute.
 *
 * Only foreign money needs any: entries in the company's own currency have but one value.
 */
export function relatedFacts(
  event: CanonicalEvent,
  books: Pick<Books, 'functionalCurrency' | 'settings'>,
): RelatedFact[] {
  const isForeign = event.currency !== books.functionalCurrency;
  if (event.type === 'payout') return isForeign ? ofPayout(event) : [];
  if (event.type === 'dispute') return ofDispute(event, isForeign, books.settings.lostDispute === 'refund');
  if (event.type !== 'settlement' || event.from.currency === books.functionalCurrency) return [];
  if (event.refund) return [{ type: 'refund', id: event.refund.id }];
  return event.sale ? [{ type: 'sale', id: event.sale.id }] : [];
}

const SOURCES = { sale: 'sale', refund: 'refund', fee: 'fee', tax: 'fee', dispute: 'dispute' } as const;

function ofPayout(payout: Payout): RelatedFact[] {
  const found = payout.lines.flatMap((line) => lineSource(line) ?? []);
  return [...new Map(found.map((fact) => [relatedKey(fact), fact])).values()];
}

/** The fact a line of a payout is about; undefined for what the payout itself moves, and where it names none. */
export function lineSource({ kind, source }: Payout['lines'][number]): RelatedFact | undefined {
  if (source === undefined || !(kind in SOURCES)) return undefined;
  return { type: SOURCES[kind as keyof typeof SOURCES], id: source };
}

function ofDispute(dispute: Dispute, isForeign: boolean, asRefund: boolean): RelatedFact[] {
  if (dispute.status === 'opened') return [];
  const opening: RelatedFact[] = isForeign ? [{ type: 'dispute', id: dispute.id }] : [];
  const refunded = asRefund && dispute.status === 'lost' && dispute.sale !== undefined;
  return refunded ? [...opening, { type: 'sale', id: dispute.sale?.id as string }] : opening;
}
