import type { Books } from '../src/chart.ts';
import { type CanonicalEvent, makeEvent, type Refund, type Sale } from '../src/events.ts';
import { formatMinor } from '../src/money.ts';
import { entriesFor, type PostingFacts } from '../src/posting-rules.ts';
import {
  booksIn,
  cashDayOf,
  disputeOf,
  factsWith,
  feeOf,
  moved,
  payoutOf,
  refundOf,
  saleOf,
  settlementOf,
  taxed,
} from './books.ts';
import { c1, c3, c18, card, GB, US } from './examples.ts';

/** A worked example: an event, what was booked before it, and the books of a country it is posted to. */
interface Example {
  /** Number in the accounting specification, and what happens. */
  title: string;
  books: Books;
  event: CanonicalEvent;
  facts?: Partial<PostingFacts>;
}

const TIME = '2026-03-10T12:00:00Z';
const entered = (type: string, given: Record<string, unknown>) =>
  makeEvent({
    version: 1,
    channel: 'ledger',
    id: 'example',
    revision: '1',
    occurredAt: TIME,
    test: false,
    type,
    ...given,
  });
const dated = (type: string, given: Record<string, unknown>) => entered(type, { date: '2026-03-10', ...given });
const after = (sale: Sale, books: Books, earlierRefunds: Refund[] = []) => ({
  sale,
  saleEntries: entriesFor(sale, factsWith(), books),
  earlierRefunds,
});

const goods = saleOf({
  currency: 'GBP',
  pricesIncludeTax: true,
  lines: [{ kind: 'product', id: 'a', net: 2000n, taxes: taxed(400n, '20') }],
  tenders: [card('stripe', 2400n)],
});
const prepaidGb = saleOf({
  currency: 'GBP',
  lines: [{ kind: 'deposit', net: 10000n, taxes: taxed(2000n, '20'), taxCode: 'S20' }],
  tenders: [card('stripe', 12000n)],
});
const prepaidUs = saleOf({
  currency: 'USD',
  lines: [{ kind: 'deposit', net: 10800n }],
  tenders: [card('stripe', 10800n)],
});
const GROSS = booksIn('US', { settings: { channelTax: 'gross' } });
const marketplace = (amount: bigint) =>
  saleOf({
    currency: 'USD',
    lines: [
      { kind: 'product', net: 4000n, taxes: [{ name: 'State', rate: '8.25', amount: 330n, collectedBy: 'channel' }] },
    ],
    tenders: [card('marketplace', amount)],
  });

/** In the order of accounting.md C, then F. */
export const EXAMPLES: readonly Example[] = [
  { title: 'C1a Sale by card, tax on top', books: US, event: c1 },
  {
    title: 'C2 Sale with tax inside and an order discount, three rates',
    books: GB,
    event: saleOf({
      currency: 'GBP',
      pricesIncludeTax: true,
      lines: [
        { kind: 'product', listNet: 2500n, discount: 300n, net: 2200n, taxes: taxed(440n, '20') },
        { kind: 'product', listNet: 1250n, discount: 150n, net: 1100n },
        { kind: 'product', listNet: 713n, discount: 85n, net: 628n, taxes: taxed(31n, '5') },
      ],
      tenders: [card('shopify_payments', 4399n)],
    }),
  },
  { title: 'C3 Sale with shipping and a tip', books: US, event: c3 },
  {
    title: 'C4a Gift card sold',
    books: GB,
    event: saleOf({
      currency: 'GBP',
      lines: [{ kind: 'gift_card', net: 5000n }],
      tenders: [card('shopify_payments', 5000n)],
    }),
  },
  {
    title: 'C4c Sale paid in part by gift card',
    books: GB,
    event: saleOf({
      currency: 'GBP',
      pricesIncludeTax: true,
      lines: [{ kind: 'product', net: 5000n, taxes: taxed(1000n, '20') }],
      tenders: [{ kind: 'gift_card', amount: 5000n }, card('stripe', 1000n)],
    }),
  },
  {
    title: 'C5 Refund as store credit',
    books: GB,
    event: refundOf({
      currency: 'GBP',
      lines: [{ kind: 'product', id: 'a', net: 2000n, taxes: taxed(400n, '20') }],
      tenders: [{ kind: 'store_credit', amount: 2400n }],
    }),
    facts: after(goods, GB),
  },
  {
    title: 'C7a Full refund',
    books: US,
    event: refundOf({
      currency: 'USD',
      lines: [{ kind: 'product', id: 'a', quantity: '2', net: 4998n, taxes: taxed(412n, '8.25') }],
      tenders: [card('stripe', 5410n)],
    }),
    facts: after(c1, US),
  },
  {
    title: 'C9 Refund of shipping only',
    books: US,
    event: refundOf({
      currency: 'USD',
      lines: [{ kind: 'shipping', id: 's', net: 500n, taxes: taxed(40n, '8') }],
      tenders: [card('square', 540n)],
    }),
    facts: after(c3, US),
  },
  {
    title: 'C14a Marketplace collects and keeps the tax (setting net)',
    books: US,
    event: marketplace(4330n),
  },
  { title: 'C14c … and settles it gross (setting gross)', books: GROSS, event: marketplace(4330n) },
  { title: 'C15a Processing fee', books: US, event: feeOf({ currency: 'USD' }) },
  {
    title: 'C15b Fee of a foreign supplier under reverse charge',
    books: GB,
    event: feeOf({ currency: 'GBP', amount: 2500n, taxCode: 'RC20' }),
  },
  {
    title: 'C16a Payout, a reserve is held back',
    books: US,
    event: payoutOf({
      currency: 'USD',
      amount: 81563n,
      lines: [moved('sale', 100000n), moved('refund', -5410n), moved('fee', -3027n), moved('reserve', -10000n)],
    }),
  },
  {
    title: 'C16c Payout that takes money from the bank',
    books: US,
    event: payoutOf({ currency: 'USD', amount: -3500n }),
  },
  { title: 'C17a Dispute opened', books: US, event: disputeOf({ currency: 'USD', amount: 5410n, fee: 1500n }) },
  {
    title: 'C17c Dispute lost',
    books: US,
    event: disputeOf({ currency: 'USD', amount: 5410n, status: 'lost' }),
  },
  { title: 'C18a Sale in a foreign currency', books: US, event: c18 },
  {
    title: 'C18b The processor converts it',
    books: US,
    event: settlementOf({ currency: 'USD', amount: 7279n, from: { currency: 'JPY', amount: 11000n } }),
    facts: { related: new Map([['sale:1001', entriesFor(c18, factsWith(), US)]]) },
  },
  {
    title: 'C19a Invoice on terms',
    books: GB,
    event: saleOf({
      currency: 'GBP',
      number: 'INV-0101',
      lines: [{ kind: 'product', net: 100000n, taxes: taxed(20000n, '20') }],
      due: 120000n,
      terms: { dueDate: '2026-04-09' },
      customer: { id: 'Quayside Hotel', name: 'Quayside Hotel' },
    }),
  },
  {
    title: 'C19b Part payment through the bank',
    books: GB,
    event: dated('bank_movement', {
      currency: 'GBP',
      amount: 50000n,
      lines: [{ role: 'ar.control', net: 50000n, party: 'Quayside Hotel', document: 'INV-0101' }],
    }),
  },
  { title: 'C21a Prepaid order, tax due with the payment', books: GB, event: prepaidGb },
  {
    title: 'C21b … fulfilled',
    books: GB,
    event: entered('fulfilment', { currency: 'GBP', sale: { id: '1001' }, lines: [{ quantity: '1', net: 10000n }] }),
    facts: after(prepaidGb, GB),
  },
  { title: 'C21c Prepaid order, tax due with the sale', books: US, event: prepaidUs },
  {
    title: 'C21d … fulfilled',
    books: US,
    event: entered('fulfilment', {
      currency: 'USD',
      sale: { id: '1001' },
      lines: [{ quantity: '1', net: 10000n, taxes: taxed(800n, '8') }],
    }),
    facts: after(prepaidUs, US),
  },
  {
    title: 'F4 A day of the cash book: 1.00 short, 12.50 spent, 160.00 to the bank',
    books: GB,
    event: cashDayOf({
      currency: 'GBP',
      openingBalance: 15000n,
      revenueShould: 18240n,
      revenueActual: 18140n,
      bankDeposit: 16000n,
      tolerance: 200n,
      expenditures: [{ role: 'expense.cleaning', net: 1250n }],
    }),
  },
];

/** The examples as tables of debits and credits, Markdown. */
export function postingTables(): string {
  return EXAMPLES.map(({ title, books, event, facts }) => {
    const [entry] = entriesFor(event, factsWith(facts), books);
    const currency = books.functionalCurrency;
    const rows = (entry?.lines ?? []).map((line) => {
      const amount = formatMinor(line.amount < 0n ? -line.amount : line.amount, currency);
      const foreign = line.currency === currency ? '' : `${line.currency} ${formatMinor(line.amountTc, line.currency)}`;
      const sides = line.amount > 0n ? `${amount} | ` : ` | ${amount}`;
      const code = line.taxCode === undefined ? '' : `${line.taxCode} ${line.taxKind ?? ''}`.trim();
      return `| ${line.role} | ${line.account} | ${sides} | ${code} | ${foreign} |`;
    });
    const head = `| role | account (${books.country}) | debit ${currency} | credit ${currency} | tax code | foreign |`;
    return [`### ${title} (${entry?.entryType})`, '', head, '|---|---|--:|--:|---|---|', ...rows, ''].join('\n');
  }).join('\n');
}
