import { BUCKETS } from '@daybook/domain';
import { type Aged, aged } from '@daybook/ledger/reports/aged';
import { type ItemReport, itemReport, type ReportedItem } from '@daybook/ledger/reports/open-items';
import { overdue } from '@daybook/ledger/reports/overdue';
import { type Print, printSheet, type Sheet } from './printed.ts';

type Show = (minor: bigint, currency?: string) => string;

const HEAD = [
  ...['Date', 'Voucher', 'Name', 'Document', 'Reference', 'Description', 'Due', 'Currency'],
  ...['Amount', 'Settled', 'Open', 'Open, booked', 'Days overdue'],
];

/**
 * A report of the invoice ledger (accounting.md E7): open items, those with the part payments beneath, or the invoices
 * or payments of the days; grouped by account or name with subtotals.
 */
export function printItems(view: 'open' | 'invoices' | 'payments', { title, parts = false }: ItemTitle): Print {
  return printSheet({
    load: (sql, companyId, { from, to, account, groupedBy }) =>
      itemReport(sql, companyId, { view, date: to, from: view === 'open' ? null : from, account, groupedBy }),
    sheet: (report, show) => ({
      title,
      head: HEAD,
      rows: rowsOf(report, show, parts),
      amounts: [8, 9, 10, 11, 12],
      isBalance: view === 'open',
    }),
  });
}

interface ItemTitle {
  title: string;
  /** With what settled part of each item beneath it. */
  parts?: boolean;
}

function rowsOf({ groups, total }: ItemReport, show: Show, parts: boolean): string[][] {
  const rows = groups.flatMap((group) => [
    ...group.items.flatMap((item) => [itemRow(item, show), ...(parts ? partRows(item, show) : [])]),
    totalRow(`Total ${group.name}`, group, show),
  ]);
  return [...rows, totalRow('Total', total, show)];
}

function itemRow(item: ReportedItem, show: Show): string[] {
  const { currency, amountTc, openTc, dueDate, daysOverdue } = item;
  const names = [item.partyName ?? '', item.document ?? '', item.reference ?? '', item.description];
  const amounts = [amountTc, amountTc - openTc, openTc].map((minor) => show(minor, currency));
  const days = daysOverdue === 0 ? '' : String(daysOverdue);
  return [
    item.date,
    `${item.voucherType} ${item.voucher}`,
    ...names,
    dueDate,
    currency,
    ...amounts,
    show(item.open),
    days,
  ];
}

/** Undone allocations cancel out and are not shown. */
function partRows({ parts, currency }: ReportedItem, show: Show): string[][] {
  return parts
    .filter(({ undoes, undoneBy }) => undoes === null && undoneBy === null)
    .map((part) => {
      const names = ['', `  ${part.document ?? ''}`, '', ''];
      const settled = ['', show(part.amountTc, currency), '', '', ''];
      return [part.date, `  ${part.voucherType} ${part.voucher}`, ...names, '', currency, ...settled];
    });
}

function totalRow(name: string, { open }: { open: bigint }, show: Show): string[] {
  return ['', '', name, '', '', '', '', '', '', '', '', show(open), ''];
}

/** Aged receivables or payables (accounting.md H8), a row per document and a subtotal per party. */
export function printAged(side: 'receivable' | 'payable'): Print {
  return printSheet({
    load: (sql, companyId, { to }) => aged(sql, companyId, { date: to, side }),
    sheet: (report, show): Sheet => ({
      title: `aged ${side}s`,
      head: ['Name', 'Document', 'Due', 'Days overdue', ...BUCKETS.map(bucketName), 'Total', 'Not allocated'],
      rows: agedRows(report, show),
      amounts: [3, ...BUCKETS.map((_, index) => index + 4), 9, 10],
      isBalance: true,
      difference:
        report.difference === 0n
          ? null
          : `open ${side}s and their control accounts differ by ${report.currency} ${show(report.difference)}`,
    }),
  });
}

function agedRows({ parties, ...report }: Aged, show: Show): string[][] {
  const sums = (name: string, { buckets, total, unallocated }: Pick<Aged, 'buckets' | 'total' | 'unallocated'>) => [
    ...[name, '', '', ''],
    ...BUCKETS.map((bucket) => show(buckets[bucket])),
    show(total),
    unallocated === 0n ? '' : show(unallocated),
  ];
  const rows = parties.flatMap((party) => [
    ...party.items.map((item) => [
      ...[party.name, item.document ?? '', item.dueDate, String(item.daysOverdue)],
      ...BUCKETS.map((bucket) => (bucket === item.bucket ? show(item.open) : '')),
      ...[show(item.open), item.open < 0n ? show(item.open) : ''],
    ]),
    sums(`Total ${party.name}`, party),
  ]);
  return [...rows, sums('Total', report)];
}

/** "31_60" is "31–60 days". */
function bucketName(bucket: string): string {
  if (bucket === 'not_due') return 'Not due';
  return bucket === 'over_90' ? 'Over 90 days' : `${bucket.replace('_', '–')} days`;
}

/** The overdue list (accounting.md H9) with the reminder each item has reached and the last one sent. */
export const printOverdue = printSheet({
  load: (sql, companyId, { to }) => overdue(sql, companyId, { date: to }),
  sheet: ({ parties, total }, show) => ({
    title: 'overdue',
    head: [
      'Name',
      'Document',
      'Due',
      'Days overdue',
      'Currency',
      'Open',
      'Open, booked',
      'Level',
      'Sent',
      'Paused for',
    ],
    rows: [
      ...parties.flatMap(({ name, items, total: subtotal }) => [
        ...items.map((item) => [
          ...[name, item.document ?? '', item.dueDate, String(item.daysOverdue), item.currency],
          ...[show(item.openTc, item.currency), show(item.open), String(item.level), String(item.sentLevel)],
          item.pausedFor ?? '',
        ]),
        [`Total ${name}`, '', '', '', '', '', show(subtotal), '', '', ''],
      ]),
      ['Total', '', '', '', '', '', show(total), '', '', ''],
    ],
    amounts: [3, 5, 6],
    isBalance: true,
  }),
});
