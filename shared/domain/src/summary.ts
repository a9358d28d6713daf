import { createHash } from 'node:crypto';
import { allocationOf, creditNoteOf, type Head, invoiceOf, paymentOf } from './document/head.ts';
import { totalOf, turnedLines } from './document/lines.ts';
import type {
  Allocation,
  BankEntry,
  BookDocument,
  BookPayment,
  CreditNote,
  DocumentLine,
  DocumentParty,
  Invoice,
} from './documents.ts';
import type { CanonicalEvent } from './events.ts';
import type { EntryType, ResolvedEntry, ResolvedLine } from './journal-entry.ts';
import { sum } from './money.ts';
import { lineKey, sameSided } from './posting/entry.ts';
import type { PostingFacts } from './posting/facts.ts';
import { partyOf } from './posting/party.ts';

/** What the receipts of one summary share. */
export interface SummaryHead {
  channel: string;
  /** The tenant at the channel: part of the key. */
  source: string;
  connectionLabel: string;
  journal: EntryType;
  /** Posting date and tax point, YYYY-MM-DD. */
  day: string;
  taxPoint: string;
  /** Empty where the channel names none. */
  register: string;
  /** 1, and one more for each lot of receipts that came after the one before was posted. */
  version: number;
}

/**
 * Whether an event may go into a daily summary: retail sales that are paid, their refunds, and fees. What a customer
 * still owes, or bought as a business, needs documents of its own.
 */
export function isSummarisable(event: CanonicalEvent, facts: PostingFacts): boolean {
  if (event.type === 'fee') return true;
  if (event.type !== 'sale' && event.type !== 'refund') return false;
  const sale = event.type === 'sale' ? event : facts.sale;
  const isRetail = partyOf(event, facts).id === `${event.channel}:${facts.source}`;
  return isRetail && (sale === null || (sale.due === 0n && sale.terms === undefined));
}

/**
 * One entry for the receipts of a day (accounting.md C20 and the end of C): one line per account, tax code and
 * currency, whose amounts are the receipts' own added up, never computed anew. Debits and credits of one account stay
 * apart, as gift cards used and sold; a receipt taken back cancels its own side. The order of the receipts changes
 * nothing. Lines may be empty: everything cancelled out.
 */
export function summaryEntry(receipts: readonly ResolvedEntry[], head: SummaryHead): ResolvedEntry {
  const sides = new Map<string, ResolvedLine>();
  for (const entry of receipts.toSorted((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))) {
    const turned = entry.reverses !== undefined;
    for (const line of entry.lines) {
      const isDebit = line.amount > 0n || (line.amount === 0n && line.amountTc > 0n);
      const key = `${lineKey(line)}\u0001${isDebit !== turned}`;
      const same = sides.get(key);
      if (same) {
        same.amount += line.amount;
        same.amountTc += line.amountTc;
      } else sides.set(key, { ...line });
    }
  }
  const last =
    receipts
      .map(({ occurredAt }) => occurredAt)
      .sort()
      .at(-1) ?? '';
  const till = head.register === '' ? '' : ` register ${head.register}`;
  const late = head.taxPoint === head.day ? '' : ` (late: business date ${head.taxPoint})`;
  return {
    entryType: head.journal,
    sourceKey: summaryKey(head),
    postingDate: head.day,
    taxPoint: head.taxPoint,
    occurredAt: last,
    memo: `${head.connectionLabel}${till} daily summary ${head.taxPoint}: ${receipts.length} receipts${late}`,
    channel: head.channel,
    lines: [...sides.values()].filter((line) => line.amount !== 0n || line.amountTc !== 0n).flatMap(sameSided),
  };
}

const KEY_ENDINGS: Readonly<Record<string, string>> = { SAL: '', RFD: ':refunds', FEE: ':fee', DEP: ':deposits' };

/** Identity of a summary, like `<channel>:<tenant>:day:R1:2026-03-03:refunds`. */
function summaryKey({ channel, source, register, journal, day, taxPoint, version }: SummaryHead): string {
  const late = taxPoint === day ? '' : `:for-${taxPoint}`;
  const again = version === 1 ? '' : `:${version}`;
  return `${channel}:${source}:day:${register || 'all'}:${day}${late}${KEY_ENDINGS[journal] ?? `:${journal}`}${again}`;
}

/** Kind and number of the summary's document that a receipt's document went into. */
export interface Within {
  kind: BookDocument['kind'];
  number: string;
}

/**
 * Documents of a summary: per currency and rate one invoice with its payments, one credit note with what was paid back,
 * fees per clearing account, spent and received apart; lines per account and tax code. `earlier` tells where the
 * document of an earlier receipt went, for what settles it. Answers the documents and, per receipt's document, what it
 * became part of. The order of the parts changes nothing.
 */
export function summaryDocuments(
  parts: readonly BookDocument[],
  head: SummaryHead,
  party: DocumentParty,
  earlier: (kind: BookDocument['kind'], number: string) => Within | null,
): { documents: BookDocument[]; within: Map<BookDocument, Within> } {
  const within = new Map<BookDocument, Within>();
  const sorted = parts.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const lots = [...Map.groupBy(sorted, ({ currency, rate = '' }) => `${currency}\u0001${rate}`).values()].map(
    (same): Lot => ({ head, currency: same[0]?.currency ?? '', rate: same[0]?.rate, parts: same, within }),
  );
  const sold = lots.map((lot) => soldDocuments(lot, party));
  const inLots = new Map([...within].map(([part, whole]) => [keyOf(part), whole]));
  const target: Target = (kind, number) =>
    inLots.get(keyOf({ kind, number })) ?? earlier(kind, number) ?? { kind, number };
  const documents = lots.flatMap((lot, index) => [
    ...(sold[index] ?? []),
    ...paymentsOf(lot, party, target),
    ...allocationsOf(lot, party, target),
    ...feeEntries(lot),
  ]);
  return { documents, within };
}

/** Where the document that a receipt's settles went. */
type Target = (kind: BookDocument['kind'], number: string) => Within;

function keyOf({ kind, number }: Within): string {
  return `${kind} ${number}`;
}

/** Parts of one currency and rate. */
interface Lot {
  head: SummaryHead;
  currency: string;
  rate: string | undefined;
  parts: readonly BookDocument[];
  within: Map<BookDocument, Within>;
}

function headOf({ head, currency, rate }: Lot, party: DocumentParty): Head {
  const till = head.register === '' ? '' : ` ${head.register}`;
  const reference = `Daily summary ${head.taxPoint}${till}`;
  return { reference, date: head.day, currency, ...(rate !== undefined && { rate }), party };
}

/**
 * `SQU-260303-1f2a3c`: channel, day, and six of 36 digits each of the identity, so that tills, versions and tenants of
 * one day keep apart. With `-p99` it has 21 characters, the shortest limit among the books we know.
 */
function numberOf({ head, currency, rate = '' }: Lot, what: string): string {
  const channel = head.channel
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 3)
    .toUpperCase();
  const hash = createHash('sha256')
    .update(`${summaryKey(head)}:${currency}:${rate}:${what}`)
    .digest('hex');
  const identity = (BigInt(`0x${hash}`) % 36n ** 6n).toString(36).padStart(6, '0');
  return `${channel}-${head.day.slice(2).replaceAll('-', '')}-${identity}`;
}

/** Payments and allocations are `-p1`, `-p2` … of one number; the hundredth begins with another number. */
function numberedOf(lot: Lot, what: string, letter: 'p' | 'a', index: number): string {
  const lap = Math.floor(index / 99);
  return `${numberOf(lot, lap === 0 ? what : `${what} ${lap}`)}-${letter}${(index % 99) + 1}`;
}

/** The invoice and the credit note of a lot. */
function soldDocuments(lot: Lot, party: DocumentParty): BookDocument[] {
  const common = headOf(lot, party);
  return (['invoice', 'credit_note'] as const).flatMap((kind) => {
    const own = lot.parts.filter((part): part is Invoice | CreditNote => part.kind === kind);
    if (own.length === 0) return [];
    const lines = mergedLines(own.flatMap((part) => part.lines));
    const number = numberOf(lot, kind);
    for (const part of own) lot.within.set(part, { kind, number });
    // A receipt that only moved an amount within one account says nothing to the books.
    if (lines.length === 0) return [];
    return [kind === 'invoice' ? invoiceOf(common, number, lines) : creditNoteOf(common, number, lines)];
  });
}

function paymentsOf(lot: Lot, party: DocumentParty, target: Target): BookDocument[] {
  const payments = lot.parts.filter((part): part is BookPayment => part.kind === 'payment');
  const groups = Map.groupBy(payments, ({ settles, role, account }) => {
    const { kind, number } = target(settles.kind, settles.number);
    return [kind, number, role, account].join('\u0001');
  });
  return [...groups.values()].map((same, index) => {
    const [first] = same as [BookPayment];
    const settles = target(first.settles.kind, first.settles.number) as BookPayment['settles'];
    const money = { role: first.role, account: first.account, amount: sum(same.map(({ amount }) => amount)) };
    const whole = paymentOf(headOf(lot, party), numberedOf(lot, 'payments', 'p', index), settles, money);
    for (const part of same) lot.within.set(part, whole);
    return whole;
  });
}

function allocationsOf(lot: Lot, party: DocumentParty, target: Target): BookDocument[] {
  const allocations = lot.parts.filter((part): part is Allocation => part.kind === 'allocation');
  const ends = ({ creditNote, invoice }: Allocation) =>
    [target('credit_note', creditNote).number, target('invoice', invoice).number] as const;
  return [...Map.groupBy(allocations, (part) => ends(part).join('\u0001')).values()].map((same, index) => {
    const [note, invoice] = ends(same[0] as Allocation);
    const amount = sum(same.map((part) => part.amount));
    const whole = allocationOf(headOf(lot, party), numberedOf(lot, 'allocations', 'a', index), note, invoice, amount);
    for (const part of same) lot.within.set(part, whole);
    return whole;
  });
}

/**
 * Fees of a day: per party and account they were taken from, one entry over what was spent and one over what was
 * received, with positive lines only. What cancels out says nothing to the books.
 */
function feeEntries(lot: Lot): BookDocument[] {
  const entries = lot.parts.filter((part): part is BankEntry => part.kind === 'bank_entry');
  const groups = Map.groupBy(entries, ({ role, account, party }) => [role, account, party.id].join('\u0001'));
  return [...groups].flatMap(([key, same]) => {
    const [{ role, account, party }] = same as [BankEntry];
    const net = mergedLines(
      same.flatMap((part) => (part.direction === 'spend' ? part.lines : turnedLines(part.lines))),
    );
    const isSpent = (line: DocumentLine) => line.net + line.tax > 0n;
    const made = (direction: BankEntry['direction'], lines: DocumentLine[]): BankEntry[] => {
      if (lines.length === 0) return [];
      const number = numberOf(lot, `${direction} ${key}`);
      const tax = sum(lines.map((line) => line.tax));
      const money = { direction, role, account, lines, total: totalOf(lines), tax };
      return [{ ...headOf(lot, party), kind: 'bank_entry', number, ...money }];
    };
    const whole = [
      ...made('spend', net.filter(isSpent)),
      ...made('receive', turnedLines(net.filter((line) => !isSpent(line)))),
    ];
    for (const part of same) {
      const into = whole.find(({ direction }) => direction === part.direction) ?? whole[0];
      if (into) lot.within.set(part, into);
    }
    return whole;
  });
}

/** Lines per account, role and tax code. */
function mergedLines(lines: readonly DocumentLine[]): DocumentLine[] {
  const groups = Map.groupBy(lines, ({ account, role, taxCode }) => [account, role, taxCode].join('\u0001'));
  const merged = [...groups.values()].map((same) => {
    const [first] = same as [DocumentLine];
    const words = new Set(same.map(({ description }) => description));
    return {
      description: words.size === 1 ? first.description : wordsOf(first.role),
      role: first.role,
      account: first.account,
      taxCode: first.taxCode,
      net: sum(same.map(({ net }) => net)),
      tax: sum(same.map(({ tax }) => tax)),
      quantity: '1',
    };
  });
  return merged.filter(({ net, tax }) => net !== 0n || tax !== 0n);
}

/** "sales.revenue.standard" is "Sales revenue standard". */
function wordsOf(role: string): string {
  const words = role.replaceAll(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
