import { allocate, divideHalfUp, sum } from '@daybook/domain';
import { ARTICLES, COUPONS, CUSTOMERS } from './catalogue.ts';
import { discountOf, taxOnTop } from './money.ts';
import { settle } from './movements.ts';
import { intend, pay } from './payments.ts';
import { refund } from './refunds.ts';
import type { Stage } from './stage.ts';
import type { Charge, CreditNote, Invoice, InvoiceLine, InvoicePayment } from './things.ts';

/** Everything an invoice comes to. */
export interface InvoiceFigures {
  /** Lines less their own discounts; the invoice's discounts are still in it. */
  subtotal: bigint;
  discount: bigint;
  tax: bigint;
  total: bigint;
}

/** The sums Stripe shows on an invoice, from its lines. */
export function figuresOf(invoice: Pick<Invoice, 'lines' | 'discounts'>): InvoiceFigures {
  const own = (line: InvoiceLine) =>
    sum(line.discounts.filter(({ discount }) => !invoice.discounts.includes(discount)).map(({ amount }) => amount));
  const subtotal = sum(invoice.lines.map((line) => line.amount - own(line)));
  const tax = sum(invoice.lines.map((line) => line.tax));
  const net = sum(invoice.lines.map((line) => line.amount - discountOf(line)));
  return { subtotal, discount: subtotal - net, tax, total: net + tax };
}

export interface InvoiceTerms {
  /** Sent with 30 days to pay, or collected at once. */
  isSent: boolean;
  /** 10 % off the first line, and 10 % off the whole. */
  discounted?: boolean;
}

const TERM = 30 * 24 * 3600;

function linesOf(on: Stage): InvoiceLine[] {
  return on.chance
    .shuffle(ARTICLES.filter((article) => article.isPlan))
    .slice(0, 2)
    .map(({ price, amount }) => {
      const quantity = on.chance.between(1, 3);
      const whole = amount * BigInt(quantity);
      return { id: on.id('il_1'), price, quantity, amount: whole, discounts: [], tax: taxOnTop(whole) };
    });
}

/** Takes 10 % off the first line, then 10 % off what is left of all, spread over them; the tax follows. */
export function discounted(lines: readonly InvoiceLine[], own: string, whole: string): InvoiceLine[] {
  const percent = COUPONS.LOYAL10.percent;
  const firstOff = divideHalfUp((lines[0]?.amount ?? 0n) * percent, 100n);
  const left = lines.map((line, index) => (index === 0 ? line.amount - firstOff : line.amount));
  const shares = allocate(divideHalfUp(sum(left) * percent, 100n), left);
  return lines.map((line, index) => {
    const share = { discount: whole, amount: shares[index] ?? 0n };
    const discounts = index === 0 ? [{ discount: own, amount: firstOff }, share] : [share];
    return { ...line, discounts, tax: taxOnTop((left[index] ?? 0n) - share.amount) };
  });
}

/** A draft that becomes an invoice a moment later: numbered, owed, with an intent that waits to be paid. */
export function invoice(on: Stage, terms: InvoiceTerms): Invoice {
  const created = on.happen();
  const lines = linesOf(on);
  const whole = on.id('di_1');
  const draft = on.put({
    kind: 'invoice' as const,
    id: on.id('in_1'),
    created,
    live: true,
    number: null,
    customer: on.chance.pick(CUSTOMERS).id,
    currency: 'USD',
    status: 'draft' as const,
    isSent: terms.isSent,
    dueDate: terms.isSent ? created + TERM : null,
    lines: terms.discounted ? discounted(lines, on.id('di_1'), whole) : lines,
    discounts: terms.discounted ? [whole] : [],
    paid: 0n,
    credited: 0n,
    intent: null,
    payment: null,
    finalizedAt: null,
    paidAt: null,
    voidedAt: null,
  });
  on.tell(draft, 'invoice.created');
  return finalise(on, draft);
}

function finalise(on: Stage, draft: Invoice): Invoice {
  const at = on.happen();
  const { total } = figuresOf(draft);
  const number = `DAYB-${`${on.all('invoice').length}`.padStart(4, '0')}`;
  const description = `Payment for Invoice ${number}`;
  const intent = intend(on, { amount: total, customer: draft.customer, description });
  const payment = on.put({
    kind: 'invoice_payment' as const,
    id: on.id('inpay_1'),
    created: at,
    live: true,
    invoice: draft.id,
    intent: intent.id,
    currency: draft.currency,
    requested: total,
    paid: null,
    status: 'open' as const,
    paidAt: null,
    canceledAt: null,
  });
  const open = on.put({
    ...draft,
    status: 'open' as const,
    number,
    finalizedAt: at,
    intent: intent.id,
    payment: payment.id,
  });
  on.tell(open, 'invoice.finalized', ...(draft.isSent ? ['invoice.sent'] : []));
  on.tell(intent, 'payment_intent.created');
  return open;
}

function paymentOf(on: Stage, { payment }: Invoice): InvoicePayment {
  return on.get('invoice_payment', payment ?? '');
}

/** The customer pays what is open: up to seven events more. */
export function payInvoice(on: Stage, open: Invoice): Charge {
  const at = on.happen();
  const { total } = figuresOf(open);
  const customer = CUSTOMERS.find(({ id }) => id === open.customer);
  const { charge } = pay(on, on.get('intent', open.intent ?? ''), customer?.email ?? null);
  const payment = on.put({ ...paymentOf(on, open), status: 'paid' as const, paid: total, paidAt: at });
  const paid = on.put({ ...open, status: 'paid' as const, paid: total, paidAt: at });
  on.tell(payment, 'invoice_payment.paid');
  on.tell(paid, 'invoice.updated', 'invoice.paid', 'invoice.payment_succeeded');
  return settle(on, charge);
}

/** The merchant takes an unpaid invoice back. */
export function voidInvoice(on: Stage, open: Invoice): Invoice {
  const at = on.happen();
  const intent = on.put({
    ...on.get('intent', open.intent ?? ''),
    status: 'canceled' as const,
    canceledAt: at,
    cancelReason: 'void_invoice',
  });
  on.put({ ...paymentOf(on, open), status: 'canceled' as const, canceledAt: at });
  const voided = on.put({ ...open, status: 'void' as const, voidedAt: at });
  on.tell(intent, 'payment_intent.canceled');
  on.tell(voided, 'invoice.voided');
  return voided;
}

/** The charge that paid an invoice. */
export function chargeOf(on: Stage, paid: Invoice): Charge {
  return on.get('charge', on.get('intent', paid.intent ?? '').charge ?? '');
}

/** Credits the first line of a paid invoice with its tax, and gives the money back: one refund, told twice. */
export function credit(on: Stage, paid: Invoice): CreditNote {
  const [line] = paid.lines;
  if (line === undefined) throw new Error(`Invoice ${paid.id} has no lines to credit.`);
  const amount = line.amount + line.tax;
  const refunded = refund(on, chargeOf(on, paid), { amount });
  const note = on.put({
    kind: 'credit_note' as const,
    id: on.id('cn_1'),
    created: on.at(),
    live: true,
    number: `${paid.number}-CN-01`,
    invoice: paid.id,
    customer: paid.customer,
    currency: paid.currency,
    lines: [{ id: on.id('cnli_1'), invoiceLine: line.id, quantity: line.quantity, amount: line.amount, tax: line.tax }],
    refund: refunded.id,
  });
  const credited = on.put({ ...paid, credited: amount });
  on.tell(note, 'credit_note.created');
  on.tell(credited, 'invoice.updated');
  return note;
}
