import { sum } from '@daybook/domain';
import type { Bag } from './bag.ts';
import { discounted, type Lines, type SoldLine, type SoldTax, taxOf, totalOf } from './lines.ts';
import { contradiction, readCurrency, readMinor } from './money.ts';
import type { Thing } from './payload.ts';

interface Amounts {
  subtotal: bigint;
  discount: bigint;
  tax: bigint;
  total: bigint;
}

/**
 * Lines of a checkout session: `amount_total` less `amount_tax` is net whether or not the price contains the tax. Null
 * when the session's line items are not known. Throws PAYLOAD_CONTRADICTS_ITSELF when they do not come to the session.
 */
export function sessionLines(session: Thing<'checkout.session'>, bag: Bag): Lines | null {
  const { amount_total: stated } = session;
  const items = session.line_items ?? itemsAround(bag);
  if (!items || items.has_more || !session.currency || !stated) return null;
  const subject = `checkout session ${session.id}`;
  const currency = readCurrency(session.currency, `${subject}, currency`);
  const priced = items.data.map((item) => itemLine(item, currency, `${subject}, line item ${item.id}`));
  const shipping = shippingLine(session, currency, subject);
  const all = [...priced, ...(shipping ? [shipping] : [])];
  const lines = all.map(({ line }) => line);
  const total = readMinor(stated, currency, `${subject}, amount_total`);
  if (totalOf(lines) !== total)
    throw contradiction(
      subject,
      'amount_total',
      { what: 'its line items and shipping', amount: totalOf(lines) },
      total,
      currency,
    );
  checkTax(session, lines, currency, subject);
  return {
    lines,
    pricesIncludeTax: all.some(({ includesTax }) => includesTax),
    ratesKnown: lines.every((line) => line.taxes.every(({ rate }) => rate !== null)),
  };
}

/** Items read by themselves do not name their session: they are those of the only one there is. */
function itemsAround(bag: Bag): { data: Thing<'item'>[]; has_more: false } | null {
  const data = bag.all('item');
  return data.length > 0 && bag.all('checkout.session').length === 1 ? { data, has_more: false } : null;
}

interface Priced {
  line: SoldLine;
  includesTax: boolean;
}

function itemLine(item: Thing<'item'>, currency: string, subject: string): Priced {
  const read = (field: string, text: string | null | undefined) =>
    readMinor(text ?? '0', currency, `${subject}, ${field}`);
  const amounts = {
    subtotal: read('amount_subtotal', item.amount_subtotal),
    discount: read('amount_discount', item.amount_discount),
    tax: read('amount_tax', item.amount_tax),
    total: read('amount_total', item.amount_total),
  };
  const line = pricedLine(amounts, item.taxes, currency, subject);
  const title = item.description ? { title: item.description } : {};
  return { ...line, line: { kind: 'product', id: item.id, ...title, quantity: item.quantity ?? '1', ...line.line } };
}

function shippingLine(session: Thing<'checkout.session'>, currency: string, subject: string): Priced | null {
  const cost = session.shipping_cost;
  const plain = session.total_details?.amount_shipping ?? '0';
  const read = (text: string) => readMinor(text, currency, `${subject}, shipping_cost`);
  const amounts = cost
    ? { subtotal: read(cost.amount_subtotal), tax: read(cost.amount_tax), total: read(cost.amount_total) }
    : { subtotal: read(plain), tax: 0n, total: read(plain) };
  if (amounts.total === 0n) return null;
  const line = pricedLine({ ...amounts, discount: 0n }, cost?.taxes, currency, `${subject}, shipping_cost`);
  return { ...line, line: { kind: 'shipping', quantity: '1', ...line.line } };
}

function pricedLine(
  amounts: Amounts,
  stated: Thing<'item'>['taxes'],
  currency: string,
  subject: string,
): { line: Pick<SoldLine, 'listNet' | 'discount' | 'net' | 'taxes'>; includesTax: boolean } {
  const taxes = taxesOf(amounts.tax, stated, currency, subject);
  const { subtotal, discount, tax, total } = amounts;
  const outside = total - (subtotal - discount);
  const inside = tax - outside;
  const inclusive = inside === 0n ? [] : inside === tax ? taxes : inclusiveOf(taxes, stated);
  if (sum(inclusive.map(({ amount }) => amount)) !== inside) {
    const found = {
      what: 'amount_subtotal less amount_discount with the tax on top',
      amount: subtotal - discount + tax,
    };
    throw contradiction(subject, 'amount_total', found, total, currency);
  }
  return { line: { ...discounted(subtotal, discount, inclusive), taxes }, includesTax: inside !== 0n };
}

function taxesOf(tax: bigint, stated: Thing<'item'>['taxes'], currency: string, subject: string): SoldTax[] {
  const taxes = (stated ?? []).map(({ amount, rate, taxability_reason: reason }) =>
    taxOf({ rate, reason }, readMinor(amount, currency, `${subject}, taxes`)),
  );
  if (taxes.length === 0) return tax === 0n ? [] : [taxOf({ rate: null }, tax)];
  const found = sum(taxes.map(({ amount }) => amount));
  if (found !== tax) throw contradiction(subject, 'amount_tax', { what: 'its taxes', amount: found }, tax, currency);
  return taxes;
}

/** Of a line with taxes of both kinds, those that the price contains. */
function inclusiveOf(taxes: SoldTax[], stated: Thing<'item'>['taxes']): SoldTax[] {
  return taxes.filter((_, index) => stated?.[index]?.rate?.inclusive === true);
}

function checkTax(session: Thing<'checkout.session'>, lines: SoldLine[], currency: string, subject: string): void {
  const stated = session.total_details?.amount_tax;
  if (!stated) return;
  const tax = readMinor(stated, currency, `${subject}, total_details.amount_tax`);
  const found = sum(lines.flatMap((line) => line.taxes.map(({ amount }) => amount)));
  if (found === tax) return;
  throw contradiction(
    subject,
    'total_details.amount_tax',
    { what: 'the taxes of its lines', amount: found },
    tax,
    currency,
  );
}
