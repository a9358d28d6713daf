import { sum, taxInGross, taxOnNet, taxPerLine } from '@daybook/domain';
import type { MonthEvent } from './month-file.ts';
import { type MonthContext, majorUnits, rateOf, saleLink, saleOf, type Told, worth } from './translate.ts';

/** Facts about processors, suppliers, stock, tills and the bank; null for other types. */
export function factsOf(event: MonthEvent, context: MonthContext): Told | null {
  return TYPES[event.type]?.(event, context) ?? null;
}

const TYPES: Readonly<Record<string, (event: MonthEvent, context: MonthContext) => Told>> = {
  payout,
  settlement,
  dispute_opened: (event, context) => dispute(event, context, 'opened'),
  dispute_won: (event, context) => dispute(event, context, 'won'),
  dispute_lost: (event, context) => dispute(event, context, 'lost'),
  goods_receipt: goodsReceipt,
  supplier_invoice: supplierInvoice,
  supplier_bill: supplierBill,
  stock_count: (event) => ({
    ...dated(event, 'stock_count'),
    lines: event.lines.map(({ sku, counted, qty }) => ({ sku, counted: counted ?? qty ?? '0' })),
  }),
  stock_adjustment: (event) => ({
    ...dated(event, 'stock_adjustment'),
    reason: event.reason ?? event.memo ?? 'adjustment',
    lines: event.lines.map(({ sku, qty, value, account }) => ({ sku, quantity: qty, value, account })),
  }),
  cash_close: cashDay,
  write_off: writeOff,
  bank_receipt: (event) => movement(event, 1n, { role: event.role ?? 'cash.transit' }),
  bank_payment: (event) => movement(event, -1n, { role: event.role ?? event.expense_role ?? 'suspense' }),
  tax_payment: (event) => movement(event, -1n, { role: 'tax.settlement' }),
  tax_refund: (event) => movement(event, 1n, { role: 'tax.settlement' }),
  invoice_payment: (event) => movement(event, 1n, { role: 'ar.control', ...whose(event) }),
  supplier_payment: (event) => movement(event, -1n, { role: 'ap.control', ...whose(event) }),
  journal,
  manual_journal: journal,
};

function dated(event: MonthEvent, type: Told['type']): Told {
  return { type, date: event.posting_date };
}

const whose = ({ party, document }: MonthEvent) => ({ party, document });

function movement(event: MonthEvent, sign: bigint, line: Record<string, unknown>): Told {
  const amount = sign * (event.amount ?? 0n);
  const named = event.account === undefined ? line : { ...line, role: undefined, account: event.account };
  return { ...dated(event, 'bank_movement'), amount, lines: [{ ...named, net: amount }] };
}

function payout(event: MonthEvent): Told {
  const amount = event.amount ?? 0n;
  const held = (event.reserve_held ?? 0n) - (event.reserve_released ?? 0n);
  const line = (kind: string, gross: bigint) => ({ kind, gross, fee: 0n, net: gross });
  const lines = held === 0n ? [] : [line('sale', amount + held), line('reserve', -held)];
  return { type: 'payout', processor: event.processor, amount, arrivalDate: event.posting_date, lines };
}

function settlement(event: MonthEvent, context: MonthContext): Told {
  const { from, to, processor, order } = event;
  const { currency, amount, carrying } = from ?? { currency: event.currency, amount: 0n };
  return {
    type: 'settlement',
    processor,
    currency: to?.currency ?? event.currency,
    from: { currency, amount, ...(carrying !== undefined && { carried: carrying }) },
    amount: to?.amount ?? 0n,
    ...(saleOf(order, context) && { sale: saleLink(order as string, context) }),
  };
}

/** All stages of a dispute are told under one id: their key without the stage. */
function dispute(event: MonthEvent, context: MonthContext, status: 'opened' | 'won' | 'lost'): Told {
  return {
    type: 'dispute',
    id: event.source_key.replace(/:(opened|won|lost)$/, ''),
    status,
    amount: event.amount ?? 0n,
    fee: event.fee ?? 0n,
    processor: event.processor,
    ...(saleOf(event.order, context) && { sale: saleLink(event.order as string, context) }),
  };
}

function goodsReceipt(event: MonthEvent): Told {
  return {
    ...dated(event, 'goods_receipt'),
    number: event.grn ?? event.document ?? event.source_key,
    supplier: supplierOf(event),
    lines: event.lines.map(({ sku, qty, unit_cost = '0' }) => ({
      sku,
      quantity: qty ?? '1',
      unitCost: majorUnits(unit_cost, event.currency),
    })),
  };
}

const supplierOf = ({ party = 'Supplier' }: MonthEvent) => ({ id: party, name: party });

/** The bill for goods: tax once per rate on the sum of the net lines (accounting.md A7). */
function supplierInvoice(event: MonthEvent, context: MonthContext): Told {
  const lines = event.lines.map((line) => {
    const net = line.net ?? worth(line.qty ?? '1', line.unit_cost ?? '0');
    const code = line.tax_code ?? event.tax_code;
    return { line, net, code, rate: rateOf(code, context) };
  });
  const taxes = taxPerLine(lines);
  const told = lines.map(({ line, net, code }, index) => {
    const { sku, qty = '1', unit_cost, account, role } = line;
    const unitCost = unit_cost === undefined ? undefined : majorUnits(unit_cost, event.currency);
    const tax = line.tax ?? taxes[index] ?? 0n;
    return { sku, quantity: qty, unitCost, account, role, net, taxCode: code, tax };
  });
  const received = event.grn === undefined ? undefined : context.byNumber.get(`grn:${event.grn}`);
  return {
    ...bill(event),
    lines: told,
    total: sum(told.map(({ net, tax, taxCode }) => (isReverse(taxCode, context) ? net : net + tax))),
    ...(event.grn !== undefined && { goodsReceipt: { id: received?.source_key ?? event.grn } }),
  };
}

/** Whether the supplier charges no tax because we owe it. */
function isReverse(code: string | undefined, { month }: MonthContext): boolean {
  return month.tax_codes.find((each) => each.code === code)?.reverse_charge === true;
}

function bill(event: MonthEvent): Told {
  const paidFrom = event.paid_from ?? undefined;
  return {
    ...dated(event, 'bill'),
    number: event.document ?? event.source_key,
    supplier: supplierOf(event),
    paidFrom,
    dueDate: event.due_date ?? (paidFrom === undefined ? event.posting_date : undefined),
  };
}

/** An expense that is no stock; of a reverse charge the supplier charges no tax. */
function supplierBill(event: MonthEvent, context: MonthContext): Told {
  if (event.lines.length > 0) return supplierInvoice(event, context);
  const rate = rateOf(event.tax_code, context);
  const reverse = isReverse(event.tax_code, context);
  const gross = event.amount ?? 0n;
  const net = event.net ?? gross - taxInGross(gross, rate);
  const tax = event.tax ?? (reverse ? 0n : event.net === undefined ? gross - net : taxOnNet(net, rate));
  const target = event.expense_account
    ? { account: event.expense_account }
    : { role: event.expense_role ?? 'expense.office' };
  const line = { ...target, net, tax, taxCode: event.tax_code };
  return { ...bill(event), lines: [line], total: reverse ? net : net + tax };
}

function cashDay(event: MonthEvent, context: MonthContext): Told {
  return {
    ...dated(event, 'cash_day'),
    book: event.register,
    receiptNumber: event.cash_receipt_number ?? event.source_key,
    openingBalance: event.opening_balance ?? 0n,
    revenueShould: event.revenue_should ?? 0n,
    revenueActual: event.revenue_actual ?? 0n,
    salesNonCash: event.sales_non_cash,
    revaluation: event.revaluation,
    devaluation: event.devaluation,
    bankDeposit: event.bank_deposit,
    withdrawal: event.withdrawal,
    tolerance: event.tolerance,
    reason: event.reason ?? null,
    expenditures: event.expenditures.map(({ role, account, amount, tax_code, tax, note }) => {
      const own = tax ?? taxInGross(amount, rateOf(tax_code, context));
      return { role, account, net: amount - own, tax: own, taxCode: tax_code, note };
    }),
  };
}

function writeOff(event: MonthEvent): Told {
  return {
    ...dated(event, 'write_off'),
    ...whose(event),
    amount: event.amount,
    tax: event.tax,
    taxCode: event.tax_code,
  };
}

function journal(event: MonthEvent): Told {
  return {
    ...dated(event, 'journal'),
    lines: event.lines.map(({ account, role, debit = 0n, credit = 0n, party, document, tax_code }) => ({
      account,
      role,
      amount: debit - credit,
      party,
      document,
      taxCode: tax_code,
    })),
  };
}
