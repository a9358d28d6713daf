import { formatMoney } from '../money.ts';
import { type CsvMap, csvRows } from './csv-map.ts';
import { type BankLine, type BankStatement, bankAmount, bankDay, unreadable, wording } from './statement.ts';

/**
 * The statement in a CSV file written as its map says, in the account's currency. Rows before the headings are passed
 * over; newest-first files are turned. With a balance column every row must lead to its balance.
 * Throws BANK_FILE_INVALID naming the row.
 */
export function readCsv(text: string, map: CsvMap, currency: string): BankStatement[] {
  const rows = csvRows(text, map.delimiter);
  const at = headAt(rows, map);
  const head = rows[at] ?? [];
  const body = rows.slice(at + 1).map((row, index): Row => {
    const where = `row ${at + index + 2}`;
    return { where, cell: (column) => cellOf(row, head, column, where) };
  });
  const told = body.filter(({ cell }) => cell(map.columns.booked) !== '');
  const read = told.map((row) => ({
    ...row,
    line: lineOf(row, map, currency),
    balance: balanceOf(row, map, currency),
  }));
  const [first, last] = [read[0]?.line.bookedOn ?? '', read.at(-1)?.line.bookedOn ?? ''];
  if (first > last || (first === last && !leads(read) && leads(read.toReversed()))) read.reverse();
  checkRows(read, currency);
  const lines = read.map(({ line }) => line);
  const [oldest, newest] = [read[0], read.at(-1)];
  const hasBalances = oldest !== undefined && oldest.balance !== null && newest?.balance !== null;
  return [
    {
      account: null,
      currency: map.columns.currency === undefined ? null : currency,
      number: null,
      opening: hasBalances ? (oldest.balance as bigint) - oldest.line.amount : null,
      closing: hasBalances ? (newest?.balance ?? null) : null,
      closesOn: newest?.line.bookedOn ?? null,
      lines,
    },
  ];
}

type Column = string | number | undefined;

interface Row {
  where: string;
  /** What the row has in a column; '' where the file has no such column in this row. */
  cell(column: Column): string;
}

interface Read extends Row {
  line: BankLine;
  balance: bigint | null;
}

/** The row of the headings, or -1 where the map names all columns by their place and there are none. */
function headAt(rows: readonly string[][], { columns }: CsvMap): number {
  const named = Object.values(columns)
    .flat()
    .filter((each) => typeof each === 'string');
  if (named.length === 0) return rows.findIndex((row) => !/\d/.test(row[place(columns.booked)] ?? ''));
  const at = rows.findIndex((row) => named.every((name) => row.includes(name)));
  if (at >= 0) return at;
  throw unreadable(`No row has the headings ${named.map((name) => `"${name}"`).join(', ')} of the column map.`);
}

function place(column: Column): number {
  return typeof column === 'number' ? column - 1 : -1;
}

function cellOf(row: readonly string[], head: readonly string[], column: Column, where: string): string {
  if (column === undefined) return '';
  const index = typeof column === 'number' ? column - 1 : head.indexOf(column);
  if (index >= 0) return row[index] ?? '';
  throw unreadable(`${where}: there is no column "${column}".`);
}

function lineOf({ cell, where }: Row, map: CsvMap, currency: string): BankLine {
  const { columns } = map;
  const told = cell(columns.currency);
  if (told !== '' && told.toUpperCase() !== currency) {
    throw unreadable(`${where} is in ${told}, the account in ${currency}.`);
  }
  const value = cell(columns.value);
  return {
    bookedOn: dayOf(cell(columns.booked), map.date, where),
    valueOn: value === '' ? null : dayOf(value, map.date, where),
    amount: amountOf(cell, map, currency, where),
    counterparty: wording(cell(columns.counterparty)),
    counterpartyAccount: wording(cell(columns.counterpartyAccount)),
    reference: wording(cell(columns.reference)),
    text: wording(columns.text.map(cell).join(' ')) ?? '',
    bankId: wording(cell(columns.bankId)),
    endToEndId: wording(cell(columns.endToEndId)),
  };
}

function amountOf(cell: Row['cell'], { columns, decimal }: CsvMap, currency: string, where: string): bigint {
  const read = (text: string) => (text === '' ? 0n : bankAmount(text, currency, decimal, where));
  if (columns.amount !== undefined) {
    const text = cell(columns.amount);
    if (text === '') throw unreadable(`${where} has no amount.`);
    return read(text);
  }
  // Some banks write what went out with a minus in its own column, some without.
  const out = read(cell(columns.debit).replace(/^-/, ''));
  const into = read(cell(columns.credit));
  if (out !== 0n && into !== 0n) throw unreadable(`${where} has a debit and a credit.`);
  return into - out;
}

function balanceOf({ cell, where }: Row, { columns, decimal }: CsvMap, currency: string): bigint | null {
  const text = cell(columns.balance);
  return text === '' ? null : bankAmount(text, currency, decimal, where);
}

function dayOf(text: string, format: string, where: string): string {
  const pattern = format
    .replace(/[-./ ]/g, '\\$&')
    .replace(/YYYY|YY|MM|DD/g, (part) =>
      part === 'YYYY'
        ? '(?<y>\\d{4})'
        : part === 'YY'
          ? '(?<y>\\d{2})'
          : part === 'MM'
            ? '(?<m>\\d{1,2})'
            : '(?<d>\\d{1,2})',
    );
  const { y = '', m = '', d = '' } = new RegExp(`^${compact(format, pattern)}(?!\\d)`).exec(text)?.groups ?? {};
  if (y === '') throw unreadable(`${where}: "${text}" is not a day written ${format}.`);
  return bankDay(`${y.length === 2 ? `20${y}` : y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`, where);
}

/** Without separators every part has all its digits. */
function compact(format: string, pattern: string): string {
  return /[-./ ]/.test(format) ? pattern : pattern.replaceAll('{1,2}', '{2}');
}

function leads(read: readonly Read[]): boolean {
  return read.every(({ balance, line }, index) => {
    const before = read[index - 1]?.balance ?? null;
    return before === null || balance === null || before + line.amount === balance;
  });
}

function checkRows(read: readonly Read[], currency: string): void {
  read.forEach(({ balance, line, where }, index) => {
    const before = read[index - 1]?.balance ?? null;
    if (before === null || balance === null || before + line.amount === balance) return;
    const show = (minor: bigint) => formatMoney({ minor, currency });
    throw unreadable(
      `${where} leads from ${show(before)} to ${show(before + line.amount)}, but states the balance ${show(balance)}: ` +
        'a row is missing or changed.',
    );
  });
}
