import {
  type Books,
  DomainError,
  postingKind,
  type ResolvedEntry,
  type ResolvedLine,
  settlementLines,
  type TaxBalance,
} from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { postEntries } from '../post.ts';
import type { Prepared } from './prepared.ts';
import type { ReturnRow } from './returns.ts';

interface Settling {
  prepared: Prepared;
  version: number;
  books: Books;
  filed: ReturnRow | undefined;
}

/** Posts the entry of a filed return and answers its id; null where there is nothing to settle. */
export async function settle(tx: Tx, companyId: string, settling: Settling, now: Date): Promise<bigint | null> {
  const { prepared, version, books, filed } = settling;
  const { regime, period, currency } = prepared;
  const { startsOn, endsOn } = period;
  const before = filed ? await settledBefore(tx, companyId, prepared) : [];
  const document = `${regime} ${startsOn}..${endsOn}${version > 1 ? ` v${version}` : ''}`;
  const lines = settlementLines({
    balances: netOf(prepared.balances, before),
    due: prepared.due - (filed?.due ?? 0n),
    target: (use) =>
      use === 'rounding'
        ? targetOf(books, 'rounding.tax', 'rounding.cash')
        : targetOf(books, `tax.settlement.${regime}`, 'tax.settlement'),
    ...{ currency, document },
  });
  if (lines.length === 0) return null;
  const day = dayFor(books, endsOn, lines);
  const entry: ResolvedEntry = {
    entryType: 'GEN',
    sourceKey: `tax-return:${regime}:${startsOn}:${endsOn}${version > 1 ? `:v${version}` : ''}`,
    postingDate: day,
    taxPoint: day,
    occurredAt: now.toISOString(),
    memo: `${filed ? 'Corrected tax return' : 'Tax return'} ${startsOn} to ${endsOn} (${regime})`,
    lines,
  };
  const [made] = await postEntries(tx, companyId, [{ entry, eventId: null }], now);
  return made?.id ?? null;
}

/** What entries of the period's filed returns took from tax accounts, debit positive. */
async function settledBefore(tx: Tx, companyId: string, { regime, period }: Prepared): Promise<TaxBalance[]> {
  return tx<TaxBalance[]>`
    select l.account, min(l.role) as role, sum(l.debit - l.credit)::bigint as amount
    from tax_returns t join journal_lines l on l.entry_id = t.entry_id
    where t.company_id = ${companyId} and t.regime = ${regime} and t.state = 'filed'
      and t.starts_on = ${period.startsOn} and t.ends_on = ${period.endsOn}
      and l.role !~ '^(tax[.]settlement|rounding)([.]|$)'
    group by l.account`;
}

function netOf(balances: readonly TaxBalance[], settled: readonly TaxBalance[]): TaxBalance[] {
  const net = new Map(balances.map((each) => [each.account, each]));
  for (const each of settled) {
    const { amount = 0n } = net.get(each.account) ?? {};
    net.set(each.account, { ...each, ...net.get(each.account), amount: amount + each.amount });
  }
  return [...net.values()];
}

function targetOf(books: Books, ...roles: [string, ...string[]]): { role: string; account: string } {
  const role = roles.find((each) => books.roles.has(each)) ?? (roles.at(-1) as string);
  const account = books.roles.get(role);
  if (account !== undefined) return { role, account };
  const message = `No account plays the role ${role}. Choose one in the account mapping, then file again.`;
  throw new DomainError('ACCOUNT_UNRESOLVED', message, role);
}

/** The day itself while it is open to people, else the first open day after. Throws PERIOD_CLOSED. */
export function dayFor(books: Books, day: string, lines: readonly ResolvedLine[]): string {
  const found = books.openFrom?.(day, postingKind('GEN', lines, true));
  if (found !== undefined) return found;
  throw new DomainError('PERIOD_CLOSED', `No day from ${day} on is open. Open a period first.`, day);
}
