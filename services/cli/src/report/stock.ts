import { sum } from '@daybook/domain';
import { inventoryValuation, stockFindings, stockMovements } from '@daybook/ledger/reports';
import { printSheet } from './printed.ts';

/** Stock and what it is worth (accounting.md H11): items, then groups and inventory accounts. */
export const printValuation = printSheet({
  load: inventoryValuation,
  sheet: ({ items, groups, accounts, total }, show) => {
    const off = accounts.filter(({ difference }) => difference !== 0n);
    const row = (name: string, value: bigint, more: string[] = ['', '', '', '']) => [name, ...more, show(value)];
    return {
      title: 'inventory valuation',
      head: ['Item', 'Group', 'Quantity', 'Average', 'Last received', 'Value', 'In order of time'],
      rows: [
        ...items.map((item) => [
          ...row(item.sku, item.value, [
            String(item.group),
            item.quantity,
            item.average ?? '',
            item.lastReceived ?? '',
          ]),
          item.replayDifference === 0n ? '' : show(item.value + item.replayDifference),
        ]),
        ...groups.map((group) => [...row(`Group ${group.number}: ${group.description}`, group.value), '']),
        [...row('Total', total), ''],
        ...accounts.map(({ account, ledger }) => [...row(`Account ${account} in the ledger`, ledger), '']),
      ],
      amounts: [2, 3, 5, 6],
      isBalance: true,
      difference:
        off.length === 0
          ? null
          : `stock and inventory accounts differ by ${show(sum(off.map(({ difference }) => difference)))}`,
    };
  },
});

/** Every change of stock in the order it was recorded and valued. */
export const printStockMovements = printSheet({
  load: stockMovements,
  sheet: ({ rows }, show) => ({
    title: 'stock movements',
    head: ['Date', 'Item', 'Kind', 'Quantity', 'Value', 'On hand', 'Worth', 'Entry'],
    rows: rows.map((row) => [
      ...[row.postingDate, row.sku, row.kind, row.quantity, show(row.value), row.onHand, show(row.onHandValue)],
      row.sourceKey,
    ]),
    amounts: [3, 4, 5, 6],
  }),
});

const FINDINGS: Readonly<Record<string, string>> = {
  negative_quantity: 'sold short',
  not_invoiced: 'received, not invoiced',
  not_received: 'invoiced, not received',
};

/** What a person has to look at: items sold short, goods whose invoice or arrival is late. */
export const printStockFindings = printSheet({
  load: stockFindings,
  sheet: ({ rows }, show) => ({
    title: 'stock findings',
    head: ['Finding', 'Item', 'Quantity', 'Value', 'Note', 'Supplier', 'Since', 'Days'],
    rows: rows.map(({ kind, sku, quantity, value, note, supplier, since, days }) => [
      ...[FINDINGS[kind] ?? kind, sku, quantity, show(value), note ?? '', supplier ?? '', since ?? ''],
      days === null ? '' : String(days),
    ]),
    amounts: [2, 3, 7],
    isBalance: true,
  }),
});
