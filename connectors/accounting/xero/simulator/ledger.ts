import { divideHalfUp, exponentOf, sum } from '@daybook/domain';
import { parseDecimal } from './decimal.ts';
import type { BookedBankEntry, BookedJournal, BookedTransfer } from './movements.ts';
import { type BookedDocument, type Line, type Organisation, settlementOf } from './world.ts';

/** Balance of every account that has moved, in the base currency, minor units, debit positive, by code. */
export function balancesOf(organisation: Organisation): Record<string, bigint> {
  const ledger = openLedger(organisation);
  for (const document of organisation.documents.values()) postDocument(document, ledger);
  for (const allocation of organisation.allocations.values()) postDifference(allocation, ledger);
  for (const entry of organisation.bankEntries.values()) postBankEntry(entry, ledger);
  for (const transfer of organisation.transfers.values()) postTransfer(transfer, ledger);
  for (const journal of organisation.journals.values()) postJournal(journal, ledger);
  return ledger.balances;
}

interface Ledger {
  organisation: Organisation;
  balances: Record<string, bigint>;
  debtors: string;
  tax: string;
  exchange: string;
  rounding: string;
  /** What each settlement (payment or allocation, by document and id) took off debtors, base currency. */
  taken: Map<string, bigint>;
  post(code: string, amount: bigint): void;
}

function openLedger(organisation: Organisation): Ledger {
  const balances: Record<string, bigint> = {};
  const system = (name: string) => {
    const account = [...organisation.accounts.values()].find(({ systemAccount }) => systemAccount === name);
    if (!account) throw new Error(`${organisation.name} has no account ${name}.`);
    return account.code;
  };
  return {
    organisation,
    balances,
    debtors: system('DEBTORS'),
    tax: system('GST'),
    exchange: system('REALISEDCURRENCYGAIN'),
    rounding: system('ROUNDING'),
    taken: new Map(),
    post: (code, amount) => {
      if (amount !== 0n) balances[code] = (balances[code] ?? 0n) + amount;
    },
  };
}

/** Base currency for an amount; the rate is foreign units per base unit. */
function toBase(amount: bigint, currency: string, rate: string, { organisation }: Ledger): bigint {
  if (currency === organisation.currency) return amount;
  const { units, scale } = parseDecimal(rate)!;
  const base = 10n ** BigInt(exponentOf(organisation.currency) + scale);
  return divideHalfUp(amount * base, units * 10n ** BigInt(exponentOf(currency)));
}

/** Debtors against lines and tax, then its payments. A credit note is the same with the opposite sign. */
function postDocument(document: BookedDocument, ledger: Ledger): void {
  if (document.status !== 'AUTHORISED') return;
  const sign = document.kind === 'invoice' ? 1n : -1n;
  const moved = postLines(document, -sign, ledger);
  ledger.post(ledger.debtors, -moved);
  postSettlements(document, -moved, sign, ledger);
}

interface Lined {
  lines: readonly Line[];
  lineAmountTypes: string;
  currency: string;
  currencyRate: string;
  total: bigint;
}

/**
 * Lines and their tax, each converted by itself; answers what the whole converts to, which the other side takes up. The
 * cent by which the lines may miss it is rounding, for which Xero has an account.
 */
function postLines(
  { lines, lineAmountTypes, currency, currencyRate, total }: Lined,
  sign: bigint,
  ledger: Ledger,
): bigint {
  let moved = 0n;
  const post = (code: string, amount: bigint) => {
    const base = sign * toBase(amount, currency, currencyRate, ledger);
    ledger.post(code, base);
    moved += base;
  };
  for (const line of lines) {
    const net = lineAmountTypes === 'Inclusive' ? line.lineAmount - line.taxAmount : line.lineAmount;
    post(line.accountCode ?? '', net);
  }
  post(ledger.tax, sum(lines.map(({ taxAmount }) => taxAmount)));
  const whole = sign * toBase(total, currency, currencyRate, ledger);
  ledger.post(ledger.rounding, whole - moved);
  return whole;
}

/**
 * Payments and allocations share what the document stands at with debtors in the base currency, each by its part of
 * the total, so that nothing is left of a settled one. What a payment brought more or less is an exchange difference.
 */
function postSettlements(document: BookedDocument, standing: bigint, sign: bigint, ledger: Ledger): void {
  const { organisation, post } = ledger;
  const { payments, allocations } = settlementOf(organisation, document.id);
  let settled = 0n;
  let taken = 0n;
  const take = (amount: bigint): bigint => {
    settled += amount;
    const upTo = document.total === 0n ? 0n : divideHalfUp(standing * settled, document.total);
    const part = upTo - taken;
    taken = upTo;
    post(ledger.debtors, -part);
    return part;
  };
  for (const payment of payments.map((id) => organisation.payments.get(id)!)) {
    if (payment.status === 'DELETED') continue;
    const part = take(payment.amount);
    const received = sign * toBase(payment.amount, document.currency, payment.currencyRate, ledger);
    post(payment.accountCode, received);
    post(ledger.exchange, part - received);
  }
  for (const allocation of allocations.map((id) => organisation.allocations.get(id)!)) {
    if (allocation.status !== 'DELETED') ledger.taken.set(`${document.id} ${allocation.id}`, take(allocation.amount));
  }
}

/** Invoice and credit note may have been booked at different rates. */
function postDifference(
  { id, status, invoiceId, creditNoteId }: { id: string; status: string; invoiceId: string; creditNoteId: string },
  ledger: Ledger,
): void {
  if (status === 'DELETED') return;
  const part = (documentId: string) => ledger.taken.get(`${documentId} ${id}`) ?? 0n;
  ledger.post(ledger.exchange, part(invoiceId) + part(creditNoteId));
}

function postBankEntry(entry: BookedBankEntry, ledger: Ledger): void {
  if (entry.status === 'DELETED') return;
  ledger.post(entry.bankCode, -postLines(entry, entry.type === 'SPEND' ? 1n : -1n, ledger));
}

function postTransfer({ status, fromCode, toCode, amount, currency, currencyRate }: BookedTransfer, ledger: Ledger) {
  if (status === 'DELETED') return;
  const base = toBase(amount, currency, currencyRate, ledger);
  ledger.post(fromCode, -base);
  ledger.post(toCode, base);
}

function postJournal({ status, lines, lineAmountTypes }: BookedJournal, ledger: Ledger): void {
  if (status !== 'POSTED') return;
  for (const { accountCode, amount, taxAmount } of lines) {
    ledger.post(accountCode, lineAmountTypes === 'Inclusive' ? amount - taxAmount : amount);
    ledger.post(ledger.tax, taxAmount);
  }
}
