import { DomainError } from '../domain-error.ts';
import type { EventLine, LineTax, Refund, Sale } from '../events.ts';
import { allocate, sum } from '../money.ts';
import { refundedTax } from '../tax.ts';
import type { Ground } from './facts.ts';
import { isCoded, refundCodes } from './items.ts';

/**
 * The lines of a refund with every tax known. Stated amounts win. Where the channel gives an amount without its tax
 * (`taxUnknown`) the tax comes from the sale (accounting.md A8): from the line it names, or else from the whole order
 * in the ratio of its tax to its total. A refund that brings what was given back to the sale's total returns exactly
 * what is left of it, account by account. Throws SALE_UNKNOWN when the tax cannot be known without the sale.
 */
export function refundedLines(
  refund: Refund,
  sale: Sale | null,
  earlier: readonly Refund[],
  ground: Ground,
): EventLine[] {
  if (!refund.lines.some((line) => line.taxUnknown)) return refund.lines;
  if (!sale) {
    throw new DomainError(
      'SALE_UNKNOWN',
      `${ground.about} does not say how much of it is tax, and its sale is not known. It waits for the sale.`,
      refund.sale?.id,
    );
  }
  const stated: EventLine[] = [];
  let lump = 0n;
  for (const line of refund.lines) {
    const sold = soldLine(line, sale);
    if (!line.taxUnknown) stated.push(line);
    else if (sold && line.kind !== 'adjustment') stated.push(fromLine(line, sold, earlierOf(line, earlier)));
    else lump += line.net;
  }
  if (lump === 0n) return stated;
  const all = sum([...earlier, refund].map((each) => each.total));
  const left = all === sale.total && sameCurrency(refund, sale) ? remaining(sale, earlier, stated, ground) : null;
  return [...stated, ...(left ?? byRatio(lump, sale, earlier, ground))];
}

/** The line of the sale that a refund's line gives back: the same id, or the same SKU where the channel has no ids. */
export function soldLine(line: EventLine, sale: Sale | null): EventLine | undefined {
  if (!sale) return undefined;
  if (line.id !== undefined) return sale.lines.find((each) => each.id === line.id && each.kind === line.kind);
  if (line.sku !== undefined) return sale.lines.find((each) => each.sku === line.sku && each.kind === line.kind);
  return undefined;
}

const sameCurrency = (refund: Refund, sale: Sale) => refund.currency === sale.currency;

function earlierOf(line: EventLine, earlier: readonly Refund[]): bigint {
  const same = (each: EventLine) =>
    each.taxUnknown && each.kind === line.kind && each.id === line.id && each.sku === line.sku;
  return sum(earlier.flatMap((refund) => refund.lines.filter(same)).map((each) => each.net));
}

function fromLine(line: EventLine, sold: EventLine, earlier: bigint): EventLine {
  const tax = sum(sold.taxes.map((each) => each.amount));
  const refunded = refundedTax(line.net, earlier, tax, sold.net + tax);
  return priced(line, line.net - refunded, sharedTaxes(refunded, sold.taxes), sold.taxCode);
}

/** Lines of the sale that bear one tax code, added up. */
interface Group {
  like: EventLine;
  listNet: bigint;
  net: bigint;
  taxes: LineTax[];
}

function byRatio(lump: bigint, sale: Sale, earlier: readonly Refund[], ground: Ground): EventLine[] {
  const coded = sale.lines.filter((line) => isCoded(line, refundCodes(line, undefined, ground)));
  const groups = [...grouped(coded.length > 0 ? coded : sale.lines, sale, ground, (_, code) => code).values()];
  const before = sum(earlier.flatMap((refund) => lumpsOf(refund, sale)).map((line) => line.net));
  const charged = groups.flatMap((group) => group.taxes);
  const tax = refundedTax(lump, before, sum(charged.map((each) => each.amount)), sale.total);
  const taxes = sharedTaxes(tax, charged);
  const nets = allocate(
    lump - tax,
    groups.map((group) => (group.net > 0n ? group.net : 0n)),
  );
  return groups.map((group, index) => {
    const kind = coded.length > 0 ? 'adjustment' : group.like.kind;
    const like = { ...group.like, kind, id: undefined, sku: undefined, title: 'Refund', quantity: '1' };
    return priced(like, nets[index] ?? 0n, taxes.splice(0, group.taxes.length), group.like.taxCode);
  });
}

function lumpsOf(refund: Refund, sale: Sale): EventLine[] {
  return refund.lines.filter((line) => line.taxUnknown && (line.kind === 'adjustment' || !soldLine(line, sale)));
}

/** What is left of the sale after earlier refunds and the stated lines of this one; null where more came back. */
function remaining(sale: Sale, earlier: readonly Refund[], stated: EventLine[], ground: Ground): EventLine[] | null {
  const kindOf = (line: EventLine) => (line.kind === 'fee' || line.kind === 'adjustment' ? 'product' : line.kind);
  const key = (line: EventLine, code: string) => `${kindOf(line)}|${code}`;
  const left = grouped(sale.lines, sale, ground, key);
  const given = earlier.flatMap((refund, index) => refundedLines(refund, sale, earlier.slice(0, index), ground));
  for (const [name, back] of grouped([...given, ...stated], sale, ground, key)) {
    const group = left.get(name);
    if (!group) return null;
    group.net -= back.net;
    group.listNet -= back.listNet;
    group.taxes = addTaxes(
      group.taxes,
      back.taxes.map((tax) => ({ ...tax, amount: -tax.amount })),
    );
  }
  const groups = [...left.values()];
  const over = (group: Group) => group.net < 0n || group.taxes.some((tax) => tax.amount < 0n);
  if (groups.some((group) => over(group) && group.like.kind !== 'rounding')) return null;
  return groups
    .filter((group) => group.net !== 0n || group.listNet !== 0n || group.taxes.some((tax) => tax.amount !== 0n))
    .map(({ like, listNet, net, taxes }) => {
      const line = { ...like, kind: kindOf(like), id: undefined, sku: undefined, title: 'Refund', quantity: '1' };
      return { ...priced(line, net, taxes, like.taxCode), listNet, discount: listNet - net };
    });
}

function grouped(
  lines: readonly EventLine[],
  sale: Sale,
  ground: Ground,
  keyOf: (line: EventLine, code: string) => string,
): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const line of lines) {
    const key = keyOf(line, refundCodes(line, soldLine(line, sale), ground).net);
    const group = groups.get(key) ?? { like: line, listNet: 0n, net: 0n, taxes: [] };
    groups.set(key, {
      ...group,
      listNet: group.listNet + line.listNet,
      net: group.net + line.net,
      taxes: addTaxes(group.taxes, line.taxes),
    });
  }
  return groups;
}

function addTaxes(taxes: LineTax[], more: LineTax[]): LineTax[] {
  const sums = taxes.map((tax) => ({ ...tax }));
  for (const tax of more) {
    const same = sums.find(
      (each) => each.name === tax.name && each.rate === tax.rate && each.collectedBy === tax.collectedBy,
    );
    if (same) same.amount += tax.amount;
    else sums.push({ ...tax });
  }
  return sums;
}

function sharedTaxes(total: bigint, taxes: LineTax[]): LineTax[] {
  const parts = allocate(
    total,
    taxes.map((tax) => (tax.amount > 0n ? tax.amount : 0n)),
  );
  return taxes.map((tax, index) => ({ ...tax, amount: parts[index] ?? 0n }));
}

function priced(line: EventLine, net: bigint, taxes: LineTax[], taxCode: string | undefined): EventLine {
  return { ...line, listNet: net, discount: 0n, net, taxes, taxCode, taxUnknown: false };
}
