import { type CanonicalEvent, sum } from '@daybook/domain';
import { type Bill, billedLines } from './billed-lines.ts';
import { factOf, type Ground, present } from './ground.ts';
import { priced } from './lines.ts';
import { instantOf, readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';
import { stageRevision } from './revisions.ts';

/** An invoice as the lines are read from it. */
export function billOf(invoice: Thing<'invoice'>): Bill {
  const subject = `invoice ${invoice.number ? `${invoice.number} (${invoice.id})` : invoice.id}`;
  const currency = readCurrency(invoice.currency, `${subject}, currency`);
  const read = (text: string, field: string) => readMinor(text, currency, `${subject}, ${field}`);
  return {
    subject,
    currency,
    lines: invoice.lines.data,
    shipping: invoice.shipping_cost,
    discounts: sum((invoice.total_discount_amounts ?? []).map(({ amount }) => read(amount, 'total_discount_amounts'))),
    total: read(invoice.total, 'total'),
  };
}

/** The customer's balance with the seller, used for an amount; negative where the invoice collects what was owed. */
export function storeCredit(amount: bigint) {
  return { kind: 'store_credit', processor: 'customer_balance', amount };
}

/**
 * An invoice on account as a sale: owed as it was when it was finalised, whatever was paid or credited since. Its
 * payments and credit notes are facts of their own.
 */
export function accountSale(invoice: Thing<'invoice'>, ground: Ground): CanonicalEvent {
  const bill = billOf(invoice);
  const read = (text: string | null | undefined, field: string) =>
    readMinor(text ?? '0', bill.currency, `${bill.subject}, ${field}`);
  const due =
    read(invoice.amount_due, 'amount_due') +
    read(invoice.pre_payment_credit_notes_amount, 'pre_payment_credit_notes_amount');
  const { lines, pricesIncludeTax, ratesKnown } = billedLines(bill, ground.bag);
  const balance = bill.total - due;
  return factOf(
    ground,
    {
      type: 'sale',
      id: invoice.id,
      revision: stageRevision('done', ratesKnown),
      at: invoice.status_transitions?.finalized_at ?? invoice.created,
      currency: bill.currency,
    },
    invoice.livemode,
    {
      order: { id: invoice.id, ...present({ number: invoice.number }) },
      customer: customerOfInvoice(invoice),
      pricesIncludeTax,
      lines,
      tenders: balance === 0n ? [] : [storeCredit(balance)],
      total: bill.total,
      due,
      terms: invoice.due_date ? { dueDate: instantOf(invoice.due_date).slice(0, 10) } : undefined,
    },
  );
}

/** An invoice below zero: what it credits goes to the customer's balance, and later invoices are paid from there. */
export function creditedInvoice(invoice: Thing<'invoice'>, ground: Ground): CanonicalEvent {
  const bill = billOf(invoice);
  const { lines, ratesKnown } = billedLines(bill, ground.bag);
  const back = lines.map((line) => ({
    ...line,
    ...priced(-line.net),
    taxes: line.taxes.map((tax) => ({ ...tax, amount: -tax.amount })),
  }));
  const at = invoice.status_transitions?.finalized_at ?? invoice.created;
  const revision = stageRevision('done', ratesKnown);
  return factOf(ground, { type: 'refund', id: invoice.id, revision, at, currency: bill.currency }, invoice.livemode, {
    order: { id: invoice.id, ...present({ number: invoice.number }) },
    customer: customerOfInvoice(invoice),
    sale: null,
    lines: back,
    tenders: [storeCredit(-bill.total)],
    total: -bill.total,
  });
}

/** What was paid on an invoice outside Stripe; how, only the seller knows. */
export function paidOutside(invoice: Thing<'invoice'>, amount: bigint, ground: Ground): CanonicalEvent {
  const currency = readCurrency(invoice.currency, `invoice ${invoice.id}, currency`);
  const at = invoice.status_transitions?.paid_at ?? invoice.created;
  return factOf(
    ground,
    { type: 'payment', id: invoice.id, revision: stageRevision('done'), at, currency },
    invoice.livemode,
    { sale: { id: invoice.id }, amount, tender: { kind: 'other', amount } },
  );
}

/** A voided invoice on account: nothing is owed any more. */
export function voidedInvoice(invoice: Thing<'invoice'>, ground: Ground): CanonicalEvent {
  const currency = readCurrency(invoice.currency, `invoice ${invoice.id}, currency`);
  const at = invoice.status_transitions?.voided_at ?? invoice.created;
  const fact = { type: 'void', id: invoice.id, revision: stageRevision('undone'), at, currency } as const;
  return factOf(ground, fact, invoice.livemode, {
    sale: { id: invoice.id },
    order: { id: invoice.id, ...present({ number: invoice.number }) },
  });
}

/** The customer as the invoice names them. */
export function customerOfInvoice(invoice: Thing<'invoice'>): Record<string, string> | undefined {
  const customer = present({
    id: invoice.customer,
    name: invoice.customer_name,
    email: invoice.customer_email,
    country: invoice.customer_address?.country,
    taxNumber: invoice.customer_tax_ids?.[0]?.value,
  });
  return Object.keys(customer).length === 0 ? undefined : (customer as Record<string, string>);
}
