import { CHANNEL_FIGURES, CLEARING_FIGURES, clearingStatement, salesByChannel } from '@daybook/ledger/reports';
import { printSheet } from './printed.ts';

/** "giftCardsSold" is "Gift cards sold". */
function words(figure: string): string {
  if (figure === 'fx') return 'FX';
  return figure
    .replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`)
    .replace(/^./, (first) => first.toUpperCase());
}

/** Sales by channel (accounting.md H10): figures below each other, a column per channel. */
export const printSalesByChannel = printSheet({
  load: salesByChannel,
  sheet: ({ channels, total }, show) => ({
    title: 'sales by channel',
    head: ['', ...channels.map(({ channel }) => channel || 'no channel'), 'Total'],
    rows: CHANNEL_FIGURES.map((figure) => [
      words(figure),
      ...channels.map((row) => show(row[figure])),
      show(total[figure]),
    ]),
    amounts: Array.from({ length: channels.length + 1 }, (_, index) => index + 1),
  }),
});

/** Statement of clearing accounts (accounting.md H12), each in its own currency. */
export const printClearing = printSheet({
  load: clearingStatement,
  sheet: ({ rows }, show) => ({
    title: 'clearing statement',
    head: ['Account', 'Name', 'Currency', ...CLEARING_FIGURES.map(words), 'Closing in the books'],
    rows: rows.map(({ account, name, currency, amounts, worth }) => [
      ...[account, name, currency],
      ...CLEARING_FIGURES.map((figure) => show(amounts[figure], currency)),
      show(worth.closing),
    ]),
    amounts: Array.from({ length: CLEARING_FIGURES.length + 1 }, (_, index) => index + 3),
  }),
});
