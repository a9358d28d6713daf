import { abs, formatMinor, sum } from '../money.ts';
import type { Moved } from './boxes.ts';

/**
 * The British VAT return (accounting.md H7a): boxes 1–5 in pence, 6–9 in whole pounds with pence dropped, under the
 * names of HMRC's API. `pay` = due to HMRC, `reclaim` = due from it.
 */
export interface VatReturn {
  vatDueSales: bigint;
  vatDueAcquisitions: bigint;
  totalVatDue: bigint;
  vatReclaimedCurrPeriod: bigint;
  netVatDue: bigint;
  direction: 'pay' | 'reclaim';
  totalValueSalesExVAT: bigint;
  totalValuePurchasesExVAT: bigint;
  totalValueGoodsSuppliedExVAT: bigint;
  totalAcquisitionsExVAT: bigint;
}

/** The return of what the boxes came to, in pence. */
export function vatReturn(boxes: ReadonlyMap<string, bigint>): VatReturn {
  const box = (name: string) => boxes.get(name) ?? 0n;
  const pounds = (name: string) => box(name) / 100n;
  const due = box('1') + box('2');
  const net = due - box('4');
  return {
    vatDueSales: box('1'),
    vatDueAcquisitions: box('2'),
    totalVatDue: due,
    vatReclaimedCurrPeriod: box('4'),
    netVatDue: abs(net),
    direction: net < 0n ? 'reclaim' : 'pay',
    totalValueSalesExVAT: pounds('6'),
    totalValuePurchasesExVAT: pounds('7'),
    totalValueGoodsSuppliedExVAT: pounds('8'),
    totalAcquisitionsExVAT: pounds('9'),
  };
}

/**
 * The nine boxes as JSON text in the field names of HMRC's API: pounds with two decimals, whole pounds from box 6 on.
 * What the API takes besides is not in it: `periodKey` comes from HMRC's obligations, `finalised` is the declaration of
 * whoever submits.
 */
export function mtdJson({ direction: _pay, ...boxes }: VatReturn): string {
  const fields = Object.entries(boxes).map(([name, amount]) => {
    const isWhole = name.startsWith('totalValue') || name === 'totalAcquisitionsExVAT';
    return `  "${name}": ${isWhole ? amount : formatMinor(amount, 'GBP')}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** What box 6 is made of, pence, credit positive: `revenue` to `other` come to `box6`. */
export interface SalesReconciliation {
  revenue: bigint;
  /** Deposits are taxed before they are revenue (trap 7 of accounting.md). */
  depositsIncrease: bigint;
  reverseChargePurchases: bigint;
  /** Revenue and deposits that do not count, such as what is outside the scope or collected by a marketplace. */
  notCounted: bigint;
  /** What counts without being either, such as single-purpose gift cards. */
  other: bigint;
  box6: bigint;
}

/** Explains box 6 by what the books show (accounting.md H7a). */
export function reconcileSales(
  moved: readonly Moved[],
  { isRevenue, counts }: { isRevenue(account: string): boolean; counts(moved: Moved): boolean },
): SalesReconciliation {
  const isDeposit = ({ role }: Moved) => /^customer\.deposits(\.|$)/.test(role);
  const own = moved.filter((each) => isRevenue(each.account) || isDeposit(each));
  const others = moved.filter((each) => !own.includes(each) && counts(each));
  const credit = (some: readonly Moved[]) => -sum(some.map(({ amount }) => amount));
  const [deposits, revenue] = [own.filter(isDeposit), own.filter((each) => !isDeposit(each))];
  const bought = others.filter(({ kind }) => kind === 'net_in');
  const parts = {
    revenue: credit(revenue),
    depositsIncrease: credit(deposits),
    reverseChargePurchases: -credit(bought),
    notCounted: -credit(own.filter((each) => !counts(each))),
    other: credit(others.filter(({ kind }) => kind !== 'net_in')),
  };
  return { ...parts, box6: sum(Object.values(parts)) };
}
