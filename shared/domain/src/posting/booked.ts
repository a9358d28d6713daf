import type { EventLine, Refund, Sale, Tender } from '../events.ts';
import { lesser, sum } from '../money.ts';
import { resolveRole, type Target, tenderTarget } from './accounts.ts';
import type { Ground } from './facts.ts';
import { type Item, refundItems, saleItems } from './items.ts';
import { refundedLines, soldLine } from './refunded-lines.ts';

/** Money taken (sale) or paid back (refund), in minor units of the event's currency. */
export interface Money extends Target {
  amount: bigint;
  /** The part of it that stands on cards or credits with a number of their own. */
  cards?: { id: string; amount: bigint }[];
}

/** A sale or refund sorted by account. Ledger entry and documents are both made of it, so they cannot differ. */
export interface Booked {
  items: Item[];
  money: Money[];
  due: bigint;
}

/** Sorts a sale by account. Throws ACCOUNT_UNRESOLVED and TAX_UNRESOLVED. */
export function bookSale(sale: Sale, ground: Ground): Booked {
  const items = sale.lines.flatMap((line) => saleItems(line, ground));
  const { money, kept } = moneySide(sale.tenders, sale.lines, ground);
  return { items: [...items, ...keptTax(kept, ground)], money, due: sale.due };
}

/** Sorts a refund by account; see `refundedLines` for what its sale and earlier refunds are needed for. */
export function bookRefund(refund: Refund, sale: Sale | null, earlier: readonly Refund[], ground: Ground): Booked {
  const lines = refundedLines(refund, sale, earlier, ground);
  const items = lines.flatMap((line) => refundItems(line, soldLine(line, sale), ground));
  const { money, kept } = moneySide(refund.tenders, lines, ground);
  return { items: [...items, ...keptTax(kept, ground)], money, due: refund.due ?? 0n };
}

/** Tenders that are kept in a register card by card (accounting.md H13). */
const ON_CARDS: ReadonlySet<Tender['kind']> = new Set(['gift_card', 'store_credit']);

/**
 * Tenders per account, less the tax that the channel collects and keeps (accounting.md C14a): it never reaches our
 * clearing account. What the clearing tenders cannot cover, and all of it under `channelTax: gross` (C14c), stays owed
 * to the channel (`kept`).
 */
function moneySide(tenders: Tender[], lines: EventLine[], ground: Ground): { money: Money[]; kept: bigint } {
  const perRole = new Map<string, Money>();
  for (const tender of tenders) {
    const target = tenderTarget(tender, ground);
    const { amount, cards = [] } = perRole.get(target.role) ?? { amount: 0n };
    const own = tender.id !== undefined && ON_CARDS.has(tender.kind) ? [{ id: tender.id, amount: tender.amount }] : [];
    const all = [...cards, ...own];
    perRole.set(target.role, { ...target, amount: amount + tender.amount, ...(all.length > 0 && { cards: all }) });
  }
  const money = [...perRole.values()];
  let kept = sum(lines.flatMap((line) => line.taxes).map((tax) => (tax.collectedBy === 'channel' ? tax.amount : 0n)));
  if (ground.books.settings.channelTax === 'gross') return { money, kept };
  for (const each of money) {
    if (!each.role.startsWith('clearing.') || each.amount <= 0n || kept <= 0n) continue;
    const taken = lesser(kept, each.amount);
    each.amount -= taken;
    kept -= taken;
  }
  return { money, kept };
}

function keptTax(kept: bigint, ground: Ground): Item[] {
  if (kept === 0n) return [];
  const target = resolveRole(ground, 'tax.marketplace');
  return [
    { ...target, taxCode: null, net: kept, taxes: [], description: 'Tax collected by the channel', quantity: '1' },
  ];
}
