import type { BookPayment } from '@daybook/domain';
import type { BooksMapping } from '../../kit/contract.ts';
import { amountText } from './amounts.ts';
import { NOT_TAXED } from './books.ts';
import { entityOf, shortNumber } from './entities.ts';
import { headOf } from './head.ts';
import { journalOf, wordsOf } from './journals.ts';
import { contactOf, receivableKey, recordFor } from './record-keys.ts';
import { accountOf } from './records.ts';
import { decimal, type JournalBody, type PaymentBody, type PurchaseBody } from './wire.ts';

/** Money from a customer against an invoice, onto a bank or other current asset account. */
export function paymentBody(payment: BookPayment, mapping: BooksMapping): PaymentBody {
  const amount = decimal(amountText(payment.amount, payment));
  const invoice = mapping.remoteId('invoice', payment.settles.number);
  return {
    ...headOf(payment),
    CustomerRef: { value: contactOf(payment, mapping) },
    TotalAmt: amount,
    DepositToAccountRef: { value: accountOf(payment, mapping).remoteId },
    // The only field of a payment that holds our number and can be asked for.
    PaymentRefNum: shortNumber(payment.number),
    Line: [{ Amount: amount, LinkedTxn: [{ TxnId: invoice, TxnType: 'Invoice' }] }],
  };
}

/**
 * Money that no payment can carry: given back on a credit note, or sitting on an account that payments cannot name (a
 * gift card's liability). It is booked against accounts receivable, as an expense where the account is a bank, and set
 * against its document afterwards (closing.ts): the way the provider tells people to pay a credit out.
 */
export function indirectBody(payment: BookPayment, mapping: BooksMapping): PurchaseBody | JournalBody {
  const money = accountOf(payment, mapping).remoteId;
  const customer = contactOf(payment, mapping);
  const receivable = recordFor(payment, mapping, receivableKey(payment.currency));
  if (entityOf(payment, mapping) === 'purchase') return expense(payment, { money, customer, receivable }, mapping);
  const sign = payment.settles.kind === 'invoice' ? 1n : -1n;
  const words = wordsOf(payment);
  return journalOf(payment, [
    { account: money, words, amount: sign * payment.amount },
    { account: receivable, words, amount: -sign * payment.amount, customer },
  ]);
}

interface Ends {
  money: string;
  customer: string;
  receivable: string;
}

function expense(payment: BookPayment, { money, customer, receivable }: Ends, mapping: BooksMapping): PurchaseBody {
  const body: PurchaseBody = {
    DocNumber: shortNumber(payment.number),
    ...headOf(payment),
    PaymentType: 'Cash',
    AccountRef: { value: money },
    EntityRef: { value: customer, type: 'Customer' },
    Line: [
      {
        Description: wordsOf(payment),
        Amount: decimal(amountText(payment.amount, payment)),
        DetailType: 'AccountBasedExpenseLineDetail',
        AccountBasedExpenseLineDetail: { AccountRef: { value: receivable } },
      },
    ],
  };
  return isAmerican(mapping) ? body : { ...body, GlobalTaxCalculation: 'NotApplicable' };
}

/** American books know no tax on a document of their own accord; all others want to hear that there is none. */
function isAmerican(mapping: BooksMapping): boolean {
  try {
    return mapping.tax(null) === NOT_TAXED;
  } catch {
    // A line without tax is not mapped there: only Americans always have one (mapping.ts).
    return false;
  }
}
