import type { DocumentParty } from '../documents.ts';
import type { CanonicalEvent, Dispute, Fee, Payout, Settlement } from '../events.ts';
import type { ItemDetail } from '../journal-entry.ts';
import { ENTERED, type PostingFacts } from './facts.ts';

/**
 * Who a document is made out to. Anonymous retail buyers share one contact per connection; a buyer with a tax number or
 * on payment terms is a customer in their own right, and so is whom people name. A refund or payment goes to the party
 * of its sale. Fees, payouts, conversions and disputes are between the company and the processor.
 */
export function partyOf(event: CanonicalEvent, facts: PostingFacts): DocumentParty {
  if (isProcessorEvent(event)) return processorParty(processorOf(event, facts));
  const bearer = event.type !== 'sale' && facts.sale ? facts.sale : event;
  const { customer } = bearer;
  const isBusiness =
    facts.source === ENTERED || customer?.taxNumber !== undefined || ('terms' in bearer && bearer.terms !== undefined);
  const known = customer?.id ?? customer?.email ?? customer?.name;
  const connection = `${event.channel}:${facts.source}`;
  if (!customer || !isBusiness || known === undefined) {
    return { id: connection, name: facts.connectionLabel };
  }
  const { name, email, country } = customer;
  // Who enters facts names parties alike in all of them: on invoices, receipts and journals.
  if (facts.source === ENTERED) return { id: known, name: name ?? email ?? known, email, country };
  return { id: `${connection}:customer:${known}`, name: name ?? email ?? known, email, country };
}

/** What the invoice ledger knows a line on receivables by: whose it is, which document, and what that is settled by. */
export interface Owed {
  party: string;
  document: string;
  item: ItemDetail;
}

/** Party, document and details of what a customer owes by an event, or of what settles it. */
export function owedBy(
  event: CanonicalEvent,
  document: string,
  facts: PostingFacts,
  more: Pick<ItemDetail, 'dueDate' | 'reference'> = {},
): Owed {
  const { id, name } = partyOf(event, facts);
  const sharedParty = id === `${event.channel}:${facts.source}`;
  return { party: id, document, item: { partyName: name, ...(sharedParty && { sharedParty }), ...more } };
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
