import { type Move, type OpenItem, planSettlement } from '@daybook/domain';
import type { Queryable, Tx } from '@daybook/platform/db';
import { appendEntries } from '../post.ts';
import type { By } from './allocations.ts';
import { applyMoves } from './apply.ts';
import { itemColumns } from './items.ts';

/** Payments taken at once: each is compared with what is open of its party. */
const MOST = 500;

/** What an unallocated payment or credit note would settle; amounts in minor units of the items' currency. */
export interface Proposal {
  item: bigint;
  document: string | null;
  against: bigint;
  againstDocument: string | null;
  party: string | null;
  currency: string;
  amountTc: bigint;
}

/** What would be settled if everything open were allocated as `auto` does (accounting.md E3), for a person to confirm. */
export async function proposals(sql: Queryable, companyId: string): Promise<Proposal[]> {
  const { moves, items } = await planOpen(sql, companyId);
  const byId = new Map(items.map((item) => [item.id, item]));
  return moves.flatMap((move): Proposal[] => {
    if (!('allocate' in move)) return [];
    const debit = byId.get(move.allocate.debit) as KnownItem;
    const credit = byId.get(move.allocate.credit) as KnownItem;
    const [item, against] = credit.isDebt ? [debit, credit] : [credit, debit];
    const names = { party: against.party, currency: against.currency, amountTc: move.allocate.amountTc };
    return [
      { item: item.id, document: item.document, against: against.id, againstDocument: against.document, ...names },
    ];
  });
}

/** Allocates everything open as `auto` does: after an import, or when a person confirms all proposals. Answers how many. */
export async function allocateOpen(tx: Tx, companyId: string, { madeBy, now }: By): Promise<number> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  const { moves, items } = await planOpen(tx, companyId);
  await applyMoves(tx, { companyId, recordedAt: now, madeBy, append: appendEntries }, moves, items);
  return moves.length;
}

interface KnownItem extends OpenItem {
  /** An invoice, not what settles one. */
  isDebt: boolean;
}

async function planOpen(sql: Queryable, companyId: string): Promise<{ moves: Move[]; items: KnownItem[] }> {
  const items = await sql<KnownItem[]>`
    select ${itemColumns(sql)}, v.kind = 0 and (v.open_tc > 0) = (a.normal_side = 'debit') as "isDebt" from invoice_events v join accounts a on a.company_id = v.company_id
      and a.code = v.account
    where v.company_id = ${companyId} and v.open_tc <> 0 and (v.account, v.party) in (
      select w.account, w.party from invoice_events w where w.company_id = ${companyId} and w.open_tc <> 0
      group by w.account, w.party having bool_or(w.open_tc > 0) and bool_or(w.open_tc < 0))
    order by v.id`;
  const debts = items.filter((item) => item.isDebt);
  const fresh = items
    .filter((item) => !item.isDebt)
    .slice(0, MOST)
    .map((item) => ({ ...item, reverses: null, supersedes: null, exact: false }));
  return { moves: planSettlement(fresh, debts, [], 'auto'), items };
}
