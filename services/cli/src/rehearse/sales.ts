import { addDecimals, refundShare, sum, taxInGross, taxLines, taxOnNet, taxPerLine } from '@daybook/domain';
import type { MonthEvent, MonthLine } from './month-file.ts';
import { type MonthContext, rateOf, saleLink, saleOf, type Told, worth } from './translate.ts';

/** A line of a sale with its taxes known; amounts in minor units. */
export interface SoldLine {
  kind: string;
  id: string;
  sku?: string | undefined;
  quantity: string;
  listNet: bigint;
  discount: bigint;
  net: bigint;
  taxCode: string | undefined;
  taxes: { name: string; rate: string; amount: bigint; collectedBy: 'merchant' | 'channel' }[];
}

/** Facts about customers' orders; null for other types. */
export function salesOf(event: MonthEvent, context: MonthContext): Told | null {
  switch (event.type) {
    case 'sale':
    case 'sale_summary':
      return sale(event, context);
    case 'invoice':
      return invoice(event, context);
    case 'credit_note':
    case 'refund':
      return refund(event, context);
    case 'deposit':
      return deposit(event, context);
    case 'fulfilment':
      return fulfilment(event, context);
    case 'order_voided':
      return { type: 'void', sale: saleLink(event.order ?? event.source_key, context) };
    default:
      return null;
  }
}

/** What processors charged for it, each a fact of its own. */
export function feesOf(event: MonthEvent): Told[] {
  return event.processor_fees.map(({ processor, amount, tax_code }, index) => ({
    type: 'fee',
    id: `${event.source_key}:fee${index === 0 ? '' : index + 1}`,
    processor,
    amount,
    ...(tax_code !== undefined && { taxCode: tax_code }),
    ...(event.memo !== undefined && { memo: `Processor fee - ${event.memo}` }),
  }));
}

function sale(event: MonthEvent, context: MonthContext): Told {
  const lines = soldLines(event, context);
  const total = sum(lines.map(grossOf));
  const paid = sum(event.tenders.map((each) => each.amount));
  return {
    type: 'sale',
    pricesIncludeTax: includesTax(event),
    lines,
    tenders: event.tenders,
    total,
    ...(event.party !== undefined && owedBy(event, total - paid)),
  };
}

function owedBy(event: MonthEvent, due: bigint) {
  return {
    due,
    customer: { id: event.party, name: event.party },
    ...(event.document !== undefined && { number: event.document }),
    ...(event.due_date !== undefined && { terms: { dueDate: event.due_date } }),
  };
}

/** All lines of a sale with their taxes: goods, shipping, tips, gift cards. Tax by accounting.md A7. */
export function soldLines(event: MonthEvent, context: MonthContext): SoldLine[] {
  const goods = goodsLines(event, context);
  const shipping = [event.shipping ?? []].flat().map((each, index): SoldLine => {
    const rate = rateOf(each.tax_code, context);
    const tax = each.tax ?? (includesTax(event) ? taxInGross(each.amount, rate) : taxOnNet(each.amount, rate));
    const net = includesTax(event) ? each.amount - tax : each.amount;
    return { ...plain('shipping', `s${index + 1}`, net), ...taxed(each.tax_code, tax, context) };
  });
  const tip = event.tip ? [plain('tip', 'tip', event.tip)] : [];
  const cards = event.gift_cards_sold.map(({ id, amount }, index) => plain('gift_card', id ?? `g${index + 1}`, amount));
  return [...goods, ...shipping, ...tip, ...cards];
}

function goodsLines(event: MonthEvent, context: MonthContext): SoldLine[] {
  const amounts = event.lines.map((line) => amountOf(line));
  const inclusive = includesTax(event);
  const priced = event.lines.map((line, index) => ({
    amount: amounts[index] ?? 0n,
    rate: rateOf(line.tax_code, context),
  }));
  const worked = taxLines(priced, event.order_discount ?? 0n, inclusive);
  return event.lines.map((line, index): SoldLine => {
    const { listNet, discount, net, tax } = worked[index] ?? { listNet: 0n, discount: 0n, net: 0n, tax: 0n };
    const stated = line.tax ?? tax;
    // A channel's tax wins over what we work out (accounting.md A7); the price the customer saw stays.
    const ownNet = inclusive ? net + tax - stated : net;
    return {
      ...plain('product', `l${index + 1}`, ownNet),
      sku: line.sku,
      quantity: line.qty ?? '1',
      listNet: discount === 0n ? ownNet : listNet,
      discount: discount === 0n ? 0n : listNet - ownNet,
      ...taxed(line.tax_code, stated, context, line.collected_by),
    };
  });
}

function amountOf(line: MonthLine): bigint {
  if (line.unit_price !== undefined) return worth(line.qty ?? '1', line.unit_price);
  return line.gross ?? line.net ?? line.amount ?? 0n;
}

function includesTax(event: MonthEvent): boolean {
  return event.prices !== 'tax_exclusive';
}

function plain(kind: string, id: string, net: bigint): SoldLine {
  return { kind, id, quantity: '1', listNet: net, discount: 0n, net, taxCode: undefined, taxes: [] };
}

function taxed(
  code: string | undefined,
  amount: bigint,
  context: MonthContext,
  collectedBy: 'merchant' | 'channel' = 'merchant',
): Pick<SoldLine, 'taxCode' | 'taxes'> {
  if (code === undefined) return { taxCode: undefined, taxes: [] };
  const rate = rateOf(code, context);
  const taxes = amount === 0n ? [] : [{ name: code, rate, amount, collectedBy }];
  return { taxCode: collectedBy === 'channel' ? undefined : code, taxes };
}

function grossOf(line: SoldLine): bigint {
  return line.net + sum(line.taxes.map((tax) => tax.amount));
}

/** A business invoice: prices without tax, tax once per rate on the sum of the net lines (accounting.md A7). */
function invoice(event: MonthEvent, context: MonthContext): Told {
  const lines = invoiceLines(event, context);
  const total = sum(lines.map(grossOf));
  return { type: 'sale', pricesIncludeTax: false, lines, tenders: [], total, ...owedBy(event, total) };
}

function invoiceLines(event: MonthEvent, context: MonthContext): SoldLine[] {
  const nets = event.lines.map(amountOf);
  const rates = event.lines.map((line) => rateOf(line.tax_code, context));
  const taxes = taxPerLine(nets.map((net, index) => ({ net, rate: rates[index] ?? '0' })));
  return event.lines.map((line, index) => ({
    ...plain('product', `l${index + 1}`, nets[index] ?? 0n),
    sku: line.sku,
    quantity: line.qty ?? '1',
    ...taxed(line.tax_code, line.tax ?? taxes[index] ?? 0n, context),
  }));
}

function refund(event: MonthEvent, context: MonthContext): Told {
  const paid = sum(event.tenders.map((each) => each.amount));
  const lines = refundLines(event, context, paid);
  const total = sum(lines.map(({ net, taxes = [] }) => net + sum(taxes.map((tax) => tax.amount))));
  const credited = total - paid;
  return {
    type: 'refund',
    sale: event.original_order === undefined ? null : saleLink(event.original_order, context),
    lines,
    tenders: event.tenders,
    total,
    ...(event.party !== undefined &&
      credited !== 0n && { due: credited, customer: { id: event.party, name: event.party } }),
    ...(event.document !== undefined && { number: event.document }),
  };
}

interface BackLine {
  kind: string;
  id?: string;
  sku?: string | undefined;
  quantity?: string;
  net: bigint;
  taxCode?: string | undefined;
  taxes?: SoldLine['taxes'];
  taxUnknown?: boolean;
  restock?: boolean;
}

/** Lines given back; what names a line of its order takes tax and share from there (accounting.md A8). */
function refundLines(event: MonthEvent, context: MonthContext, paid: bigint): BackLine[] {
  const original = saleOf(event.original_order, context);
  const sold = original ? linesSoldBy(original, context) : [];
  const goods = event.lines.map((line) => backLine(line, sold, event, context));
  const shipping = [event.shipping ?? []].flat().map((each): BackLine => {
    const id = sold.find((one) => one.kind === 'shipping')?.id;
    if (id !== undefined) return { kind: 'shipping', id, net: each.amount, taxUnknown: true };
    const tax = each.tax ?? taxInGross(each.amount, rateOf(each.tax_code, context));
    return { kind: 'shipping', net: each.amount - tax, ...taxed(each.tax_code, tax, context) };
  });
  if (goods.length + shipping.length > 0) return [...goods, ...shipping];
  return [{ kind: 'adjustment', net: event.amount ?? paid, taxUnknown: true }];
}

function linesSoldBy(event: MonthEvent, context: MonthContext): SoldLine[] {
  return event.type === 'invoice' ? invoiceLines(event, context) : soldLines(event, context);
}

function backLine(line: MonthLine, sold: SoldLine[], event: MonthEvent, context: MonthContext): BackLine {
  const quantity = line.qty ?? '1';
  const origin = sold.find((one) => one.kind === 'product' && one.sku === line.sku);
  const common = {
    kind: 'product',
    sku: line.sku,
    quantity,
    ...(line.restock !== undefined && { restock: line.restock }),
  };
  const gross = line.gross ?? (line.from_order && origin ? shareOf(line, origin, event, context) : undefined);
  if (gross !== undefined && origin) return { ...common, id: origin.id, net: gross, taxUnknown: true };
  const amount = gross ?? amountOf(line);
  const tax = line.tax ?? taxInGross(amount, rateOf(line.tax_code, context));
  return { ...common, net: amount - tax, ...taxed(line.tax_code, tax, context) };
}

/** The part of a line's total that a quantity of it is, after what was given back before. */
function shareOf(line: MonthLine, origin: SoldLine, event: MonthEvent, context: MonthContext): bigint {
  const before = context
    .refundsBefore(event)
    .flatMap((each) => each.lines.filter((one) => one.sku === line.sku))
    .reduce((total, one) => addDecimals(total, one.qty ?? '1'), '0');
  return refundShare(grossOf(origin), origin.quantity, before, line.qty ?? '1');
}

/** A prepaid order. Where tax is due with the payment the deposit is net of it (accounting.md C21a), else gross (C21c). */
function deposit(event: MonthEvent, context: MonthContext): Told {
  const amount = event.amount ?? sum(event.tenders.map((each) => each.amount));
  const atPayment = taxesDeposits(context);
  const tax = atPayment ? (event.tax ?? taxInGross(amount, rateOf(event.tax_code, context))) : 0n;
  const codes = atPayment ? taxed(event.tax_code, tax, context) : {};
  const line = { ...plain('deposit', 'd1', amount - tax), ...codes };
  return {
    type: 'sale',
    pricesIncludeTax: true,
    lines: [line],
    tenders: event.tenders,
    total: amount,
    ...(event.party !== undefined && owedBy(event, 0n)),
  };
}

/** Sales tax of the US falls due with the sale, value added tax with the payment (accounting.md C21). */
function taxesDeposits({ month }: MonthContext): boolean {
  return month.company.country !== 'US';
}

function fulfilment(event: MonthEvent, context: MonthContext): Told {
  return {
    type: 'fulfilment',
    sale: saleLink(event.order ?? event.source_key, context),
    lines: event.lines.map((line, index) => {
      const code = line.tax_code ?? event.tax_code;
      const net = line.net ?? amountOf(line);
      const tax = line.tax ?? taxOnNet(net, rateOf(code, context));
      const taxes = taxesDeposits(context) ? [] : taxed(code, tax, context).taxes;
      return { id: `l${index + 1}`, sku: line.sku, quantity: line.qty ?? '1', net, taxCode: code, taxes };
    }),
  };
}
