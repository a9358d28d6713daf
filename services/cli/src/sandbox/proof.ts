import { formatMinor } from '@daybook/domain';
import type { Sql } from '@daybook/platform/db';
import type { Pairing } from './connect.ts';

/** One figure on three sides, minor units of the company's currency. */
export interface Proof {
  slug: string;
  currency: string;
  shop: Figures;
  ledger: Figures;
  books: Figures | null;
  /** All sides agree to the cent. While work is under way they may differ for a moment. */
  equal: boolean;
}
interface Figures {
  total: bigint;
  tax: bigint;
}

/** What the shop says it sold, what the journal says, and what arrived in the books: sales less refunds, and their tax. */
export async function prove(sql: Sql, pairing: Pairing): Promise<Proof> {
  const shop = pairing.channel.simulator.totals(pairing.shop);
  const ledger = await ledgerFigures(sql, pairing.companyId);
  const books =
    pairing.books === null || pairing.organisation === null
      ? null
      : pairing.books.simulator.totals(pairing.organisation);
  const equal = [ledger, ...(books ? [books] : [])].every((side) => side.total === shop.total && side.tax === shop.tax);
  return { slug: pairing.slug, currency: pairing.currency, shop, ledger, books, equal };
}

/**
 * Sums live entries from their lines: the money side of sales less that of refunds, and output tax. In a sale a gift card
 * is money where it is debited (used) and a thing sold where it is credited; in a refund the other way round.
 */
async function ledgerFigures(sql: Sql, companyId: string): Promise<Figures> {
  const [row] = await sql<Figures[]>`
    select
      coalesce(sum(case
        when l.role like 'clearing.%' or l.role like 'cash.%' or l.role = 'ar.control' then l.debit - l.credit
        when l.role in ('giftcard.liability', 'storecredit.liability') and e.entry_type = 'SAL' then l.debit
        when l.role in ('giftcard.liability', 'storecredit.liability') and e.entry_type = 'RFD' then -l.credit
        else 0 end), 0)::bigint as total,
      coalesce(sum(case when l.role like 'tax.output%' then l.credit - l.debit else 0 end), 0)::bigint as tax
    from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${companyId} and e.reversed_by is null and e.reverses is null and e.entry_type in ('SAL', 'RFD')`;
  return row ?? { total: 0n, tax: 0n };
}

/** "shop = ledger = books GBP 1,204.50 (tax GBP 190.12)" or the three figures that differ. */
export function describeProof(proof: Proof): string {
  const show = ({ total, tax }: Figures) =>
    `${proof.currency} ${formatMinor(total, proof.currency)} (tax ${formatMinor(tax, proof.currency)})`;
  if (proof.equal) return `proven: shop = ledger${proof.books ? ' = books' : ''}: ${show(proof.shop)}`;
  return `under way: shop ${show(proof.shop)} · ledger ${show(proof.ledger)}${proof.books ? ` · books ${show(proof.books)}` : ''}`;
}
