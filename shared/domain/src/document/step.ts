import type { BookDocument, DocumentLine } from '../documents.ts';
import { lesser, sum } from '../money.ts';
import type { Money } from '../posting/booked.ts';
import { allocationOf, creditNoteOf, type Head, invoiceOf, paymentOf } from './head.ts';
import { lineDifference, totalOf, turnedLines } from './lines.ts';

/** An invoice with something left to pay. */
export interface OpenInvoice {
  number: string;
  amount: bigint;
}

/** What the documents of a fact add up to. A refund is the negative of a sale. */
export interface Standing {
  lines: DocumentLine[];
  /** What payments were made of; money that no invoice could take yet is not in here. */
  money: Money[];
  /** Oldest first. */
  open: OpenInvoice[];
  /** Credit notes with something left to set against invoices, oldest first. */
  credits: OpenInvoice[];
}

/** What a step writes on its documents. */
export interface Change {
  head: Head;
  number: string;
  dueDate: string;
}

/** Documents a step owes, and where the fact stands after it. */
export interface Step {
  documents: BookDocument[];
  after: Standing;
}

type Target = Pick<Standing, 'lines' | 'money'>;

export const NOTHING: Standing = { lines: [], money: [], open: [], credits: [] };

/** Where the documents written so far stand, read from themselves: lines and money, credit notes negative. */
export function standingOfDocuments(documents: readonly BookDocument[]): Standing {
  const linesOf = (kind: 'invoice' | 'credit_note') =>
    documents.flatMap((each) => (each.kind === kind ? each.lines : []));
  const paymentsOf = (kind: 'invoice' | 'credit_note'): Money[] =>
    documents.flatMap((each) => (each.kind === 'payment' && each.settles.kind === kind ? [each] : []));
  return {
    ...NOTHING,
    lines: lineDifference(linesOf('invoice'), linesOf('credit_note')),
    money: moneyDifference(paymentsOf('invoice'), paymentsOf('credit_note')),
  };
}

/**
 * Documents that lead from one standing to the next: an invoice with the payments it got; for a smaller total a credit
 * note, paid back or set against what was still open; for tenders alone only payments. Where money moved from one
 * tender to another, which no books can express as a difference, everything so far is undone (`-2` becomes `r2`) and the
 * newest standing put up afresh. Money beyond what the invoices come to (an edit made a paid order cheaper) waits for
 * the next step: books refuse a payment above what is open, and either the refund or a new line will take it up.
 */
export function stepTo(before: Standing, target: Target, change: Change): Step {
  if (isExpressible(before, target)) return plainStep(before, target, change);
  const undone = plainStep(before, NOTHING, { ...change, number: undoneNumber(change.number) });
  const redone = plainStep({ ...NOTHING, credits: undone.after.credits }, target, change);
  return { documents: [...undone.documents, ...redone.documents], after: redone.after };
}

/** As long as the number of the revision itself, which books have room for. */
function undoneNumber(number: string): string {
  return number.replace(/-(\d+)$/, 'r$1');
}

function isExpressible(before: Standing, target: Target): boolean {
  const total = totalOf(lineDifference(target.lines, before.lines));
  const money = moneyDifference(target.money, before.money).map((each) => each.amount);
  if (total >= 0n) return money.every((amount) => amount > 0n);
  return money.every((amount) => amount < 0n) && -total + sum(money) >= 0n;
}

function plainStep(before: Standing, target: Target, change: Change): Step {
  const lines = lineDifference(target.lines, before.lines);
  const money = moneyDifference(target.money, before.money);
  return totalOf(lines) < 0n
    ? creditStep(before, target, { ...change, lines, money })
    : invoiceStep(before, target, { ...change, lines, money });
}

interface Difference extends Change {
  lines: DocumentLine[];
  money: Money[];
}

function creditStep(before: Standing, target: Target, { head, number, lines, money }: Difference): Step {
  const note = creditNoteOf(head, number, turnedLines(lines));
  const paidOut = money.map((each) => ({ ...each, amount: -each.amount }));
  const payments = paidOut.map((each, index) =>
    paymentOf(head, `${number}-p${index + 1}`, { kind: 'credit_note', number }, each),
  );
  const { parts, open, rest } = takeOff(before.open, note.total - sum(paidOut.map((each) => each.amount)));
  const credits = rest > 0n ? [...before.credits, { number, amount: rest }] : before.credits;
  const documents = [note, ...payments, ...allocationsOf(parts, head, number)];
  return { documents, after: { lines: target.lines, money: target.money, open, credits } };
}

function invoiceStep(before: Standing, target: Target, { head, number, dueDate, lines, money }: Difference): Step {
  const invoices = lines.length > 0 ? [invoiceOf(head, number, lines, dueDate)] : [];
  const owed = [...before.open, ...invoices.map((each) => ({ number, amount: each.total }))];
  const credited = setOff(before.credits, owed, head, number);
  const paid = paymentsOn(credited.open, money, number, head);
  const placed = [...before.money, ...paid.placed];
  return {
    documents: [...invoices, ...credited.documents, ...paid.documents],
    after: { lines: target.lines, money: moneyDifference(placed, []), open: paid.open, credits: credited.credits },
  };
}

/** Sets open credit notes against open invoices, oldest first, numbered `<number>-a1` … */
function setOff(credits: readonly OpenInvoice[], owed: readonly OpenInvoice[], head: Head, number: string) {
  const documents: BookDocument[] = [];
  let open = [...owed];
  const left = credits.map((credit) => {
    const taken = takeOff(open, credit.amount);
    open = taken.open;
    for (const part of taken.parts) {
      const name = `${number}-a${documents.length + 1}`;
      documents.push(allocationOf(head, name, credit.number, part.number, part.amount));
    }
    return { number: credit.number, amount: taken.rest };
  });
  return { documents, open, credits: left.filter((each) => each.amount > 0n) };
}

/** Payments on open invoices, oldest first, numbered `<number>-p1` …; `placed` is what the invoices could take. */
function paymentsOn(owed: readonly OpenInvoice[], money: readonly Money[], number: string, head: Head) {
  const documents: BookDocument[] = [];
  const placed: Money[] = [];
  let open = [...owed];
  for (const each of money) {
    const taken = takeOff(open, each.amount);
    open = taken.open;
    for (const part of taken.parts) {
      const settles = { kind: 'invoice' as const, number: part.number };
      documents.push(paymentOf(head, `${number}-p${documents.length + 1}`, settles, { ...each, amount: part.amount }));
      placed.push({ ...each, amount: part.amount });
    }
  }
  return { documents, open, placed };
}

/**
 * A payment that came as a fact of its own, on open invoices, oldest first; what no invoice can take goes on the last
 * one, where the books will say that it is too much.
 */
export function separatePayments(
  owed: readonly OpenInvoice[],
  money: readonly Money[],
  number: string,
  head: Head,
): BookDocument[] {
  const last = owed.at(-1)?.number ?? number;
  const parts = money.flatMap((each) => {
    const taken = takeOff(owed, each.amount);
    return withRest(taken.parts, last, taken.rest).map((part) => ({ part, money: { ...each, amount: part.amount } }));
  });
  return parts.map((each, index) =>
    paymentOf(head, `${number}-p${index + 1}`, { kind: 'invoice', number: each.part.number }, each.money),
  );
}

/** Takes an amount off open invoices, oldest first; `rest` is what they could not take. */
export function takeOff(
  open: readonly OpenInvoice[],
  amount: bigint,
): { parts: OpenInvoice[]; open: OpenInvoice[]; rest: bigint } {
  let rest = amount;
  const parts: OpenInvoice[] = [];
  const left = open.map((each) => {
    const fits = lesser(rest, each.amount);
    const taken = fits > 0n ? fits : 0n;
    if (taken > 0n) parts.push({ number: each.number, amount: taken });
    rest -= taken;
    return { number: each.number, amount: each.amount - taken };
  });
  return { parts, open: left.filter((each) => each.amount !== 0n), rest };
}

/** Allocations of a credit note against parts of invoices, numbered `<number>-a1` … */
export function allocationsOf(parts: readonly OpenInvoice[], head: Head, number: string): BookDocument[] {
  return parts.map((part, index) => allocationOf(head, `${number}-a${index + 1}`, number, part.number, part.amount));
}

/** Per account: what was taken in since, negative for what was paid back. */
export function moneyDifference(after: readonly Money[], before: readonly Money[]): Money[] {
  const sums = new Map<string, Money>();
  const put = (money: Money, sign: bigint) => {
    const amount = (sums.get(money.role)?.amount ?? 0n) + sign * money.amount;
    const { role, account } = money;
    sums.set(role, { role, account, amount });
  };
  for (const money of after) put(money, 1n);
  for (const money of before) put(money, -1n);
  return [...sums.values()].filter((money) => money.amount !== 0n);
}

function withRest(parts: OpenInvoice[], last: string, rest: bigint): OpenInvoice[] {
  if (rest === 0n) return parts;
  const same = parts.find((each) => each.number === last);
  if (!same) return [...parts, { number: last, amount: rest }];
  return parts.map((each) => (each === same ? { ...each, amount: each.amount + rest } : each));
}
