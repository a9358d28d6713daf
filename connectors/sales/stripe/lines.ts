import { divideHalfUp, sum, taxInGross } from '@daybook/domain';
import type { Bag } from './bag.ts';
import { readMinor } from './money.ts';
import type { Thing } from './payload.ts';

export interface SoldTax {
  name: string;
  /** Percent, or null where Stripe names only an amount. */
  rate: string | null;
  amount: bigint;
}

/** A line of a sale or refund in the domain's words; amounts in minor units. */
export interface SoldLine {
  kind: 'product' | 'shipping' | 'tip' | 'adjustment';
  id?: string;
  sku?: string;
  title?: string;
  quantity: string;
  listNet: bigint;
  discount: bigint;
  net: bigint;
  taxes: SoldTax[];
  taxUnknown?: boolean;
}

/** Lines of one payment, and how much of it is known. */
export interface Lines {
  lines: SoldLine[];
  pricesIncludeTax: boolean;
  /** Whether every tax came with its rate. */
  ratesKnown: boolean;
}

/** Net and taxes of the lines together. */
export function totalOf(lines: readonly SoldLine[]): bigint {
  return sum(lines.flatMap((line) => [line.net, ...line.taxes.map(({ amount }) => amount)]));
}

/** A line for an amount of which nothing more is known. */
export function plainLine(id: string, title: string | null | undefined, amount: bigint): SoldLine {
  return { kind: 'product', id, ...(title ? { title } : {}), quantity: '1', ...priced(amount), taxes: [] };
}

/** Amounts of a line without a discount. */
export function priced(net: bigint): Pick<SoldLine, 'listNet' | 'discount' | 'net'> {
  return { listNet: net, discount: 0n, net };
}

/** What Stripe says of a tax besides its amount. */
export interface TaxWords {
  rate: Thing<'tax_rate'> | undefined | null;
  /** The rate's id, where nothing but that is known of it. */
  id?: string | null | undefined;
  reason?: string | null | undefined;
}

/** Reasons for which nothing is taxed, whatever the rate would be. */
const UNTAXED =
  /^(reverse_charge|zero_rated|customer_exempt|product_exempt(_holiday)?|not_(collecting|subject_to_tax|supported|available))$/;

/**
 * A tax as it stands on a receipt: "VAT", or "Los Angeles Sales Tax" where a state, county or city imposes it. One that
 * was not charged for a reason has the rate 0 and names the reason, so that it finds the tax code of that reason.
 */
export function taxOf({ rate, id, reason }: TaxWords, amount: bigint): SoldTax {
  const name = nameOf(rate, id);
  if (amount === 0n && reason && UNTAXED.test(reason))
    return { name: `${name} (${reason.replaceAll('_', ' ')})`, rate: '0', amount };
  return { name, rate: rate?.effective_percentage ?? rate?.percentage ?? null, amount };
}

function nameOf(rate: TaxWords['rate'], id: TaxWords['id']): string {
  if (!rate) return id || 'Tax';
  const { display_name: name, jurisdiction, jurisdiction_level: level } = rate;
  const isLocal = jurisdiction && level && level !== 'country';
  return `${isLocal ? `${jurisdiction} ` : ''}${name || 'Tax'}`;
}

/**
 * Amounts of a line whose discounted gross (with inclusive, without exclusive tax) is known: list net and net discount
 * by accounting.md A7. `list` and `discount` are as the price list has them.
 */
export function discounted(
  list: bigint,
  discount: bigint,
  inclusive: readonly SoldTax[],
): Pick<SoldLine, 'listNet' | 'discount' | 'net'> {
  const inside = sum(inclusive.map(({ amount }) => amount));
  const net = list - discount - inside;
  if (discount === 0n) return priced(net);
  const [only] = inclusive;
  const rate = inclusive.length === 1 ? only?.rate : null;
  const listTax = rate ? taxInGross(list, rate) : ratio(inside, list, list - discount);
  const listNet = list - listTax;
  return { listNet, discount: listNet - net, net };
}

function ratio(tax: bigint, list: bigint, charged: bigint): bigint {
  return charged === 0n ? 0n : divideHalfUp(tax * list, charged);
}

/** Taxes of an invoice's or credit note's line, and which of them are inside its amount. */
export interface StatedTaxes {
  inclusive: SoldTax[];
  exclusive: SoldTax[];
}

type BilledLine = Pick<Thing<'line_item'>, 'taxes' | 'tax_amounts'>;

/** Taxes of a billed line as today's API names them, else as the API did before 2025-03-31. */
export function statedTaxes(line: BilledLine, bag: Bag, currency: string, where: string): StatedTaxes {
  const read = (amount: string) => readMinor(amount, currency, where);
  const all = line.taxes
    ? line.taxes.map((tax) => {
        const id = tax.tax_rate_details?.tax_rate;
        return {
          inside: tax.tax_behavior === 'inclusive',
          tax: taxOf({ rate: bag.get('tax_rate', id), id, reason: tax.taxability_reason }, read(tax.amount)),
        };
      })
    : (line.tax_amounts ?? []).map((tax) => ({
        inside: tax.inclusive === true,
        tax: taxOf(
          { rate: bag.get('tax_rate', tax.tax_rate), id: tax.tax_rate, reason: tax.taxability_reason },
          read(tax.amount),
        ),
      }));
  const of = (inside: boolean) => all.filter((each) => each.inside === inside).map(({ tax }) => tax);
  return { inclusive: of(true), exclusive: of(false) };
}
