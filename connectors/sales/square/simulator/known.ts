import { returnedBefore, thousandths } from './returns.ts';
import type { Stage } from './stage.ts';
import { isGiftCard, isOnBalance, paymentsOf } from './till.ts';
import type { Order, OrderLine, Payment } from './wire.ts';

/** A sale of earlier steps that something can be done to, and its only payment. */
export interface KnownSale {
  sale: Order;
  payment: Payment;
  /** Orders that took something of it back, or are about to. */
  earlier: Order[];
}

/** How many of the newest orders a step looks at when it wants to change one. */
const WITHIN_REACH = 60;

/**
 * Sales paid in full by one payment that nobody disputes and that were refunded, if at all, by the item: newest ones,
 * in an order that chance decides.
 */
function reachable(on: Stage): KnownSale[] {
  const orders = on.list('orders');
  const disputed = new Set(on.list('disputes').map(({ disputed_payment }) => disputed_payment.payment_id));
  return on.chance.shuffle(orders.slice(-WITHIN_REACH)).flatMap((sale) => {
    if (sale.state !== 'COMPLETED' || sale.line_items === undefined || sale.returns !== undefined) return [];
    const payments = paymentsOf(on, sale);
    const [payment] = payments;
    if (payments.length !== 1 || disputed.has(payment!.id) || hasGiftCardLine(sale)) return [];
    const earlier = orders.filter(
      ({ returns = [], state }) => state !== 'CANCELED' && returns.some((back) => back.source_order_id === sale.id),
    );
    return [{ sale, payment: payment!, earlier }];
  });
}

const hasGiftCardLine = (sale: Order) => sale.line_items!.some(({ item_type }) => item_type === 'GIFT_CARD');

/** A sale by bank card or phone that nothing was done to. */
export function untouchedCardSale(on: Stage, fits: (sale: Order) => boolean = () => true): KnownSale | undefined {
  return reachable(on).find((known) => isUntouched(known) && isOnBalance(known.payment) && fits(known.sale));
}

/** A sale for cash that nothing was done to. */
export function untouchedCashSale(on: Stage): KnownSale | undefined {
  return reachable(on).find((known) => isUntouched(known) && known.payment.source_type === 'CASH');
}

/** A sale paid by gift card alone that nothing was done to. */
export function untouchedGiftCardSale(on: Stage): KnownSale | undefined {
  return reachable(on).find((known) => isUntouched(known) && isGiftCard(known.payment));
}

/** Neither money nor goods came back; an exchange takes goods without touching the payment. */
function isUntouched({ payment, earlier }: KnownSale): boolean {
  return payment.refund_ids === undefined && earlier.length === 0;
}

/** A card sale of which units are left to take back; what was taken back before was named by the item. */
export function returnableSale(on: Stage): KnownSale | undefined {
  return reachable(on).find((known) => {
    if (!isOnBalance(known.payment) || unitsLeft(known).length === 0) return false;
    const back = known.earlier.flatMap(({ returns = [] }) => returns.flatMap((each) => each.return_line_items));
    return back.every(({ item_type }) => item_type === 'ITEM') && refundsFit(on, known);
  });
}

/** Every refund of the payment that holds is one of the returns; a rejected one leaves nothing behind. */
function refundsFit(on: Stage, { payment, earlier }: KnownSale): boolean {
  const live = (payment.refund_ids ?? [])
    .map((id) => on.get('refunds', id))
    .filter(({ status }) => status !== 'REJECTED');
  return live.length === earlier.length;
}

/** Lines of goods and how many units of each are left; what is sold by weight counts as one. */
export function unitsLeft({ sale, earlier }: KnownSale): { line: OrderLine; units: number }[] {
  return sale.line_items!.flatMap((line) => {
    const left = thousandths(line.quantity) - returnedBefore(line, earlier);
    if (left <= 0n || line.total_money.amount === 0n || line.item_type !== 'ITEM') return [];
    const units = line.quantity_unit === undefined ? Number.parseInt(`${left / 1000n}`, 10) : 1;
    return [{ line, units }];
  });
}
