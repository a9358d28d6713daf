import { allocate } from '@daybook/domain';
import { type Lines, plainLine, priced, type SoldLine, type SoldTax, totalOf } from './lines.ts';
import { readMinor } from './money.ts';
import type { Thing } from './payload.ts';

type Details = NonNullable<Thing<'payment_intent'>['amount_details']>;

/** Reads amounts of one intent in minor units; nothing is nothing. */
type Read = (text: string | null | undefined) => bigint;

/**
 * Lines of an amount taken, by what the seller told with the payment intent: tip, shipping, tax, products. What is not
 * explained is one product line. Null when nothing was told, or when it does not come to the amount: Stripe takes such
 * details without holding them to the amount, so they prove nothing.
 */
export function intentLines(intent: Thing<'payment_intent'>, taken: bigint, currency: string): Lines | null {
  const { amount_details: details } = intent;
  if (!details) return null;
  const read: Read = (text) => readMinor(text ?? '0', currency, `payment intent ${intent.id}, amount_details`);
  const extras = extraLines(details, read);
  const products = productLines(details, read);
  const tax = read(details.tax?.total_tax_amount);
  if (extras.length === 0 && products.length === 0 && tax === 0n) return null;
  const lines = products.length > 0 ? [...taxed(products, tax), ...extras] : [];
  if (products.length > 0 && totalOf(lines) === taken) return known(lines);
  const rest = taken - totalOf(extras) - tax;
  if (rest < 0n) return null;
  return known([...taxed([plainLine(intent.id, intent.description, rest)], tax), ...extras]);
}

function known(lines: SoldLine[]): Lines {
  return { lines, pricesIncludeTax: false, ratesKnown: lines.every((line) => line.taxes.length === 0) };
}

function extraLines(details: Details, read: Read): SoldLine[] {
  const extras = [
    ['shipping', read(details.shipping?.amount)],
    ['tip', read(details.tip?.amount)],
  ] as const;
  return extras
    .filter(([, amount]) => amount !== 0n)
    .map(([kind, amount]) => ({ kind, quantity: '1', ...priced(amount), taxes: [] }));
}

/** A discount of the whole is split over the products by value (accounting.md A6). */
function productLines(details: Details, read: Read): SoldLine[] {
  const items = details.line_items?.has_more ? [] : (details.line_items?.data ?? []);
  if (items.length === 0) return [];
  const list = items.map((item) => read(item.unit_cost) * BigInt(item.quantity));
  const whole = allocate(read(details.discount_amount), list);
  return items.map((item, index) => {
    const listNet = list[index] ?? 0n;
    const discount = read(item.discount_amount) + (whole[index] ?? 0n);
    const tax = read(item.tax?.total_tax_amount);
    return {
      kind: 'product',
      ...(item.id ? { id: item.id } : {}),
      ...(item.product_code ? { sku: item.product_code } : {}),
      ...(item.product_name ? { title: item.product_name } : {}),
      quantity: item.quantity,
      listNet,
      discount,
      net: listNet - discount,
      taxes: tax === 0n ? [] : [taxNamed(tax)],
    };
  });
}

/** A tax of the whole is split over the products by value. */
function taxed(products: SoldLine[], tax: bigint): SoldLine[] {
  if (tax === 0n) return products;
  const parts = allocate(
    tax,
    products.map(({ net }) => (net > 0n ? net : 0n)),
  );
  return products.map((line, index) => ({ ...line, taxes: [...line.taxes, taxNamed(parts[index] ?? 0n)] }));
}

/** Payment intents name neither rate nor kind of a tax. */
function taxNamed(amount: bigint): SoldTax {
  return { name: 'Tax', rate: null, amount };
}
