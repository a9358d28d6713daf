import { postingDateFor } from '../calendar.ts';
import type { Books } from '../chart.ts';
import { invoiceNumberOf } from '../document/number.ts';
import { DomainError } from '../domain-error.ts';
import { type CanonicalEvent, type Payment, type Sale, stageOf } from '../events.ts';
import type { EntryType, OpeningItem, ResolvedEntry, ResolvedLine } from '../journal-entry.ts';
import { type PostingKind, postingKind } from '../open-days.ts';
import { billLines } from './bill.ts';
import { bookSale } from './booked.ts';
import { cashDayLines } from './cash-day.ts';
import { disputeLines } from './dispute.ts';
import { bankMovementLines, isReceipt, journalEventLines } from './entered.ts';
import { journalLines, legsOf, translated, withOrder } from './entry.ts';
import { businessDate, describeEvent, type Ground, groundOf, type PostingFacts, sourceKeyOf } from './facts.ts';
import { feeLines } from './fee.ts';
import { fulfilmentLines } from './fulfilment.ts';
import { openingBalances } from './opening.ts';
import { owedBy } from './party.ts';
import { paymentLines } from './payment.ts';
import { payoutLines } from './payout.ts';
import { refundLines } from './refund.ts';
import { registerCloseLines } from './register-close.ts';
import { settlementLines } from './settlement.ts';
import { isVoided } from './void.ts';
import { writeOffLines } from './write-off.ts';

/** The entry of an event as if nothing had been posted for its fact before; without lines when there is nothing. */
export function freshEntry(event: CanonicalEvent, facts: PostingFacts, books: Books): ResolvedEntry {
  const { entryType, lines, openingItems } = freshLines(event, facts, books);
  const sourceKey = sourceKeyOf(event, facts.source, 1);
  const kind = lines.length === 0 ? null : postingKind(entryType, lines, 'date' in event);
  const head = entryHead(event, facts, books, kind);
  return { entryType, sourceKey, ...head, lines, ...(openingItems && { openingItems }) };
}

/**
 * What the entries of an event share; `kind` decides which days are open. Where nothing is posted it is null and the
 * business date stands, in whatever period it lies.
 */
export function entryHead(event: CanonicalEvent, facts: PostingFacts, books: Books, kind: PostingKind | null) {
  const taxPoint = businessDate(event, books.timeZone);
  const postingDate = kind ? dayFor(event, taxPoint, { kind, facts, books }) : taxPoint;
  const memo = event.memo ?? [facts.connectionLabel, event.type, nameOf(event), stageOf(event) ?? []].flat().join(' ');
  return {
    postingDate,
    taxPoint,
    occurredAt: event.occurredAt,
    memo: postingDate === taxPoint ? memo : `${memo} (late: business date ${taxPoint} is closed)`,
    channel: event.channel,
  };
}

/** What a person dates is booked that day or not at all; what happened elsewhere moves to the first open day (G6). */
function dayFor(
  event: CanonicalEvent,
  date: string,
  { kind, facts, books }: { kind: PostingKind; facts: PostingFacts; books: Books },
): string {
  const about = describeEvent(event);
  // Of a newer revision only what differs can be late.
  const approved = facts.lateApproved || (facts.previous?.entries ?? []).length > 0;
  if (!kind.byHand) return postingDateFor(date, { books, kind, about, approved });
  if (books.isOpen(date, kind)) return date;
  const message =
    `${about} is dated ${date}, which is not open to it. Date it ${books.openFrom?.(date, kind) ?? books.firstOpenDay} ` +
    'or later, or open the period with a reason.';
  throw new DomainError('PERIOD_CLOSED', message, date);
}

/** Type and lines of that entry. Throws what `entriesFor` throws, except PERIOD_CLOSED. */
export function freshLines(event: CanonicalEvent, facts: PostingFacts, books: Books): Posted {
  const ground = groundOf(event, books);
  const { lines, ...rest } = posted(event, facts, ground);
  // A page of the cash book shows each movement of the drawer.
  return { ...rest, lines: journalLines(lines, ground.about, event.type === 'cash_day') };
}

interface Posted {
  entryType: EntryType;
  lines: ResolvedLine[];
  openingItems?: OpeningItem[];
}

function posted(event: CanonicalEvent, facts: PostingFacts, ground: Ground): Posted {
  switch (event.type) {
    case 'sale':
      return postedSale(event, facts, ground);
    case 'refund':
      return { entryType: 'RFD', lines: refundLines(event, facts, ground) };
    case 'payment':
      return postedPayment(event, facts, ground);
    case 'fee':
      return { entryType: 'FEE', lines: feeLines(event, ground) };
    case 'payout':
      return { entryType: 'PYT', lines: payoutLines(event, facts, ground) };
    case 'settlement':
      return { entryType: 'FXC', lines: settlementLines(event, facts, ground) };
    case 'dispute':
      return { entryType: 'DSP', lines: disputeLines(event, facts, ground) };
    case 'journal':
      return { entryType: 'GEN', lines: journalEventLines(event, ground) };
    case 'opening':
      return { entryType: 'OPN', ...openingBalances(event, ground) };
    case 'bank_movement':
      return { entryType: isReceipt(event, ground) ? 'RCT' : 'BNK', lines: bankMovementLines(event, ground) };
    case 'fulfilment':
      return { entryType: 'SAL', lines: fulfilmentLines(event, facts, ground) };
    case 'write_off':
      return { entryType: 'GEN', lines: writeOffLines(event, ground) };
    case 'bill':
      return { entryType: 'PUR', lines: billLines(event, facts, ground) };
    case 'goods_receipt':
    case 'stock_count':
    case 'stock_adjustment':
    case 'stock':
      return { entryType: 'INV', lines: stockOnly(facts, ground) };
    case 'register_close':
      return { entryType: 'CSH', lines: facts.cashBook ? [] : registerCloseLines(event, ground) };
    case 'cash_day':
      return { entryType: 'CSH', lines: cashDayLines(event, facts, ground) };
    default:
      throw new DomainError(
        'EVENT_NOT_POSTABLE',
        `${describeEvent(event)}: Daybook has no posting rule for events of type "${event.type}" yet. ` +
          'It is kept and can be posted once there is one.',
        event.type,
      );
  }
}

/** Facts about stock alone are booked beside the main entry, which they have none of (`stockFor`). */
function stockOnly(facts: PostingFacts, ground: Ground): ResolvedLine[] {
  if (facts.stock) return [];
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    `${ground.about}: the company has no inventory group. Create one, then the event is posted.`,
    'inventory group',
  );
}

function nameOf(event: CanonicalEvent): string {
  return event.order?.number ?? event.id;
}

function postedSale(sale: Sale, facts: PostingFacts, ground: Ground): Posted {
  const isDeposit = sale.lines.length > 0 && sale.lines.every((line) => line.kind === 'deposit');
  const entryType = isDeposit ? 'DEP' : 'SAL';
  if (isVoided(sale, facts)) return { entryType, lines: [] };
  const day = businessDate(sale, ground.books.timeZone);
  const { number, id } = sale.order ?? { id: undefined };
  const more = { dueDate: sale.terms?.dueDate ?? day, reference: number ?? id };
  const owed = owedBy(sale, invoiceNumberOf(sale, facts), facts, more);
  const legs = withOrder(legsOf(bookSale(sale, ground), 'sale', owed, ground), nameOf(sale));
  return { entryType, lines: translated(legs, day, ground) };
}

function postedPayment(payment: Payment, facts: PostingFacts, ground: Ground): Posted {
  const document = facts.sale ? invoiceNumberOf(facts.sale, facts) : (payment.invoiceNumber ?? payment.id);
  return { entryType: 'RCT', lines: paymentLines(payment, facts, owedBy(payment, document, facts), ground) };
}
