import type { DocumentParty } from '../documents.ts';
import type { CanonicalEvent, Dispute, Fee, Payout, Settlement } from '../events.ts';
import { ENTERED, type PostingFacts } from './facts.ts';

/**
 * Who a document is made out to. Anonymous retail buyers share one contact per connection; a buyer with a tax number or
 * on payment terms is a customer in their own right. A refund or payment goes to the party of its sale. Fees, payouts,
 * conversions and disputes are between the company and the processor.
 */
export function partyOf(event: CanonicalEvent, facts: PostingFacts): DocumentParty {
  if (isProcessorEvent(event)) return processorParty(processorOf(event, facts));
  const bearer = event.type !== 'sale' && facts.sale ? facts.sale : event;
  const { customer } = bearer;
  const isBusiness =
    facts.source === ENTERED || customer?.taxNumber !== undefined || ('terms' in bearer && bearer.terms !== undefined);
  const known = customer?.id ?? customer?.email ?? customer?.name;
  const connection = `${event.channel}:${facts.source}`;
  if (!customer || !isBusiness || known === undefined) return { id: connection, name: facts.connectionLabel };
  const { name, email, country } = customer;
  // Who enters facts names parties alike in all of them: on invoices, receipts and journals.
  if (facts.source === ENTERED) return { id: known, name: name ?? email ?? known, email, country };
  return { id: `${connection}:customer:${known}`, name: name ?? email ?? known, email, country };
}

type ProcessorEvent = Fee | Payout | Settlement | Dispute;

/** Whether an event is between the company and a processor. */
export function isProcessorEvent(event: CanonicalEvent): event is ProcessorEvent {
  return event.type === 'fee' || event.type === 'payout' || event.type === 'settlement' || event.type === 'dispute';
}

/** Whose clearing account an event moves; a dispute that does not say is at the processor its sale was paid with. */
export function processorOf(event: ProcessorEvent, facts: PostingFacts): string {
  const tender = facts.sale?.tenders.find((each) => each.processor !== undefined);
  return event.processor ?? tender?.processor ?? 'card';
}

/** The processor as a contact: "acme_payments" is "Acme Payments". */
function processorParty(processor: string): DocumentParty {
  const words = processor.split(/[_\s-]+/).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return { id: `processor:${processor}`, name: name || processor };
}
