import type { Dispute, Refund, Sale } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { currencyTarget, resolveRole } from './accounts.ts';
import { entriesOf } from './carried.ts';
import { legsOf, translated } from './entry.ts';
import { businessDate, type Ground, type PostingFacts } from './facts.ts';
import { asRefund, givenBackBefore } from './given-back.ts';
import { type Item, itemsTotal, refundItems } from './items.ts';
import { refundedLines, soldLine } from './refunded-lines.ts';

/**
 * Debits of a lost dispute that counts as a refund (accounting.md C17d, setting `lostDispute`): returns and tax in the
 * ratio of the sale, at the sale's rate like any refund (A8, C18c). Null where the setting says loss, or where nobody
 * knows the sale and so its tax. Throws SALE_UNKNOWN when the sale is still to come.
 */
export function lostAsRefund(dispute: Dispute, facts: PostingFacts, ground: Ground): ResolvedLine[] | null {
  if (ground.books.settings.lostDispute !== 'refund' || !dispute.sale) return null;
  const { sale } = facts;
  if (!sale) {
    entriesOf({ type: 'sale', id: dispute.sale.id }, facts, ground);
    return null;
  }
  const items = refundedItems(asRefund(dispute, facts), sale, facts, ground);
  const { items: debits } = legsOf({ items, money: [], due: 0n }, 'refund', {}, ground);
  const money = [{ ...currencyTarget('dispute.held', ground), amountTc: -dispute.amount }];
  const bearer = sale.currency === dispute.currency ? sale : dispute;
  const [, ...lines] = translated({ money, items: debits }, businessDate(bearer, ground.books.timeZone), ground);
  return lines;
}

function refundedItems(refund: Refund, sale: Sale, facts: PostingFacts, ground: Ground): Item[] {
  const earlier = givenBackBefore(facts, ground).filter((each) => each.currency === refund.currency);
  const lines = refundedLines(refund, sale, earlier, ground);
  const items = lines.flatMap((line) => refundItems(line, soldLine(line, sale), ground));
  // Tax that the channel collected is in what was taken from us, but on none of our tax accounts.
  const kept = refund.total - itemsTotal(items);
  if (kept === 0n) return items;
  const target = resolveRole(ground, 'tax.marketplace');
  const description = 'Tax collected by the channel';
  return [...items, { ...target, taxCode: null, net: kept, taxes: [], description, quantity: '1' }];
}
