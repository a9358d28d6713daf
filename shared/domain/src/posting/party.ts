import type { DocumentParty } from '../documents.ts';
import type { CanonicalEvent } from '../events.ts';
import type { PostingFacts } from './facts.ts';

/**
 * Who a document is made out to. Anonymous retail buyers share one contact per connection; a buyer with a tax number or
 * on payment terms is a customer in their own right. A refund or payment goes to the party of its sale.
 */
export function partyOf(event: CanonicalEvent, facts: PostingFacts): DocumentParty {
  const bearer = event.type !== 'sale' && facts.sale ? facts.sale : event;
  const { customer } = bearer;
  const isBusiness = customer?.taxNumber !== undefined || ('terms' in bearer && bearer.terms !== undefined);
  const known = customer?.id ?? customer?.email ?? customer?.name;
  const connection = `${event.channel}:${facts.source}`;
  if (!customer || !isBusiness || known === undefined) return { id: connection, name: facts.connectionLabel };
  const { name, email, country } = customer;
  return { id: `${connection}:customer:${known}`, name: name ?? email ?? known, email, country };
}
