import { abs, makeEvent } from '@daybook/domain';
import { plainLine } from './lines.ts';
import { currencyOf, instantOf, minor, optional, revisionOf, unreadable } from './money.ts';
import type { Surroundings } from './order.ts';
import type { GiftCardActivityPayload, ShiftPayload } from './payload.ts';
import { common, type Outcome, placed } from './sale.ts';

/**
 * A closed drawer (accounting.md F2): takings by the till and by count, without what was put in or taken out for other
 * reasons. Cash put in comes from elsewhere in the company, so it is a deposit with the sign turned, and what was taken
 * out is an expenditure; closing = opening − expenditure + actual − deposit.
 */
export function normalizeShift(shift: ShiftPayload, around: Surroundings): Outcome {
  const subject = `cash drawer shift ${shift.id}`;
  if (shift.state !== 'CLOSED') {
    return { ignored: `${subject} is ${shift.state}: it is booked once the drawer was counted` };
  }
  const { opened_cash_money: opened, expected_cash_money: expected, closed_cash_money: closed } = shift;
  const scope = { subject, currency: currencyOf(subject, [opened, expected, closed], around.currency) };
  const opening = minor(opened, scope, 'opened_cash_money');
  // Square's own examples give what left the drawer with a minus, its description without.
  const paidOut = abs(minor(shift.cash_paid_out_money, scope, 'cash_paid_out_money'));
  const paidIn = abs(minor(shift.cash_paid_in_money, scope, 'cash_paid_in_money'));
  const takings = (counted: bigint) => counted - opening + paidOut - paidIn;
  const register = shift.device?.name || shift.device?.id || shift.location_id;
  if (!register) throw unreadable(subject, 'device', 'names no till');
  const event = makeEvent({
    ...common(scope, around),
    type: 'register_close',
    id: shift.id,
    revision: revisionOf(subject, undefined, shift.updated_at, shift.closed_at, shift.ended_at),
    // It may be counted the next morning; the day is the one it was open.
    occurredAt: instantOf(subject, 'ended_at', shift.ended_at, shift.closed_at),
    ...placed(shift),
    register,
    openedAt: instantOf(subject, 'opened_at', shift.opened_at),
    closedAt: instantOf(subject, 'ended_at', shift.ended_at, shift.closed_at),
    openingBalance: opening,
    revenueShould: takings(minor(expected, scope, 'expected_cash_money')),
    revenueActual: takings(minor(closed, scope, 'closed_cash_money')),
    expenditure: paidOut,
    bankDeposit: -paidIn,
    receiptNumber: shift.id,
  });
  return { events: [event] };
}

/** Why an activity of a gift card is no fact of its own; the order, payment or refund behind it tells it. */
const TOLD_ELSEWHERE: Readonly<Record<string, string>> = {
  REDEEM: 'the payment with the card tells it',
  REFUND: 'the refund to the card tells it',
};

/**
 * What was put on a gift card outside of Square's orders: a sale of the card, paid in a way Square does not know. All
 * other activities are told by the order, payment or refund behind them, or move no money.
 */
export function normalizeGiftCardActivity(activity: GiftCardActivityPayload, around: Surroundings): Outcome {
  const subject = `gift card activity ${activity.id}`;
  const loaded = activity.activate_activity_details ?? activity.load_activity_details;
  if (!loaded || !['ACTIVATE', 'LOAD'].includes(activity.type)) {
    const why =
      TOLD_ELSEWHERE[activity.type] ?? 'no money was paid for it; book goodwill, expiry and corrections by hand';
    return { ignored: `${subject} (${activity.type}): ${why}` };
  }
  if (loaded.order_id) {
    return { ignored: `${subject} (${activity.type}): order ${loaded.order_id} tells it with a gift card line` };
  }
  const scope = { subject, currency: currencyOf(subject, [loaded.amount_money], around.currency) };
  const amount = minor(loaded.amount_money, scope, 'amount_money');
  const event = makeEvent({
    ...common(scope, around),
    type: 'sale',
    id: activity.id,
    revision: revisionOf(subject, undefined, activity.created_at),
    occurredAt: instantOf(subject, 'created_at', activity.created_at),
    ...placed(activity),
    ...optional('memo', activity.type === 'LOAD' ? 'Gift card reloaded' : 'Gift card activated'),
    pricesIncludeTax: false,
    lines: [plainLine('gift_card', amount, 'Gift card')],
    tenders: [{ kind: 'other', processor: 'manual', amount }],
    total: amount,
    due: 0n,
  });
  return { events: [event] };
}
