import type { Books } from '../chart.ts';
import type { CanonicalEvent, Refund } from '../events.ts';
import { rateGiving, steadyRate, translate } from '../fx.ts';
import { sum } from '../money.ts';
import { tenderTarget } from '../posting/accounts.ts';
import { businessDate, groundOf, type PostingFacts } from '../posting/facts.ts';
import { refundLines } from '../posting/refund.ts';

/**
 * The rate of an event's documents, company currency per unit of its own: that of the rate table for its day, for
 * refunds and voids the day of the sale, as the ledger translates them. Undefined in the company's own currency and
 * where the table has none.
 */
export function rateOf(event: CanonicalEvent, facts: PostingFacts, books: Books): string | undefined {
  const { functionalCurrency, timeZone } = books;
  const bearer = bearerOf(event, facts);
  const { currency } = bearer;
  if (currency === functionalCurrency) return undefined;
  const table = books.rate(currency, businessDate(bearer, timeZone));
  if (table === undefined) return undefined;
  const amount = 'total' in event ? event.total : 'amount' in event ? event.amount : 0n;
  const rate = steadyRate(amount, currency, functionalCurrency, table);
  return event.type === 'refund' ? refundRate(event, rate, facts, books) : rate;
}

/** The fact whose day decides: a refund in the currency of its sale, and a void, go by the sale. */
function bearerOf(event: CanonicalEvent, { sale }: PostingFacts): CanonicalEvent {
  if (event.type === 'void') return sale ?? event;
  return event.type === 'refund' && sale?.currency === event.currency ? sale : event;
}

/** The last refund of a sale takes what is left of its value, rounding included: then its own amounts say the rate. */
function refundRate(refund: Refund, rate: string, facts: PostingFacts, books: Books): string {
  const { currency } = refund;
  const ground = groundOf(refund, books);
  const roles = new Set(refund.tenders.map((tender) => tenderTarget(tender, ground).role));
  const money = refundLines(refund, facts, ground).filter(({ role }) => roles.has(role));
  const [foreign, own] = [sum(money.map((line) => line.amountTc)), sum(money.map((line) => line.amount))];
  if (translate(foreign, currency, books.functionalCurrency, rate) === own) return rate;
  return rateGiving(own, books.functionalCurrency, foreign, currency) ?? rate;
}
