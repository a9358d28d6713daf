import { taxReturn } from '@daybook/ledger/reports';
import type { Rehearsed } from './sections.ts';

/**
 * The tax return in the words of the file: its keys name a box (`box6_exact_minor`, `kz81_euros`, `box1_vatDueSales`) or
 * an amount that follows from boxes. Boxes in whole units of the currency end in the unit's name.
 */
export async function taxSection({ sql, companyId, month, range }: Rehearsed): Promise<unknown> {
  const told = await taxReturn(sql, companyId, range);
  const { country, functional_currency: currency } = month.company;
  const { boxes, gb } = told;
  const box = (name: string) => boxes.get(name) ?? 0n;
  const derived: Record<string, unknown> = {
    period: range.to.slice(0, 7),
    ...(gb && {
      box3_totalVatDue: gb.totalVatDue,
      box5_netVatDue: gb.netVatDue,
      box5_direction: gb.direction,
    }),
    ...(country === 'GB' && { box6_reconciliation: await reconciliation({ sql, companyId, month, range }, box('6')) }),
  };
  const asked = Object.keys((month.expected.vat_return ?? month.expected.tax_return ?? {}) as object);
  const plain = asked.flatMap((key) => {
    const [, name] = /^(?:box|kz)_?(\d+)/i.exec(key) ?? [];
    if (name === undefined || key in derived) return [];
    const isWhole = /_(pounds|euros?|whole|units)$/.test(key);
    return [[key, isWhole ? box(name) / minorsPerUnit(currency) : box(name)] as const];
  });
  return { ...derived, ...Object.fromEntries(plain) };
}

function minorsPerUnit(currency: string): bigint {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return 10n ** BigInt(digits);
}

/** What box 6 is made of beside revenue: deposits are taxed before they are revenue (accounting.md H7, trap 7). */
async function reconciliation(
  { sql, companyId, range }: Pick<Rehearsed, 'sql' | 'companyId' | 'month' | 'range'>,
  box6: bigint,
) {
  const [sums] = await sql<{ revenue: bigint; deposits: bigint; reverse: bigint }[]>`
    select coalesce(sum(l.credit - l.debit) filter (where a.type = 'income'), 0)::bigint as revenue,
      coalesce(sum(l.credit - l.debit) filter (where l.role like 'customer.deposits%'), 0)::bigint as deposits,
      coalesce(sum(l.debit - l.credit) filter (where l.tax_kind = 'net_in' and (t.boxes->'net_in') ? '6'), 0)::bigint as reverse
    from journal_lines l join accounts a on a.company_id = l.company_id and a.code = l.account
      left join tax_codes t on t.company_id = l.company_id and t.code = l.tax_code
    where l.company_id = ${companyId} and l.posting_date between ${range.from} and ${range.to}`;
  return {
    revenue_per_income_statement: sums?.revenue,
    plus_increase_in_customer_deposits: sums?.deposits,
    plus_reverse_charge_purchases: sums?.reverse,
    equals_box6: box6,
  };
}
