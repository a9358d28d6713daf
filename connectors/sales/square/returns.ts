import { sum } from '@daybook/domain';
import { chargeLine, type DraftLine, type Glossary, itemLines, plainLine, totalOf } from './lines.ts';
import { contradiction, isStated, minor, type Scope } from './money.ts';
import type { OrderPayload, ReturnLinePayload, ReturnPayload } from './payload.ts';

/**
 * What one return of an order gives back, positive: goods with their stated taxes, service charges, tips, rounding. An
 * amount given back without goods has no tax yet (accounting.md A8). Square does not say whether goods went back on the
 * shelf, so nothing is restocked (C10). Throws `rejected` when it does not come to the amount the return states.
 */
export function returnLines(
  given: ReturnPayload,
  index: number,
  order: OrderPayload,
  skus: ReadonlyMap<string, string>,
  scope: Scope,
): DraftLine[] {
  const field = `returns[${index}]`;
  const glossary: Glossary = { taxes: given.return_taxes, charges: given.return_service_charges, skus };
  const items = given.return_line_items.flatMap((item, at) => {
    const where = `${field}.return_line_items[${at}]`;
    return isAmountOnly(item)
      ? [amountLine(minor(item.total_money, scope, `${where}.total_money`), item.note || item.name)]
      : itemLines(item, where, glossary, scope).map((line) => ({ ...line, restock: false }));
  });
  const charges = given.return_service_charges.flatMap(
    (charge, at) => chargeLine(charge, `${field}.return_service_charges[${at}]`, glossary, scope) ?? [],
  );
  const tips = given.return_tips.map((tip) => minor(tip.applied_money, scope, `${field}.return_tips`));
  const rounding = minor(given.rounding_adjustment?.amount_money, scope, `${field}.rounding_adjustment`);
  const lines = [
    ...items,
    ...charges,
    ...tips.filter((tip) => tip !== 0n).map((tip) => plainLine('tip', tip, 'Tip')),
    ...(rounding === 0n ? [] : [plainLine('rounding', rounding, 'Cash rounding')]),
  ];
  checkTotal(given, field, order, totalOf(lines), [sum(tips), rounding], scope);
  return lines;
}

/** An amount given back of which nobody says what it is for. */
export function amountLine(amount: bigint, title: string | null | undefined): DraftLine {
  return { ...plainLine('adjustment', amount, title || 'Refund'), restock: false, taxUnknown: true };
}

/** A refund by amount comes as a custom amount that belongs to no line of the sale. */
function isAmountOnly(item: ReturnLinePayload): boolean {
  const isTaxed = item.applied_taxes.length > 0 || (item.total_tax_money?.amount ?? '0') !== '0';
  return item.item_type === 'CUSTOM_AMOUNT' && !item.source_line_item_uid && !isTaxed;
}

/** A total with and without each of the parts of which Square does not say whether it contains them. */
export function readingsOf(total: bigint, optional: readonly bigint[]): bigint[] {
  return optional.reduce<bigint[]>((readings, part) => readings.flatMap((each) => [each, each - part]), [total]);
}

function checkTotal(
  given: ReturnPayload,
  field: string,
  order: OrderPayload,
  total: bigint,
  optional: readonly bigint[],
  scope: Scope,
): void {
  const own = given.return_amounts ?? (order.returns.length === 1 ? order.return_amounts : undefined);
  if (!isStated(own?.total_money)) return;
  const stated = minor(own?.total_money, scope, `${field}.return_amounts`);
  if (readingsOf(total, optional).includes(stated)) return;
  throw contradiction(scope, `${field}.return_amounts`, { what: 'what it gives back', amount: total }, stated);
}
