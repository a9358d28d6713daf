import type { AccountType } from './chart.ts';
import type { EntryType, ResolvedEntry, ResolvedLine } from './journal-entry.ts';
import { sum } from './money.ts';
import { dayAfter, type Span } from './open-days.ts';
import type { Target } from './posting/accounts.ts';
import { journalLines } from './posting/entry.ts';

/** The entries that close a fiscal year and open the next (accounting.md G3). */
export const CLOSING_STEPS = ['CLS-1', 'CLS-2', 'CLS-3', 'OPN'] as const;
export type ClosingStep = (typeof CLOSING_STEPS)[number];

/** What lies on an account in one currency at the end of the year, before anything is closed; debit positive. */
export interface ClosingBalance {
  account: string;
  type: AccountType;
  currency: string;
  /** Minor units of the company's currency. */
  amount: bigint;
  /** Minor units of `currency`. */
  amountTc: bigint;
}

export interface YearToClose extends Span {
  label: string;
  /** 1 for its first closing, 2 after it was reopened once, and so on: part of the source keys. */
  run: number;
  /** Of the company. */
  currency: string;
  incomeSummary: Target;
  /** Where the result goes. */
  retained: Target;
  closingBalance: Target;
  openingBalance: Target;
}

/**
 * The closing of a year from its balances: income and expenses to the income summary (CLS-1), that to retained earnings
 * (CLS-2), every balance to the closing balance account (CLS-3), which shows the mirrored balance sheet line by line
 * (`document` = the account), and the same lines turned for the next year (OPN). Pure, so closing again after a crash
 * makes the same entries; a step without lines is left out. Debits equal credits in every currency if they did before.
 */
export function closingOf(year: YearToClose, balances: readonly ClosingBalance[]): [ClosingStep, ResolvedEntry][] {
  const isResult = ({ type }: ClosingBalance) => type === 'income' || type === 'expense';
  const results = balances.filter(isResult);
  const result = -sum(results.map(({ amount }) => amount));
  const own = (target: Target, amount: bigint): ResolvedLine => ({
    ...target,
    amount,
    currency: year.currency,
    amountTc: amount,
  });
  const emptied = results.map(({ account, amount }) => own({ role: 'account', account }, -amount));
  const kept = transferred(
    balances.filter((each) => !isResult(each)),
    year,
    result,
  );
  const carriedOut = kept.flatMap((each) => mirrored(each, -1n, year.closingBalance));
  const carriedIn = kept.flatMap((each) => mirrored(each, 1n, year.openingBalance));
  const steps: [ClosingStep, string, ResolvedLine[]][] = [
    ['CLS-1', 'income and expenses to income summary', [...emptied, own(year.incomeSummary, -result)]],
    ['CLS-2', 'result to equity', [own(year.incomeSummary, result), own(year.retained, -result)]],
    ['CLS-3', 'closing balances', carriedOut],
    ['OPN', 'opening balances', carriedIn],
  ];
  return steps.flatMap(([step, memo, lines]): [ClosingStep, ResolvedEntry][] => {
    const kinds = journalLines(lines, `Closing ${year.label}, ${step}`);
    return kinds.length === 0 ? [] : [[step, entryOf(step, memo, kinds, year)]];
  });
}

/** The balances with the result on the account that takes it. */
function transferred(
  balances: ClosingBalance[],
  { retained, currency }: YearToClose,
  result: bigint,
): ClosingBalance[] {
  const others = balances.filter((each) => each.account !== retained.account || each.currency !== currency);
  const [before] = balances.filter((each) => !others.includes(each));
  const amount = (before?.amount ?? 0n) - result;
  const after = { account: retained.account, type: 'equity' as const, currency, amount, amountTc: amount };
  return [...others, after].sort((a, b) => (a.account < b.account ? -1 : 1));
}

/** A balance on its account times a sign, and against an auxiliary account that names it. */
function mirrored({ account, currency, amount, amountTc }: ClosingBalance, sign: bigint, auxiliary: Target) {
  const line = { role: 'account', account, currency, amount: sign * amount, amountTc: sign * amountTc };
  return [line, { ...line, ...auxiliary, amount: -line.amount, amountTc: -line.amountTc, document: account }];
}

function entryOf(step: ClosingStep, memo: string, lines: ResolvedLine[], year: YearToClose): ResolvedEntry {
  const date = step === 'OPN' ? dayAfter(year.endsOn) : year.endsOn;
  const entryType: EntryType = step === 'OPN' ? 'OPN' : 'CLS';
  return {
    entryType,
    sourceKey: `closing:${year.label}:${year.run}:${step}`,
    postingDate: date,
    taxPoint: date,
    occurredAt: `${date}T00:00:00.000Z`,
    memo: `Closing ${year.label}: ${memo}`,
    lines,
  };
}
