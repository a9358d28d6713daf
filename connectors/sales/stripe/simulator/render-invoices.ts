import { articleOf, CUSTOMERS, MERCHANT, TAX_RATES } from './catalogue.ts';
import { figuresOf } from './invoices.ts';
import { discountOf } from './money.ts';
import type { CreditNote, Invoice, InvoiceLine, InvoicePayment } from './things.ts';
import { innerList, type Json, type JsonObject, lower } from './wire.ts';

/** An invoice as the API shows it. Who paid it is told by its payments, not by the invoice. */
export function invoiceBody(invoice: Invoice): JsonObject {
  return {
    id: invoice.id,
    object: 'invoice',
    ...partiesOf(invoice),
    ...settingsOf(invoice),
    ...amountsOf(invoice),
    attempt_count: invoice.paidAt === null ? 0 : 1,
    attempted: invoice.paidAt !== null,
    billing_reason: 'manual',
    collection_method: invoice.isSent ? 'send_invoice' : 'charge_automatically',
    created: invoice.created,
    currency: lower(invoice.currency),
    discounts: invoice.discounts,
    due_date: invoice.dueDate,
    effective_at: invoice.finalizedAt,
    hosted_invoice_url: invoice.number === null ? null : `https://invoice.stripe.example/i/${invoice.id}`,
    invoice_pdf: invoice.number === null ? null : `https://invoice.stripe.example/i/${invoice.id}/pdf`,
    lines: innerList(
      `/v1/invoices/${invoice.id}/lines`,
      invoice.lines.map((line) => invoiceLineBody(line, invoice)),
    ),
    livemode: invoice.live,
    metadata: {},
    number: invoice.number,
    period_end: invoice.created,
    period_start: invoice.created,
    status: invoice.status,
    status_transitions: {
      finalized_at: invoice.finalizedAt,
      marked_uncollectible_at: null,
      paid_at: invoice.paidAt,
      voided_at: invoice.voidedAt,
    },
    webhooks_delivered_at: invoice.finalizedAt,
  };
}

function partiesOf(invoice: Invoice): JsonObject {
  const customer = CUSTOMERS.find(({ id }) => id === invoice.customer);
  return {
    account_country: MERCHANT.country,
    account_name: MERCHANT.name,
    account_tax_ids: null,
    application: null,
    customer: invoice.customer,
    customer_account: null,
    customer_address: null,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    issuer: { type: 'self' },
    on_behalf_of: null,
  };
}

/** What this merchant leaves as Stripe sets it. */
function settingsOf({ status }: Invoice): JsonObject {
  return {
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    custom_fields: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    ending_balance: status === 'draft' ? null : 0,
    footer: null,
    from_invoice: null,
    last_finalization_error: null,
    latest_revision: null,
    next_payment_attempt: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    test_clock: null,
  };
}

function amountsOf(invoice: Invoice): JsonObject {
  const { subtotal, discount, tax, total } = figuresOf(invoice);
  const isOwed = invoice.status === 'open' || invoice.status === 'draft';
  return {
    amount_due: isOwed || invoice.status === 'paid' ? total : 0n,
    amount_overpaid: 0,
    amount_paid: invoice.paid,
    amount_remaining: isOwed ? total - invoice.paid : 0n,
    amount_shipping: 0,
    post_payment_credit_notes_amount: invoice.credited,
    pre_payment_credit_notes_amount: 0,
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_discount_amounts: allDiscounts(invoice),
    total_excluding_tax: subtotal - discount,
    total_pretax_credit_amounts: [],
    total_taxes: [taxBody(tax, subtotal - discount)],
  };
}

/** Discounts of single lines and of the whole, mixed: as much as each took off in all. */
function allDiscounts({ lines }: Invoice): Json[] {
  const amounts = new Map<string, bigint>();
  for (const { discount, amount } of lines.flatMap((line) => line.discounts))
    amounts.set(discount, (amounts.get(discount) ?? 0n) + amount);
  return [...amounts].map(([discount, amount]) => ({ amount, discount }));
}

function taxBody(amount: bigint, taxable: bigint): JsonObject {
  return {
    amount,
    tax_behavior: 'exclusive',
    tax_rate_details: { tax_rate: TAX_RATES.exclusive },
    taxability_reason: 'standard_rated',
    taxable_amount: taxable,
    type: 'tax_rate_details',
  };
}

/** A line of an invoice. `amount` is before all discounts. */
export function invoiceLineBody(line: InvoiceLine, invoice: Invoice): JsonObject {
  const article = articleOf(line.price);
  return {
    id: line.id,
    object: 'line_item',
    amount: line.amount,
    currency: lower(invoice.currency),
    description: article.name,
    discount_amounts: line.discounts.map(({ discount, amount }) => ({ amount, discount })),
    discountable: true,
    discounts: line.discounts.map(({ discount }) => discount).filter((each) => !invoice.discounts.includes(each)),
    invoice: invoice.id,
    livemode: invoice.live,
    metadata: {},
    parent: {
      invoice_item_details: {
        invoice_item: line.id.replace('il_', 'ii_'),
        proration: false,
        proration_details: null,
        subscription: null,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    },
    period: { end: invoice.created, start: invoice.created },
    pretax_credit_amounts: line.discounts.map(({ discount, amount }) => ({ amount, discount, type: 'discount' })),
    pricing: {
      price_details: { price: article.price, product: article.product },
      type: 'price_details',
      unit_amount_decimal: `${article.amount}`,
    },
    quantity: line.quantity,
    quantity_decimal: `${line.quantity}`,
    subscription: null,
    subtotal: line.amount,
    taxes: [taxBody(line.tax, line.amount - discountOf(line))],
  };
}

/** What pays an invoice, as the API shows it: the link between invoices and intents. */
export function invoicePaymentBody(payment: InvoicePayment): JsonObject {
  return {
    id: payment.id,
    object: 'invoice_payment',
    amount_paid: payment.paid,
    amount_requested: payment.requested,
    created: payment.created,
    currency: lower(payment.currency),
    invoice: payment.invoice,
    is_default: true,
    livemode: payment.live,
    payment: { payment_intent: payment.intent, type: 'payment_intent' },
    status: payment.status,
    status_transitions: { canceled_at: payment.canceledAt, paid_at: payment.paidAt },
  };
}

/** A credit note as the API shows it. */
export function creditNoteBody(note: CreditNote): JsonObject {
  const net = note.lines.reduce((total, line) => total + line.amount, 0n);
  const tax = note.lines.reduce((total, line) => total + line.tax, 0n);
  const total = net + tax;
  return {
    id: note.id,
    object: 'credit_note',
    amount: total,
    amount_shipping: 0,
    created: note.created,
    currency: lower(note.currency),
    customer: note.customer,
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: note.created,
    invoice: note.invoice,
    lines: innerList(`/v1/credit_notes/${note.id}/lines`, note.lines.map(creditLineBody)),
    livemode: note.live,
    memo: null,
    metadata: {},
    number: note.number,
    out_of_band_amount: null,
    pdf: `https://invoice.stripe.example/cn/${note.id}/pdf`,
    post_payment_amount: total,
    pre_payment_amount: 0,
    pretax_credit_amounts: [],
    reason: 'order_change',
    refunds: [{ amount_refunded: total, payment_record_refund: null, refund: note.refund, type: 'refund' }],
    shipping_cost: null,
    status: 'issued',
    subtotal: net,
    subtotal_excluding_tax: net,
    total,
    total_excluding_tax: net,
    total_taxes: [taxBody(tax, net)],
    type: 'post_payment',
    voided_at: null,
  };
}

/** A line of a credit note. */
export function creditLineBody(line: CreditNote['lines'][number]): JsonObject {
  return {
    id: line.id,
    object: 'credit_note_line_item',
    amount: line.amount,
    description: null,
    discount_amount: 0,
    discount_amounts: [],
    invoice_line_item: line.invoiceLine,
    livemode: true,
    metadata: null,
    pretax_credit_amounts: [],
    quantity: line.quantity,
    tax_rates: [],
    taxes: [taxBody(line.tax, line.amount)],
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  };
}
