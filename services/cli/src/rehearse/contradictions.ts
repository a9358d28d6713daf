import type { Difference } from './compare.ts';

type Figures = Record<string, unknown>;

/** What adds up in each channel's row (accounting.md H10): gross − discounts − returns + shipping = net. */
const ROW: Readonly<Record<string, bigint>> = {
  gross_sales: 1n,
  discounts: -1n,
  returns: -1n,
  shipping: 1n,
  net_sales: -1n,
};

/**
 * Differences of the sales by channel where the file itself does not add up and the figure found makes it: the row of
 * the channel, or the channels' sum beside the file's total. Such a figure of the file cannot be right.
 */
export function contradictionsIn(differences: readonly Difference[], expected: unknown): Difference[] {
  if (typeof expected !== 'object' || expected === null) return [];
  const rows = expected as Record<string, Figures>;
  return differences.filter(({ where, found }) => {
    const [section, channel = '', figure = '', ...rest] = where.split('.');
    const isFigure = section === 'sales_by_channel' && rest.length === 0 && channel in rows && channel !== 'total';
    if (!isFigure || (typeof found !== 'bigint' && typeof found !== 'number')) return false;
    const mended = { ...rows, [channel]: { ...rows[channel], [figure]: found } };
    const heals = (adds: (given: Record<string, Figures>) => boolean) => !adds(rows) && adds(mended);
    return heals((given) => rowAdds(given[channel] ?? {}, figure)) || heals((given) => columnAdds(given, figure));
  });
}

function rowAdds(row: Figures, figure: string): boolean {
  if (!(figure in ROW)) return true;
  return Object.entries(ROW).reduce((sum, [name, sign]) => sum + sign * amountOf(row[name]), 0n) === 0n;
}

function columnAdds(rows: Record<string, Figures>, figure: string): boolean {
  const channels = Object.entries(rows).filter(([name]) => name !== 'total');
  const sum = channels.reduce((total, [, row]) => total + amountOf(row[figure]), 0n);
  return rows.total === undefined || sum === amountOf(rows.total[figure]);
}

function amountOf(value: unknown): bigint {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : 0n;
}
