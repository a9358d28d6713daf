import type { EventLine, LineTax } from '../events.ts';
import { divideHalfUp, sum } from '../money.ts';
import { taxOnNet } from '../tax.ts';
import { resolveRole, type Target } from './accounts.ts';
import type { Ground } from './facts.ts';
import { type LineCodes, lineCodes, outputRoles, revenueSuffix } from './tax-codes.ts';

/** Tax of an item on its account. */
export interface TaxPart extends Target {
  code: string;
  amount: bigint;
}

/**
 * One amount of a sale or refund that ledger and documents both carry: account, tax code, net and taxes in minor
 * units of the event's currency. Positive = earned (sale) or given back (refund).
 */
export interface Item extends Target {
  taxCode: string | null;
  net: bigint;
  taxes: TaxPart[];
  description: string;
  sku?: string | undefined;
  quantity: string;
  /** The card that is sold or given back, in the register of gift cards (accounting.md H13). */
  card?: string | undefined;
}

/** Lines whose net amount belongs on a tax return even when it bears no tax. */
const ON_RETURN: ReadonlySet<string> = new Set(['product', 'shipping', 'fee', 'adjustment']);

/** Accounts of line kinds that are neither goods nor shipping (accounting.md C3, C4, C6). */
const PLAIN_ROLES: Readonly<Record<string, string>> = {
  tip: 'tips.payable',
  gift_card: 'giftcard.liability',
  duty: 'duties.payable',
  donation: 'donations.payable',
  deposit: 'customer.deposits',
  rounding: 'rounding.cash',
};

/**
 * Items of a sale's line (accounting.md C1–C6): list net to its account and the discount to discounts
 * (`contra_revenue`), or the discounted net to its account (`net`). A gift card is always owed at its face value.
 */
export function saleItems(line: EventLine, ground: Ground): Item[] {
  const codes = lineCodes(line, ground);
  const coded = isCoded(line, codes);
  const target = saleTarget(line, codes, ground);
  const contra = ground.books.settings.discountPresentation === 'contra_revenue' || line.kind === 'gift_card';
  const taxes = taxParts(codes, ground);
  const item: Item = { ...target, ...wordsOf(line), taxCode: coded ? codes.net : null, net: line.net, taxes };
  if (!contra || line.discount === 0n) return [item];
  const listTaxes = codes.taxes.map(({ tax }) => listTax(tax, line));
  return [
    { ...item, net: line.listNet, taxes: withAmounts(taxes, listTaxes) },
    {
      ...suffixed('sales.discount', codes, ground),
      description: 'Discount',
      quantity: '1',
      taxCode: coded ? codes.net : null,
      net: -line.discount,
      taxes: withAmounts(
        taxes,
        codes.taxes.map(({ tax }, index) => tax.amount - (listTaxes[index] ?? 0n)),
      ),
    },
  ];
}

/**
 * Items of a refund's line (accounting.md C7–C12): goods to returns, shipping against shipping, liabilities back.
 * `sold` is the line of the sale it gives back, whose tax code holds where the refund states no tax.
 */
export function refundItems(line: EventLine, sold: EventLine | undefined, ground: Ground): Item[] {
  if (line.kind === 'gift_card') return saleItems(line, ground);
  const codes = refundCodes(line, sold, ground);
  const isGoods = !(line.kind in PLAIN_ROLES) && line.kind !== 'shipping';
  const target = isGoods ? suffixed('sales.returns', codes, ground) : saleTarget(line, codes, ground);
  const taxCode = isCoded(line, codes) ? codes.net : null;
  return [{ ...target, ...wordsOf(line), taxCode, net: line.net, taxes: taxParts(codes, ground) }];
}

/** Tax of an item over all its codes. */
export function taxOf(item: Item): bigint {
  return sum(item.taxes.map((tax) => tax.amount));
}

/** Net amounts and taxes of items. */
export function itemsTotal(items: readonly Item[]): bigint {
  return sum(items.map((item) => item.net + taxOf(item)));
}

/** Tax codes of a refund's line: its own, or those of the line it gives back. */
export function refundCodes(line: EventLine, sold: EventLine | undefined, ground: Ground): LineCodes {
  if (line.taxes.length > 0 || line.taxCode !== undefined || !sold) return lineCodes(line, ground);
  return { net: lineCodes(sold, ground).net, taxes: [] };
}

/** Whether the net amount of a line counts on a tax return. */
export function isCoded(line: EventLine, codes: LineCodes): boolean {
  return ON_RETURN.has(line.kind) || codes.taxes.length > 0;
}

function saleTarget(line: EventLine, codes: LineCodes, ground: Ground): Target {
  const plain = PLAIN_ROLES[line.kind];
  if (plain === 'customer.deposits' || line.kind === 'shipping') {
    return suffixed(plain ?? 'sales.shipping', codes, ground);
  }
  if (plain !== undefined) return resolveRole(ground, plain);
  return revenueTarget(line.kind === 'product' ? line.sku : undefined, codes.net, ground);
}

/** Suffixes of revenue that say where a supply goes, which is more than what it is. */
const PLACES: ReadonlySet<string> = new Set(['export', 'intra_eu', 'oss']);

/**
 * The revenue account of a product, in the order of accounting.md A4: what its tax code asks for (a role of the code's
 * own, exports, supplies to other countries), its inventory group's, the company's default.
 */
export function revenueTarget(sku: string | undefined, code: string, ground: Ground): Target {
  const { roles } = ground.books;
  const own = `sales.revenue.${code}`;
  const byKind = `sales.revenue.${revenueSuffix(code, ground)}`;
  if (roles.has(own)) return resolveRole(ground, own);
  if (PLACES.has(revenueSuffix(code, ground)) && roles.has(byKind)) return resolveRole(ground, byKind);
  const group = ground.books.groupOf?.(sku);
  if (group?.sales) return { role: `sales.revenue.${group.number}`, account: group.sales };
  return resolveRole(ground, byKind);
}

function suffixed(role: string, codes: LineCodes, ground: Ground): Target {
  return resolveRole(ground, `${role}.${revenueSuffix(codes.net, ground)}`, role);
}

function taxParts(codes: LineCodes, ground: Ground): TaxPart[] {
  return codes.taxes.map(({ code, tax }) => ({
    ...resolveRole(ground, ...outputRoles(code, ground)),
    code,
    amount: tax.amount,
  }));
}

function withAmounts(taxes: TaxPart[], amounts: bigint[]): TaxPart[] {
  return taxes.map((tax, index) => ({ ...tax, amount: amounts[index] ?? 0n }));
}

/** Tax the list price would have borne, so that each line of a document bears the tax of its own amount. */
function listTax(tax: LineTax, line: EventLine): bigint {
  if (tax.rate !== null) return taxOnNet(line.listNet, tax.rate);
  return line.net === 0n ? 0n : divideHalfUp(tax.amount * line.listNet, line.net);
}

function wordsOf(line: EventLine): Pick<Item, 'description' | 'sku' | 'quantity' | 'card'> {
  const kind = line.kind.replace('_', ' ');
  const description = line.title || line.sku || `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const card = line.kind === 'gift_card' && line.id !== undefined ? { card: line.id } : {};
  return { description, sku: line.sku, quantity: line.quantity, ...card };
}
