import { DomainError, type OpeningItem, type SubledgerBasis } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { asDomainError } from '../refusal.ts';
import { insertOpeningItems } from './project.ts';

/**
 * Makes an account a sub-ledger account (accounting.md E1, E4): its lines so far become items, and the items behind an
 * opening balance that gives a total only are entered. Throws DomainError OPENING_ITEMS_DIFFER unless all of them come
 * to the account's balance, ACCOUNT_UNRESOLVED for an account that is not there, ENTRY_IMMUTABLE for one that has items
 * and is to lose them.
 */
export async function activateSubledger(
  tx: Tx,
  companyId: string,
  { account, basis, items = [] }: { account: string; basis: SubledgerBasis | null; items?: readonly OpeningItem[] },
): Promise<void> {
  await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
  if (items.length > 0) await enterItems(tx, companyId, account, items);
  const rows = await tx`
    update accounts set subledger = ${basis} where company_id = ${companyId} and code = ${account} returning 1`.catch(
    (error: unknown) => {
      throw asDomainError(error);
    },
  );
  if (rows.length > 0) return;
  throw new DomainError('ACCOUNT_UNRESOLVED', `The chart of accounts has no account ${account}.`, account);
}

async function enterItems(tx: Tx, companyId: string, account: string, items: readonly OpeningItem[]): Promise<void> {
  const [opening] = await tx<{ id: bigint; postingDate: string }[]>`
    select e.id, e.posting_date as "postingDate" from journal_entries e join journal_lines l on l.entry_id = e.id
    where e.company_id = ${companyId} and e.entry_type = 'OPN' and e.reverses is null and e.reversed_by is null
      and l.account = ${account} and (l.party is null or l.document is null)
      and not exists (select from closing_entries c where c.entry_id = e.id)
    order by e.sequence limit 1`;
  if (!opening) {
    throw new DomainError(
      'OPENING_ITEMS_DIFFER',
      `Account ${account} has no opening balance that open items could be behind. Post the opening balance first.`,
      account,
    );
  }
  const own = items.map((item) => ({ ...item, account }));
  await insertOpeningItems(tx, companyId, opening.id, opening.postingDate, own);
}
