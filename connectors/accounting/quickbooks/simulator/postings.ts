import { divideHalfUp, exponentOf, sum } from '@daybook/domain';
import { type Decimal, parseDecimal, roundTo, times } from './decimal.ts';
import { business } from './refusal.ts';
import { decimalAt } from './request.ts';
import { type Company, type Posting, systemAccount } from './world.ts';

/** One side of what a document does: minor units of its currency, debit positive. */
export interface Side {
  account: string;
  amount: bigint;
  party?: string;
  /** In the company's currency, where another rate than the document's applies. */
  home?: bigint;
}

/**
 * The double entry of a document. Where rounding or another rate leaves a difference in the company's own currency, it
 * is an exchange difference. Throws when the sides do not come to zero: that would be an error of the simulator.
 */
export function postingsOf(company: Company, sides: readonly Side[], currency: string, rate: string): Posting[] {
  if (sum(sides.map(({ amount }) => amount)) !== 0n) throw new Error('The sides of a document do not balance.');
  const postings = sides
    .filter(({ amount, home }) => amount !== 0n || (home ?? 0n) !== 0n)
    .map(({ account, amount, party, home }): Posting => {
      const converted = home ?? toHome(company, amount, currency, rate);
      return { account, amount, home: converted, ...(party === undefined ? {} : { party }) };
    });
  const difference = sum(postings.map(({ home }) => home));
  if (difference === 0n) return postings;
  return [...postings, { account: systemAccount(company, 'ExchangeGainOrLoss'), amount: 0n, home: -difference }];
}

/** An amount in the company's own currency. */
export function toHome(company: Company, amount: bigint, currency: string, rate: string): bigint {
  if (currency === company.currency) return amount;
  const exact: Decimal = { units: amount, scale: exponentOf(currency) };
  return roundTo(times(exact, parseDecimal(rate)!), exponentOf(company.currency));
}

/** Units of each currency that one US dollar buys: the fixed day rates of the simulated market. */
const PER_DOLLAR: Readonly<Record<string, bigint>> = {
  USD: 1_000_000n,
  EUR: 920_000n,
  GBP: 790_000n,
  CAD: 1_360_000n,
  JPY: 150_000_000n,
};

/** Home units for one foreign unit: what the document says, else the day's rate to six decimals. */
export function rateOf(company: Company, body: unknown, currency: string): string {
  if (currency === company.currency) return '1';
  const said = decimalAt(body, 'ExchangeRate');
  if (said !== null) {
    if (said.units <= 0n) throw business('You must specify an exchange rate greater than 0.');
    return textOf(said);
  }
  const one = 1_000_000n;
  const units = divideHalfUp((PER_DOLLAR[company.currency] ?? one) * one, PER_DOLLAR[currency] ?? one);
  return textOf({ units, scale: 6 });
}

function textOf({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
}
