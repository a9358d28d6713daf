import type { Sql } from '@daybook/platform/db';

/** Sales less refunds, and the tax in them; minor units. */
export interface Figures {
  total: bigint;
  tax: bigint;
}

/** What the money of a company is by several independent sources. */
export interface MoneyProof {
  company: string;
  currency: string;
  sides: (Figures & { name: 'shop' | 'ledger' | 'owed' | 'books' | 'processor'; label: string })[];
  /** All sides agree to the cent; null when there is one side only. While work is under way they may differ. */
  equal: boolean | null;
}

/**
 * What the journal says was sold, per currency of the sale: live entries summed from their lines, the money side of
 * sales less that of refunds, and output tax. In a sale a gift card is money where it is debited (used) and a thing
 * sold where it is credited; in a refund the other way round.
 */
export async function ledgerFigures(sql: Sql, companyId: string): Promise<Map<string, Figures>> {
  const rows = await sql<(Figures & { currency: string })[]>`
    select l.currency,
      coalesce(sum(case
        when l.role like 'clearing.%' or l.role like 'cash.%' or l.role = 'ar.control'
          then case when l.debit > 0 then l.amount_tc else -l.amount_tc end
        when l.role in ('giftcard.liability', 'storecredit.liability') and e.entry_type = 'SAL' and l.debit > 0 then l.amount_tc
        when l.role in ('giftcard.liability', 'storecredit.liability') and e.entry_type = 'RFD' and l.credit > 0 then -l.amount_tc
        else 0 end), 0)::bigint as total,
      coalesce(sum(case when l.role not like 'tax.output%' then 0 when l.credit > 0 then l.amount_tc else -l.amount_tc end), 0)::bigint as tax
    from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${companyId} and e.reversed_by is null and e.reverses is null and e.entry_type in ('SAL', 'RFD')
    group by l.currency`;
  return new Map(rows.map(({ currency, ...figures }) => [currency, figures]));
}

interface DocumentFigures {
  label: string;
  currency: string;
  owed: bigint;
  owedTax: bigint;
  pushed: bigint;
  pushedTax: bigint;
}

/** Invoices and sales receipts less what was given back, per set of books and currency: what is owed to them and what arrived. */
async function documentFigures(sql: Sql, companyId: string): Promise<DocumentFigures[]> {
  return sql<DocumentFigures[]>`
    select c.label, d.currency, sum(d.sign * d.amount)::bigint as owed, sum(d.sign * d.tax)::bigint as "owedTax",
      coalesce(sum(d.sign * d.amount) filter (where d.state = 'pushed'), 0)::bigint as pushed,
      coalesce(sum(d.sign * d.tax) filter (where d.state = 'pushed'), 0)::bigint as "pushedTax"
    from (select *, case when kind in ('invoice', 'sales_receipt') then 1 else -1 end as sign from documents
          where company_id = ${companyId} and kind in ('invoice', 'credit_note', 'sales_receipt', 'refund_receipt')) d
    join connections c on c.id = d.connection_id group by c.id, c.label, d.currency order by c.label, d.currency`;
}

/** Ledger = documents owed = documents in the books, from our own rows: what can be said without asking the shop. */
export async function proofFromRows(
  sql: Sql,
  company: { id: string; slug: string; currency: string },
): Promise<MoneyProof[]> {
  const ledger = await ledgerFigures(sql, company.id);
  const documents = await documentFigures(sql, company.id);
  const currencies = new Set([...ledger.keys(), ...documents.map((each) => each.currency)]);
  if (currencies.size === 0) currencies.add(company.currency);
  return [...currencies].sort().map((currency) => {
    const sides: MoneyProof['sides'] = [
      { name: 'ledger', label: 'Ledger', ...(ledger.get(currency) ?? { total: 0n, tax: 0n }) },
    ];
    for (const each of documents.filter((one) => one.currency === currency)) {
      sides.push({ name: 'owed', label: `Documents owed to ${each.label}`, total: each.owed, tax: each.owedTax });
      sides.push({ name: 'books', label: `Documents in ${each.label}`, total: each.pushed, tax: each.pushedTax });
    }
    return { company: company.slug, currency, sides, equal: agree(sides) };
  });
}

/** Whether all sides are equal to the cent; null when there is nothing to compare. */
export function agree(sides: readonly Figures[]): boolean | null {
  const [first, ...others] = sides;
  if (first === undefined || others.length === 0) return null;
  return others.every((side) => side.total === first.total && side.tax === first.tax);
}
