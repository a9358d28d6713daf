import { DomainError } from '../domain-error.ts';
import type { Opening } from '../events.ts';
import type { OpeningItem, ResolvedLine } from '../journal-entry.ts';
import { abs, allocate, formatMinor, sum } from '../money.ts';
import { journalEventLines, namedTarget } from './entered.ts';
import type { Ground } from './facts.ts';

type Given = Opening['openItems'][number] & { code: string };

/**
 * Opening balances (accounting.md E4). A line on a sub-ledger account that names party and document is an item itself;
 * an open item of the same account, party and document adds its dates to it. The other open items make up what the
 * account's lines without that detail come to: they are entered in the invoice ledger alone, never a second time in the
 * general ledger. Throws OPENING_ITEMS_DIFFER where items and balance do not agree.
 */
export function openingBalances(
  event: Opening,
  ground: Ground,
): { lines: ResolvedLine[]; openingItems: OpeningItem[] } {
  const given = event.openItems.map((item): Given => ({ ...item, code: codeOf(item, ground) }));
  const rest = new Set(given);
  const lines = journalEventLines(event, ground).map((line) => {
    const own = given.find((item) => rest.has(item) && isOf(item, line));
    if (!own) return line;
    if (own.amount !== line.amountTc) throw differing(own.document, own.amount, line.amountTc, ground);
    rest.delete(own);
    return { ...line, item: detailOf(own) };
  });
  const codes = new Set([...rest].map(({ code }) => code));
  for (const { account } of lines) if (ground.books.subledgers?.has(account)) codes.add(account);
  const openingItems = [...codes].flatMap((code) =>
    itemsBehind(
      code,
      [...rest].filter((item) => item.code === code),
      lines,
      ground,
    ),
  );
  return { lines, openingItems };
}

/** The account an open item is on: a customer's or, below zero, a supplier's where none is named. */
function codeOf({ account, role, amount }: Opening['openItems'][number], ground: Ground): string {
  if (account !== undefined || role !== undefined) return namedTarget({ account, role }, ground).account;
  return namedTarget({ role: amount < 0n ? 'ap.control' : 'ar.control' }, ground).account;
}

function isOf({ code, party, document }: Given, line: ResolvedLine): boolean {
  return line.account === code && line.party === party && line.document === document;
}

function detailOf({ partyName, date, dueDate }: Given) {
  return { documentDate: date, dueDate: dueDate ?? date, ...(partyName !== undefined && { partyName }) };
}

/** Items whose total stands on the account's lines without detail, translated with it (A6: largest remainder). */
function itemsBehind(code: string, items: Given[], lines: ResolvedLine[], ground: Ground): OpeningItem[] {
  const totals = lines.filter((line) => line.account === code && (!line.party || !line.document));
  const balance = sum(totals.map((line) => line.amountTc));
  const entered = sum(items.map((item) => item.amount));
  if (balance !== entered) throw differing(code, entered, balance, ground);
  const worth = sum(totals.map((line) => line.amount));
  const isOwn = ground.currency === ground.books.functionalCurrency;
  const parts = isOwn ? items.map((item) => item.amount) : shares(worth, items, balance);
  return items.map((item, index) => ({
    account: code,
    party: item.party,
    document: item.document,
    ...detailOf(item),
    currency: ground.currency,
    amountTc: item.amount,
    amount: parts[index] ?? 0n,
  }));
}

/** Debits and credits each in their own proportion; the rest of the rounding goes to the larger side. */
function shares(worth: bigint, items: readonly Given[], balance: bigint): bigint[] {
  if (balance === 0n) return items.map(() => 0n);
  const same = (item: Given) => item.amount > 0n === balance > 0n;
  const against = items.map((item) => (same(item) ? 0n : (worth * item.amount) / balance));
  const main = allocate(
    worth - sum(against),
    items.map((item) => (same(item) ? abs(item.amount) : 0n)),
  );
  return items.map((item, index) => (same(item) ? (main[index] ?? 0n) : (against[index] ?? 0n)));
}

function differing(what: string, items: bigint, balance: bigint, ground: Ground): DomainError {
  const show = (amount: bigint) => `${ground.currency} ${formatMinor(amount, ground.currency)}`;
  return new DomainError(
    'OPENING_ITEMS_DIFFER',
    `${ground.about}: the open items of ${what} come to ${show(items)}, its opening balance to ${show(balance)}. ` +
      'Enter every item behind the balance, or name party and document on its lines.',
    what,
  );
}
