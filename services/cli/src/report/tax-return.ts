import {
  exponentOf,
  type Jurisdiction,
  localDate,
  mtdJson,
  type Ustva,
  ustvaXml,
  type VatReturn,
} from '@daybook/domain';
import { ossReport, type TaxReturn, taxReturn } from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import type { CompanyRow } from '../database.ts';
import { UsageError } from '../terminal.ts';
import { type Print, printSheet, type Range, type Sheet } from './printed.ts';

type Show = (minor: bigint, currency?: string) => string;

/** The boxes of the VAT return in their order, with the words of the form. */
const VAT_BOXES: readonly (readonly [box: string, field: keyof VatReturn, words: string])[] = [
  ['1', 'vatDueSales', 'VAT due on sales'],
  ['2', 'vatDueAcquisitions', 'VAT due on acquisitions'],
  ['3', 'totalVatDue', 'Total VAT due'],
  ['4', 'vatReclaimedCurrPeriod', 'VAT reclaimed'],
  ['5', 'netVatDue', 'Net VAT'],
  ['6', 'totalValueSalesExVAT', 'Sales without VAT, whole pounds'],
  ['7', 'totalValuePurchasesExVAT', 'Purchases without VAT, whole pounds'],
  ['8', 'totalValueGoodsSuppliedExVAT', 'Goods supplied to the EU, whole pounds'],
  ['9', 'totalAcquisitionsExVAT', 'Goods acquired from the EU, whole pounds'],
];

/** The tax return (accounting.md H7): the country's form, what it is made of, and late items. */
export const printTaxReturn = printSheet({ load: taxReturn, sheet: sheetOf });

/** Distance sales per country and rate (One-Stop-Shop). */
export const printOss = printSheet({
  load: ossReport,
  sheet: ({ rows, net, tax, incomplete }, show) => ({
    title: 'One-Stop-Shop return',
    head: ['Country', 'Rate', 'Net', 'Tax'],
    rows: [
      ...rows.map((row) => [row.country ?? 'not told', row.rate ?? 'not told', show(row.net), show(row.tax)]),
      ['Total', '', show(net), show(tax)],
    ],
    amounts: [1, 2, 3],
    difference:
      incomplete.length === 0
        ? null
        : `country or rate is missing in ${incomplete.length} facts: ${incomplete.join(', ')}`,
  }),
});

/** How authorities take a return: the German one as XML, the British one in the fields of the API. */
export const OFFICIAL_FORMATS = ['xml', 'mtd'] as const;
export type OfficialFormat = (typeof OFFICIAL_FORMATS)[number];

/** Prints the return as the country's authority takes it. Throws UsageError where it takes none of that kind. */
export function printOfficial(format: OfficialFormat): Print {
  return async function* (sql, company, range) {
    const { gb, de, from, to, country } = await taxReturn(sql, company.id, range);
    if (format === 'mtd' && gb) yield mtdJson(gb.form);
    else if (format === 'xml' && de && from !== null) yield await elster(sql, company, range, { de, from, to });
    else {
      const why = 'xml is the German return of a month or quarter, mtd the British one';
      throw new UsageError(`the return of ${country} is not written as ${format}: ${why}`);
    }
    return null;
  };
}

async function elster(
  sql: Queryable,
  { id, name, timeZone }: CompanyRow,
  { taxNumber }: Range,
  { de, from, to }: { de: Ustva; from: string; to: string },
): Promise<string> {
  const [filed] = await sql`
    select 1 from tax_returns where company_id = ${id} and regime = 'DE' and state = 'filed'
      and starts_on = ${from} and ends_on = ${to}`;
  const day = localDate(new Date().toISOString(), timeZone);
  return ustvaXml(de, { period: { startsOn: from, endsOn: to }, name, taxNumber, day, corrected: filed !== undefined });
}

function sheetOf(report: TaxReturn, show: Show): Sheet {
  const { gb, de, us, boxes, due, ledger, difference, uncoded, unboxed, late, currency } = report;
  const rows = gb ? vatRows(gb.form, show) : de ? ustvaRows(de, show) : us ? stateRows(us, show) : [];
  const plain = boxes.map(({ box, amount }) => ['', `Box ${box}`, '', show(amount)]);
  const form = rows.length > 0 || us ? rows : plain;
  return {
    title: 'tax return',
    head: ['Box', 'What', 'Of', 'Amount'],
    rows: [
      ...form,
      ['', 'Due by the form', '', show(due)],
      ['', 'Due by the tax accounts', '', show(ledger)],
      ['', 'Form less tax accounts', '', show(difference)],
      ...(gb ? salesRows(gb.sales, show) : []),
      ...late.map(({ sourceKey, taxPoint }) => ['', `Late: ${sourceKey}`, taxPoint, '']),
    ],
    amounts: [3],
    difference: faultOf({ uncoded, unboxed, difference, currency }, show),
  };
}

function vatRows(form: VatReturn, show: Show): string[][] {
  return VAT_BOXES.map(([box, field, words]) => {
    const amount = form[field] as bigint;
    const direction = box === '5' ? form.direction : '';
    return [box, words, direction, box < '6' ? show(amount) : `${amount}`];
  });
}

function salesRows(sales: NonNullable<TaxReturn['gb']>['sales'], show: Show): string[][] {
  return [
    ['', 'Revenue', 'box 6', show(sales.revenue)],
    ['', 'Increase of deposits', 'box 6', show(sales.depositsIncrease)],
    ['', 'Reverse-charge purchases', 'box 6', show(sales.reverseChargePurchases)],
    ['', 'Not counted', 'box 6', show(sales.notCounted)],
    ['', 'Other', 'box 6', show(sales.other)],
    ['', 'Box 6 exactly', 'box 6', show(sales.box6)],
  ];
}

function ustvaRows({ figures, kz83 }: Ustva, show: Show): string[][] {
  const rows = figures.map(({ kz, unit, amount }) => [
    ...[kz, `Kz ${kz}`, unit === 'euros' ? 'whole euros' : ''],
    unit === 'euros' ? `${amount}` : show(amount),
  ]);
  return [...rows, ['83', 'Kz 83, remaining prepayment', '', show(kz83)]];
}

function stateRows(jurisdictions: readonly Jurisdiction[], show: Show): string[][] {
  return jurisdictions.flatMap(({ code, gross, exempt, marketplace, taxable, tax }) =>
    Object.entries({ gross, exempt, marketplace, taxable, tax }).map(([what, amount]) => [
      '',
      code,
      what,
      show(amount),
    ]),
  );
}

function faultOf(
  { uncoded, unboxed, difference, currency }: Pick<TaxReturn, 'uncoded' | 'unboxed' | 'difference' | 'currency'>,
  show: Show,
): string | null {
  const unit = 10n ** BigInt(exponentOf(currency));
  if (uncoded !== 0n) return `tax accounts moved by ${show(uncoded)} without a tax code`;
  if (unboxed.length > 0) return `no box takes the codes ${unboxed.join(', ')}`;
  return difference >= unit || difference <= -unit ? `the form is ${show(difference)} off the tax accounts` : null;
}
