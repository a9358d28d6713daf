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
  processors: ProcessorProof[];
}

/** What a processor still owes, reserve included, and what lies on its accounts in the ledger; minor units. */
export interface ProcessorProof {
  processor: string;
  currency: string;
  owed: bigint;
  ledger: bigint;
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
  const processors = await proveProcessors(sql, pairing);
  return { slug: pairing.slug, currency: pairing.currency, shop, ledger, books, equal, processors };
}

/** Accounting.md T11: clearing and reserve accounts come to what the processor itself says it owes. */
async function proveProcessors(
  sql: Sql,
  { channel, shop, companyId, currency: own }: Pairing,
): Promise<ProcessorProof[]> {
  const proofs: ProcessorProof[] = [];
  for (const { processor, currency, clearing, reserve } of channel.simulator.balances(shop)) {
    const ending = currency === own ? '' : `.${currency}`;
    const [row] = await sql<{ amount: bigint }[]>`
      select coalesce(sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end), 0)::bigint as amount
      from journal_entries e join journal_lines l on l.entry_id = e.id
      where e.company_id = ${companyId} and l.currency = ${currency}
        and l.role = any(${[`clearing.${processor}${ending}`, 'processor.reserve', `processor.reserve${ending}`]})`;
    proofs.push({ processor, currency, owed: clearing + reserve, ledger: row?.amount ?? 0n });
  }
  return proofs;
}

/** The proofs of all pairings as the API shows them. */
export async function moneyProofs(sql: Sql, pairings: readonly Pairing[]): Promise<MoneyProof[]> {
  const proofs: MoneyProof[] = [];
  for (const pairing of pairings) {
    const { slug, currency, shop, ledger, books, equal, processors } = await prove(sql, pairing);
    const sides: MoneyProof['sides'] = [
      { name: 'shop', label: pairing.channel.connector.label, total: shop.total, tax: shop.tax },
      { name: 'ledger', label: 'Ledger', total: ledger.total, tax: ledger.tax },
    ];
    if (books && pairing.books)
      sides.push({ name: 'books', label: pairing.books.connector.label, total: books.total, tax: books.tax });
    proofs.push({ company: slug, currency, sides, equal });
    for (const each of processors) proofs.push(processorProof(slug, each));
  }
  return proofs;
}

function processorProof(company: string, { processor, currency, owed, ledger }: ProcessorProof): MoneyProof {
  const name = processor.replaceAll('_', ' ');
  const sides: MoneyProof['sides'] = [
    { name: 'processor', label: `Owed by ${name}`, total: owed, tax: 0n },
    { name: 'ledger', label: 'Its clearing account', total: ledger, tax: 0n },
  ];
  return { company, currency, sides, equal: owed === ledger };
}

/** "shop = ledger = books GBP 1,204.50 (tax GBP 190.12)" or the three figures that differ. */
export function describeProof(proof: Proof): string {
  const show = ({ total, tax }: Figures) =>
    `${proof.currency} ${formatMinor(total, proof.currency)} (tax ${formatMinor(tax, proof.currency)})`;
  const processors = proof.processors.map(describeProcessor).join('');
  if (proof.equal) return `proven: shop = ledger${proof.books ? ' = books' : ''}: ${show(proof.shop)}${processors}`;
  return `under way: shop ${show(proof.shop)} · ledger ${show(proof.ledger)}${proof.books ? ` · books ${show(proof.books)}` : ''}${processors}`;
}

function describeProcessor({ processor, currency, owed, ledger }: ProcessorProof): string {
  const show = (minor: bigint) => `${currency} ${formatMinor(minor, currency)}`;
  const name = processor.replaceAll('_', ' ');
  if (owed === ledger) return ` · clearing = ${name}: ${show(owed)}`;
  return ` · clearing ${show(ledger)}, ${name} owes ${show(owed)}`;
}
