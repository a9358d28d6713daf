import { subtractDecimals } from '../decimal.ts';
import type { DocumentLine } from '../documents.ts';
import { abs, sum } from '../money.ts';
import { type Item, taxOf } from '../posting/items.ts';

/** Document lines of items: one per item, discounts of one account and tax code together, nothing that is all zero. */
export function documentLines(items: readonly Item[]): DocumentLine[] {
  const lines: DocumentLine[] = [];
  for (const item of items) {
    const { description, role, account, taxCode, sku, quantity } = item;
    const line: DocumentLine = { description, role, account, taxCode, net: item.net, tax: taxOf(item), sku, quantity };
    const isDiscount = role.startsWith('sales.discount');
    const same = isDiscount ? lines.find((each) => lineKey(each) === lineKey(line)) : undefined;
    if (same) {
      same.net += line.net;
      same.tax += line.tax;
    } else lines.push(line);
  }
  return lines.filter(isSomething);
}

/** Gross amount of lines, minor units. */
export function totalOf(lines: readonly DocumentLine[]): bigint {
  return sum(lines.map((line) => line.net + line.tax));
}

/**
 * Lines that turn `before` into `after`: what was added, less what was taken away. What moved within one account and
 * tax code only (a renamed item, one mug for another at the same price) is no difference to the books.
 */
export function lineDifference(after: readonly DocumentLine[], before: readonly DocumentLine[]): DocumentLine[] {
  const sums = new Map<string, DocumentLine>();
  for (const line of after) put(sums, line, 1n);
  for (const line of before) put(sums, line, -1n);
  const perAccount = new Map<string, DocumentLine>();
  for (const line of sums.values()) put(perAccount, { ...line, sku: undefined, description: '' }, 1n);
  const changesAccount = (line: DocumentLine) => {
    const whole = perAccount.get(lineKey({ ...line, sku: undefined, description: '' }));
    return whole !== undefined && isSomething(whole);
  };
  return [...sums.values()]
    .filter((line) => isSomething(line) && changesAccount(line))
    .map((line) => ({ ...line, quantity: plausible(line) }));
}

/** The same lines with the opposite sign: what an invoice gives, a credit note takes. */
export function turnedLines(lines: readonly DocumentLine[]): DocumentLine[] {
  return lines.map((line) => ({ ...line, net: -line.net, tax: -line.tax }));
}

function put(sums: Map<string, DocumentLine>, line: DocumentLine, sign: 1n | -1n): void {
  const key = lineKey(line);
  const same = sums.get(key) ?? { ...line, net: 0n, tax: 0n, quantity: '0' };
  const negative = subtractDecimals('0', line.quantity);
  sums.set(key, {
    ...same,
    net: same.net + sign * line.net,
    tax: same.tax + sign * line.tax,
    quantity: subtractDecimals(same.quantity, sign > 0n ? negative : line.quantity),
  });
}

/** Documents carry positive quantities; where price and quantity moved apart, one piece of the difference. */
function plausible(line: DocumentLine): string {
  const moved = line.quantity.replace('-', '');
  const agrees = moved !== '0' && line.quantity.startsWith('-') === line.net < 0n;
  return agrees ? moved : '1';
}

function isSomething(line: DocumentLine): boolean {
  return abs(line.net) + abs(line.tax) !== 0n;
}

/** An item keeps its SKU when its title changes. */
function lineKey(line: DocumentLine): string {
  return [line.account, line.role, line.taxCode, line.sku ?? line.description].join('\u0001');
}
