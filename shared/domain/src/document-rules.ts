import type { Books } from './chart.ts';
import { creditNoteOf, headOf } from './document/head.ts';
import { documentLines, turnedLines } from './document/lines.ts';
import { movementDocuments } from './document/movement.ts';
import { documentNumber, invoiceNumberOf } from './document/number.ts';
import {
  allocationsOf,
  moneyDifference,
  NOTHING,
  type OpenInvoice,
  type Standing,
  separatePayments,
  standingOfDocuments,
  stepTo,
  takeOff,
} from './document/step.ts';
import type { BookDocument } from './documents.ts';
import {
  type CanonicalEvent,
  enteredSchemas,
  type Payment,
  type Refund,
  type Sale,
  type VoidedSale,
} from './events.ts';
import { tenderTarget } from './posting/accounts.ts';
import { type Booked, bookRefund, bookSale, type Money } from './posting/booked.ts';
import { groundOf, type PostingFacts } from './posting/facts.ts';
import { givenBackBefore } from './posting/given-back.ts';
import { isVoided, voidApplies } from './posting/void.ts';

export { documentNumber } from './document/number.ts';

/**
 * Documents an event owes to the books (docs/ledger.md). Sale → invoice and one payment per tender account; refund →
 * credit note and refund payments; a new revision → only the difference to the revisions before; void of a sale posted
 * as owed → credit note set against its invoices; payment → payment; fees, payouts, conversions, disputes and a till's
 * closing → bank entries, transfers and journals. Lines carry the accounts and tax codes of the ledger entry, tax the
 * channel keeps is left out like there, and lines with their taxes come to the total.
 *
 * Invariants: the documents of all revisions of a sale add up to its newest revision, account by account; payments add
 * up to its tenders. Pure. Throws what `entriesFor` throws.
 */
export function documentsFor(event: CanonicalEvent, facts: PostingFacts, books: Books): BookDocument[] {
  if (event.type === 'sale') return saleDocuments(event, facts, books);
  if (event.type === 'refund') return refundDocuments(event, facts, books);
  if (event.type === 'payment') return paymentDocuments(event, facts, books);
  if (event.type === 'void') return voidDocuments(event, facts, books);
  // What else people enter stays in our ledger: who keeps bills and bank in connected books enters them there.
  if (event.type in enteredSchemas && !TOLD_TO_BOOKS.has(event.type)) return [];
  return movementDocuments(event, facts, books);
}

/** Entered facts that move what documents of sales have put on accounts of the connected books. */
const TOLD_TO_BOOKS: ReadonlySet<string> = new Set(['fulfilment', 'cash_day']);

function saleDocuments(sale: Sale, facts: PostingFacts, books: Books): BookDocument[] {
  if (isVoided(sale, facts)) return [];
  const { previous } = facts;
  // A posted sale without live entries was undone by a void: its documents are settled, and the sale starts again.
  const isLive = previous !== null && previous.entries.length > 0;
  const known = isLive ? (facts.saleRevisions ?? [previous.event as Sale]) : [];
  return saleStep(standingOf(known, facts, books), sale, (previous?.version ?? 0) + 1, facts, books).documents;
}

/** Where the documents of a sale stand after its posted revisions, separate payments and credit notes on account. */
function standingOf(revisions: readonly Sale[], facts: PostingFacts, books: Books): Standing {
  let standing = NOTHING;
  for (const [index, sale] of revisions.entries()) standing = saleStep(standing, sale, index + 1, facts, books).after;
  const settled = [
    ...(facts.earlierPayments ?? []).map(({ amount }) => amount),
    ...facts.earlierRefunds.map(({ due }) => due ?? 0n),
  ];
  for (const amount of settled) standing = { ...standing, open: takeOff(standing.open, amount).open };
  return standing;
}

function saleStep(before: Standing, sale: Sale, version: number, facts: PostingFacts, books: Books) {
  const booked = bookSale(sale, groundOf(sale, books));
  const head = headOf(sale, facts, books);
  const change = { head, number: documentNumber(sale, facts, version), dueDate: sale.terms?.dueDate ?? head.date };
  return stepTo(before, { lines: documentLines(booked.items), money: booked.money }, change);
}

function refundDocuments(refund: Refund, facts: PostingFacts, books: Books): BookDocument[] {
  const standing = (each: Refund) => {
    const ground = groundOf(each, books);
    return negative(bookRefund(each, facts.sale, givenBackBefore(facts, ground), ground));
  };
  const { previous } = facts;
  // What was written stands, also where the sale it was worked out from has changed since.
  const written = facts.documented ?? [];
  const booked = previous ? standing(previous.event as Refund) : NOTHING;
  const before = written.length > 0 ? standingOfDocuments(written) : booked;
  const head = headOf(refund, facts, books);
  const number = documentNumber(refund, facts, (previous?.version ?? 0) + 1);
  const open = previous ? before.open : creditedInvoices(refund, facts, books);
  return stepTo({ ...before, open }, standing(refund), { head, number, dueDate: head.date }).documents;
}

/** Invoices that a credit note on account is set against: what is open of the sale that it names. */
function creditedInvoices(refund: Refund, facts: PostingFacts, books: Books): OpenInvoice[] {
  const { sale } = facts;
  if (!refund.due || !sale) return [];
  return standingOf(facts.saleRevisions ?? [sale], facts, books).open;
}

function negative({ items, money }: Booked): Standing {
  const paidBack = money.map((each) => ({ ...each, amount: -each.amount }));
  return { lines: turnedLines(documentLines(items)), money: paidBack, open: [], credits: [] };
}

function paymentDocuments(payment: Payment, facts: PostingFacts, books: Books): BookDocument[] {
  const moneyOf = (each: Payment): Money => ({
    ...tenderTarget(each.tender, groundOf(each, books)),
    amount: each.amount,
  });
  const { previous, sale } = facts;
  const money = moneyDifference([moneyOf(payment)], previous ? [moneyOf(previous.event as Payment)] : []);
  const number = documentNumber(payment, facts, (previous?.version ?? 0) + 1);
  const head = headOf(payment, facts, books);
  if (!sale) return separatePayments([{ number: payment.invoiceNumber ?? number, amount: 0n }], money, number, head);
  const { open } = standingOf(facts.saleRevisions ?? [sale], facts, books);
  const owed = open.length > 0 ? open : [{ number: invoiceNumberOf(sale, facts), amount: 0n }];
  return separatePayments(owed, money, number, head);
}

function voidDocuments(event: VoidedSale, facts: PostingFacts, books: Books): BookDocument[] {
  const { sale } = facts;
  if (!sale || !voidApplies(event, facts)) return [];
  const standing = standingOf(facts.saleRevisions ?? [sale], facts, books);
  const head = { ...headOf(event, facts, books), currency: sale.currency };
  const number = documentNumber(event, facts);
  const note = creditNoteOf(head, number, standing.lines);
  return [note, ...allocationsOf(standing.open, head, number)];
}
