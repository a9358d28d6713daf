import type { ResolvedLine } from '../journal-entry.ts';
import { sum } from '../money.ts';
import type { Target } from '../posting/accounts.ts';

/** What a tax account holds for a return, minor units, debit positive. */
export interface TaxBalance extends Target {
  amount: bigint;
}

export interface FiledReturn {
  /** Balances that the return is about, less what was settled of it before. */
  balances: readonly TaxBalance[];
  /** What the form says is due, less what was settled of it before; below zero = due from the authority. */
  due: bigint;
  /** Account of what is owed to the authority, or of the form's rounding; asked for only where it is needed. */
  target(use: 'settlement' | 'rounding'): Target;
  currency: string;
  /** Name of the return: it is the document of every line. */
  document: string;
}

/**
 * Lines of filing a return (accounting.md H7): tax accounts go to zero, what the form says is owed to the authority,
 * and the cents between the two are rounding.
 */
export function settlementLines(filed: FiledReturn): ResolvedLine[] {
  const { balances, due, target, currency, document } = filed;
  const line = ({ role, account }: Target, amount: bigint): ResolvedLine => ({
    ...{ role, account, amount, amountTc: amount, currency, document },
  });
  const difference = due + sum(balances.map(({ amount }) => amount));
  const taxes = balances.filter(({ amount }) => amount !== 0n).map((balance) => line(balance, -balance.amount));
  const owed = due === 0n ? [] : [line(target('settlement'), -due)];
  const cents = difference === 0n ? [] : [line(target('rounding'), difference)];
  return [...taxes, ...owed, ...cents];
}
