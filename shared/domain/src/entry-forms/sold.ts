import { DomainError } from '../domain-error.ts';
import type { EventLine, Sale } from '../events.ts';
import { parseMinor, sum } from '../money.ts';
import { taxPerLine } from '../tax.ts';
import type { FormOf, PartyForm, SoldLineForm } from './forms.ts';
import { chargedRate, dueOf, type EntryPlace, type Told, worthOf } from './place.ts';

/** A business invoice: prices without tax, tax once per rate on the sum of the net lines (accounting.md A7). */
export function toldInvoice(form: FormOf<'invoice'>, place: EntryPlace): Told {
  const currency = form.currency ?? place.books.functionalCurrency;
  const lines = composeSoldLines(form.lines, currency, place);
  const total = grossOf(lines);
  return {
    type: 'sale',
    pricesIncludeTax: false,
    lines,
    tenders: [],
    total,
    due: total,
    number: place.number,
    terms: { dueDate: dueOf(form) },
    customer: partyOf(form.customer),
  };
}

/** Lines of an invoice or a quote with their taxes, in minor units. Throws INVALID_AMOUNT_SCALE, TAX_UNRESOLVED. */
export function composeSoldLines(lines: readonly SoldLineForm[], currency: string, place: EntryPlace) {
  const priced = lines.map((line) => {
    const listNet = worthOf(line.quantity, line.unitPrice, currency);
    const discount = line.discount === undefined ? 0n : parseMinor(line.discount, currency);
    return { listNet, discount, net: listNet - discount, rate: chargedRate(line.taxCode, place) };
  });
  const taxes = taxPerLine(priced);
  return lines.map(({ sku, description, quantity, unitPrice, taxCode }, index) => {
    const { listNet = 0n, discount = 0n, net = 0n, rate = '0' } = priced[index] ?? {};
    const amount = taxes[index] ?? 0n;
    const charged = amount === 0n ? [] : [{ name: taxCode ?? '', rate, amount, collectedBy: 'merchant' as const }];
    const told = { kind: 'product', id: `l${index + 1}`, sku, title: description ?? sku, quantity, unitPrice };
    return { ...told, listNet, discount, net, taxCode, taxes: charged };
  });
}

/** What lines come to with their taxes. */
export function grossOf(lines: readonly { net: bigint; taxes: readonly { amount: bigint }[] }[]): bigint {
  return sum(lines.map(({ net, taxes }) => net + sum(taxes.map(({ amount }) => amount))));
}

function partyOf({ name, ...party }: PartyForm) {
  return { ...party, name: name ?? party.id };
}

/** A credit note, in amounts above zero; what it does not say it takes from its invoice. */
export function toldCreditNote(form: FormOf<'credit_note'>, place: EntryPlace): Told {
  const { sale } = place;
  const currency = form.currency ?? sale?.currency ?? place.books.functionalCurrency;
  const lines = form.lines.length === 0 && sale ? wholeInvoice(sale) : creditedLines(form, sale, currency, place);
  const total = grossOf(lines);
  return {
    type: 'refund',
    currency,
    sale: sale ? { id: sale.id } : null,
    ...(sale?.order && { order: sale.order }),
    lines,
    tenders: [],
    total,
    due: total,
    number: place.number,
    customer: form.customer ? partyOf(form.customer) : sale?.customer,
  };
}

function wholeInvoice(sale: Sale) {
  return sale.lines.map((line) => ({ ...line, restock: line.sku !== undefined }));
}

function creditedLines(form: FormOf<'credit_note'>, sale: Sale | null, currency: string, place: EntryPlace) {
  const origins = form.lines.map((line) => sale?.lines.find((one) => one.sku !== undefined && one.sku === line.sku));
  const priced = form.lines.map(({ restock, ...line }, index): SoldLineForm => {
    const origin = origins[index];
    const unitPrice = line.unitPrice ?? origin?.unitPrice;
    if (unitPrice !== undefined) {
      return {
        ...line,
        unitPrice,
        description: line.description ?? origin?.title,
        taxCode: line.taxCode ?? origin?.taxCode,
      };
    }
    const what = line.sku ?? line.description ?? `line ${index + 1}`;
    const why = sale ? `its invoice ${sale.number ?? sale.id} has no such item` : 'it names no invoice to take it from';
    throw new DomainError('EVENT_INVALID', `Credit note: ${what} has no unitPrice, and ${why}. Type it.`);
  });
  return composeSoldLines(priced, currency, place).map((line, index) => ({
    ...line,
    id: idOf(origins[index], index),
    restock: form.lines[index]?.restock ?? false,
  }));
}

function idOf(origin: EventLine | undefined, index: number): string {
  return origin?.id ?? `c${index + 1}`;
}
