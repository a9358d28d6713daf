import Table from 'cli-table3';

/** A table for the terminal; columns named by index are amounts and stand right-aligned. */
export function drawTable(head: string[], rows: string[][], amounts: number[]): string {
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (amounts.includes(index) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  return `${table.toString()}\n`;
}
