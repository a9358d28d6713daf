import { type Figures, ledgerFigures, type MoneyProof } from '@daybook/api/proof';
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
/**
 * What the shop says it sold, what the journal says, and what arrived in the books: sales less refunds, and their tax.
 */
export async function prove(sql: Sql, pairing: Pairing): Promise<Proof> {
  const shop = pairing.channel.simulator.totals(pairing.shop);
  const ledger = (await ledgerFigures(sql, pairing.companyId)).get(pairing.currency) ?? { total: 0n, tax: 0n };
  const books =
    pairing.books === null || pairing.organisation === null
      ? null
      : pairing.books.simulator.totals(pairing.organisation);
  const equal = [ledger, ...(books ? [books] : [])].every((side) => side.total === shop.total && side.tax === shop.tax);
  return { slug: pairing.slug, currency: pairing.currency, shop, ledger, books, equal };
}

/** The proofs of all pairings as the API shows them. */
export async function moneyProofs(sql: Sql, pairings: readonly Pairing[]): Promise<MoneyProof[]> {
  const proofs: MoneyProof[] = [];
  for (const pairing of pairings) {
    const { slug, currency, shop, ledger, books, equal } = await prove(sql, pairing);
    const sides: MoneyProof['sides'] = [
      { name: 'shop', label: pairing.channel.connector.label, total: shop.total, tax: shop.tax },
      { name: 'ledger', label: 'Ledger', total: ledger.total, tax: ledger.tax },
    ];
    if (books && pairing.books)
      sides.push({ name: 'books', label: pairing.books.connector.label, total: books.total, tax: books.tax });
    proofs.push({ company: slug, currency, sides, equal });
  }
  return proofs;
}

/** "shop = ledger = books GBP 1,204.50 (tax GBP 190.12)" or the three figures that differ. */
export function describeProof(proof: Proof): string {
  const show = ({ total, tax }: Figures) =>
    `${proof.currency} ${formatMinor(total, proof.currency)} (tax ${formatMinor(tax, proof.currency)})`;
  if (proof.equal) return `proven: shop = ledger${proof.books ? ' = books' : ''}: ${show(proof.shop)}`;
  return `under way: shop ${show(proof.shop)} · ledger ${show(proof.ledger)}${proof.books ? ` · books ${show(proof.books)}` : ''}`;
}
