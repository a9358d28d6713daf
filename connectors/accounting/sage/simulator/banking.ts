import { sum } from '@daybook/domain';
import { amount, type Json, Refused, ref } from './answer.ts';
import { INPUT_TAX, OUTPUT_TAX } from './charts.ts';
import { amountOf, bankOf, contactOf, dateOf, ledgerOf, listOf, optional, required } from './fields.ts';
import { paymentLine } from './lines.ts';
import { checkReference } from './payments.ts';
import { head, totalsOf } from './sales.ts';
import type { Store } from './store.ts';
import { atHome, type Business, ledgerFor, type Posting, type Row } from './world.ts';

/** POST /other_payments: money in or out of a bank account without a document. */
export function bookOtherPayment(store: Store, business: Business, body: Json, now: number): Row {
  const type = required(body, 'transaction_type_id');
  if (type !== 'OTHER_PAYMENT' && type !== 'OTHER_RECEIPT') {
    throw new Refused('is not included in the list', 'transaction_type_id');
  }
  const bank = bankOf(business, body, 'bank_account_id');
  const contact = optional(body, 'contact_id') === null ? null : contactOf(business, body).id;
  const date = dateOf(business, body);
  checkReference(body);
  const { currency } = bank;
  const rate = rateOf(business, currency);
  const lines = listOf(body, 'payment_lines').map((line) => paymentLine(business, line, 'payment_lines.', currency));
  const { total, tax } = totalsOf(lines);
  if (amountOf(body, 'total_amount', currency) !== total) {
    throw new Refused('must equal the sum of its lines', 'total_amount');
  }
  const isOut = type === 'OTHER_PAYMENT';
  const home = (minor: bigint) => atHome(business, minor, { currency, rate }) * (isOut ? 1n : -1n);
  const rest: Posting[] = lines.map(({ ledger, net }) => ({ ledger, amount: home(net) }));
  rest.push({ ledger: ledgerFor(business, isOut ? INPUT_TAX : OUTPUT_TAX).id, amount: home(tax) });
  return {
    ...head(store, 'other_payments', body, { date, currency, rate, now }),
    contact,
    total,
    tax,
    postings: [{ ledger: bank.ledger, amount: -sum(rest.map((each) => each.amount)) }, ...rest],
    body: {
      transaction_type: { id: type },
      bank_account: ref(bank.id, '', 'bank_accounts'),
      payment_lines: lines.map(({ shown }) => shown),
    },
  };
}

/** POST /bank_transfers: between two bank accounts of one currency. */
export function bookTransfer(store: Store, business: Business, body: Json, now: number): Row {
  const from = bankOf(business, body, 'from_bank_account_id');
  const to = bankOf(business, body, 'to_bank_account_id');
  if (from.id === to.id) throw new Refused('must be another bank account', 'to_bank_account_id');
  if (from.currency !== to.currency) throw new Refused('must have the same currency', 'to_bank_account_id');
  const date = dateOf(business, body);
  checkReference(body);
  const { currency } = from;
  const total = amountOf(body, 'amount', currency);
  if (total <= 0n) throw new Refused('must be greater than 0', 'amount');
  const rate = rateOf(business, currency);
  const home = atHome(business, total, { currency, rate });
  return {
    ...head(store, 'bank_transfers', body, { date, currency, rate, now }),
    total,
    postings: [
      { ledger: to.ledger, amount: home },
      { ledger: from.ledger, amount: -home },
    ],
    body: {
      from_bank_account: ref(from.id, '', 'bank_accounts'),
      to_bank_account: ref(to.id, '', 'bank_accounts'),
      description: optional(body, 'description'),
    },
  };
}

/** POST /journals: debits and credits that come to the same; control accounts refuse them. */
export function bookJournal(store: Store, business: Business, body: Json, now: number): Row {
  const date = dateOf(business, body);
  required(body, 'reference');
  const { currency } = business;
  const lines = listOf(body, 'journal_lines').map((line) => {
    const ledger = ledgerOf(business, line, 'journal_lines.');
    if (ledger.isClosed) throw new Refused('Journals to a control account are not allowed.', 'ledger_account_id');
    const debit = amountOf(line, 'debit', currency, 'journal_lines.');
    const credit = amountOf(line, 'credit', currency, 'journal_lines.');
    if (debit < 0n || credit < 0n || (debit !== 0n && credit !== 0n)) {
      throw new Refused('Either debit or credit must be zero.', 'journal_lines.debit');
    }
    return { ledger, debit, credit, details: optional(line, 'details') };
  });
  const debits = sum(lines.map(({ debit }) => debit));
  if (debits !== sum(lines.map(({ credit }) => credit))) {
    throw new Refused('The total debits must equal the total credits.', 'journal_lines');
  }
  return {
    ...head(store, 'journals', body, { date, currency, rate: '1', now }),
    total: debits,
    postings: lines.map(({ ledger, debit, credit }) => ({ ledger: ledger.id, amount: debit - credit })),
    body: {
      description: optional(body, 'description'),
      journal_lines: lines.map(({ ledger, debit, credit, details }) => ({
        ledger_account: ref(ledger.id, `${ledger.name} (${ledger.code})`, 'ledger_accounts'),
        debit: amount(debit, currency),
        credit: amount(credit, currency),
        details,
      })),
    },
  };
}

function rateOf(business: Business, currency: string): string {
  return currency === business.currency ? '1' : (business.rates[currency] ?? '1');
}
