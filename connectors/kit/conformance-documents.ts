import {
  type Allocation,
  type BankEntry,
  type BookDocument,
  type BookJournal,
  type BookPayment,
  type CreditNote,
  type DocumentLine,
  defaultChart,
  divideHalfUp,
  type Invoice,
  isReceipt,
  type RefundReceipt,
  type SalesReceipt,
  sum,
  type Transfer,
  withReceipts,
} from '@daybook/domain';
import { ConnectorError } from './connector-error.ts';
import type { AccountingConnector, BooksMapping, RemoteBooks } from './contract.ts';

export const PARTY = {
  id: 'conformance-shop',
  name: 'Conformance shop customers',
  email: 'shop@example.com',
  country: 'GB',
};
const HEAD = { reference: '#1001', date: '2026-11-09', party: PARTY };

/** Our tax codes for the lines of the documents below. */
export interface SalesTaxes {
  /** Rate in percent, decimal string, above 0. */
  standard: { code: string; rate: string };
  /** A code at 0 %, or null where lines without tax carry none. */
  zero: string | null;
}

/** What a document of the suite may vary. */
export interface Terms {
  number: string;
  currency: string;
  taxes: SalesTaxes;
  date?: string;
}

/**
 * A sale as shops really have it: two pieces at an odd price, a discount of its own as a negative line, taxed shipping,
 * and a line without tax. The channel rounded the tax of the first line down where the books would round it up.
 */
export function invoice({ number, currency, taxes, date = HEAD.date }: Terms): Invoice {
  const taxed = (description: string, role: string, net: bigint, quantity = '1'): DocumentLine => ({
    description,
    role,
    account: '4000',
    taxCode: taxes.standard.code,
    net,
    tax: taxAt(taxes.standard.rate, net),
    quantity,
  });
  const odd = taxed('Odd socks', 'sales.revenue.standard', 1_998n, '2');
  const lines = [
    { ...odd, tax: odd.tax - 1n, sku: 'SOCK-1' },
    taxed('Discount', 'sales.discount', -333n),
    taxed('Shipping', 'sales.shipping', 495n),
    { ...taxed('Book', 'sales.revenue.zero', 1_250n), taxCode: taxes.zero, tax: 0n },
  ];
  const tax = sum(lines.map((line) => line.tax));
  return {
    ...HEAD,
    kind: 'invoice',
    number,
    date,
    dueDate: date,
    currency,
    lines,
    tax,
    total: sum(lines.map((line) => line.net)) + tax,
  };
}

/** Tax in minor units on a net amount, half-up, at a rate in percent. */
function taxAt(rate: string, net: bigint): bigint {
  const [whole = '0', fraction = ''] = rate.split('.');
  return divideHalfUp(net * BigInt(whole + fraction), 100n * 10n ** BigInt(fraction.length));
}

/** One taxed line given back. */
export function creditNote({ number, currency, taxes, date = HEAD.date }: Terms): CreditNote {
  const net = 999n;
  const tax = taxAt(taxes.standard.rate, net);
  const line: DocumentLine = {
    description: 'Odd sock, returned',
    role: 'sales.returns',
    account: '4110',
    taxCode: taxes.standard.code,
    net,
    tax,
    quantity: '1',
  };
  return { ...HEAD, kind: 'credit_note', number, date, currency, lines: [line], tax, total: net + tax };
}

/** Money that settles an invoice, or is paid back on a credit note. */
export function payment(of: Invoice | CreditNote, number: string, amount: bigint): BookPayment {
  const settles = { kind: of.kind, number: of.number };
  return {
    ...HEAD,
    kind: 'payment',
    number,
    currency: of.currency,
    settles,
    role: 'bank.main',
    account: '1000',
    amount,
  };
}

/** What says what was sold or given back. */
type Form = Invoice | CreditNote | SalesReceipt | RefundReceipt;

/** The receipt that an invoice or credit note is with the one payment that settles it whole. */
export function receiptFor(of: Invoice | CreditNote): SalesReceipt | RefundReceipt {
  const [receipt] = withReceipts([of, { ...payment(of, `${of.number}-P1`, of.total), date: of.date }]);
  if (receipt && isReceipt(receipt)) return receipt;
  throw new Error(`${of.kind} ${of.number} makes no receipt.`);
}

/** One form of every kind that a connector takes, each with a number of its own. */
export function forms({ receipts }: AccountingConnector, terms: () => Terms): Form[] {
  const plain = [invoice(terms()), creditNote(terms())];
  return receipts ? [...plain, receiptFor(invoice(terms())), receiptFor(creditNote(terms()))] : plain;
}

/** Part of a credit note set against an invoice. */
export function allocation(note: CreditNote, of: Invoice, amount: bigint): Allocation {
  const number = `${note.number}-${of.number}`;
  return {
    ...HEAD,
    kind: 'allocation',
    number,
    currency: note.currency,
    creditNote: note.number,
    invoice: of.number,
    amount,
  };
}

export const PROCESSOR = { id: 'processor:conformance-pay', name: 'Conformance Pay' };
const CLEARING = { role: 'clearing.stripe', account: '1101' };
const BANK = { role: 'bank.main', account: '1000' };

/** A payout: money of the processor reaches the bank. */
export function transfer({ number, currency, date = HEAD.date }: Terms, amount: bigint): Transfer {
  return { ...HEAD, party: PROCESSOR, kind: 'transfer', number, date, currency, from: CLEARING, to: BANK, amount };
}

/** A dispute with its fee, taken from the processor's balance, or given back. */
export function bankEntry({ number, currency, date = HEAD.date }: Terms, direction: 'spend' | 'receive'): BankEntry {
  const line = (description: string, role: string, account: string, net: bigint): DocumentLine => ({
    description,
    role,
    account,
    taxCode: null,
    net,
    tax: 0n,
    quantity: '1',
  });
  const lines = [
    line('Disputed funds', 'dispute.held', '1130', 5_410n),
    line('Dispute fee', 'fees.dispute', '6020', 1_500n),
  ];
  const total = sum(lines.map(({ net }) => net));
  const rest = { number, date, currency, direction, lines, total, tax: 0n };
  return { ...HEAD, party: PROCESSOR, kind: 'bank_entry', ...CLEARING, ...rest };
}

/** A chargeback that was lost. */
export function journal({ number, currency, date = HEAD.date }: Terms, amount: bigint): BookJournal {
  const line = (role: string, account: string, signed: bigint) => ({
    role,
    account,
    description: 'Dispute dp_1 lost',
    taxCode: null,
    amount: signed,
  });
  const lines = [line('chargeback.loss', '6100', amount), line('dispute.held', '1130', -amount)];
  return { ...HEAD, party: PROCESSOR, kind: 'journal', number, date, currency, lines, total: amount };
}

/**
 * A mapping as the workers would hand it over: what the connector suggests for the default chart of the books' country.
 */
export interface TestMapping extends BooksMapping {
  /** Remembers what was pushed, for `remoteId`. */
  pushed(document: BookDocument, remoteId: string): void;
  parties: Map<string, string>;
  records: Map<string, string>;
  /** Our words whose mapping is withheld: roles and tax codes. */
  withheld: Set<string>;
}

/** The sales taxes of a country's default chart; where it has none, the highest rate the books know for sales. */
export function salesTaxesOf(books: RemoteBooks): SalesTaxes {
  const { taxCodes } = defaultChart(books.country);
  const standard = taxCodes.find(({ rate, revenue }) => revenue === 'standard' && rate !== '0');
  const zero = taxCodes.find(({ rate, revenue }) => revenue === 'zero' && rate === '0');
  const [highest = '0'] = books.taxRates
    .map(({ rate }) => rate)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return { standard: standard ?? { code: 'LOCAL', rate: highest }, zero: zero?.code ?? null };
}

/** Maps as the connector suggests; throws MAPPING_MISSING as the workers' mapping does. */
export function testMapping(connector: AccountingConnector, books: RemoteBooks, taxes: SalesTaxes): TestMapping {
  const { accounts, taxCodes } = defaultChart(books.country);
  const ours = accounts.flatMap(({ roles, ...account }) => roles.map((role) => ({ ...account, role })));
  const suggested = connector.suggestMapping(books, ours, [...taxCodes, taxes.standard]);
  const words = new Map(suggested.map(({ kind, ours: word, theirs }) => [`${kind} ${word}`, theirs]));
  const remoteIds = new Map<string, string>();
  const parties = new Map<string, string>();
  const records = new Map<string, string>();
  const withheld = new Set<string>();
  const mapped = (what: string, word: string, theirs: string | undefined): string => {
    if (theirs !== undefined && !withheld.has(word)) return theirs;
    throw new ConnectorError('rejected', `The ${what} ${word} is not mapped.`, {
      code: 'MAPPING_MISSING',
      subject: `${what} ${word}`,
    });
  };
  const account = (role: string) => mapped('account', role, words.get(`account ${role}`));
  return {
    parties,
    records,
    withheld,
    pushed: (document, remoteId) => void remoteIds.set(`${document.kind} ${document.number}`, remoteId),
    account,
    remoteAccount: (role) => {
      const code = account(role);
      const found = books.accounts.find((each) => each.code === code);
      if (!found) throw new Error(`The suggestion for ${role} is ${code}, which the books do not have.`);
      return found;
    },
    record: (key) => mapped('record', key, records.get(key)),
    tax: (code) => mapped('tax', code ?? '', words.get(`tax ${code ?? ''}`)),
    remoteId: (kind, number) => mapped('document', `${kind} ${number}`, remoteIds.get(`${kind} ${number}`)),
    party: (id) => mapped('party', id, parties.get(id)),
  };
}
