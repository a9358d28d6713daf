import { z } from 'zod';
import { kept } from '../kept.ts';
import { proofFromRows } from '../proof.ts';
import { companyIdOf } from './companies.ts';
import { minorText, ofCompany, route } from './route.ts';

const side = z.object({
  name: z.enum(['shop', 'ledger', 'owed', 'books', 'processor']),
  label: z.string(),
  total: minorText,
  tax: minorText,
});

/** Does the money match? In the sandbox the shop and the books are asked too; else the rows of our own are compared. */
export const listProofs = route({
  method: 'get',
  path: '/proofs',
  summary: 'Whether the money matches: sales less refunds by shop, ledger and books, per company and currency',
  query: ofCompany,
  answer: z.object({
    proofs: z.array(
      z.object({ company: z.string(), currency: z.string(), sides: z.array(side), equal: z.boolean().nullable() }),
    ),
  }),
  async handle({ query }, { sql, proofs: askedOutside }) {
    const only = await companyIdOf(sql, query.company);
    const companies = await sql<{ id: string; slug: string; currency: string }[]>`
      select id, slug, currency from companies where true ${only ? sql`and id = ${only}` : sql``} order by name`;
    const outside = (await askedOutside?.()) ?? [];
    const proofs = [];
    for (const company of companies) {
      const known = outside.filter((proof) => proof.company === company.slug);
      const own = () => kept(sql, `proof ${company.id}`, () => proofFromRows(sql, company));
      proofs.push(...(known.length > 0 ? known : await own()));
    }
    return { proofs };
  },
});
