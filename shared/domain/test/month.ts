import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Books } from '../src/chart.ts';
import type { CanonicalEvent, CashDay } from '../src/events.ts';
import { entriesFor } from '../src/posting-rules.ts';
import { cashDayOf, factsWith } from './books.ts';

/**
 * The acceptance month (accounting.md J): its company's books, and the entries it expects of its events. The file lies
 * beside the repo; without it the tests of the month are skipped, saying so.
 */
const FILE = join(import.meta.dirname, '../../../../shared/contracts/accounting/month.json');
/** Whether the file is there. */
export const isThere = existsSync(FILE);
if (!isThere) process.stdout.write(`skipped: the acceptance month is not beside the repo (${FILE})\n`);

interface MonthLine {
  account: string;
  debit: number;
  credit: number;
  tax_code?: string;
  tax_kind?: string;
  currency?: string;
  amount_tc?: number;
}
interface Month {
  accounts: { code: string; roles: string[] }[];
  tax_codes: { code: string; rate: string; label: string }[];
  events: { id: string; expected_entries: { date: string; entry_type: string; lines: MonthLine[] }[] }[];
  expected: { cash_book_days: MonthDay[] };
}
interface MonthDay {
  event: string;
  cash_difference: number;
  sales_cash: number;
  sales_total: number;
  cash_expenditure: number;
  closing_balance: number;
  reason_required: boolean;
}
/** A cash day as the month tells it. */
interface MonthCashClose {
  occurred_at: string;
  posting_date: string;
  currency: string;
  memo: string;
  register: string;
  cash_receipt_number: string;
  opening_balance: number;
  revenue_should: number;
  revenue_actual: number;
  sales_non_cash: number;
  bank_deposit: number;
  tolerance: number;
  reason: string | null;
  expenditures: { role: string; amount: number }[];
}
const month: Month = isThere
  ? JSON.parse(readFileSync(FILE, 'utf8'))
  : { accounts: [], tax_codes: [], events: [], expected: { cash_book_days: [] } };

/** The month's revenue accounts are per inventory group: 1 is standard rated, 2 zero rated. */
const REVENUE: Record<string, string> = { S20: '1', Z0: '2', EXP0: 'export' };
/** Books of the month's company. */
export const books: Books = {
  functionalCurrency: 'GBP',
  country: 'GB',
  timeZone: 'Europe/London',
  settings: { discountPresentation: 'contra_revenue', channelTax: 'net' },
  roles: new Map(month.accounts.flatMap(({ code, roles }) => roles.map((role) => [role, code] as const))),
  taxCodes: new Map(
    month.tax_codes.map(({ code, rate, label }) => [code, { code, rate, label, revenue: REVENUE[code] ?? 'standard' }]),
  ),
  taxRules: [
    { channel: null, name: null, rate: '20', code: 'S20' },
    { channel: null, name: null, rate: '0', code: 'Z0' },
  ],
  rate: (currency, date) => (currency === 'EUR' && date === '2026-03-06' ? '0.8640' : undefined),
  isOpen: (date) => date >= '2026-03-01' && date <= '2026-03-31',
  firstOpenDay: '2026-03-01',
};

/** An entry as both sides can be compared: what it nets per account, tax code, side of the return and currency. */
interface Told {
  date: string;
  type: string;
  lines: string[];
}

/** What the month expects of an event: its first entry, or its entry of a type. Null where it expects none. */
export function expectedEntry(id: string, type?: string): Told | null {
  const entries = month.events.find((event) => event.id === id)?.expected_entries ?? [];
  const entry = entries.find((each) => type === undefined || each.entry_type === type);
  if (!entry) return null;
  const lines = entry.lines.map((line) => {
    const amount = BigInt(line.debit) - BigInt(line.credit);
    const tc = BigInt(line.amount_tc ?? Math.max(line.debit, line.credit));
    const sides = [line.account, line.tax_code ?? '', line.tax_kind ?? '', line.currency ?? 'GBP'];
    return { key: sides.join(' '), amount, amountTc: amount < 0n ? -tc : tc };
  });
  return { date: entry.date, type: entry.entry_type, lines: netted(lines) };
}

/** Lines of the first entry the month expects of an event, one by one. */
export function expectedLines(id: string): string[] {
  const [entry] = month.events.find((event) => event.id === id)?.expected_entries ?? [];
  return (entry?.lines ?? []).map(({ account, debit, credit }) => `${account} ${debit - credit}`).sort();
}

/** The month's cash days as events, with what the month says they come to. */
export function cashDays(): { id: string; given: CashDay; expected: Record<string, bigint | boolean> }[] {
  return month.expected.cash_book_days.map(({ event: id, reason_required, ...day }) => {
    const told = month.events.find((event) => event.id === id) as unknown as MonthCashClose;
    const given = cashDayOf({
      id: `${told.register}:${told.posting_date}`,
      occurredAt: told.occurred_at,
      date: told.posting_date,
      currency: told.currency,
      memo: told.memo,
      register: told.register,
      receiptNumber: told.cash_receipt_number,
      openingBalance: told.opening_balance,
      revenueShould: BigInt(told.revenue_should),
      revenueActual: BigInt(told.revenue_actual),
      salesNonCash: told.sales_non_cash,
      bankDeposit: told.bank_deposit,
      tolerance: told.tolerance,
      reason: told.reason,
      expenditures: told.expenditures.map(({ role, amount }) => ({ role, net: amount })),
    });
    const { cash_difference, sales_cash, sales_total, cash_expenditure, closing_balance } = day;
    const sums = { cash_difference, sales_cash, sales_total, cash_expenditure, closing_balance };
    const expected = Object.entries(sums).map(([name, amount]) => [name, BigInt(amount)] as const);
    return { id, given, expected: { ...Object.fromEntries(expected), reason_required } };
  });
}

/** What we post for an event, told the same way. */
export function postedEntry(event: CanonicalEvent, facts = factsWith(), own = books): Told | null {
  const [entry] = entriesFor(event, facts, own);
  if (!entry) return null;
  const lines = entry.lines.map(({ account, taxCode, taxKind, currency, amount, amountTc }) => ({
    key: [account, taxCode ?? '', taxKind ?? '', currency].join(' '),
    amount,
    amountTc,
  }));
  return { date: entry.postingDate, type: entry.entryType, lines: netted(lines) };
}

function netted(lines: { key: string; amount: bigint; amountTc: bigint }[]): string[] {
  const sums = new Map<string, { amount: bigint; amountTc: bigint }>();
  for (const { key, amount, amountTc } of lines) {
    const before = sums.get(key) ?? { amount: 0n, amountTc: 0n };
    sums.set(key, { amount: before.amount + amount, amountTc: before.amountTc + amountTc });
  }
  return [...sums].map(([key, { amount, amountTc }]) => `${key}: ${amount} (${amountTc})`).sort();
}
