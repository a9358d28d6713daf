import type { CanonicalEvent } from '@daybook/domain';
import { billedLines } from './billed-lines.ts';
import { factOf, type Ground, PROCESSOR, present, presentmentOf, tenderKind } from './ground.ts';
import { intentLines } from './intent-lines.ts';
import { accountSale, billOf, customerOfInvoice, storeCredit } from './invoice-facts.ts';
import { type Lines, plainLine, type SoldLine, totalOf } from './lines.ts';
import { contradiction, readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';
import { isOnAccount, type Picture, settledBy, takenBy } from './payment.ts';
import { type Known, saleRevision, stageRevision } from './revisions.ts';
import { sessionLines } from './session-lines.ts';

/** What a charge took, told by the charge or, where only that is there, by what it fulfilled. */
interface Taken {
  amount: bigint;
  currency: string;
  /** Epoch seconds: of the charge, else of the event or object that names it. */
  at: string;
  tender: 'card' | 'wallet' | 'pay_later' | 'other';
  /** Whether it is all that was asked for; of a partial capture nobody knows which lines it pays. */
  whole: boolean;
}

/**
 * The facts of a taken payment. Usually one sale, by the charge's id. When the charge pays an invoice on account, the
 * invoice is the sale and the charge a payment of it; what may have been told of the charge alone is taken back.
 */
export function paymentFacts(picture: Picture, ground: Ground): CanonicalEvent[] {
  const { invoice } = picture;
  if (invoice && isOnAccount(invoice, settledBy(invoice, ground.bag)))
    return [accountSale(invoice, ground), ...settlingFacts(picture, invoice, ground)];
  return [saleByCharge(picture, takenOf(picture, ground), ground)];
}

function takenOf(picture: Picture, ground: Ground): Taken {
  const { charge, intent, invoice } = picture;
  if (charge) {
    const whole = (charge.amount_captured ?? charge.amount) === charge.amount;
    const tender = tenderKind(charge.payment_method_details?.type);
    return { ...takenBy(charge), at: charge.created, tender, whole };
  }
  if (invoice) {
    const subject = `invoice ${invoice.id}`;
    const currency = readCurrency(invoice.currency, `${subject}, currency`);
    const amount = readMinor(invoice.amount_due, currency, `${subject}, amount_due`);
    return {
      amount,
      currency,
      at: invoice.status_transitions?.paid_at ?? invoice.created,
      tender: 'card',
      whole: true,
    };
  }
  if (!intent) throw new Error(`nothing is known of charge ${picture.chargeId}`);
  const currency = readCurrency(intent.currency, `payment intent ${intent.id}, currency`);
  const amount = readMinor(intent.amount_received, currency, `payment intent ${intent.id}, amount_received`);
  const methods = intent.payment_method_types ?? [];
  const tender = tenderKind(methods.length === 1 ? methods[0] : 'card');
  return {
    amount,
    currency,
    at: ground.told.at ?? intent.created,
    tender,
    whole: intent.amount === intent.amount_received,
  };
}

function saleByCharge(picture: Picture, taken: Taken, ground: Ground): CanonicalEvent {
  const { charge, intent, chargeId, invoice } = picture;
  const { lines, pricesIncludeTax, ratesKnown, from, credit } = soldFor(picture, taken, ground);
  const capturedAt = ground.told.topic === 'charge.captured' && ground.told.id === chargeId ? ground.told.at : null;
  const known = { taken: taken.amount, lines: from, charge: charge !== undefined, rates: ratesKnown };
  const at = capturedAt ?? taken.at;
  // What only names the charge tells its own time, which differs from view to view: the latest of them stands.
  const toldAt = charge || from === 'invoice' ? capturedAt : taken.at;
  const tender = { kind: taken.tender, processor: PROCESSOR, amount: taken.amount, id: chargeId };
  return factOf(
    ground,
    { type: 'sale', id: chargeId, revision: saleRevision({ ...known, at: toldAt }), at, currency: taken.currency },
    (charge ?? intent ?? invoice)?.livemode,
    {
      order: orderOf(picture),
      customer: customerOf(picture),
      presentment: presentmentOf(charge?.presentment_details ?? intent?.presentment_details, `charge ${chargeId}`),
      pricesIncludeTax,
      lines,
      tenders: [tender, ...(credit === 0n ? [] : [storeCredit(credit)])],
      total: taken.amount + credit,
      due: 0n,
    },
  );
}

interface Sold extends Lines {
  from: Known['lines'];
  /** Part of the price that was paid from the customer's balance. */
  credit: bigint;
}

/** The best lines there are: of the invoice, the checkout session, the payment intent, or one line of all. */
function soldFor(picture: Picture, taken: Taken, ground: Ground): Sold {
  const { invoice, session, intent, charge, chargeId } = picture;
  if (invoice) {
    const bill = billOf(invoice);
    return { ...billedLines(bill, ground.bag), from: 'invoice', credit: bill.total - taken.amount };
  }
  const fromSession = session && taken.whole ? sessionLines(session, ground.bag) : null;
  if (session && fromSession && isSameCurrency(session, taken)) {
    checkTotal(chargeId, session.id, fromSession.lines, taken);
    return { ...fromSession, from: 'session', credit: 0n };
  }
  const fromIntent = intent && taken.whole ? intentLines(intent, taken.amount, taken.currency) : null;
  if (fromIntent) return { ...fromIntent, from: 'intent', credit: 0n };
  const line = plainLine(chargeId, charge?.description ?? intent?.description, taken.amount);
  return { lines: [line], pricesIncludeTax: false, ratesKnown: true, from: 'none', credit: 0n };
}

/** A session that the buyer saw in another currency explains nothing of the seller's. */
function isSameCurrency(session: Thing<'checkout.session'>, taken: Taken): boolean {
  return session.currency?.toUpperCase() === taken.currency;
}

function checkTotal(chargeId: string, sessionId: string, lines: SoldLine[], taken: Taken): void {
  const found = totalOf(lines);
  if (found === taken.amount) return;
  const what = `the lines of checkout session ${sessionId}`;
  throw contradiction(`charge ${chargeId}`, 'amount_captured', { what, amount: found }, taken.amount, taken.currency);
}

/** What the money of one charge is on an invoice on account: a payment, and no sale. */
function settlingFacts(picture: Picture, invoice: Thing<'invoice'>, ground: Ground): CanonicalEvent[] {
  const { chargeId, charge } = picture;
  const settled = settledBy(invoice, ground.bag).find((each) => each.chargeId === chargeId);
  const { amount, currency, at, tender } = { ...takenOf(picture, ground), ...(settled && { amount: settled.amount }) };
  const livemode = charge?.livemode ?? invoice.livemode;
  const revision = (stage: 'done' | 'undone') => stageRevision(stage, charge !== undefined);
  const payment = {
    sale: { id: invoice.id },
    amount,
    tender: { kind: tender, processor: PROCESSOR, amount, id: chargeId },
  };
  const none = { pricesIncludeTax: false, lines: [], tenders: [], total: 0n, due: 0n };
  const memo = `Charge ${chargeId} pays invoice ${invoice.number ?? invoice.id}; it is no sale of its own.`;
  return [
    factOf(ground, { type: 'payment', id: chargeId, revision: revision('done'), at, currency }, livemode, payment),
    factOf(ground, { type: 'sale', id: chargeId, revision: revision('undone'), at, currency }, livemode, {
      ...none,
      memo,
    }),
  ];
}

function orderOf({ charge, intent, invoice, session }: Picture): { id: string; number?: string } | undefined {
  if (invoice) return { id: invoice.id, ...present({ number: invoice.number ?? undefined }) };
  const metadata = { ...intent?.metadata, ...charge?.metadata };
  const number = metadata.order_number ?? metadata.order_id;
  const id = session?.id ?? intent?.id ?? charge?.payment_intent ?? (number ? charge?.id : undefined);
  return id === undefined ? undefined : { id, ...present({ number }) };
}

function customerOf({ charge, intent, session, invoice }: Picture): Record<string, string> | undefined {
  if (invoice) return customerOfInvoice(invoice);
  const details = session?.customer_details;
  const billing = charge?.billing_details;
  const customer = present({
    id: charge?.customer ?? intent?.customer ?? session?.customer,
    name: details?.name ?? billing?.name,
    email: details?.email ?? billing?.email,
    country: details?.address?.country ?? billing?.address?.country,
    taxNumber: billing?.tax_id,
  });
  return Object.keys(customer).length === 0 ? undefined : (customer as Record<string, string>);
}
