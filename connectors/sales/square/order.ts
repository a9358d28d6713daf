import { lesser, sum } from '@daybook/domain';
import { chargeLine, type DraftLine, itemLines, plainLine, taxOf, totalOf } from './lines.ts';
import { contradiction, currencyOf, isStated, minor, type Scope } from './money.ts';
import type { OrderPayload, PaymentPayload } from './payload.ts';
import { readingsOf, returnLines } from './returns.ts';
import { type Taken, takenFor } from './tenders.ts';

/** What else is known while an object is read, and how the connection is set. */
export interface Surroundings {
  payments: readonly PaymentPayload[];
  /** Variation → SKU, where the catalogue was read. */
  skus: ReadonlyMap<string, string>;
  test: boolean;
  /** The setting `currency`, for objects without any amount. */
  currency: string | undefined;
}

/** Both sides of an order: what was sold for what money, and what came back. Minor units. */
export interface Weighed {
  lines: DraftLine[];
  total: bigint;
  taken: Taken;
  paid: bigint;
  /** What came back in the same order, one list of lines per return. */
  returns: DraftLine[][];
  returned: bigint;
  /** The part of `returned` that pays for what was sold, so that no money moved for it (accounting.md C12). */
  exchanged: bigint;
}

/** Name and currency of an order. */
export function orderScope(
  order: OrderPayload,
  { currency, payments }: Pick<Surroundings, 'currency' | 'payments'>,
): Scope {
  const subject = `order ${order.id}`;
  const amounts = [
    order.total_money,
    order.net_amounts?.total_money,
    order.return_amounts?.total_money,
    ...order.line_items.map((item) => item.total_money),
    ...order.returns.flatMap((each) => each.return_line_items.map((item) => item.total_money)),
    ...order.tenders.map((tender) => tender.amount_money),
    ...payments.filter((payment) => payment.order_id === order.id).map((payment) => payment.total_money),
  ];
  return { subject, currency: currencyOf(subject, amounts, currency) };
}

/** Whether anything is sold in an order; one that only takes goods back has no lines. */
export function hasLines(order: OrderPayload): boolean {
  return order.line_items.length > 0 || order.service_charges.length > 0;
}

/** Adds an order up. Throws ConnectorError `rejected` PAYLOAD_CONTRADICTS_ITSELF when its figures disagree. */
export function weigh(order: OrderPayload, around: Surroundings, scope: Scope): Weighed {
  const returns = order.returns.map((each, index) => returnLines(each, index, order, around.skus, scope));
  const returned = sum(returns.map(totalOf));
  const taken = takenFor(order, around.payments, scope);
  const lines = hasLines(order) ? saleLines(order, around, taken, returned, scope) : [];
  const total = totalOf(lines);
  const paid = sum(taken.tenders.map((tender) => tender.amount));
  const open = total - paid;
  const exchanged = open > 0n ? lesser(open, returned) : 0n;
  return { lines, total, taken, paid, returns, returned, exchanged };
}

/** Goods, service charges, tip and cash rounding of an order; they must come to the total it states. */
function saleLines(
  order: OrderPayload,
  around: Surroundings,
  taken: Taken,
  returned: bigint,
  scope: Scope,
): DraftLine[] {
  const glossary = { taxes: order.taxes, charges: order.service_charges, skus: around.skus };
  const items = order.line_items.flatMap((item, index) => itemLines(item, `line_items[${index}]`, glossary, scope));
  const charges = order.service_charges.flatMap(
    (charge, index) => chargeLine(charge, `service_charges[${index}]`, glossary, scope) ?? [],
  );
  const tip = tipOf(order, taken, scope);
  const rounding = minor(order.rounding_adjustment?.amount_money, scope, 'rounding_adjustment');
  const lines = [
    ...items,
    ...charges,
    ...(tip === 0n ? [] : [plainLine('tip', tip, 'Tip')]),
    ...(rounding === 0n ? [] : [plainLine('rounding', rounding, 'Cash rounding')]),
  ];
  checkTotal(order, totalOf(lines), [tip, rounding, returned], scope);
  checkTax(order, taxOf(lines), taxOf(items), scope);
  checkDiscount(order, scope);
  return lines;
}

/** The order's own figure, or where it lags behind, what the money taken for it says. Throws where both differ. */
function tipOf(order: OrderPayload, { tips }: Taken, scope: Scope): bigint {
  const stated = minor(order.total_tip_money, scope, 'total_tip_money');
  if (stated === 0n) return tips;
  if (order.state !== 'COMPLETED' || tips === 0n || tips === stated) return stated;
  throw contradiction(scope, 'total_tip_money', { what: 'the tips of its tenders', amount: tips }, stated);
}

/**
 * `total_money` may or may not contain the tip, the cash rounding and, in an exchange, what came back: Square does not
 * say. Goods, charges and taxes have to come to it in one of these readings.
 */
function checkTotal(order: OrderPayload, total: bigint, optional: readonly bigint[], scope: Scope): void {
  if (!isStated(order.total_money)) return;
  const stated = minor(order.total_money, scope, 'total_money');
  if (readingsOf(total, optional).includes(stated)) return;
  const found = { what: 'its lines, taxes, service charges and tips', amount: total };
  throw contradiction(scope, 'total_money', found, stated);
}

/** The order's tax may leave out what its service charges bear. */
function checkTax(order: OrderPayload, all: bigint, ofItems: bigint, scope: Scope): void {
  if (!isStated(order.total_tax_money)) return;
  const stated = minor(order.total_tax_money, scope, 'total_tax_money');
  if (stated === all || stated === ofItems) return;
  throw contradiction(scope, 'total_tax_money', { what: 'the taxes of its lines', amount: all }, stated);
}

/** Every discount of an order is spread over its lines. */
function checkDiscount(order: OrderPayload, scope: Scope): void {
  if (!isStated(order.total_discount_money)) return;
  const stated = minor(order.total_discount_money, scope, 'total_discount_money');
  const ofLines = order.line_items.map((item) => minor(item.total_discount_money, scope, 'total_discount_money'));
  if (stated === sum(ofLines)) return;
  throw contradiction(
    scope,
    'total_discount_money',
    { what: 'the discounts of its lines', amount: sum(ofLines) },
    stated,
  );
}
