import { createHash } from 'node:crypto';
import { allocationOf, creditNoteOf, type Head, invoiceOf, paymentOf } from './document/head.ts';
import { turnedLines } from './document/lines.ts';
import type {
  AccountRef,
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
import { lineKey } from './posting/entry.ts';
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
 * apart, as gift cards used and sold; a receipt taken back cancels its own side. Lines may be empty: everything
 * cancelled out.
 */
export function summaryEntry(receipts: readonly ResolvedEntry[], head: SummaryHead): ResolvedEntry {
  const sides = new Map<string, ResolvedLine>();
  for (const entry of receipts) {
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
    lines: [...sides.values()].filter((line) => line.amount !== 0n || line.amountTc !== 0n),
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
 * Documents of a summary: per currency one invoice with its payments, one credit note with what was paid back, one
 * entry per clearing account for fees; lines per account and tax code. `earlier` tells where the document of an earlier
 * receipt went, for what settles it. Answers the documents and, per receipt's document, what it became part of.
 */
export function summaryDocuments(
  parts: readonly BookDocument[],
  head: SummaryHead,
  party: DocumentParty,
  earlier: (kind: BookDocument['kind'], number: string) => Within | null,
): { documents: BookDocument[]; within: Map<BookDocument, Within> } {
  const documents: BookDocument[] = [];
  const within = new Map<BookDocument, Within>();
  for (const [currency, same] of Map.groupBy(parts, (part) => part.currency)) {
    const lot = { head, currency, parts: same, within };
    const sold = soldDocuments(lot, party);
    documents.push(...sold, ...settlements(lot, party, earlier), ...feeEntries(lot));
  }
  return { documents, within };
}

interface Lot {
  head: SummaryHead;
  currency: string;
  parts: readonly BookDocument[];
  within: Map<BookDocument, Within>;
}

function headOf({ head, currency }: Lot, party: DocumentParty): Head {
  const till = head.register === '' ? '' : ` ${head.register}`;
  return { reference: `Daily summary ${head.taxPoint}${till}`, date: head.day, currency, party };
}

/** `SQU-20260303-1f2a3c`: channel, day, and six digits of the identity; see document/number.ts for the lengths. */
function numberOf({ head, currency }: Lot, what: string): string {
  const channel = head.channel
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 3)
    .toUpperCase();
  const identity = createHash('sha256')
    .update(`${summaryKey(head)}:${currency}:${what}`)
    .digest('hex')
    .slice(0, 6);
  return `${channel}-${head.day.replaceAll('-', '')}-${identity}`;
}

/** The invoice and the credit note of a lot; what comes out negative is the other of the two. */
function soldDocuments(lot: Lot, party: DocumentParty): BookDocument[] {
  const common = headOf(lot, party);
  return (['invoice', 'credit_note'] as const).flatMap((kind) => {
    const own = lot.parts.filter((part): part is Invoice | CreditNote => part.kind === kind);
    const lines = mergedLines(own.flatMap((part) => part.lines));
    if (lines.length === 0) return [];
    const number = numberOf(lot, kind);
    const isTurned = sum(lines.map((line) => line.net + line.tax)) < 0n;
    const isInvoice = (kind === 'invoice') !== isTurned;
    const given = isTurned ? turnedLines(lines) : lines;
    const document = isInvoice ? invoiceOf(common, number, given) : creditNoteOf(common, number, given);
    for (const part of own) lot.within.set(part, { kind: document.kind, number });
    return [document];
  });
}

/** Payments and allocations, on the summary's documents where they settle a receipt's. */
function settlements(
  lot: Lot,
  party: DocumentParty,
  earlier: (kind: BookDocument['kind'], number: string) => Within | null,
): BookDocument[] {
  const inLot = new Map([...lot.within].map(([part, whole]) => [`${part.kind} ${part.number}`, whole]));
  const target = (kind: BookDocument['kind'], number: string): Within =>
    inLot.get(`${kind} ${number}`) ?? earlier(kind, number) ?? { kind, number };
  return [...paymentsOf(lot, party, target), ...allocationsOf(lot, party, target)];
}

type Target = (kind: BookDocument['kind'], number: string) => Within;

function paymentsOf(lot: Lot, party: DocumentParty, target: Target): BookDocument[] {
  const payments = lot.parts.filter((part): part is BookPayment => part.kind === 'payment');
  const groups = Map.groupBy(payments, ({ settles, role }) => {
    const { kind, number } = target(settles.kind, settles.number);
    return [kind, number, role].join('\u0001');
  });
  const base = numberOf(lot, 'payments');
  return [...groups.values()].map((same, index) => {
    const [first] = same as [BookPayment];
    const settles = target(first.settles.kind, first.settles.number) as BookPayment['settles'];
    const money = { role: first.role, account: first.account, amount: sum(same.map(({ amount }) => amount)) };
    const whole = paymentOf(headOf(lot, party), `${base}-p${index + 1}`, settles, money);
    for (const part of same) lot.within.set(part, whole);
    return whole;
  });
}

function allocationsOf(lot: Lot, party: DocumentParty, target: Target): BookDocument[] {
  const allocations = lot.parts.filter((part): part is Allocation => part.kind === 'allocation');
  const ends = ({ creditNote, invoice }: Allocation) =>
    [target('credit_note', creditNote).number, target('invoice', invoice).number] as const;
  const base = numberOf(lot, 'allocations');
  return [...Map.groupBy(allocations, (part) => ends(part).join('\u0001')).values()].map((same, index) => {
    const [note, invoice] = ends(same[0] as Allocation);
    const amount = sum(same.map((part) => part.amount));
    const whole = allocationOf(headOf(lot, party), `${base}-a${index + 1}`, note, invoice, amount);
    for (const part of same) lot.within.set(part, whole);
    return whole;
  });
}

/** Fees of a day: one entry per account they were taken from and party, in the direction that is left over. */
function feeEntries(lot: Lot): BookDocument[] {
  const entries = lot.parts.filter((part): part is BankEntry => part.kind === 'bank_entry');
  const groups = Map.groupBy(entries, ({ role, party }) => `${role}\u0001${party.id}`);
  return [...groups].flatMap(([key, same]) => {
    const [first] = same as [BankEntry];
    const signed = same.flatMap((part) => (part.direction === 'spend' ? part.lines : turnedLines(part.lines)));
    const net = mergedLines(signed);
    if (net.length === 0) return [];
    const isSpent = sum(net.map((line) => line.net + line.tax)) >= 0n;
    const lines = isSpent ? net : turnedLines(net);
    const paidFrom: AccountRef = { role: first.role, account: first.account };
    const whole: BankEntry = {
      ...headOf(lot, first.party),
      kind: 'bank_entry',
      number: numberOf(lot, `fees ${key}`),
      direction: isSpent ? 'spend' : 'receive',
      ...paidFrom,
      lines,
      total: sum(lines.map((line) => line.net + line.tax)),
      tax: sum(lines.map((line) => line.tax)),
    };
    for (const part of same) lot.within.set(part, whole);
    return [whole];
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
