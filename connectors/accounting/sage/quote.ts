import { divideHalfUp, parseRatio, plainDecimal, type Ratio } from '@daybook/domain';

/** Key of the record that keeps which way round the provider says rates. */
export const QUOTE = 'quote';

const QUOTES = ['home_per_foreign', 'foreign_per_home'] as const;
/** As ours: units of the books' own currency for one of the other; or the reciprocal. */
export type Quote = (typeof QUOTES)[number];

/** Whether a stored record says a way round. */
export function isQuote(text: string | undefined): text is Quote {
  return QUOTES.some((each) => each === text);
}

/**
 * Which way round the provider says rates. Its documentation does not tell (Swagger file: "The exchange rate"), but the
 * rate it has for a currency (`theirs`) is near the ledger's (`ours`, home per foreign) or near its reciprocal. Null
 * where that is not clear: the further of the two must be a quarter away at least, and four times as far as the nearer,
 * as powers. So rates between 0.895 and 1.118 never tell, and it is mistaken only where the books' rate, typed in long
 * ago, is off by more than a fifth and lies near the very reciprocal. Where both are of these days (`isFresh`) a tenth
 * will do: then those between 0.954 and 1.048 never tell. Pure.
 */
export function quoteOf(ours: string, theirs: string, isFresh: boolean): Quote | null {
  const [own, other] = [parseRatio(ours), parseRatio(theirs)];
  if (own.numerator === 0n || other.numerator === 0n) return null;
  const same = away(times(other, inverse(own)));
  const turned = away(times(other, own));
  const apart = parseRatio(isFresh ? '1.1' : '1.25');
  if (isClear(same, turned, apart)) return 'home_per_foreign';
  return isClear(turned, same, apart) ? 'foreign_per_home' : null;
}

function isClear(near: Ratio, far: Ratio, apart: Ratio): boolean {
  const square = times(near, near);
  return isAtLeast(far, apart) && isAtLeast(far, times(square, square));
}

/** How far a ratio is from one, as a factor of one or more. */
function away(ratio: Ratio): Ratio {
  return ratio.numerator < ratio.denominator ? inverse(ratio) : ratio;
}

function times(a: Ratio, b: Ratio): Ratio {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

function inverse({ numerator, denominator }: Ratio): Ratio {
  return { numerator: denominator, denominator: numerator };
}

function isAtLeast(a: Ratio, b: Ratio): boolean {
  return a.numerator * b.denominator >= b.numerator * a.denominator;
}

/** Significant digits of a reciprocal: what it is off by is less than a tenth of a cent in a thousand million. */
const DIGITS = 13;

/** The ledger's rate (home per foreign) the provider's way round, as decimal text. Pure. */
export function quoted(rate: string, quote: Quote): string {
  if (quote === 'home_per_foreign') return plainDecimal(rate);
  const { numerator, denominator } = parseRatio(rate);
  const places = Math.max(0, DIGITS + String(numerator).length - String(denominator).length);
  const digits = divideHalfUp(10n ** BigInt(places) * denominator, numerator)
    .toString()
    .padStart(places + 1, '0');
  return plainDecimal(places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`);
}
