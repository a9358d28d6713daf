import { DomainError } from '../domain-error.ts';
import type { Bill } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { formatMinor, sum } from '../money.ts';
import { type InvoicedLine, invoicedGoods, isByNote, purchasesTarget } from '../stock/bought.ts';
import type { Goods } from '../stock/goods.ts';
import { groupTarget } from '../stock/groups.ts';
import { resolveRole, type Target } from './accounts.ts';
import { namedTarget } from './entered.ts';
import { type Leg, translated } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { chargedFor, purchasedLegs } from './purchased.ts';

type Line = Bill['lines'][number];

/** A debit of the bill; `line` where it is the cost of goods that come by a note. */
interface Debit {
  leg: Leg;
  line: (Line & { sku: string }) | undefined;
}

/**
 * Lines of a supplier's bill (accounting.md C15b, D3, D7): what was bought on its account with the tax of its code,
 * against what is owed to the supplier, or against the account that paid it at once. Goods clear what was received and
 * not invoiced; the difference is purchase variance.
 */
export function billLines(bill: Bill, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  const { lines, debits } = translatedBill(bill, ground);
  const goods = invoiced(debits, lines, facts, ground).lines;
  return lines.flatMap((line, index) => {
    if (!debits[index]?.line) return [line];
    const { grni, net, group } = goods.shift() as InvoicedLine;
    const variance = groupTarget(group, 'purchaseVariance', ground);
    return parted(line, grni, net - grni, variance, ground);
  });
}

/** The bill's goods, line by line in the company's currency, and what is known of their note with them. */
export function billGoods(
  bill: Bill,
  facts: PostingFacts,
  ground: Ground,
): { lines: InvoicedLine[]; goods: Map<string, Goods> } {
  const { lines, debits } = translatedBill(bill, ground);
  return invoiced(debits, lines, facts, ground);
}

function invoiced(
  debits: readonly (Debit | undefined)[],
  lines: readonly ResolvedLine[],
  facts: PostingFacts,
  ground: Ground,
) {
  const goods = debits.flatMap((debit, index) =>
    debit?.line ? [{ sku: debit.line.sku, quantity: debit.line.quantity, net: lines[index]?.amount ?? 0n }] : [],
  );
  return invoicedGoods(goods, facts.stock ?? { goods: new Map(), ownGoods: new Map() }, ground);
}

/** Translated lines, the money first, and the debit each of the others comes from at the same index. */
function translatedBill(bill: Bill, ground: Ground): { lines: ResolvedLine[]; debits: (Debit | undefined)[] } {
  checkTotal(bill, ground);
  const owed = bill.paidFrom === undefined;
  const paid = resolveRole(ground, bill.paidFrom ?? 'ap.control');
  const { supplier, number: document, dueDate } = bill;
  const item = { partyName: supplier.name, dueDate };
  const detail = owed ? { party: supplier.id, document, item } : {};
  const money: Leg[] = [{ ...paid, amountTc: -bill.total, ...detail }];
  const debits = bill.lines.flatMap((line) => debitsOf(line, bill, ground));
  const lines = translated({ money, items: debits.map(({ leg }) => leg) }, bill.date, ground);
  return { lines, debits: [undefined, ...debits] };
}

function checkTotal(bill: Bill, ground: Ground): void {
  const { total, currency } = bill;
  const charged = sum(bill.lines.map(({ net, tax, taxCode }) => chargedFor({ net, tax, taxCode }, ground)));
  if (charged === total) return;
  const show = (amount: bigint) => `${currency} ${formatMinor(amount, currency)}`;
  throw new DomainError(
    'EVENT_INVALID',
    `${ground.about}: its lines with the taxes that the supplier charges come to ${show(charged)}, but its total is ` +
      `${show(total)}. Under reverse charge the supplier charges no tax.`,
    bill.number,
  );
}

function debitsOf(line: Line, bill: Bill, ground: Ground): Debit[] {
  const { net, tax, taxCode, sku } = line;
  const group = sku === undefined ? undefined : ground.books.groupOf?.(sku);
  const byNote = sku !== undefined && group !== undefined && isByNote(bill, group, ground);
  const target = byNote ? resolveRole(ground, 'grni') : boughtTarget(line, ground);
  return purchasedLegs({ target, net, tax, taxCode }, ground).map((leg, index) => ({
    leg,
    line: byNote && index === 0 ? { ...line, sku } : undefined,
  }));
}

function boughtTarget(line: Line, ground: Ground): Target {
  if (line.account !== undefined || line.role !== undefined) return namedTarget(line, ground);
  const group = ground.books.groupOf?.(line.sku);
  return group ? purchasesTarget(group, ground) : resolveRole(ground, 'purchases');
}

/** A line for goods as what clears the goods received and as purchase variance; together they say what the line said. */
function parted(line: ResolvedLine, grni: bigint, variance: bigint, target: Target, ground: Ground): ResolvedLine[] {
  const isOwn = line.currency === ground.books.functionalCurrency;
  return [
    { ...line, amount: grni, amountTc: isOwn ? grni : line.amountTc },
    { ...line, ...target, amount: variance, amountTc: isOwn ? variance : 0n },
  ];
}
