import { type CanonicalEvent, sum } from '@daybook/domain';
import type { Normalized } from '../../kit/contract.ts';
import { creditedLines } from './credit-note.ts';
import { type Ground, looksUp, needs, onlySettles } from './ground.ts';
import { accountSale, creditedInvoice, paidOutside, voidedInvoice } from './invoice-facts.ts';
import { factsAlong } from './movement.ts';
import type { Thing } from './payload.ts';
import { chargeOf, chargeOfIntent, isOnAccount, isTaken, pictureOf, settledBy } from './payment.ts';
import { refundFacts } from './refund.ts';
import { paymentFacts } from './sale.ts';

/** What everything about one payment is called when it is read: charge, intent, session, invoice. */
export const PAYMENT = 'payment';

/** A charge: its sale, the refunds it embeds, and what its movement on the balance says where that is there. */
export function chargeFacts(charge: Thing<'charge'>, ground: Ground): Normalized {
  if (!isTaken(charge)) return { ignored: `charge ${charge.id} ${whyNothing(charge)}` };
  const movement = ground.bag.get('balance_transaction', charge.balance_transaction);
  const { told } = ground;
  const isAboutFee = told.topic === 'charge.updated' && told.changed.includes('balance_transaction');
  if (looksUp(ground, PAYMENT) && !onlySettles(ground))
    return needs(PAYMENT, `charge ${charge.id} names neither lines nor taxes`);
  if (isAboutFee && charge.balance_transaction && !movement)
    return needs('balance_transaction', `charge ${charge.id} only names the movement that bears its fee`);
  const refunds = refundsOf(charge, ground);
  if (told.topic === 'charge.refunded' && refunds === null && !onlySettles(ground))
    return needs('refunds', `charge ${charge.id} says how much was refunded, not by which refunds`);
  const back = (refunds ?? []).map((refund) => refundFacts(refund, ground));
  return {
    events: [
      ...paymentFacts(pictureOf(charge.id, ground.bag), ground),
      ...back.flatMap((each) => ('events' in each ? each.events : [])),
      ...factsAlong(movement, ground),
      ...(refunds ?? []).flatMap((refund) => movementsOf(refund, ground)),
    ],
  };
}

function whyNothing(charge: Thing<'charge'>): string {
  if (charge.status !== 'succeeded') return `is ${charge.status}: no money was taken`;
  return 'is authorised, not captured: an authorisation is not money; the capture will book the sale';
}

/**
 * Refunds of a charge where they are all known; null where only their sum is. Where things are looked up each refund is
 * read with all that belongs to it when it tells of itself, so here it would only be told in less detail.
 */
function refundsOf(charge: Thing<'charge'>, { bag, fetched, settings }: Ground): Thing<'refund'>[] | null {
  if (settings.lookups === 'on') return [];
  const known = bag.all('refund').filter((refund) => refund.charge === charge.id);
  const { refunds } = charge;
  if (fetched.has('refunds')) return known;
  return !refunds?.has_more && known.length > 0 ? known : null;
}

/** A refund, with the fees and conversions it caused where they are there. */
export function refundView(refund: Thing<'refund'>, ground: Ground): Normalized {
  const result = refundFacts(refund, ground, creditedLines(refund, ground));
  if ('ignored' in result) return result;
  if (looksUp(ground, 'refund'))
    return needs('refund', `refund ${refund.id} does not hold its movement on the balance`);
  return { events: [...result.events, ...movementsOf(refund, ground)] };
}

/** Fees and conversions of a refund, and of its failure, where the movements are there. */
function movementsOf(refund: Thing<'refund'>, ground: Ground): CanonicalEvent[] {
  const ids = [refund.balance_transaction, refund.failure_balance_transaction];
  return ids.flatMap((id) => factsAlong(ground.bag.get('balance_transaction', id), ground));
}

/** A payment intent: another view of its charge. */
export function intentFacts(intent: Thing<'payment_intent'>, ground: Ground): Normalized {
  if (intent.status !== 'succeeded')
    return { ignored: `payment intent ${intent.id} is ${intent.status}: no money was taken` };
  if (looksUp(ground, PAYMENT)) return needs(PAYMENT, `payment intent ${intent.id} does not hold its charge`);
  const chargeId = chargeOf(intent);
  if (chargeId === null) return needs(PAYMENT, `payment intent ${intent.id} does not name its charge`);
  return viewOf(chargeId, ground);
}

/** A checkout session: another view of the charge it ended in. */
export function sessionFacts(session: Thing<'checkout.session'>, ground: Ground): Normalized {
  const subject = `checkout session ${session.id}`;
  if (session.payment_status !== 'paid')
    return { ignored: `${subject} is ${session.payment_status.replaceAll('_', ' ')}: no money was taken` };
  if (session.payment_intent === null)
    return { ignored: `${subject} (${session.mode}) took no payment itself: its invoice tells of it` };
  const chargeId = chargeOfIntent(session.payment_intent, ground.bag);
  if (chargeId === null || looksUp(ground, PAYMENT))
    return needs(PAYMENT, `${subject} names neither its charge nor its line items`);
  return viewOf(chargeId, ground);
}

function viewOf(chargeId: string, ground: Ground): Normalized {
  const picture = pictureOf(chargeId, ground.bag);
  const { charge } = picture;
  if (charge && !isTaken(charge)) return { ignored: `charge ${charge.id} ${whyNothing(charge)}` };
  const movement = ground.bag.get('balance_transaction', charge?.balance_transaction);
  return { events: [...paymentFacts(picture, ground), ...factsAlong(movement, ground)] };
}

/** An invoice: a sale of its own when it is on account, else another view of the charge that paid it. */
export function invoiceFacts(invoice: Thing<'invoice'>, ground: Ground): Normalized {
  const subject = `invoice ${invoice.number ?? invoice.id}`;
  if (invoice.status === 'draft' || invoice.status === null || invoice.status === undefined)
    return { ignored: `${subject} is a draft` };
  if (invoice.total === '0') return { ignored: `${subject} comes to nothing` };
  const payments = settledBy(invoice, ground.bag);
  const onAccount = isOnAccount(invoice, payments);
  if (invoice.status === 'void') {
    if (!onAccount) return { ignored: `${subject} was voided before it was paid: nothing was booked for it` };
    return { events: [voidedInvoice(invoice, ground)] };
  }
  if (invoice.lines.has_more) return needs(PAYMENT, `${subject} holds only the first of its lines`);
  if (invoice.total.startsWith('-')) return { events: [creditedInvoice(invoice, ground)] };
  if (looksUp(ground, PAYMENT)) return needs(PAYMENT, `${subject} does not say how it was paid`);
  if (payments.some(({ chargeId }) => chargeId === null))
    return needs(PAYMENT, `${subject} does not name the charge that paid it`);
  if (!onAccount && payments.length === 0)
    return { ignored: `${subject} is charged automatically: the charge that pays it will book the sale` };
  const views = payments.flatMap(({ chargeId }) => (chargeId ? [viewOf(chargeId, ground)] : []));
  const outside = sum(payments.map(({ chargeId, amount }) => (chargeId === undefined ? amount : 0n)));
  return {
    events: [
      ...(onAccount ? [accountSale(invoice, ground)] : []),
      ...views.flatMap((view) => ('events' in view ? view.events : [])),
      ...(outside > 0n ? [paidOutside(invoice, outside, ground)] : []),
    ],
  };
}
