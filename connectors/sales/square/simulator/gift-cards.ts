import type { Stage } from './stage.ts';
import { tellActivity } from './tell.ts';
import { type Order, type Payment, type PaymentRefund, usd } from './wire.ts';
import type { GiftCardActivity } from './wire-money.ts';

/** A gift card with the money that is left on it, in cents. */
export interface GiftCard {
  id: string;
  gan: string;
  balance: bigint;
}

/** Cards with money left, oldest first. */
export function spendableCards(on: Stage): GiftCard[] {
  const cards = new Map<string, GiftCard>();
  for (const { gift_card_id: id, gift_card_gan: gan, gift_card_balance_money } of on.list('activities')) {
    cards.set(id, { id, gan, balance: gift_card_balance_money.amount });
  }
  return [...cards.values()].filter(({ balance }) => balance > 0n);
}

/** The card that an order's gift card line sold is switched on. */
export function activate(on: Stage, order: Order): GiftCard {
  const line = order.line_items!.find(({ item_type }) => item_type === 'GIFT_CARD')!;
  const card = { id: `gftc:${on.chance.hex(32)}`, gan: `7783${on.chance.digits(12)}`, balance: 0n };
  const amount_money = line.total_money;
  return act(on, order.location_id, card, 'ACTIVATE', amount_money.amount, {
    activate_activity_details: { amount_money, order_id: order.id, line_item_uid: line.uid },
  });
}

/** Money of the card pays. */
export function redeem(on: Stage, card: GiftCard, payment: Payment): GiftCard {
  const amount_money = payment.total_money;
  return act(on, payment.location_id, card, 'REDEEM', -amount_money.amount, {
    redeem_activity_details: { amount_money, payment_id: payment.id, status: 'COMPLETED' },
  });
}

/** Money that a refund puts back on the card it came from. */
export function putBack(on: Stage, refund: PaymentRefund): void {
  const redeemed = on
    .list('activities')
    .find((each) => each.redeem_activity_details?.payment_id === refund.payment_id)!;
  const card = spendable(on, redeemed.gift_card_id, redeemed.gift_card_gan);
  act(on, refund.location_id, card, 'REFUND', refund.amount_money.amount, {
    refund_activity_details: {
      amount_money: refund.amount_money,
      payment_id: refund.payment_id,
      redeem_activity_id: redeemed.id,
    },
  });
}

function spendable(on: Stage, id: string, gan: string): GiftCard {
  return spendableCards(on).find((card) => card.id === id) ?? { id, gan, balance: 0n };
}

function act(
  on: Stage,
  locationId: string,
  card: GiftCard,
  type: GiftCardActivity['type'],
  change: bigint,
  details: Partial<GiftCardActivity>,
): GiftCard {
  const balance = card.balance + change;
  const activity: GiftCardActivity = {
    id: `gcact_${on.chance.hex(32)}`,
    type,
    location_id: locationId,
    created_at: on.tick(),
    gift_card_id: card.id,
    gift_card_gan: card.gan,
    gift_card_balance_money: usd(balance),
    ...details,
  };
  tellActivity(on, on.keep('activities', activity));
  return { ...card, balance };
}
