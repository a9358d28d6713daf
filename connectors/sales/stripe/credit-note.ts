import { type CanonicalEvent, sum } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Normalized } from '../../kit/contract.ts';
import { billedLines } from './billed-lines.ts';
import { factOf, type Ground, looksUp, needs, present } from './ground.ts';
import { storeCredit } from './invoice-facts.ts';
import type { SoldLine } from './lines.ts';
import { contradiction, readCurrency, readMinor, show } from './money.ts';
import type { Thing } from './payload.ts';
import { isOnAccount, settledBy } from './payment.ts';
import { refundFacts, unknownTax } from './refund.ts';
import { stageRevision } from './revisions.ts';

/** Where the money of a credit note went; minor units. */
interface Parts {
  /** Taken off what the invoice still asked for. */
  due: bigint;
  /** Given back through Stripe, by refund. */
  refunds: { id: string | null; amount: bigint }[];
  /** Given back outside Stripe. */
  outside: bigint;
  /** Put on the customer's balance. */
  balance: bigint;
}

/**
 * A credit note. What it gave back through Stripe is the refund's own fact, which gets the note's lines; all else is a
 * refund by the note's id. What it took off an open invoice is a refund to store credit that pays the invoice at once.
 */
export function creditNoteFacts(note: Thing<'credit_note'>, ground: Ground): Normalized {
  const subject = `credit note ${note.number ?? note.id}`;
  const currency = readCurrency(note.currency, `${subject}, currency`);
  const total = readMinor(note.total, currency, `${subject}, total`);
  if (note.status === 'void') throw voided(subject, total, currency);
  if (note.lines.has_more) return needs('credit_note', `${subject} holds only the first of its lines`);
  if (looksUp(ground, 'credit_note')) return needs('credit_note', `${subject} only names its invoice and refunds`);
  const parts = partsOf(note, currency, total);
  const own = parts.due + parts.outside + parts.balance;
  const [refund, ...more] = parts.refunds;
  if (own === 0n && more.length > 0) return { ignored: `${subject} was given back in parts: its refunds tell of them` };
  if (own === 0n && refund) return detailed(note, refund, { subject, currency, total }, ground);
  const sale = saleOf(note, parts, ground);
  if (sale === null) return needs('credit_note', `${subject} does not say how its invoice was paid`);
  const lines = refund ? [unknownTax(own)] : linesOf(note, { subject, currency, total }, ground);
  return { events: ownFacts(note, { parts, own, sale, lines, currency }, ground) };
}

function voided(subject: string, total: bigint, currency: string): ConnectorError {
  const message =
    `${subject} over ${show(total, currency)} was voided in Stripe, so the invoice asks for that amount again. ` +
    'Daybook cannot take a credit note back; book an invoice over the amount by hand.';
  return new ConnectorError('rejected', message, { code: 'EVENT_NOT_POSTABLE', subject });
}

function partsOf(note: Thing<'credit_note'>, currency: string, total: bigint): Parts {
  const read = (text: string | null | undefined, field: string) =>
    readMinor(text ?? '0', currency, `credit note ${note.number ?? note.id}, ${field}`);
  const isBefore = note.type === 'pre_payment';
  const due = note.pre_payment_amount ? read(note.pre_payment_amount, 'pre_payment_amount') : isBefore ? total : 0n;
  const outside = read(note.out_of_band_amount, 'out_of_band_amount');
  const listed = (note.refunds ?? []).map((each) => ({
    id: each.refund,
    amount: read(each.amount_refunded, 'amount_refunded'),
  }));
  const after = total - due - outside;
  const refunds = listed.length === 0 && note.refund ? [{ id: note.refund, amount: after }] : listed;
  const back = sum(refunds.map(({ amount }) => amount));
  if (due < 0n || outside < 0n || back > after) {
    const found = { what: 'what it took off the invoice and gave back', amount: due + outside + back };
    throw contradiction(`credit note ${note.number ?? note.id}`, 'total', found, total, currency);
  }
  return { due, refunds, outside, balance: after - back };
}

interface Named {
  subject: string;
  currency: string;
  total: bigint;
}

function linesOf(note: Thing<'credit_note'>, { subject, currency, total }: Named, ground: Ground): SoldLine[] {
  const bill = { subject, currency, lines: note.lines.data, shipping: note.shipping_cost, discounts: total, total };
  return billedLines(bill, ground.bag).lines;
}

/** The refund behind a note that gave all of it back at once, with the note's lines. */
function detailed(
  note: Thing<'credit_note'>,
  part: Parts['refunds'][number],
  named: Named,
  ground: Ground,
): Normalized {
  const refund = ground.bag.get('refund', part.id);
  if (!refund) return needs('credit_note', `${named.subject} only names its refund`);
  if (refund.amount !== note.total)
    return { ignored: `${named.subject} is part of refund ${refund.id}, which tells of it` };
  return refundFacts(refund, ground, linesOf(note, named, ground));
}

/** Lines of a refund by the credit note that went out by it alone, where that is known; null otherwise. */
export function creditedLines(refund: Thing<'refund'>, ground: Ground): SoldLine[] | null {
  for (const note of ground.bag.all('credit_note')) {
    const subject = `credit note ${note.number ?? note.id}`;
    const isWhole = note.status === 'issued' && !note.lines.has_more && note.total === refund.amount;
    if (!isWhole || note.currency !== refund.currency) continue;
    const currency = readCurrency(note.currency, `${subject}, currency`);
    const total = readMinor(note.total, currency, `${subject}, total`);
    const { due, outside, balance, refunds } = partsOf(note, currency, total);
    const isAlone = due + outside + balance === 0n && refunds.length === 1 && refunds[0]?.id === refund.id;
    if (isAlone) return linesOf(note, { subject, currency, total }, ground);
  }
  return null;
}

/** The sale in our sense that the note credits; null while it is not known how the invoice was paid. */
function saleOf(note: Thing<'credit_note'>, parts: Parts, { bag }: Ground): string | null {
  if (note.invoice === null || parts.due > 0n) return note.invoice;
  const invoice = bag.get('invoice', note.invoice);
  if (!invoice) return null;
  const payments = settledBy(invoice, bag);
  return isOnAccount(invoice, payments) ? invoice.id : (payments[0]?.chargeId ?? null);
}

function ownFacts(
  note: Thing<'credit_note'>,
  own: { parts: Parts; own: bigint; sale: string; lines: SoldLine[]; currency: string },
  ground: Ground,
): CanonicalEvent[] {
  const { parts, currency, lines, sale } = own;
  const head = { id: note.id, revision: stageRevision('done'), at: note.created, currency };
  const order = { id: note.invoice ?? note.id, ...present({ number: note.number }) };
  const credited = parts.due + parts.balance;
  const refund = factOf(ground, { type: 'refund', ...head }, note.livemode, {
    order,
    sale: { id: sale },
    lines,
    tenders: [
      ...(credited === 0n ? [] : [storeCredit(credited)]),
      ...(parts.outside === 0n ? [] : [{ kind: 'other', amount: parts.outside }]),
    ],
    total: own.own,
  });
  if (parts.due === 0n) return [refund];
  const payment = { order, sale: { id: sale }, amount: parts.due, tender: storeCredit(parts.due) };
  return [refund, factOf(ground, { type: 'payment', ...head }, note.livemode, payment)];
}
