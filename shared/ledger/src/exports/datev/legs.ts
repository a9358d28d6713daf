import { divideHalfUp, parseRatio, type Ratio } from '@daybook/domain';
import type { JournalEntryRow, JournalLineRow } from '../../reports.ts';
import { automaticTax, type DatevBooks, taxAccount } from './books.ts';
import { WITHOUT_TAX } from './charts.ts';

/** A side of a booking: an account with what is booked on it, tax included where the program takes it out itself. */
export interface Leg {
  /** Our code. */
  account: string;
  /** Company's currency, minor units, debit positive. */
  amount: bigint;
  /** In the currency it happened in; null for one in the company's. */
  foreign: { currency: string; amount: bigint } | null;
  key: string;
  /** Whether key or account says something of tax: such a leg is never divided. */
  taxed: boolean;
  party: string | null;
  document: string | null;
}

interface Line extends JournalLineRow {
  worth: bigint;
}

/**
 * The legs of an entry. Where account or key take tax out of a gross amount exactly as the books have it, net and tax
 * lines are one leg; cents by which the channel's tax departs from the rate stay on the tax account, and automatic
 * accounts that carry no tax of their own are told so (accounting.md I).
 */
export function legsOf(entry: JournalEntryRow, books: DatevBooks): Leg[] {
  const lines: Line[] = entry.lines.map((line) => ({ ...line, worth: line.debit - line.credit }));
  const pools = Map.groupBy(lines, (line) => taxPool(line, books) ?? '');
  const pooled = [...pools].flatMap(([name, taxLines]) => (name === '' ? [] : [poolOf(name, taxLines, lines, books)]));
  const grossed = new Map(pooled.flatMap(({ legs }) => legs));
  const gone = new Set(pooled.flatMap(({ taxLines }) => taxLines));
  const legs = lines.filter((line) => !gone.has(line)).map((line) => grossed.get(line) ?? plainLeg(line, books));
  return [...legs, ...pooled.flatMap(({ rest }) => rest)];
}

/** The tax within a gross amount, half-up as the program takes it out. */
export function taxWithin(gross: bigint, tax: string): bigint {
  const { numerator, denominator } = rateOf(tax);
  return divideHalfUp(gross * numerator, 100n * denominator + numerator);
}

function taxOn(net: bigint, tax: string): bigint {
  const { numerator, denominator } = rateOf(tax);
  return divideHalfUp(net * numerator, 100n * denominator);
}

function rateOf(tax: string): Ratio {
  return parseRatio(tax.split(' ')[1] ?? '');
}

/** "out 19 U19" for a tax line that the program would book itself. */
function taxPool(line: JournalLineRow, books: DatevBooks): string | undefined {
  const tax = taxOf(line, 'tax', books);
  if (tax === undefined || taxAccount(books, tax) !== line.account) return undefined;
  return `${tax} ${line.taxCode}`;
}

function taxOf({ taxKind, taxCode }: JournalLineRow, part: 'net' | 'tax', books: DatevBooks): string | undefined {
  if (!taxKind?.startsWith(part) || taxCode === null) return undefined;
  const rate = books.rates.get(taxCode);
  return rate === undefined || !/[1-9]/.test(rate) ? undefined : `${taxKind.slice(4)} ${rate}`;
}

function poolOf(name: string, taxLines: Line[], lines: readonly Line[], books: DatevBooks) {
  const tax = name.split(' ').slice(0, 2).join(' ');
  const nets = lines.filter(
    (line) =>
      taxOf(line, 'net', books) === tax && `${tax} ${line.taxCode}` === name && keyFor(line, tax, books) !== null,
  );
  if (nets.length === 0) return { legs: [], taxLines: [], rest: [] };
  const legs = nets.map((line): [Line, Leg] => {
    const amount = line.worth + taxOn(line.worth, tax);
    return [
      line,
      { ...plainLeg(line, books), amount, foreign: null, key: keyFor(line, tax, books) ?? '', taxed: true },
    ];
  });
  const taken = legs.reduce((sum, [line, leg]) => sum + leg.amount - line.worth, 0n);
  const left = taxLines.reduce((sum, line) => sum + line.worth, 0n) - taken;
  const [first] = taxLines as [Line];
  const rest = left === 0n ? [] : [{ ...plainLeg(first, books), amount: left, foreign: null }];
  return { legs, taxLines, rest };
}

/** The key under which the account takes this tax out; null when it cannot. */
function keyFor(line: JournalLineRow, tax: string, books: DatevBooks): string | null {
  const automatic = automaticTax(books, books.numbers.get(line.account) ?? '');
  if (automatic !== undefined) return automatic === tax ? '' : null;
  return books.controls.has(line.account) ? null : (books.chart?.keys[tax] ?? null);
}

function plainLeg(line: Line, books: DatevBooks): Leg {
  const { account, worth, currency, amountTc, party, document } = line;
  const isForeign = currency !== books.currency && amountTc !== 0n;
  const automatic = automaticTax(books, books.numbers.get(account) ?? '') !== undefined;
  return {
    account,
    amount: worth,
    foreign: isForeign ? { currency, amount: worth > 0n ? amountTc : -amountTc } : null,
    key: automatic ? WITHOUT_TAX : '',
    taxed: automatic,
    party,
    document,
  };
}
