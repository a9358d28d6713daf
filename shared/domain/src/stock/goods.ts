import { divideHalfEven } from '../money.ts';

/**
 * What is known of an item on a note of goods received and its invoices: quantities in millionths, values in minor
 * units of the company's currency. `grni` is what stands on goods received not invoiced, credit positive: below zero
 * when the invoice came first.
 */
export interface Goods {
  received: bigint;
  receivedValue: bigint;
  invoiced: bigint;
  invoicedValue: bigint;
  grni: bigint;
}

export const NO_GOODS: Goods = { received: 0n, receivedValue: 0n, invoiced: 0n, invoicedValue: 0n, grni: 0n };

/**
 * Goods after more was received or invoiced (accounting.md D3). What is received and not invoiced stands at the
 * received value, what is invoiced and not received at the invoiced value; both in proportion of quantity, so that
 * the last part leaves nothing behind. What the account moved by is `grni` less `grni` before; the rest is purchase
 * variance.
 */
export function goodsAfter(goods: Goods, more: Partial<Omit<Goods, 'grni'>>): Goods {
  const received = goods.received + (more.received ?? 0n);
  const receivedValue = goods.receivedValue + (more.receivedValue ?? 0n);
  const invoiced = goods.invoiced + (more.invoiced ?? 0n);
  const invoicedValue = goods.invoicedValue + (more.invoicedValue ?? 0n);
  const open = reaches(received, invoiced)
    ? receivedValue - part(receivedValue, invoiced, received)
    : part(invoicedValue, received, invoiced) - invoicedValue;
  return { received, receivedValue, invoiced, invoicedValue, grni: received === 0n && invoiced === 0n ? 0n : open };
}

/** Whether a quantity is as large as another and on the same side; goods sent back are below zero. */
function reaches(quantity: bigint, other: bigint): boolean {
  return quantity > 0n ? quantity >= other : quantity < 0n && quantity <= other;
}

function part(value: bigint, of: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : divideHalfEven(value * of, whole);
}
