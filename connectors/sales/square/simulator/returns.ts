import { divideHalfUp, parseRatio, sum } from '@daybook/domain';
import {
  type AppliedTax,
  type MoneyAmounts,
  type Order,
  type OrderLine,
  type OrderReturn,
  type ReturnDiscount,
  type ReturnLine,
  type ReturnServiceCharge,
  type ReturnTax,
  usd,
} from './wire.ts';

/** What is taken back of a sale. Whole lines or some of their units; service charges and tips only as a whole. */
export interface TakenBack {
  lines: { line: OrderLine; quantity: string }[];
  charges: boolean;
  tips: boolean;
  /** Cash goes back in steps of five cents. */
  cash: boolean;
}

/** Thousandths of a unit, exactly: "2" → 2000n, "0.350" → 350n. */
export function thousandths(quantity: string): bigint {
  const { numerator, denominator } = parseRatio(quantity);
  return (numerator * 1000n) / denominator;
}

/** Thousandths of a line that earlier orders took back. */
export function returnedBefore(line: OrderLine, earlier: readonly Order[]): bigint {
  const back = earlier.flatMap(({ returns = [] }) => returns.flatMap(({ return_line_items }) => return_line_items));
  return sum(
    back.filter((each) => each.source_line_item_uid === line.uid).map(({ quantity }) => thousandths(quantity)),
  );
}

/**
 * The return part of an order. Each amount is the share of the line's amount by the cumulative method (accounting.md
 * A8), so that the last unit taken back leaves exactly nothing.
 */
export function itemisedReturn(
  sale: Order,
  taken: TakenBack,
  earlier: readonly Order[],
  uid: () => string,
): OrderReturn {
  const taxes = collector(sale.taxes ?? [], uid, (tax, id) => ({ ...tax, uid: id, source_tax_uid: tax.uid }));
  const discounts = collector(sale.discounts ?? [], uid, (discount, id) => {
    return { ...discount, uid: id, source_discount_uid: discount.uid };
  });
  const lines = taken.lines.map(({ line, quantity }) => {
    const share = shareOf(line, quantity, returnedBefore(line, earlier));
    return returnLine(line, quantity, share, { uid, taxes, discounts, sale });
  });
  const charges = (taken.charges ? (sale.service_charges ?? []) : []).map(({ type, ...charge }) => ({
    ...charge,
    uid: uid(),
    source_service_charge_uid: charge.uid,
    ...(charge.applied_taxes === undefined ? {} : { applied_taxes: retaxed(charge.applied_taxes, uid, taxes) }),
  }));
  const tips = (taken.tips ? (sale.tenders ?? []) : [])
    .filter(({ tip_money }) => (tip_money?.amount ?? 0n) > 0n)
    .map(({ tip_money, id }) => ({ uid: uid(), applied_money: tip_money!, source_tender_id: id }));
  const [return_taxes, return_discounts] = [taxes.all() as ReturnTax[], discounts.all() as ReturnDiscount[]];
  const whole = amountsOf(lines, charges, sum(tips.map(({ applied_money }) => applied_money.amount)));
  const rounding = taken.cash ? fiveCents(whole.total_money.amount) - whole.total_money.amount : 0n;
  return {
    uid: uid(),
    source_order_id: sale.id,
    return_line_items: lines,
    ...(charges.length > 0 ? { return_service_charges: charges } : {}),
    ...(return_taxes.length > 0 ? { return_taxes } : {}),
    ...(return_discounts.length > 0 ? { return_discounts } : {}),
    ...(tips.length > 0 ? { return_tips: tips } : {}),
    ...(rounding === 0n
      ? {}
      : { rounding_adjustment: { uid: uid(), name: 'Cash Rounding', amount_money: usd(rounding) } }),
    return_amounts: { ...whole, total_money: usd(whole.total_money.amount + rounding) },
  };
}

/** A return that names an amount and no goods: one custom amount, without tax. */
export function amountReturn(sale: Order, amount: bigint, uid: () => string): OrderReturn {
  const zero = usd(0n);
  const line: ReturnLine = {
    uid: uid(),
    quantity: '1',
    item_type: 'CUSTOM_AMOUNT',
    base_price_money: usd(amount),
    variation_total_price_money: usd(amount),
    gross_return_money: usd(amount),
    total_tax_money: zero,
    total_discount_money: zero,
    total_money: usd(amount),
    total_service_charge_money: zero,
  };
  const return_amounts = amountsOf([line], [], 0n);
  return { uid: uid(), source_order_id: sale.id, return_line_items: [line], return_amounts };
}

type Share = (amount: bigint) => bigint;

function shareOf(line: OrderLine, quantity: string, before: bigint): Share {
  const whole = thousandths(line.quantity);
  const after = before + thousandths(quantity);
  return (amount) => divideHalfUp(amount * after, whole) - divideHalfUp(amount * before, whole);
}

/** Collects how much of each tax or discount of the sale goes back, under a uid of the return's own. */
interface Collector {
  add(sourceUid: string, amount: bigint): string;
  all(): object[];
}

function collector<Source extends { uid: string }>(
  sources: readonly Source[],
  uid: () => string,
  copy: (source: Source, id: string) => object,
): Collector {
  const found = new Map<string, { id: string; amount: bigint }>();
  return {
    add: (sourceUid, amount) => {
      const known = found.get(sourceUid) ?? { id: uid(), amount: 0n };
      found.set(sourceUid, { ...known, amount: known.amount + amount });
      return known.id;
    },
    all: () =>
      sources.flatMap((source) => {
        const part = found.get(source.uid);
        return part === undefined ? [] : [{ ...copy(source, part.id), applied_money: usd(part.amount) }];
      }),
  };
}

interface Returning {
  uid(): string;
  taxes: Collector;
  discounts: Collector;
  sale: Order;
}

function returnLine(line: OrderLine, quantity: string, share: Share, returning: Returning): ReturnLine {
  const { uid, taxes, discounts, sale } = returning;
  const { modifiers, gross_sales_money: _, applied_taxes = [], applied_discounts = [], ...rest } = line;
  const variation = share(line.variation_total_price_money.amount);
  const return_modifiers = (modifiers ?? []).map((each) => {
    const total_price_money = usd(share(each.total_price_money.amount));
    return { ...each, uid: uid(), source_modifier_uid: each.uid, total_price_money };
  });
  const gross = variation + sum(return_modifiers.map(({ total_price_money }) => total_price_money.amount));
  const taxed = applied_taxes.map((each) => ({ each, amount: share(each.applied_money.amount) }));
  const cut = applied_discounts.map((each) => ({ each, amount: share(each.applied_money.amount) }));
  const additive = sum(taxed.filter(({ each }) => isAdditive(sale, each)).map(({ amount }) => amount));
  const discount = sum(cut.map(({ amount }) => amount));
  return {
    ...rest,
    uid: uid(),
    source_line_item_uid: line.uid,
    quantity,
    ...(return_modifiers.length > 0 ? { return_modifiers } : {}),
    ...(taxed.length > 0
      ? {
          applied_taxes: taxed.map(({ each, amount }) => {
            return { uid: uid(), tax_uid: taxes.add(each.tax_uid, amount), applied_money: usd(amount) };
          }),
        }
      : {}),
    ...(cut.length > 0
      ? {
          applied_discounts: cut.map(({ each, amount }) => {
            return { uid: uid(), discount_uid: discounts.add(each.discount_uid, amount), applied_money: usd(amount) };
          }),
        }
      : {}),
    variation_total_price_money: usd(variation),
    gross_return_money: usd(gross),
    total_tax_money: usd(sum(taxed.map(({ amount }) => amount))),
    total_discount_money: usd(discount),
    total_money: usd(gross - discount + additive),
  };
}

function isAdditive(sale: Order, applied: AppliedTax): boolean {
  return (sale.taxes ?? []).some((tax) => tax.uid === applied.tax_uid && tax.type === 'ADDITIVE');
}

function retaxed(applied: readonly AppliedTax[], uid: () => string, taxes: Collector): AppliedTax[] {
  return applied.map((each) => {
    return { ...each, uid: uid(), tax_uid: taxes.add(each.tax_uid, each.applied_money.amount) };
  });
}

function amountsOf(lines: ReturnLine[], charges: ReturnServiceCharge[], tips: bigint): MoneyAmounts {
  const parts = [...lines, ...charges];
  return {
    total_money: usd(sum(parts.map(({ total_money }) => total_money.amount)) + tips),
    tax_money: usd(sum(parts.map(({ total_tax_money }) => total_tax_money.amount))),
    discount_money: usd(sum(lines.map(({ total_discount_money }) => total_discount_money.amount))),
    tip_money: usd(tips),
    service_charge_money: usd(sum(charges.map(({ applied_money }) => applied_money.amount))),
  };
}

function fiveCents(amount: bigint): bigint {
  return ((amount + 2n) / 5n) * 5n;
}
