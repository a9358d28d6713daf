import type { Books, CompanySettings } from '../src/chart.ts';
import { defaultChart } from '../src/charts.ts';
import {
  type CashDay,
  type Dispute,
  type EventInput,
  type Fee,
  makeEvent,
  type Payment,
  type Payout,
  type Refund,
  type RegisterClose,
  type Sale,
  type Settlement,
  type VoidedSale,
} from '../src/events.ts';
import type { ResolvedEntry, ResolvedLine } from '../src/journal-entry.ts';
import { formatMinor, sum } from '../src/money.ts';
import type { PostingFacts } from '../src/posting-rules.ts';

const CURRENCIES: Record<string, string> = { US: 'USD', GB: 'GBP', DE: 'EUR', FI: 'EUR' };

interface BooksOptions {
  settings?: Partial<CompanySettings>;
  /** More roles, role → account. */
  roles?: Record<string, string>;
  /** currency → rate on every day, or "currency date" → rate. */
  rates?: Record<string, string>;
  timeZone?: string;
  /** First open day; everything from it on is open. */
  openFrom?: string;
}

/** Books of a company with the default chart of a country. */
export function booksIn(country: string, options: BooksOptions = {}): Books {
  const chart = defaultChart(country);
  const { settings, roles = {}, rates = {}, timeZone = 'UTC', openFrom = '2026-01-01' } = options;
  return {
    functionalCurrency: CURRENCIES[country] ?? 'USD',
    country,
    timeZone,
    settings: { discountPresentation: 'contra_revenue', channelTax: 'net', ...settings },
    roles: new Map([
      ...chart.accounts.flatMap(({ code, roles: played }) => played.map((role) => [role, code] as const)),
      ...Object.entries(roles),
    ]),
    taxCodes: new Map(chart.taxCodes.map((each) => [each.code, each])),
    taxRules: chart.taxRules,
    rate: (currency, date) => rates[`${currency} ${date}`] ?? rates[currency],
    isOpen: (date) => date >= openFrom,
    firstOpenDay: openFrom,
  };
}

/** Facts of an event that nothing came before. */
export function factsWith(known: Partial<PostingFacts> = {}): PostingFacts {
  const none = { previous: null, sale: null, saleEntries: [], earlierRefunds: [] };
  return { source: 'demo.example', connectionLabel: 'Demo shop', ...none, ...known };
}

const HEAD = {
  version: 1,
  channel: 'webshop',
  id: '1001',
  revision: '1',
  occurredAt: '2026-03-10T12:00:00Z',
  test: false,
} as const;

type Given<Type extends EventInput['type']> = Partial<Omit<Extract<EventInput, { type: Type }>, 'type'>> & {
  currency: string;
};

/** A sale; the total is the sum of its tenders and what is due. */
export function saleOf(given: Given<'sale'>): Sale {
  const tenders = given.tenders ?? [];
  const paid = sum(tenders.map((tender) => BigInt(tender.amount)));
  const total = paid + BigInt(given.due ?? 0n);
  return makeEvent({ ...HEAD, type: 'sale', pricesIncludeTax: false, lines: [], tenders, total, ...given }) as Sale;
}

/** A refund of sale 1001 unless told otherwise. */
export function refundOf(given: Given<'refund'>): Refund {
  const tenders = given.tenders ?? [];
  const total = sum(tenders.map((tender) => BigInt(tender.amount)));
  const head = { ...HEAD, id: '9001', type: 'refund', sale: { id: '1001' }, lines: [] };
  return makeEvent({ ...head, tenders, total, ...given }) as Refund;
}

/** A payment for sale 1001. */
export function paymentOf(given: Given<'payment'> & { amount: bigint }): Payment {
  const tender = given.tender ?? { kind: 'bank_transfer', amount: given.amount };
  return makeEvent({ ...HEAD, id: '7001', type: 'payment', sale: { id: '1001' }, ...given, tender }) as Payment;
}

/** The cancellation of sale 1001. */
export function voidOf(given: Given<'void'>): VoidedSale {
  return makeEvent({ ...HEAD, id: '1001', revision: '2', type: 'void', sale: { id: '1001' }, ...given }) as VoidedSale;
}

/** A fee of 1.87 at stripe unless told otherwise. */
export function feeOf(given: Given<'fee'>): Fee {
  return makeEvent({ ...HEAD, id: 'txn_1', type: 'fee', processor: 'stripe', amount: 187n, ...given }) as Fee;
}

/** A payout of stripe, not itemised unless told otherwise; it arrives two days later. */
export function payoutOf(given: Given<'payout'> & { amount: bigint }): Payout {
  const head = { ...HEAD, id: 'po_1', type: 'payout', processor: 'stripe', arrivalDate: '2026-03-12', lines: [] };
  return makeEvent({ ...head, ...given }) as Payout;
}

/** A line of a payout whose fee is 0. */
export function moved(kind: Payout['lines'][number]['kind'], net: bigint, source?: string) {
  return { kind, gross: net, fee: 0n, net, ...(source !== undefined && { source }) };
}

/** A conversion at stripe of sale 1001. */
export function settlementOf(given: Given<'settlement'> & Pick<Settlement, 'from' | 'amount'>): Settlement {
  const head = { ...HEAD, id: 'txn_502', type: 'settlement', processor: 'stripe', sale: { id: '1001' } };
  return makeEvent({ ...head, ...given }) as Settlement;
}

/** A dispute at stripe over sale 1001, opened unless told otherwise. */
export function disputeOf(given: Given<'dispute'> & { amount: bigint }): Dispute {
  const head = { ...HEAD, id: 'dp_1', type: 'dispute', processor: 'stripe', sale: { id: '1001' }, status: 'opened' };
  return makeEvent({ ...head, ...given }) as Dispute;
}

/** The closing of register R1. */
export function closeOf(given: Given<'register_close'> & { revenueShould: bigint; revenueActual: bigint }) {
  const times = { openedAt: '2026-03-10T08:00:00Z', closedAt: '2026-03-10T18:05:00Z' };
  const head = { ...HEAD, id: 'R1-2026-03-10', type: 'register_close', register: 'R1', openingBalance: 0n };
  return makeEvent({ ...head, ...times, ...given }) as RegisterClose;
}

/** A day of register R1 in the cash book. */
export function cashDayOf(given: Given<'cash_day'> & { revenueShould: bigint; revenueActual: bigint }): CashDay {
  const day = { date: '2026-03-10', book: 'Main till', register: 'R1', receiptNumber: 'Z-1', openingBalance: 0n };
  return makeEvent({ ...HEAD, id: 'R1:2026-03-10', type: 'cash_day', ...day, ...given }) as CashDay;
}

/** One tax of the merchant. */
export function taxed(amount: bigint, rate: string, name = 'Tax'): { name: string; rate: string; amount: bigint }[] {
  return [{ name, rate, amount }];
}

/**
 * An entry as an accountant writes it, one row per role: "Dr clearing.stripe 54.10". Lines of several tax codes on one
 * role are added up.
 */
export function rows(entry: ResolvedEntry | undefined, currency: string): string[] {
  const sums = new Map<string, bigint>();
  for (const line of entry?.lines ?? []) sums.set(line.role, (sums.get(line.role) ?? 0n) + line.amount);
  return [...sums].map(([role, amount]) =>
    amount > 0n ? `Dr ${role} ${formatMinor(amount, currency)}` : `Cr ${role} ${formatMinor(-amount, currency)}`,
  );
}

/** Balances over entries, zeros left out; `family` names what may stand in for each other. */
export function balances(
  entries: readonly ResolvedEntry[],
  family: (line: ResolvedLine) => string = (line) => line.account,
): Map<string, { amount: bigint; amountTc: bigint }> {
  const sums = new Map<string, { amount: bigint; amountTc: bigint }>();
  for (const line of entries.flatMap((entry) => entry.lines)) {
    const key = `${family(line)} ${line.currency}`;
    const before = sums.get(key) ?? { amount: 0n, amountTc: 0n };
    sums.set(key, { amount: before.amount + line.amount, amountTc: before.amountTc + line.amountTc });
  }
  return new Map([...sums].filter(([, each]) => each.amount !== 0n || each.amountTc !== 0n));
}
