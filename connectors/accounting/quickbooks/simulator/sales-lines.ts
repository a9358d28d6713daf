import { exponentOf, formatMinor } from '@daybook/domain';
import { amount, decimal, type Json } from './answer.ts';
import { roundTo, times } from './decimal.ts';
import { activeRow } from './references.ts';
import { business, missing, notFound, Refused } from './refusal.ts';
import { type Context, compact, day, decimalAt, member, minorAt, shortText, text } from './request.ts';
import { netOf, type TaxedLine, type TaxMode, taxCodeOf } from './sales-tax.ts';
import { type ListRow, rowKey } from './world.ts';

/** A line of a sales form that posts something. */
export interface SalesLine extends TaxedLine {
  account: string;
}

interface Setting {
  mode: TaxMode;
  currency: string;
  context: Context;
}

/** The lines of a sales form: what they post, and how they are answered. Throws Refused for the first bad one. */
export function salesLines(said: readonly unknown[], setting: Setting): { posting: SalesLine[]; answered: Json[] } {
  const posting: SalesLine[] = [];
  const answered: Json[] = [];
  for (const line of said) {
    const detailType = text(line, 'DetailType');
    if (detailType === null) throw missing('Line.DetailType');
    // Sums that a client read and sends back are worked out anew.
    if (detailType === 'SubTotalLineDetail') continue;
    const head = { Id: String(answered.length + 1), LineNum: answered.length + 1 };
    const item = detailType === 'SalesItemLineDetail' ? itemOf(line, setting.context) : null;
    if (item) {
      const read = salesLine(line, item, setting);
      posting.push(read.posting);
      answered.push({ ...head, ...read.body });
    } else if (detailType === 'DescriptionOnly' || detailType === 'SalesItemLineDetail') {
      // A line that names no item is taken as a remark, and its amount is ignored.
      const Description = shortText(line, 'Description', 4000);
      answered.push({ ...head, ...compact({ Description }), DetailType: 'DescriptionOnly', DescriptionLineDetail: {} });
    } else {
      throw new Refused('500', `Operation ${detailType} is not supported.`, 'Line.DetailType');
    }
  }
  return { posting, answered };
}

function itemOf(line: unknown, { company }: Context): ListRow | null {
  const id = text(member(member(line, 'SalesItemLineDetail'), 'ItemRef'), 'value');
  if (id === null) return null;
  const row = company.rows.get(rowKey('Item', id));
  if (!row) throw new Refused('2500', 'Invalid Reference Id : Line.SalesItemLineDetail.ItemRef');
  if (!row.active) throw notFound();
  return row;
}

function salesLine(line: unknown, item: ListRow, { mode, currency, context }: Setting) {
  const { company } = context;
  const detail = member(line, 'SalesItemLineDetail');
  const said = lineAmount(line, detail, currency);
  const code = taxCodeOf(company, detail, mode, item.item!.taxable);
  const gross = mode === 'TaxInclusive' ? (minorAt(detail, 'TaxInclusiveAmt', currency) ?? said) : null;
  const net = gross === null ? said : netOf(company, gross, code, 'sales');
  const { income } = item.item!;
  if (income === null) throw business('An income account is required for a product or service you sell.');
  const account = activeRow(company, 'Account', income);
  const body = compact({
    Description: shortText(line, 'Description', 4000),
    Amount: amount(net, currency),
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: compact({
      ItemRef: { value: item.id, name: item.name },
      UnitPrice: member(detail, 'UnitPrice') === undefined ? undefined : numberAt(detail, 'UnitPrice'),
      Qty: member(detail, 'Qty') === undefined ? undefined : numberAt(detail, 'Qty'),
      ItemAccountRef: { value: account.id, name: account.name },
      TaxCodeRef: code ? { value: code.id } : undefined,
      TaxInclusiveAmt: gross === null ? undefined : amount(gross, currency),
      ServiceDate: day(detail, 'ServiceDate'),
    }),
    CustomExtensions: [],
  });
  const inside = gross === null ? {} : { inside: gross - net };
  return { posting: { net, code, account: account.id, ...inside } satisfies SalesLine, body };
}

/** Amount; throws 6070 when quantity and price are said as well and come to something else. */
function lineAmount(line: unknown, detail: unknown, currency: string): bigint {
  const said = minorAt(line, 'Amount', currency);
  if (said === null) throw missing('Line.Amount');
  const [quantity, price] = [decimalAt(detail, 'Qty'), decimalAt(detail, 'UnitPrice')];
  if (quantity === null || price === null || roundTo(times(quantity, price), exponentOf(currency)) === said)
    return said;
  throw new Refused(
    '6070',
    `Amount is not equal to UnitPrice * Qty. Supplied value:${formatMinor(said, currency)}`,
    'Line.Amount',
  );
}

/** A quantity or price as it was written, as a number. */
function numberAt(detail: unknown, name: string) {
  const written = text(detail, name);
  return written === null ? undefined : decimal(written.trim());
}
