import { type BookDocument, divideHalfEven, divideHalfUp, exponentOf, parseRatio, plainDecimal } from '@daybook/domain';
import type { LosslessNumber } from 'lossless-json';
import { decimal } from './wire.ts';

/** Rates have six decimals there (openapi.yaml, Invoice.CurrencyRate), amounts of every currency two. */
const MICRO = 1_000_000n;
const CENTS = 100n;

/** What says at which rate something is booked; {} leaves it to the provider's rate of the day. */
export interface RateFields {
  CurrencyRate?: LosslessNumber;
}

/**
 * The rate of a document the provider's way round: foreign units per unit of the organisation's currency (its examples:
 * AUD 0.937053 in books in NZD). None where the document has none: it is in the organisation's own currency.
 */
export function rateFields(document: BookDocument): RateFields {
  if (document.rate === undefined) return {};
  return rateFor('total' in document ? document.total : document.amount, document.currency, document.rate);
}

/**
 * `rate` is ours, company currency per unit of `currency`. Turned round and cut to six decimals it may bring an amount
 * (minor units) to another cent than the ledger has; then one beside it that does not is said
 * instead. Beyond some ten thousand of a whole currency there may be none: then the cent is the provider's.
 */
export function rateFor(minor: bigint, currency: string, rate: string): RateFields {
  const { numerator, denominator } = parseRatio(rate);
  const one = 10n ** BigInt(exponentOf(currency));
  const worth = divideHalfEven(minor * CENTS * numerator, one * denominator);
  const turned = divideHalfUp(MICRO * denominator, numerator);
  const gives = (micro: bigint) => micro > 0n && divideHalfUp(minor * CENTS * MICRO, one * micro) === worth;
  const exact = worth === 0n ? turned : divideHalfUp(minor * CENTS * MICRO, one * worth);
  const micro = [turned, turned - 1n, turned + 1n, exact].find(gives) ?? turned;
  return micro > 0n ? { CurrencyRate: decimal(microText(micro)) } : {};
}

function microText(micro: bigint): string {
  return plainDecimal(`${micro / MICRO}.${(micro % MICRO).toString().padStart(6, '0')}`);
}
