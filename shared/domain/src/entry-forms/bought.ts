import { DomainError } from '../domain-error.ts';
import { formatMinor, parseMinor, sum } from '../money.ts';
import { taxPerLine } from '../tax.ts';
import type { FormOf, PartyForm } from './forms.ts';
import { chargedRate, documentId, dueOf, type EntryPlace, type Told, worthOf } from './place.ts';

/**
 * A supplier's bill: tax once per rate on the sum of the net lines (accounting.md A7) where it is not typed. Throws
 * EVENT_INVALID where the total printed on it is another.
 */
export function toldBill(form: FormOf<'bill'>, place: EntryPlace): Told {
  const currency = form.currency ?? place.books.functionalCurrency;
  const nets = form.lines.map((line) => netOf(line, currency));
  const worked = taxPerLine(
    form.lines.map((line, at) => ({ net: nets[at] ?? 0n, rate: chargedRate(line.taxCode, place) })),
  );
  const lines = form.lines.map(({ net, tax, ...line }, at) => ({
    ...line,
    net: nets[at] ?? 0n,
    tax: tax === undefined ? (worked[at] ?? 0n) : parseMinor(tax, currency),
  }));
  const total = sum(lines.map((line) => line.net + line.tax));
  const printed = form.total === undefined ? total : parseMinor(form.total, currency);
  if (printed !== total) {
    const [own, theirs] = [total, printed].map((each) => `${currency} ${formatMinor(each, currency)}`);
    throw new DomainError(
      'EVENT_INVALID',
      `Bill ${form.number} of ${form.supplier.id}: its lines with their taxes come to ${own}, but its total is ${theirs}. ` +
        'Correct a line, or type the tax as the bill prints it.',
    );
  }
  return {
    type: 'bill',
    date: form.date,
    number: form.number,
    supplier: supplierOf(form.supplier),
    dueDate: dueOf(form),
    paidFrom: form.paidFrom,
    ...(form.goodsReceipt !== undefined && { goodsReceipt: { id: documentId('goods_receipt', form.goodsReceipt) } }),
    lines,
    total,
  };
}

function netOf(line: FormOf<'bill'>['lines'][number], currency: string): bigint {
  if (line.net !== undefined) return parseMinor(line.net, currency);
  if (line.unitCost !== undefined) return worthOf(line.quantity, line.unitCost, currency);
  throw new DomainError('EVENT_INVALID', `Bill: ${line.description ?? line.sku ?? 'a line'} needs unitCost or net.`);
}

/** Goods that arrived. */
export function toldGoodsReceipt(form: FormOf<'goods_receipt'>, place: EntryPlace): Told {
  const bill = form.bill === undefined ? {} : { bill: { id: documentId('bill', form.bill, form.supplier.id) } };
  const { date, lines } = form;
  return { type: 'goods_receipt', date, number: place.number, supplier: supplierOf(form.supplier), ...bill, lines };
}

function supplierOf({ name, ...party }: PartyForm) {
  return { ...party, name: name ?? party.id };
}
