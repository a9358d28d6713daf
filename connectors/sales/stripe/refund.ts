import type { Normalized } from '../../kit/contract.ts';
import { factOf, type Ground, PROCESSOR, presentmentOf, tenderKind } from './ground.ts';
import { priced, type SoldLine } from './lines.ts';
import { readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';
import { chargeOf, isOnAccount, pictureOf, settledBy } from './payment.ts';
import { stageRevision } from './revisions.ts';

const UNDONE: ReadonlySet<string> = new Set(['failed', 'canceled']);

/**
 * A refund: an event once it succeeded; one that failed or was cancelled takes it back with amount 0. `lines` come from
 * a credit note; without one the tax in it is unknown, and the ledger takes it from the sale.
 */
export function refundFacts(refund: Thing<'refund'>, ground: Ground, lines: SoldLine[] | null = null): Normalized {
  const subject = `refund ${refund.id}`;
  const status = refund.status ?? 'succeeded';
  if (refund.reason === 'expired_uncaptured_charge')
    return { ignored: `${subject} releases an authorisation that was never captured: no money moved` };
  if (status !== 'succeeded' && !UNDONE.has(status))
    return { ignored: `${subject} is ${status}: it is booked once it has succeeded` };
  const currency = readCurrency(refund.currency, `${subject}, currency`);
  const amount = UNDONE.has(status) ? 0n : readMinor(refund.amount, currency, `${subject}, amount`);
  const sale = saleOfRefund(refund, ground);
  const revision =
    status === 'succeeded'
      ? stageRevision('done', sale?.isInvoice === true, lines !== null)
      : stageRevision('undone', sale?.isInvoice === true);
  const tender = { kind: tenderKind(refund.destination_details?.type), processor: PROCESSOR, amount, id: refund.id };
  const told = lines ?? [unknownTax(amount)];
  const event = factOf(ground, { type: 'refund', id: refund.id, revision, at: refund.created, currency }, null, {
    sale: sale && { id: sale.id },
    lines: amount === 0n ? [] : told,
    tenders: amount === 0n ? [] : [tender],
    total: amount,
    presentment: presentmentOf(refund.presentment_details, subject),
  });
  return { events: [event] };
}

/** An amount of which nobody said how much is tax (design.md). */
export function unknownTax(amount: bigint): SoldLine {
  return { kind: 'adjustment', quantity: '1', ...priced(amount), taxes: [], taxUnknown: true };
}

interface SaleLink {
  id: string;
  /** Whether the sale is an invoice on account, which the refund's charge only paid. */
  isInvoice: boolean;
}

function saleOfRefund(refund: Thing<'refund'>, { bag }: Ground): SaleLink | null {
  const intent = bag.get('payment_intent', refund.payment_intent);
  const chargeId = refund.charge ?? (intent ? chargeOf(intent) : null);
  return chargeId === null ? null : saleOfCharge(chargeId, { bag });
}

/** The sale in our sense behind a charge: the invoice on account that it pays, else the charge itself. */
export function saleOfCharge(chargeId: string, { bag }: Pick<Ground, 'bag'>): SaleLink {
  const { invoice } = pictureOf(chargeId, bag);
  const isInvoice = invoice !== undefined && isOnAccount(invoice, settledBy(invoice, bag));
  return { id: isInvoice ? invoice.id : chargeId, isInvoice };
}
