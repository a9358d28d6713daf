import { z } from 'zod';

/** A column by its heading or its place, counted from 1. */
const column = z.union([z.string().trim().min(1), z.int().min(1)]);

/**
 * How the CSV files of one bank account are written; kept with the account. `date` says it with YYYY, YY, MM and DD;
 * `delimiter` "tab" is a tabulator. Either `amount`, or one of `debit` and `credit`, each without sign.
 */
export const csvMap = z
  .strictObject({
    delimiter: z.enum([',', ';', '|', 'tab']),
    decimal: z.enum(['.', ',']),
    date: z.string().regex(/^(?=.*Y)(?=.*MM)(?=.*DD)(YYYY|YY|MM|DD|[-./ ])+$/, 'is not a date such as DD.MM.YYYY'),
    /** As WHATWG names it; recognised where it is absent. */
    encoding: z.string().optional(),
    columns: z.strictObject({
      booked: column,
      value: column.optional(),
      amount: column.optional(),
      debit: column.optional(),
      credit: column.optional(),
      counterparty: column.optional(),
      counterpartyAccount: column.optional(),
      /** Several are put together. */
      text: z.array(column).default([]),
      reference: column.optional(),
      bankId: column.optional(),
      endToEndId: column.optional(),
      balance: column.optional(),
      currency: column.optional(),
    }),
  })
  .refine(
    ({ columns: { amount, debit, credit } }) =>
      amount === undefined ? debit !== undefined || credit !== undefined : debit === undefined && credit === undefined,
    { error: 'needs the column amount, or debit and credit', path: ['columns'] },
  );

export type CsvMap = z.output<typeof csvMap>;

const DELIMITERS = ['tab', ';', '|', ','] as const;

/** Rows of fields; quoted fields may hold delimiters, doubled quotes and line ends. Empty rows are left out. */
export function csvRows(text: string, delimiter: CsvMap['delimiter']): string[][] {
  const cut = delimiter === 'tab' ? '\t' : delimiter;
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted && char === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (char === '"' && (quoted || field.trim() === '')) {
      quoted = !quoted;
      field = quoted ? '' : field;
    } else if (!quoted && (char === cut || char === '\n')) {
      rows.at(-1)?.push(field.trim());
      field = '';
      if (char === '\n') rows.push([]);
    } else field += char;
  }
  rows.at(-1)?.push(field.trim());
  return rows.filter((row) => row.some((each) => each !== ''));
}

/** Headings of banks in English and German, in lower case, by what they mean; the first that fits is taken. */
const HEADINGS: Readonly<Record<keyof CsvMap['columns'], readonly string[]>> = {
  booked: [
    'booking date',
    'buchungstag',
    'buchungsdatum',
    'posting date',
    'transaction date',
    'completed date',
    'date',
    'datum',
  ],
  value: ['value date', 'valuta', 'valutadatum', 'wertstellung', 'wertstellungsdatum'],
  amount: ['amount', 'betrag', 'umsatz', 'betrag (eur)', 'betrag (€)', 'transaction amount', 'value'],
  debit: ['debit', 'debit amount', 'paid out', 'money out', 'withdrawal', 'withdrawals', 'soll', 'belastung'],
  credit: ['credit', 'credit amount', 'paid in', 'money in', 'deposit', 'deposits', 'haben', 'gutschrift'],
  counterparty: [
    'counterparty',
    'counterparty name',
    'payee',
    'name',
    'beguenstigter/zahlungspflichtiger',
    'begünstigter/zahlungspflichtiger',
    'auftraggeber / begünstigter',
    'auftraggeber/empfänger',
    'name zahlungsbeteiligter',
    'zahlungsempfänger*in',
    'payer/payee',
  ],
  counterpartyAccount: [
    'counterparty account',
    'iban',
    'account number',
    'kontonummer/iban',
    'iban zahlungsbeteiligter',
  ],
  text: [
    'description',
    'verwendungszweck',
    'buchungstext',
    'details',
    'narrative',
    'memo',
    'transaction description',
    'remittance',
  ],
  reference: ['reference', 'referenz', 'kundenreferenz', 'customer reference', 'check number', 'cheque number'],
  bankId: ['transaction id', 'bank reference', 'id', 'bankreferenz'],
  endToEndId: ['end-to-end id', 'end to end id', 'kundenreferenz (end-to-end)'],
  balance: ['balance', 'running balance', 'saldo', 'saldo nach buchung', 'kontostand'],
  currency: ['currency', 'währung', 'waehrung'],
};

/**
 * The map of a CSV file as far as it can be told without doubt: delimiter, headings, decimal sign, order of the date.
 * Answers what is missing in words instead where there is doubt, as with 03/04/2026 in every row.
 */
export function detectCsvMap(text: string): CsvMap | string {
  const [delimiter, at] = bestDelimiter(text);
  if (at < 0) return 'no row holds the headings of a date and an amount that are known';
  const rows = csvRows(text, delimiter);
  const head = rows[at] as string[];
  const found = Object.fromEntries(
    Object.entries(HEADINGS).flatMap(([key, names]) => {
      const heading = headingOf(head, names);
      return heading === undefined ? [] : [[key, key === 'text' ? [heading] : heading]];
    }),
  );
  if (found.amount !== undefined) {
    delete found.debit;
    delete found.credit;
  }
  const body = rows.slice(at + 1);
  const values = (heading: unknown) => body.map((row) => row[head.indexOf(String(heading))] ?? '').filter(Boolean);
  const date = dateFormat(values(found.booked));
  if (date === null) return 'the dates can be read in more than one order, or not at all; say which with "date"';
  const amounts = [found.amount, found.debit, found.credit].flatMap((each) => (each === undefined ? [] : values(each)));
  const decimal = decimalSign(amounts);
  if (decimal === null)
    return 'the amounts do not show whether a point or a comma comes before the decimals; say "decimal"';
  const parsed = csvMap.safeParse({ delimiter, decimal, date, columns: found });
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}

function bestDelimiter(text: string): [CsvMap['delimiter'], number] {
  for (const delimiter of DELIMITERS) {
    const at = csvRows(text.slice(0, 20_000), delimiter).findIndex(isHead);
    if (at >= 0) return [delimiter, at];
  }
  return [',', -1];
}

function isHead(row: readonly string[]): boolean {
  const has = (key: keyof CsvMap['columns']) => headingOf(row, HEADINGS[key]) !== undefined;
  return has('booked') && (has('amount') || has('debit') || has('credit'));
}

function headingOf(row: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = row.find((heading) => heading.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const NUMERIC_DATE = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;

function dateFormat(dates: readonly string[]): string | null {
  const [sample] = dates;
  if (sample === undefined) return null;
  if (dates.every((each) => /^\d{4}-\d{2}-\d{2}/.test(each))) return 'YYYY-MM-DD';
  if (dates.every((each) => /^\d{8}$/.test(each))) return 'YYYYMMDD';
  const parts = dates.map((each) => NUMERIC_DATE.exec(each));
  const [, , cut = '', , year = ''] = parts[0] ?? [];
  if (parts.some((part) => part === null)) return null;
  const above = (index: number) => parts.some((part) => (part?.[index] ?? '').padStart(2, '0') > '12');
  // A point between the parts is written where the day comes first.
  const dayFirst = above(1) || (cut === '.' && !above(3));
  if (dayFirst === above(3)) return null;
  return [...(dayFirst ? ['DD', 'MM'] : ['MM', 'DD']), year.length === 4 ? 'YYYY' : 'YY'].join(cut);
}

function decimalSign(amounts: readonly string[]): '.' | ',' | null {
  const last = amounts.flatMap((each) => /([.,])\d{1,2}(?!\d)\D*$/.exec(each)?.[1] ?? []);
  const signs = new Set(last);
  if (signs.size === 1) return last[0] as '.' | ',';
  return signs.size === 0 && amounts.length > 0 && amounts.every((each) => !/[.,]/.test(each)) ? '.' : null;
}
