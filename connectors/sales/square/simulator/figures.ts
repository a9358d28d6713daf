import { divideHalfUp, sum } from '@daybook/domain';
import type { Totals } from '../../../kit/simulator.ts';
import { isWithheld } from './disputes.ts';
import type { Objects } from './state.ts';
import { isOnBalance } from './till.ts';
import type { Order, OrderReturn, ProcessingFee } from './wire.ts';
import type { ActivityType, Movement } from './wire-money.ts';

/**
 * What the café took and kept, cents, over all completed orders.
 * - `count` = orders that sold something.
 * - `total` = Σ total_money of what was sold: lines, tax, service charges, tips, gift cards sold, cash rounding; less Σ
 *   what orders took back. A gift card used changes nothing, it is a tender. A refund counts once it is completed.
 * - `tax` = Σ tax of what was sold − Σ tax of what was taken back; where an amount was given back without goods, its tax
 *   is half-up(a·T/G) of the sale's total G and tax T (accounting.md A8).
 */
export function totalsOf({ orders }: Pick<Objects, 'orders'>): Totals {
  const result: Totals = { count: 0, total: 0n, tax: 0n };
  for (const order of orders.values()) {
    if (order.state !== 'COMPLETED') continue;
    if (order.line_items !== undefined) {
      result.count += 1;
      result.total += order.total_money!.amount;
      result.tax += order.total_tax_money!.amount;
    }
    for (const back of order.returns ?? []) {
      result.total -= back.return_amounts.total_money.amount;
      result.tax -= taxTakenBack(back, orders.get(back.source_order_id)!);
    }
  }
  return result;
}

function taxTakenBack({ return_amounts, return_line_items }: OrderReturn, sale: Order): bigint {
  const withoutGoods = return_line_items.every(({ source_line_item_uid }) => source_line_item_uid === undefined);
  if (!withoutGoods) return return_amounts.tax_money.amount;
  return divideHalfUp(return_amounts.total_money.amount * sale.total_tax_money!.amount, sale.total_money!.amount);
}

/** Fees that stand alone on the balance: no payment and no refund shows them. */
const LONE_FEES: readonly ActivityType[] = ['TAX_ON_FEE', 'SUBSCRIPTION_FEE', 'GIFT_CARD_LOAD_FEE', 'DEPOSIT_FEE'];
const RESERVES: readonly ActivityType[] = ['RESERVE_HOLD', 'RESERVE_RELEASE'];
const BY_HAND: readonly ActivityType[] = ['ADJUSTMENT'];

/**
 * What Square owes the café, cents: completed payments by bank card and phone, less the fees told on payments and
 * refunds, completed refunds, disputed money that is withheld, and payouts that were paid. What only a payout tells of
 * (lone fees, adjustments, reserves) counts once that payout is paid; a payout under way or failed is still owed.
 * `reserve` is what paid payouts kept back; `clearing` is the rest.
 */
export function balancesOf(objects: Objects): { clearing: bigint; reserve: bigint } {
  const payments = [...objects.payments.values()].filter((each) => each.status === 'COMPLETED' && isOnBalance(each));
  const onBalance = new Set(payments.map(({ id }) => id));
  const refunds = [...objects.refunds.values()].filter(
    ({ status, payment_id }) => status === 'COMPLETED' && onBalance.has(payment_id),
  );
  const fees = [...payments, ...refunds].flatMap(({ processing_fee = [] }) => processing_fee as ProcessingFee[]);
  const withheld = [...objects.disputes.values()].filter(isWithheld);
  const paid = [...objects.payouts.values()].filter(({ status }) => status === 'PAID');
  const carried = carriedBy(objects, new Set(paid.map(({ id }) => id)));
  const reserve = -carried(RESERVES);
  const owed =
    sum(payments.map(({ total_money }) => total_money.amount)) -
    sum(refunds.map(({ amount_money }) => amount_money.amount)) -
    sum(fees.map(({ amount_money }) => amount_money.amount)) -
    sum(withheld.map(({ amount_money }) => amount_money.amount)) -
    sum(paid.map(({ amount_money }) => amount_money.amount)) +
    carried(LONE_FEES) +
    carried(BY_HAND);
  return { clearing: owed - reserve, reserve };
}

function carriedBy({ movements }: Objects, payouts: ReadonlySet<string>): (types: readonly ActivityType[]) => bigint {
  const isCarried = ({ payout_id }: Movement) => payout_id !== undefined && payouts.has(payout_id);
  const carried = [...movements.values()].filter(isCarried);
  return (types) =>
    sum(carried.filter(({ type }) => types.includes(type)).map(({ net_amount_money }) => net_amount_money.amount));
}
