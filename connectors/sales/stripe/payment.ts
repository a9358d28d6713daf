import type { Bag } from './bag.ts';
import { readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';

/** All that is known of the payment behind one charge: its intent, and the session or invoice that was paid by it. */
export interface Picture {
  chargeId: string;
  charge: Thing<'charge'> | undefined;
  intent: Thing<'payment_intent'> | undefined;
  session: Thing<'checkout.session'> | undefined;
  invoice: Thing<'invoice'> | undefined;
}

/** Puts together what a bag holds of the payment behind a charge. */
export function pictureOf(chargeId: string, bag: Bag): Picture {
  const charge = bag.get('charge', chargeId);
  const intents = bag.all('payment_intent');
  const intent = charge?.payment_intent
    ? intents.find(({ id }) => id === charge.payment_intent)
    : intents.find((each) => chargeOf(each) === chargeId);
  const intentId = charge?.payment_intent ?? intent?.id;
  const session = bag.all('checkout.session').find((each) => each.payment_intent && each.payment_intent === intentId);
  const invoice = bag
    .all('invoice')
    .find((each) => settledBy(each, bag).some((payment) => payment.chargeId === chargeId));
  return { chargeId, charge, intent, session, invoice };
}

/** The charge that fulfilled an intent. */
export function chargeOf(intent: Thing<'payment_intent'>): string | null {
  return intent.latest_charge ?? intent.charges?.data[0]?.id ?? null;
}

/** Whether a charge moved money: authorised is not enough, and a debit may still fail while it is pending. */
export function isTaken(charge: Thing<'charge'>): boolean {
  return charge.captured && charge.status === 'succeeded';
}

/** What a charge took in minor units: an authorisation can be captured in part. */
export function takenBy(charge: Thing<'charge'>): { amount: bigint; currency: string } {
  const subject = `charge ${charge.id}`;
  const currency = readCurrency(charge.currency, `${subject}, currency`);
  const amount = readMinor(charge.amount_captured ?? charge.amount, currency, `${subject}, amount_captured`);
  return { amount, currency };
}

/** One payment that an invoice got. */
export interface Settled {
  /** Null while the charge behind it is not known; undefined when it was paid outside Stripe. */
  chargeId: string | null | undefined;
  /** Minor units. */
  amount: bigint;
}

/** The payments of an invoice as far as known: its own list, or the one charge that older versions of the API name. */
export function settledBy(invoice: Thing<'invoice'>, bag: Bag): Settled[] {
  const subject = `invoice ${invoice.id}`;
  const currency = readCurrency(invoice.currency, `${subject}, currency`);
  const read = (text: string | null | undefined) => readMinor(text ?? '0', currency, `${subject}, amount_paid`);
  const listed = new Map(
    [
      ...(invoice.payments?.data ?? []),
      ...bag.all('invoice_payment').filter((each) => each.invoice === invoice.id),
    ].map((each) => [each.id, each]),
  );
  const payments = [...listed.values()].flatMap((payment) => {
    const chargeId = chargeBehind(payment, bag);
    const charge = bag.get('charge', chargeId);
    if (payment.status !== 'paid' && !(charge && isTaken(charge))) return [];
    const amount = charge ? takenBy(charge).amount : read(payment.amount_paid ?? invoice.amount_paid);
    return [{ chargeId, amount }];
  });
  if (payments.length > 0) return payments;
  const outside = invoice.paid_out_of_band ? read(invoice.amount_paid) : read(invoice.amount_paid_off_stripe);
  if (outside > 0n) return [{ chargeId: undefined, amount: outside }];
  if (invoice.status !== 'paid' || read(invoice.amount_paid) === 0n) return [];
  return [
    { chargeId: invoice.charge ?? chargeOfIntent(invoice.payment_intent, bag), amount: read(invoice.amount_paid) },
  ];
}

function chargeBehind({ payment }: Thing<'invoice_payment'>, bag: Bag): string | null | undefined {
  if (payment.payment_record) return undefined;
  return payment.charge ?? chargeOfIntent(payment.payment_intent, bag);
}

/** The charge that fulfilled an intent, by the intent or by the charge itself; null while neither is known. */
export function chargeOfIntent(intentId: string | null, bag: Bag): string | null {
  if (intentId === null) return null;
  const intent = bag.get('payment_intent', intentId);
  const named = intent ? chargeOf(intent) : null;
  return named ?? bag.all('charge').find((each) => each.payment_intent === intentId && isTaken(each))?.id ?? null;
}

/**
 * Whether an invoice is a sale of its own that payments settle later. An invoice that one automatic charge pays whole
 * is not: there the charge is the sale. On account are invoices that were sent with a due date, partly credited before
 * they were paid, or paid by several charges, outside Stripe, or from the customer's balance alone.
 */
export function isOnAccount(invoice: Thing<'invoice'>, payments: readonly Settled[]): boolean {
  if (invoice.collection_method === 'send_invoice') return true;
  if ((invoice.pre_payment_credit_notes_amount ?? '0') !== '0') return true;
  const [only, ...more] = payments;
  if (!only) return invoice.status === 'paid';
  const currency = readCurrency(invoice.currency, `invoice ${invoice.id}, currency`);
  const due = readMinor(invoice.amount_due, currency, `invoice ${invoice.id}, amount_due`);
  return more.length > 0 || only.chargeId === undefined || only.amount !== due;
}
