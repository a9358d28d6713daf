import { abs } from '../money.ts';

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
