import { allocate, divideHalfUp, type EventLine, formatMinor, sum } from '@daybook/domain';
import { exactId, percentOf, setAmount, share, shopAmount, taxInside } from './money.ts';
import type { LineItem, OrderPayload, ShippingLine, TaxLine } from './payload.ts';

/** What every reading of one order needs: its name for messages, its currency, whether prices contain tax. */
export interface OrderScope {
  subject: string;
  currency: string;
  inclusive: boolean;
}

export interface DraftTax {
  name: string;
  rate: string | null;
  amount: bigint;
  collectedBy: 'merchant' | 'channel';
}
/** A line of a sale or refund before `makeEvent` has checked it. */
export interface DraftLine {
  kind: EventLine['kind'];
  id?: string | undefined;
  sku?: string | undefined;
  title?: string | undefined;
  quantity: string;
  unitPrice?: string | undefined;
  listNet: bigint;
  discount: bigint;
  net: bigint;
  taxes: DraftTax[];
  restock?: boolean;
  taxUnknown?: boolean;
}

/** Net and taxes of lines together, minor units. */
export function totalOf(lines: readonly DraftLine[]): bigint {
  return sum(lines.map((line) => line.net + taxOf(line)));
}

/** Taxes of one line, minor units. */
export function taxOf(line: Pick<DraftLine, 'taxes'>): bigint {
  return sum(line.taxes.map((tax) => tax.amount));
}

/** Tax lines as stated, in shop money. A channel that is liable remits the tax itself (accounting.md C14). */
export function readTaxes(taxLines: readonly TaxLine[] | undefined, scope: OrderScope, where: string): DraftTax[] {
  return (taxLines ?? []).map((tax) => ({
    name: tax.title ?? 'Tax',
    rate: percentOf(tax.rate),
    amount: shopAmount(tax.price_set, tax.price, scope.currency, `${scope.subject}, ${where}.tax_lines`),
    collectedBy: tax.channel_liable === true ? 'channel' : 'merchant',
  }));
}

/** A plain line: no discount, taxes on top. */
export function plainLine(kind: DraftLine['kind'], net: bigint, rest: Partial<DraftLine> = {}): DraftLine {
  return { kind, quantity: '1', listNet: net, discount: 0n, net, taxes: [], ...rest };
}

/**
 * List price, discount and stated taxes of a line as net figures (accounting.md A7). Taxes are taken as stated: with
 * inclusive prices net = discounted price − taxes, and the discount is the difference of the two nets, the list net
 * being the list price less the tax that the line's own rates put inside it.
 */
export function pricedNet(
  list: bigint,
  discount: bigint,
  taxes: readonly DraftTax[],
  inclusive: boolean,
): Pick<DraftLine, 'listNet' | 'discount' | 'net'> {
  if (!inclusive) return { listNet: list, discount, net: list - discount };
  const tax = sum(taxes.map((each) => each.amount));
  const paid = list - discount;
  const net = paid - tax;
  if (discount === 0n) return { listNet: net, discount: 0n, net };
  const listNet = list - taxInsideList(list, paid, tax, taxes);
  // The stated tax may be rounded so that a discount of a cent would turn negative; the stated amounts win.
  return listNet < net ? { listNet: net, discount: 0n, net } : { listNet, discount: listNet - net, net };
}

function taxInsideList(list: bigint, paid: bigint, tax: bigint, taxes: readonly DraftTax[]): bigint {
  if (tax === 0n && paid !== 0n) return 0n;
  const rates = taxes.map((each) => each.rate);
  if (rates.includes(null)) return paid === 0n ? 0n : divideHalfUp(list * tax, paid);
  return taxInside(list, rates);
}

/** Units of each line that count as sold, by position. */
export type SoldUnits = (item: LineItem, index: number) => bigint;
/** Whether a shipping line counts as sold, by position. */
export type SoldShipping = (line: ShippingLine, index: number) => boolean;

const notRemoved: SoldShipping = (line) => line.is_removed !== true;

/**
 * Every line of an order in shop money: goods, gift cards, tips, duties, shipping, fees; cash rounding is not part of
 * what the order says it costs and is added by the caller. `sold` may be less than ordered after an edit; amounts of
 * such a line are cut by A8.
 */
export function saleLines(
  order: OrderPayload,
  scope: OrderScope,
  sold: SoldUnits,
  shipped: SoldShipping = notRemoved,
): DraftLine[] {
  const spread = spreadOrderTaxes(order, scope);
  const items = order.line_items.flatMap((item, index) => {
    const units = sold(item, index);
    if (units === 0n && item.quantity !== '0') return [];
    const taxes = spread?.[index] ?? readTaxes(item.tax_lines, scope, `line_items[${index}]`);
    return [itemLine(item, index, units, taxes, order, scope)];
  });
  return [
    ...items,
    ...tipLine(order, items, scope),
    ...dutyLines(order, scope, sold),
    ...shippingLines(order, scope, shipped),
    ...feeLine(order, scope),
  ];
}

function itemLine(
  item: LineItem,
  index: number,
  units: bigint,
  taxes: DraftTax[],
  order: OrderPayload,
  scope: OrderScope,
): DraftLine {
  const where = `${scope.subject}, line_items[${index}]`;
  const ordered = BigInt(item.quantity);
  const price = shopAmount(item.price_set, item.price, scope.currency, `${where}.price`);
  const discount = share(itemDiscount(item, scope, where), units, ordered);
  const soldTaxes = taxes.map((tax) => ({ ...tax, amount: share(tax.amount, units, ordered) }));
  return {
    kind: itemKind(item, price * ordered, order, scope),
    id: exactId(item.id, item.admin_graphql_api_id),
    sku: item.sku || undefined,
    title: item.title ?? item.name ?? undefined,
    quantity: units.toString(),
    unitPrice: formatMinor(price, scope.currency),
    ...pricedNet(price * units, discount, soldTaxes, scope.inclusive),
    taxes: soldTaxes,
  };
}

/**
 * The whole discount of a line. `discount_allocations` lists every discount, line-level ones and the line's share of
 * order-level ones; `total_discount` repeats the line-level part, so it only counts where nothing was allocated (old
 * API versions). A real order with both kinds of discount has allocations for both and `total_discount` 0.00.
 */
export function itemDiscount(item: Partial<LineItem>, scope: OrderScope, where: string): bigint {
  const allocations = item.discount_allocations ?? [];
  if (allocations.length === 0) {
    return shopAmount(item.total_discount_set, item.total_discount, scope.currency, `${where}.total_discount`);
  }
  const read = (each: (typeof allocations)[number]) =>
    shopAmount(each.amount_set, each.amount, scope.currency, `${where}.discount_allocations`);
  return sum(allocations.map(read));
}

function itemKind(item: LineItem, list: bigint, order: OrderPayload, scope: OrderScope): DraftLine['kind'] {
  if (item.gift_card === true) return 'gift_card';
  if (item.tip_payment_gateway !== undefined) return 'tip';
  // GraphQL has no mark for tips: the line named Tip that makes up the whole tip of the order is one.
  return item.title === 'Tip' && list !== 0n && list === tipReceived(order, scope) ? 'tip' : 'product';
}

function tipReceived(order: OrderPayload, scope: OrderScope): bigint {
  const where = `${scope.subject}, total_tip_received`;
  return shopAmount(order.total_tip_received_set, order.total_tip_received, scope.currency, where);
}

/** The tip that is not already a line: `total_tip_received` includes tips that also stand among the line items. */
function tipLine(order: OrderPayload, items: readonly DraftLine[], scope: OrderScope): DraftLine[] {
  const listed = sum(items.filter((line) => line.kind === 'tip').map((line) => line.net));
  const missing = tipReceived(order, scope) - listed;
  return missing > 0n ? [plainLine('tip', missing, { title: 'Tip' })] : [];
}

/** Duties per line item, else the order's total. Duties that the prices already include are not charged again. */
function dutyLines(order: OrderPayload, scope: OrderScope, sold: SoldUnits): DraftLine[] {
  if (order.duties_included === true) return [];
  const where = `${scope.subject}, duties`;
  const lines = order.line_items.flatMap((item, index) => {
    const cut = (amount: bigint) => share(amount, sold(item, index), BigInt(item.quantity));
    return (item.duties ?? []).map((duty) => {
      const taxes = readTaxes(duty.tax_lines, scope, `line_items[${index}].duties`);
      return plainLine('duty', cut(shopAmount(duty, undefined, scope.currency, where)), {
        id: duty.id ?? undefined,
        title: 'Duties',
        taxes: taxes.map((tax) => ({ ...tax, amount: cut(tax.amount) })),
      });
    });
  });
  if (lines.length > 0) return lines.filter((line) => line.net !== 0n || line.taxes.length > 0);
  const total = shopAmount(order.original_total_duties_set, undefined, scope.currency, where);
  return total === 0n ? [] : [plainLine('duty', total, { title: 'Duties' })];
}

function feeLine(order: OrderPayload, scope: OrderScope): DraftLine[] {
  const where = `${scope.subject}, original_total_additional_fees_set`;
  const fees = shopAmount(order.original_total_additional_fees_set, undefined, scope.currency, where);
  return fees === 0n ? [] : [plainLine('fee', fees, { title: 'Additional fees' })];
}

function shippingLines(order: OrderPayload, scope: OrderScope, shipped: SoldShipping): DraftLine[] {
  if (order.shipping_lines === undefined) {
    const where = `${scope.subject}, total_shipping_price_set`;
    const shipping = shopAmount(order.total_shipping_price_set, undefined, scope.currency, where);
    return shipping === 0n ? [] : [plainLine('shipping', shipping, { title: 'Shipping' })];
  }
  return order.shipping_lines
    .flatMap((line, index) => (shipped(line, index) ? [shippingLine(line, index, scope)] : []))
    .filter((line) => line.listNet !== 0n || line.taxes.length > 0);
}

function shippingLine(line: ShippingLine, index: number, scope: OrderScope): DraftLine {
  const field = `shipping_lines[${index}]`;
  const where = `${scope.subject}, ${field}`;
  const price = shopAmount(line.price_set, line.price, scope.currency, `${where}.price`);
  const taxes = readTaxes(line.tax_lines, scope, field);
  return {
    kind: 'shipping',
    id: exactId(line.id, line.admin_graphql_api_id),
    title: line.title ?? undefined,
    quantity: '1',
    unitPrice: formatMinor(price, scope.currency),
    ...pricedNet(price, price - discountedShipping(line, price, scope, where), taxes, scope.inclusive),
    taxes,
  };
}

/** `discounted_price` leaves order-level discounts out; the allocations have them all. */
function discountedShipping(line: ShippingLine, price: bigint, scope: OrderScope, where: string): bigint {
  const allocations = line.discount_allocations ?? [];
  if (allocations.length > 0) {
    const read = (each: (typeof allocations)[number]) =>
      shopAmount(each.amount_set, each.amount, scope.currency, `${where}.discount_allocations`);
    return price - sum(allocations.map(read));
  }
  if (setAmount(line.discounted_price_set, 'shop', scope.currency, where) === undefined && !line.discounted_price) {
    return price;
  }
  return shopAmount(line.discounted_price_set, line.discounted_price, scope.currency, `${where}.discounted_price`);
}

/**
 * Orders made through the API may state taxes on the order only. Each such total is split over the taxable goods by
 * what they cost (accounting.md A6, largest remainder); undefined when the lines have taxes of their own.
 */
function spreadOrderTaxes(order: OrderPayload, scope: OrderScope): DraftTax[][] | undefined {
  const stated = readTaxes(order.tax_lines, scope, 'order');
  const owners = [
    ...order.line_items,
    ...(order.shipping_lines ?? []),
    ...order.line_items.flatMap((i) => i.duties ?? []),
  ];
  if (stated.length === 0 || owners.some((each) => (each.tax_lines ?? []).length > 0)) return undefined;
  const costs = order.line_items.map((item, index) => {
    const where = `${scope.subject}, line_items[${index}]`;
    const list = shopAmount(item.price_set, item.price, scope.currency, where) * BigInt(item.quantity);
    const untaxed = item.taxable === false || item.gift_card === true || item.tip_payment_gateway !== undefined;
    return untaxed ? 0n : list - itemDiscount(item, scope, where);
  });
  if (costs.every((cost) => cost <= 0n)) return undefined;
  const parts = stated.map((tax) =>
    allocate(
      tax.amount,
      costs.map((cost) => (cost > 0n ? cost : 0n)),
    ),
  );
  return costs.map((cost, index) =>
    cost > 0n ? stated.map((tax, which) => ({ ...tax, amount: parts[which]?.[index] ?? 0n })) : [],
  );
}
