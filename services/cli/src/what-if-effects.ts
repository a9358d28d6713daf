import { accountLines } from '@daybook/domain';
import { type MappingRow, mappingAt } from '@daybook/workers/push/mapping-rows';
import type { Preview } from './preview-events.ts';

/** An amount on an account before and after; minor units of the company's currency, debit positive. */
export interface Moved {
  account: string;
  before: bigint;
  after: bigint;
  difference: bigint;
}

/** What one line does: net on the account, tax beside it; minor units, debit positive. */
interface Line {
  account: string;
  taxCode: string;
  net: bigint;
  tax: bigint;
}

/** What one entry or document does to accounts, and which event it is of. */
export interface Effect {
  event: string;
  /** YYYY-MM-DD. */
  date: string;
  lines: readonly Line[];
}

/** By source key of the entry, or kind and number of the document. */
export type Effects = ReadonlyMap<string, Effect>;

/** What the entries of a preview do to our own accounts. */
export function entryEffects({ booked }: Preview): Effects {
  const effects = new Map<string, Effect>();
  for (const { event, entries } of booked)
    for (const { sourceKey, postingDate, lines } of entries)
      effects.set(sourceKey, {
        event,
        date: postingDate,
        lines: lines.map(({ account, amount, taxCode = '' }) => ({ account, taxCode, net: amount, tax: 0n })),
      });
  return effects;
}

/**
 * What the documents of a preview do to the accounts of the books. Where a word of ours has no counterpart, it stands
 * for itself in brackets: unmapped. Another currency than the company's stands behind the account.
 */
export function documentEffects({ booked }: Preview, rows: readonly MappingRow[], functionalCurrency: string): Effects {
  const at = mappingAt(rows);
  const effects = new Map<string, Effect>();
  for (const { event, origin, documents } of booked) {
    for (const document of documents) {
      const { kind, number, date, currency } = document;
      const lookUp = at({ channel: origin.connectionId, date });
      const account = (role: string, ours: string) =>
        lookUp('account', role) ?? lookUp('account', ours) ?? `(unmapped ${role})`;
      const tax = (code: string | null) => lookUp('tax', code ?? '') ?? lookUp('tax', '*') ?? `(unmapped tax ${code})`;
      const key = (word: string) => (currency === functionalCurrency ? word : `${word} ${currency}`);
      const lines = accountLines(document).map((line) => ({
        account: key(account(line.role, line.account)),
        taxCode: 'tax' in line ? key(tax(line.taxCode)) : '',
        net: line.net,
        tax: 'tax' in line ? line.tax : 0n,
      }));
      effects.set(`${kind} ${number}`, { event, date, lines });
    }
  }
  return effects;
}

/** What differs between two sets of effects, per account and per tax code, the largest difference first. */
export interface Difference {
  accounts: Moved[];
  taxes: Moved[];
}

/** Compares two sets of effects. Pure. */
export function difference(before: Iterable<Effect>, after: Iterable<Effect>): Difference {
  const [one, two] = [linesOf(before), linesOf(after)];
  const taxed = (lines: readonly Line[]) => totals(lines, ({ taxCode, tax }) => [taxCode, tax]);
  const net = (lines: readonly Line[]) => totals(lines, (line) => [line.account, line.net]);
  return { accounts: moved(net(one), net(two)), taxes: moved(taxed(one), taxed(two)) };
}

/** Whether two sets of effects differ, also where only the tax code of an amount is another. */
export function differs(before: Iterable<Effect>, after: Iterable<Effect>): boolean {
  const each = (lines: readonly Line[]) =>
    totals(lines, ({ account, taxCode, net }) => [`${account}\u0001${taxCode}`, net]);
  return moved(each(linesOf(before)), each(linesOf(after))).length > 0;
}

function linesOf(effects: Iterable<Effect>): Line[] {
  return [...effects].flatMap(({ lines }) => lines);
}

function totals(lines: readonly Line[], of: (line: Line) => readonly [string, bigint]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const line of lines) {
    const [key, amount] = of(line);
    found.set(key, (found.get(key) ?? 0n) + amount);
  }
  return found;
}

function moved(before: ReadonlyMap<string, bigint>, after: ReadonlyMap<string, bigint>): Moved[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((account) => {
      const [was, becomes] = [before.get(account) ?? 0n, after.get(account) ?? 0n];
      return { account, before: was, after: becomes, difference: becomes - was };
    })
    .filter((each) => each.difference !== 0n)
    .sort(byDifference);
}

function byDifference(a: Moved, b: Moved): number {
  const [one, two] = [sizeOf(a), sizeOf(b)];
  if (one === two) return a.account < b.account ? -1 : 1;
  return one > two ? -1 : 1;
}

/** How much a difference is, whichever way it goes; minor units. */
export function sizeOf({ difference: amount }: Moved): bigint {
  return amount < 0n ? -amount : amount;
}
