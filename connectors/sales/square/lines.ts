import {
  divideHalfUp,
  type EventLine,
  formatMinor,
  plainDecimal,
  subtractDecimals,
  sum,
  taxInGross,
} from '@daybook/domain';
import { contradiction, isStated, minor, type Scope, unreadable } from './money.ts';
import type { ItemPayload, ServiceChargePayload, TaxDefinition } from './payload.ts';

/** One tax of a line, with the way it was calculated. */
interface DraftTax {
  name: string;
  rate: string | null;
  amount: bigint;
  inclusive: boolean;
}

/** A line of a sale or refund before `makeEvent` has checked it. */
export interface DraftLine {
  kind: EventLine['kind'];
  id?: string;
  sku?: string;
  title?: string;
  quantity: string;
  unitPrice?: string;
  listNet: bigint;
  discount: bigint;
  net: bigint;
  taxes: { name: string; rate: string | null; amount: bigint }[];
  restock?: boolean;
  taxUnknown?: boolean;
}

/** What the lines of one order refer to. */
export interface Glossary {
  /** Taxes of the order, or those returned with it. */
  taxes: readonly TaxDefinition[];
  charges: readonly ServiceChargePayload[];
  /** Variation → SKU, where the catalogue was read. */
  skus: ReadonlyMap<string, string>;
}

/** Net and taxes of lines together, minor units. */
export function totalOf(lines: readonly DraftLine[]): bigint {
  return sum(lines.flatMap((line) => [line.net, ...line.taxes.map((tax) => tax.amount)]));
}

/** Taxes of lines together, minor units. */
export function taxOf(lines: readonly DraftLine[]): bigint {
  return sum(lines.flatMap((line) => line.taxes.map((tax) => tax.amount)));
}

/** A line without discount or tax. */
export function plainLine(kind: DraftLine['kind'], net: bigint, title: string): DraftLine {
  return { kind, title, quantity: '1', listNet: net, discount: 0n, net, taxes: [] };
}

/**
 * An item, sold or returned, in net figures (accounting.md A7): its goods, and a line for each service charge that was
 * apportioned to it. Every tax is taken as stated; net is total less tax, whatever the country counts as gross.
 */
export function itemLines(item: ItemPayload, field: string, glossary: Glossary, scope: Scope): DraftLine[] {
  if (!isStated(item.total_money)) throw unreadable(scope.subject, `${field}.total_money`, 'is missing');
  const read = (name: keyof ItemPayload) => minor(item[name] as ItemPayload['total_money'], scope, `${field}.${name}`);
  const taxes = readTaxes(item, field, glossary, scope);
  const charges = apportioned(item, field, glossary, scope);
  const net = read('total_money') - sum(taxes.map((tax) => tax.amount)) - totalOf(charges);
  const source = 'source_line_item_uid' in item ? item.source_line_item_uid : item.uid;
  const sku = glossary.skus.get(item.catalog_object_id ?? '');
  const goods: DraftLine = {
    kind: item.item_type === 'GIFT_CARD' ? 'gift_card' : 'product',
    ...(source ? { id: source } : {}),
    ...(sku ? { sku } : {}),
    title: item.name || item.note || (item.item_type === 'GIFT_CARD' ? 'Gift card' : 'Custom amount'),
    quantity: plainDecimal(item.quantity),
    ...(item.base_price_money ? { unitPrice: formatMinor(read('base_price_money'), scope.currency) } : {}),
    ...pricedNet(item, net, taxes, field, scope),
    taxes: taxes.map(asStated),
  };
  return [goods, ...charges];
}

/**
 * List price and discount as net figures. Square takes inclusive tax out of `gross_sales_money` for sellers in the US,
 * Canada and Japan and leaves it in elsewhere; which of the two it is, the figures themselves tell.
 */
function pricedNet(
  item: ItemPayload,
  net: bigint,
  taxes: readonly DraftTax[],
  field: string,
  scope: Scope,
): Pick<DraftLine, 'listNet' | 'discount' | 'net'> {
  const stated =
    'gross_return_money' in item ? item.gross_return_money : 'gross_sales_money' in item && item.gross_sales_money;
  const discount = minor(item.total_discount_money, scope, `${field}.total_discount_money`);
  if (!stated || !isStated(stated)) return { listNet: net + discount, discount, net };
  const gross = minor(stated, scope, `${field}.gross_sales_money`);
  if (gross - discount === net) return { listNet: gross, discount, net };
  const inside = taxes.filter((tax) => tax.inclusive);
  const tax = sum(inside.map((each) => each.amount));
  if (gross - discount - tax !== net) {
    const found = { what: 'gross amount less discount and the tax inside it', amount: gross - discount - tax };
    const remark = `The total less tax is ${formatMinor(net, scope.currency)}.`;
    throw contradiction(scope, `${field}.total_money`, found, net, remark);
  }
  if (discount === 0n) return { listNet: net, discount, net };
  const listNet = gross - taxInsideList(gross, gross - discount, tax, inside);
  // The stated tax may be rounded so that a discount of a cent would turn negative; the stated amounts win.
  return listNet < net ? { listNet: net, discount: 0n, net } : { listNet, discount: listNet - net, net };
}

/** Tax that the list price contained: by its rates, or in proportion where a rate is not told. */
function taxInsideList(list: bigint, paid: bigint, tax: bigint, inside: readonly DraftTax[]): bigint {
  const rates = inside.flatMap(({ rate }) => rate ?? []);
  if (rates.length === inside.length) {
    const together = rates.reduce((whole, rate) => subtractDecimals(whole, `-${rate}`), '0');
    return taxInGross(list, together);
  }
  return paid === 0n ? 0n : divideHalfUp(list * tax, paid);
}

/** A service charge of the order as a line; none for one that is part of the items' own totals. */
export function chargeLine(
  charge: ServiceChargePayload,
  field: string,
  glossary: Glossary,
  scope: Scope,
): DraftLine | undefined {
  if (charge.treatment_type === 'APPORTIONED_TREATMENT') return undefined;
  const taxes = readTaxes(charge, field, glossary, scope);
  const tax = sum(taxes.map((each) => each.amount));
  const total = chargedFor(charge, taxes, field, scope);
  if (total === 0n) return undefined;
  const id = charge.source_service_charge_uid ?? charge.uid;
  return {
    ...plainLine(chargeKind(charge, tax), total - tax, charge.name || 'Service charge'),
    ...(id ? { id } : {}),
    taxes: taxes.map(asStated),
  };
}

/** Total of a charge: what it applies, which contains inclusive tax, and the tax on top of it. */
function chargedFor(charge: ServiceChargePayload, taxes: readonly DraftTax[], field: string, scope: Scope): bigint {
  const onTop = sum(taxes.filter((each) => !each.inclusive).map((each) => each.amount));
  const whole = minor(charge.applied_money, scope, `${field}.applied_money`) + onTop;
  if (!isStated(charge.total_money)) return whole;
  const stated = minor(charge.total_money, scope, `${field}.total_money`);
  if (!isStated(charge.applied_money) || stated === whole) return stated;
  throw contradiction(
    scope,
    `${field}.total_money`,
    { what: 'the charge and the tax on top of it', amount: whole },
    stated,
  );
}

/** Square has no mark for what a charge is for besides its name. */
const DELIVERS = /shipping|delivery|postage|courier|livraison|exp[ée]dition|env[íi]o|entrega|配送|送料/i;

/** An automatic gratuity belongs to the staff, unless it is taxed: a tip never is (accounting.md C3). */
function chargeKind({ type, name }: ServiceChargePayload, tax: bigint): DraftLine['kind'] {
  if (type === 'AUTO_GRATUITY') return tax === 0n ? 'tip' : 'fee';
  return DELIVERS.test(name ?? '') ? 'shipping' : 'fee';
}

function apportioned(item: ItemPayload, field: string, glossary: Glossary, scope: Scope): DraftLine[] {
  const whole = minor(item.total_service_charge_money, scope, `${field}.total_service_charge_money`);
  if (whole === 0n) return [];
  const lines = item.applied_service_charges.map((each): DraftLine => {
    const charge = glossary.charges.find(({ uid }) => uid === each.service_charge_uid);
    const amount = minor(each.applied_money, scope, `${field}.applied_service_charges`);
    const kind = charge ? chargeKind(charge, 1n) : 'fee';
    return plainLine(kind, amount, charge?.name || 'Service charge');
  });
  return totalOf(lines) === whole ? lines : [plainLine('fee', whole, 'Service charge')];
}

/**
 * The taxes of an item or charge with the amounts stated for it; they must come to the tax it states as a whole, if it
 * states one.
 */
function readTaxes(
  taxed: Pick<ItemPayload, 'applied_taxes' | 'total_tax_money'>,
  field: string,
  glossary: Glossary,
  scope: Scope,
): DraftTax[] {
  const stated = minor(taxed.total_tax_money, scope, `${field}.total_tax_money`);
  if (taxed.applied_taxes.length === 0 && stated !== 0n) {
    const [only, ...others] = glossary.taxes;
    return [draftTax(others.length === 0 ? only : undefined, stated)];
  }
  const taxes = taxed.applied_taxes.map((each) =>
    draftTax(
      glossary.taxes.find(({ uid }) => uid === each.tax_uid),
      minor(each.applied_money, scope, `${field}.applied_taxes`),
    ),
  );
  const amount = sum(taxes.map((tax) => tax.amount));
  if (amount === stated || !isStated(taxed.total_tax_money)) return taxes;
  throw contradiction(scope, `${field}.total_tax_money`, { what: 'its applied taxes', amount }, stated);
}

function draftTax(definition: TaxDefinition | undefined, amount: bigint): DraftTax {
  const rate = definition?.percentage ?? '';
  return {
    name: definition?.name || 'Tax',
    rate: /^\d+(\.\d+)?$/.test(rate) ? plainDecimal(rate) : null,
    amount,
    inclusive: definition?.type === 'INCLUSIVE',
  };
}

function asStated({ name, rate, amount }: DraftTax): DraftLine['taxes'][number] {
  return { name, rate, amount };
}
