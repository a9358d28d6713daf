import type { Books } from '../chart.ts';
import type { AccountRef, BankEntry, BookDocument, BookJournal, DocumentLine, Transfer } from '../documents.ts';
import { type CanonicalEvent, stageOf } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { abs, sum } from '../money.ts';
import { clearingTarget, drawerTarget } from '../posting/accounts.ts';
import { lineKey, merged } from '../posting/entry.ts';
import { groundOf, type PostingFacts } from '../posting/facts.ts';
import { freshLines } from '../posting/fresh.ts';
import { isProcessorEvent, processorOf } from '../posting/party.ts';
import { turned } from '../posting/revision.ts';
import { type Head, headOf } from './head.ts';
import { totalOf, turnedLines } from './lines.ts';
import { isFee, isMoney, isSelfAssessed, isTransferred, paidLines, saidSeparately, wordsFor } from './moved-lines.ts';
import { partNumber } from './number.ts';

/**
 * Documents of money that moves without a customer: fees, payouts, conversions, disputes, a till's closing. They are
 * read from the lines of the ledger, so both say the same of every account: transfers and bank entries in the event's
 * currency (exchange differences are found by the books themselves), journals in the company's. A revision owes the
 * difference to the live entries; where that cannot be told (another processor, currency or tax code) everything is
 * taken back and said anew.
 */
export function movementDocuments(event: CanonicalEvent, facts: PostingFacts, books: Books): BookDocument[] {
  const posted = standing(facts.previous?.entries.flatMap((entry) => entry.lines) ?? []);
  const fresh = standing(freshLines(event, facts, books).lines);
  const difference = standing([...fresh, ...posted.map(turned)]);
  const version = (facts.previous?.version ?? 0) + 1;
  const sheet: Sheet = {
    event,
    head: headOf(event, facts, books),
    functionalCurrency: books.functionalCurrency,
    money: (lines) => lines.find(isMoney) ?? moneyOf(event, facts, books),
    number: (part) => partNumber(event, facts, version, part),
  };
  const all = [...fresh, ...posted];
  if (!saidSeparately(all, difference) || event.type === 'settlement') return documentsOf(difference, all, sheet);
  const undone = documentsOf(posted.map(turned), posted, {
    ...sheet,
    number: (part) => sheet.number(`undone:${part}`),
  });
  return [...undone, ...documentsOf(fresh, fresh, sheet)];
}

/** What the documents of one event share. */
interface Sheet {
  event: CanonicalEvent;
  head: Head;
  functionalCurrency: string;
  /** The account the money leaves or reaches, by lines that may name it. */
  money: (lines: readonly ResolvedLine[]) => AccountRef;
  number: (part: string) => string;
}

function standing(lines: readonly ResolvedLine[]): ResolvedLine[] {
  return merged(lines).filter((line) => line.amount !== 0n || line.amountTc !== 0n);
}

function moneyOf(event: CanonicalEvent, facts: PostingFacts, books: Books): AccountRef {
  const ground = groundOf(event, books);
  if (!isProcessorEvent(event)) return drawerTarget(ground);
  return clearingTarget(processorOf(event, facts), event.currency, ground);
}

/** Documents that do to every account what the lines do to it; the first one has the fact's own number. */
function documentsOf(lines: readonly ResolvedLine[], known: readonly ResolvedLine[], sheet: Sheet): BookDocument[] {
  const told = lines.filter((line) => !isSelfAssessed(line));
  const journalled = told.filter((line) => isJournalled(sheet.event, line));
  const moved = told.filter((line) => !journalled.includes(line) && !isMoney(line) && line.amountTc !== 0n);
  const money = () => {
    const { role, account } = sheet.money(known);
    return { role, account };
  };
  const documents = [
    ...moved.filter(isTransferred).map((line) => transferOf(line, money(), sheet)),
    ...bankEntriesOf(
      moved.filter((line) => !isTransferred(line)),
      money,
      sheet,
    ),
    ...journalsOf(journalled, sheet),
  ];
  return documents.map((document, index) => ({
    ...document,
    number: sheet.number(index === 0 ? '' : document.number),
  }));
}

function isJournalled(event: CanonicalEvent, line: ResolvedLine): boolean {
  if (event.type === 'settlement' || event.type === 'fulfilment') return true;
  return stageOf(event) === 'lost' && !isFee(line) && !isMoney(line);
}

/** `number` is the part of the final one that tells it from its siblings, here and below. */
function transferOf(line: ResolvedLine, money: AccountRef, sheet: Sheet): Transfer {
  const { role, account, currency, amountTc } = line;
  const other = { role, account };
  const [from, to] = amountTc > 0n ? [money, other] : [other, money];
  const head = headIn(currency, sheet);
  return { kind: 'transfer', number: `${role}:${account}`, ...head, from, to, amount: abs(amountTc) };
}

/** The rate is that of the event's own currency. */
function headIn(currency: string, { head }: Sheet): Head {
  const { rate: _, ...rest } = head;
  return currency === head.currency ? head : { ...rest, currency };
}

/** What was spent and what was received are two documents, so that every line is positive. */
function bankEntriesOf(lines: readonly ResolvedLine[], money: () => AccountRef, sheet: Sheet): BankEntry[] {
  const [first] = lines;
  if (!first) return [];
  const paid = paidLines(lines);
  const entry = (direction: BankEntry['direction'], own: DocumentLine[]): BankEntry[] => {
    if (own.length === 0) return [];
    const total = totalOf(own);
    const tax = sum(own.map((line) => line.tax));
    const head = headIn(first.currency, sheet);
    return [{ kind: 'bank_entry', number: direction, ...head, direction, ...money(), lines: own, total, tax }];
  };
  const isSpent = (line: DocumentLine) => line.net + line.tax > 0n;
  return [
    ...entry('spend', paid.filter(isSpent)),
    ...entry('receive', turnedLines(paid.filter((line) => !isSpent(line)))),
  ];
}

function journalsOf(lines: readonly ResolvedLine[], sheet: Sheet): BookJournal[] {
  const { functionalCurrency } = sheet;
  // Over all currencies: what only passes through an account is nothing to the books.
  const same = lines.map((line) => ({ ...line, currency: functionalCurrency, amountTc: line.amount }));
  const sides = merged(same).filter((line) => line.amount !== 0n);
  if (sides.length === 0) return [];
  const total = sum(sides.map((line) => (line.amount > 0n ? line.amount : 0n)));
  const journal = sides.map((side) => ({
    role: side.role,
    account: side.account,
    description: wordsFor(side.role),
    taxCode: side.taxCode ?? null,
    amount: side.amount,
    ...foreignPart(side, lines, functionalCurrency),
  }));
  return [{ kind: 'journal', number: 'journal', ...headIn(functionalCurrency, sheet), lines: journal, total }];
}

/** What the lines behind a side moved where all of them are in one other currency. */
function foreignPart(side: ResolvedLine, lines: readonly ResolvedLine[], functionalCurrency: string) {
  const own = lines.filter((line) => lineKey({ ...line, currency: functionalCurrency }) === lineKey(side));
  const [currency, ...others] = new Set(own.map((line) => line.currency));
  if (currency === undefined || others.length > 0 || currency === functionalCurrency) return {};
  return { currency, amountTc: sum(own.map((line) => line.amountTc)) };
}
