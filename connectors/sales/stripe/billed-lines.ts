import { allocate, sum } from '@daybook/domain';
import type { Bag } from './bag.ts';
import {
  discounted,
  type Lines,
  type SoldLine,
  type SoldTax,
  type StatedTaxes,
  statedTaxes,
  taxOf,
  totalOf,
} from './lines.ts';
import { contradiction, readMinor } from './money.ts';
import type { Thing } from './payload.ts';

/** What an invoice and a credit note have in common. */
export interface Bill {
  /** "invoice in_1 (A-0001)", for messages. */
  subject: string;
  currency: string;
  lines: (Thing<'line_item'> & { invoice_line_item?: string | null | undefined })[];
  shipping: Thing<'invoice'>['shipping_cost'];
  /** Discounts of the whole document and of its lines together, where it states them. */
  discounts: bigint;
  total: bigint;
}

interface Stated extends StatedTaxes {
  line: Bill['lines'][number];
  amount: bigint;
  discount: bigint;
}

/**
 * Lines of an invoice or credit note. Stripe's line amounts contain inclusive tax and no exclusive tax; whether they
 * contain the discounts depends on where those were attached, so the reading that comes to the total is taken. Throws
 * PAYLOAD_CONTRADICTS_ITSELF when none does.
 */
export function billedLines(bill: Bill, bag: Bag): Lines {
  const stated = bill.lines.map((line) => statedOf(line, bill, bag));
  const shipping = shippingOf(bill);
  for (const discounts of readings(stated, bill, shipping)) {
    const lines = [...stated.map((each, index) => soldLine(each, discounts[index] ?? 0n)), ...shipping];
    if (totalOf(lines) === bill.total) return known(lines, stated);
  }
  const lines = [...stated.map((each) => soldLine(each, each.discount)), ...shipping];
  const found = { what: 'its lines with taxes and shipping', amount: totalOf(lines) };
  throw contradiction(bill.subject, 'total', found, bill.total, bill.currency);
}

function known(lines: SoldLine[], stated: Stated[]): Lines {
  return {
    lines,
    pricesIncludeTax: stated.some(({ inclusive }) => inclusive.some(({ amount }) => amount !== 0n)),
    ratesKnown: lines.every((line) => line.taxes.every(({ rate }) => rate !== null)),
  };
}

function statedOf(line: Bill['lines'][number], bill: Bill, bag: Bag): Stated {
  const where = `${bill.subject}, line ${line.id}`;
  return {
    line,
    amount: readMinor(line.amount, bill.currency, `${where}, amount`),
    discount: sum(
      (line.discount_amounts ?? []).map((each) => readMinor(each.amount, bill.currency, `${where}, discount_amounts`)),
    ),
    ...statedTaxes(line, bag, bill.currency, `${where}, taxes`),
  };
}

/** Possible discounts per line: as the lines say, none (they are inside the amounts), or the document's own spread. */
function readings(stated: Stated[], bill: Bill, shipping: SoldLine[]): bigint[][] {
  const own = stated.map(({ discount }) => discount);
  const none = stated.map(() => 0n);
  const over = totalOf([...stated.map((each) => soldLine(each, 0n)), ...shipping]) - bill.total;
  if (over <= 0n || over > bill.discounts) return [own, none];
  const weights = stated.map(({ amount }) => (amount > 0n ? amount : 0n));
  return [own, none, allocate(over, weights)];
}

function soldLine({ line, amount, inclusive, exclusive }: Stated, discount: bigint): SoldLine {
  return {
    kind: 'product',
    id: line.invoice_line_item ?? line.id,
    ...(line.description ? { title: line.description } : {}),
    quantity: line.quantity ?? '1',
    ...discounted(amount, discount, inclusive),
    taxes: [...inclusive, ...exclusive],
  };
}

function shippingOf({ shipping, currency, subject }: Bill): SoldLine[] {
  if (!shipping) return [];
  const read = (text: string) => readMinor(text, currency, `${subject}, shipping_cost`);
  const [total, tax] = [read(shipping.amount_total), read(shipping.amount_tax)];
  if (total === 0n) return [];
  const taxes: SoldTax[] = (shipping.taxes ?? []).map(({ amount, rate, taxability_reason: reason }) =>
    taxOf({ rate, reason }, read(amount)),
  );
  const net = total - tax;
  const line = { quantity: '1', listNet: net, discount: 0n, net };
  return [{ kind: 'shipping', ...line, taxes: taxes.length > 0 || tax === 0n ? taxes : [taxOf({ rate: null }, tax)] }];
}
