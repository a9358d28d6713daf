import { exponentOf } from '@daybook/domain';
import { taxReturn } from '@daybook/ledger/reports';
import type { Rehearsed } from './sections.ts';

/**
 * The tax return in the words of the file: its keys name a box (`box6_exact_minor`, `kz81_euros`, `box1_vatDueSales`) or
 * an amount that follows from boxes. Boxes in whole units of the currency end in the unit's name.
 */
export async function taxSection({ sql, companyId, month, range }: Rehearsed): Promise<unknown> {
  const { boxes, gb, de } = await taxReturn(sql, companyId, range);
  const exact = new Map(boxes.map(({ box, amount }) => [box, amount]));
  const derived: Record<string, unknown> = {
    period: range.to.slice(0, 7),
    ...(gb && {
      box3_totalVatDue: gb.form.totalVatDue,
      box5_netVatDue: gb.form.netVatDue,
      box5_direction: gb.form.direction,
      box6_reconciliation: {
        revenue_per_income_statement: gb.sales.revenue,
        plus_increase_in_customer_deposits: gb.sales.depositsIncrease,
        plus_reverse_charge_purchases: gb.sales.reverseChargePurchases,
        equals_box6: gb.sales.box6,
      },
    }),
  };
  const unit = 10n ** BigInt(exponentOf(month.company.functional_currency));
  const asked = ['vat_return', 'tax_return', 'ustva'].flatMap((name) =>
    Object.keys(Object(month.expected[name] ?? {})),
  );
  const plain = asked.flatMap((key) => {
    const [, name] = /^(?:box|kz)_?(\d+)/i.exec(key) ?? [];
    if (name === undefined || key in derived) return [];
    const amount = name === '83' && de ? de.kz83 : (exact.get(name) ?? 0n);
    return [[key, /_(pounds|euros?|whole|units)$/.test(key) ? amount / unit : amount] as const];
  });
  return { ...derived, ...Object.fromEntries(plain) };
}
