import { DomainError } from '../domain-error.ts';
import { splitTranslated, translate } from '../fx.ts';
import type { ItemDetail, ResolvedLine, TaxKind } from '../journal-entry.ts';
import { sum } from '../money.ts';
import { resolveRole } from './accounts.ts';
import type { Booked, Money } from './booked.ts';
import type { Ground } from './facts.ts';
import type { Owed } from './party.ts';

/** A line in the event's currency only; debit positive. */
export interface Leg {
  role: string;
  account: string;
  amountTc: bigint;
  taxCode?: string | undefined;
  taxKind?: TaxKind | undefined;
  party?: string | undefined;
  document?: string | undefined;
  item?: ItemDetail | undefined;
}

/** Money on one side, what it was for on the other. */
export interface Legs {
  money: Leg[];
  items: Leg[];
}

/** Debits and credits of a sale; a refund is the same with the signs turned. */
export function legsOf(booked: Booked, direction: 'sale' | 'refund', owed: Partial<Owed>, ground: Ground): Legs {
  const sign = direction === 'sale' ? 1n : -1n;
  const money = booked.money.flatMap((each) => moneyLegs(each, sign));
  if (booked.due !== 0n) money.push({ ...resolveRole(ground, 'ar.control'), amountTc: sign * booked.due, ...owed });
  const items = booked.items.flatMap(({ role, account, net, taxCode, taxes, card }): Leg[] => [
    {
      ...{ role, account, amountTc: -sign * net, ...(card !== undefined && { document: card }) },
      ...(taxCode !== null && { taxCode, taxKind: 'net_out' as const }),
    },
    ...taxes.map((tax) => ({
      role: tax.role,
      account: tax.account,
      amountTc: -sign * tax.amount,
      taxCode: tax.code,
      taxKind: 'tax_out' as const,
    })),
  ]);
  return { money: merged(money), items: merged(items) };
}

/** One line per card, and one for what stands on none. */
function moneyLegs({ role, account, amount, cards = [] }: Money, sign: bigint): Leg[] {
  const named = cards.map((card): Leg => ({ role, account, amountTc: sign * card.amount, document: card.id }));
  const rest = amount - sum(cards.map((card) => card.amount));
  return rest === 0n && named.length > 0 ? named : [...named, { role, account, amountTc: sign * rest }];
}

/** The same with the prepaid order named on its deposits, which the register of deposits is kept by (H13). */
export function withOrder({ money, items }: Legs, order: string | undefined): Legs {
  const named = (leg: Leg): Leg =>
    order !== undefined && leg.role.startsWith('customer.deposits') ? { ...leg, document: order } : leg;
  return { money: money.map(named), items: items.map(named) };
}

/**
 * Lines in the company's currency. A foreign document is translated as a total on its money side and split over the
 * lines of each side by largest remainder (accounting.md A6). `date` picks the rate; RATE_MISSING when there is none.
 */
export function translated(legs: Legs, date: string, ground: Ground): ResolvedLine[] {
  const all = [...legs.money, ...legs.items];
  const { currency, books } = ground;
  if (currency === books.functionalCurrency) return all.map((leg) => ({ ...leg, currency, amount: leg.amountTc }));
  const to = books.functionalCurrency;
  const rate = rateOn(date, ground);
  const total = translate(sum(legs.money.map((leg) => leg.amountTc)), currency, to, rate);
  const split = (part: Leg[], whole: bigint) =>
    splitTranslated(
      whole,
      part.map((leg) => leg.amountTc),
      currency,
      to,
      rate,
    );
  const amounts = [...split(legs.money, total), ...split(legs.items, -total)];
  return all.map((leg, index) => ({ ...leg, currency, amount: amounts[index] ?? 0n }));
}

/** Company currency per unit of a currency (the event's) on a date. Throws RATE_MISSING naming currency and date. */
export function rateOn(date: string, ground: Ground, currency = ground.currency): string {
  const rate = ground.books.rate(currency, date);
  if (rate !== undefined) return rate;
  throw new DomainError(
    'RATE_MISSING',
    `${ground.about}: the rate table has no ${currency} rate for ${date}. Add one, then the event is posted.`,
    `${currency} ${date}`,
  );
}

/** What an amount (of the event's currency) is worth in the company's currency on a date. Throws RATE_MISSING. */
export function worthOn(date: string, amountTc: bigint, ground: Ground, currency = ground.currency): bigint {
  const { functionalCurrency } = ground.books;
  if (currency === functionalCurrency || amountTc === 0n) return amountTc;
  return translate(amountTc, currency, functionalCurrency, rateOn(date, ground, currency));
}

/**
 * The line that makes lines even in the company's currency: what was realised between the rate the money was carried
 * at and the rate it was settled at (accounting.md A6). It has no amount in the event's currency, where both sides are
 * even already.
 */
export function exchangeDifference(lines: readonly ResolvedLine[], ground: Ground): ResolvedLine[] {
  const amount = -sum(lines.map((line) => line.amount));
  if (amount === 0n) return [];
  const target = resolveRole(ground, amount > 0n ? 'fx.loss' : 'fx.gain');
  return [{ ...target, currency: ground.currency, amountTc: 0n, amount }];
}

/**
 * Lines as the journal takes them: one per account and detail, none at zero (accounting.md I10), amounts of both
 * currencies on the same side. Throws ENTRY_UNBALANCED unless debits equal credits in the company's currency and in
 * every transaction currency (I1, I2). `apart` keeps equal lines apart, where each says what else it was for.
 */
export function journalLines(lines: ResolvedLine[], about: string, apart = false): ResolvedLine[] {
  const off = new Map<string, bigint>();
  for (const line of lines) off.set(line.currency, (off.get(line.currency) ?? 0n) + line.amountTc);
  const functional = sum(lines.map((line) => line.amount));
  if (functional !== 0n || [...off.values()].some((amount) => amount !== 0n)) {
    const foreign = [...off].map(([currency, amount]) => `${currency} by ${amount} minor units`).join(', ');
    throw new DomainError('ENTRY_UNBALANCED', `${about}: debits and credits differ by ${functional}, ${foreign}.`);
  }
  const kept = (apart ? lines : merged(lines)).filter((line) => line.amount !== 0n || line.amountTc !== 0n);
  return kept.flatMap(sameSided);
}

/** Equal lines added up; the order of first appearance stays. */
export function merged<Line extends Leg & { currency?: string; amount?: bigint }>(lines: readonly Line[]): Line[] {
  const byKey = new Map<string, Line>();
  for (const line of lines) {
    const key = lineKey(line);
    const same = byKey.get(key);
    if (!same) byKey.set(key, { ...line });
    else {
      same.amountTc += line.amountTc;
      if (same.amount !== undefined) same.amount += line.amount ?? 0n;
    }
  }
  return [...byKey.values()];
}

/** Roles that often share an account, of which a fact has the one or the other. */
const OPPOSITES: ReadonlySet<string> = new Set(['fx.gain', 'fx.loss', 'cash.over', 'cash.short']);

/** What two lines must share to be one: account, tax code and side of the return, currency, party, document. */
export function lineKey(line: Leg & { currency?: string }): string {
  const account = OPPOSITES.has(line.role) ? `${line.account} ${line.role}` : line.account;
  return [account, line.taxCode, line.taxKind, line.currency, line.party, line.document].join('\u0001');
}

/**
 * The journal wants both currencies' amounts of a line on one side and the company's above zero. Rounding can leave a
 * tiny foreign amount worth nothing, or a difference posting turn one sign only: such a line becomes two on the same
 * account, which together say the same.
 */
export function sameSided(line: ResolvedLine): ResolvedLine[] {
  const fits = line.amount !== 0n && (line.amountTc === 0n || line.amount > 0n === line.amountTc > 0n);
  if (fits) return [line];
  const unit = line.amountTc > 0n ? 1n : -1n;
  const carrier = { ...line, amount: unit };
  const rest = { ...line, amount: line.amount - unit, amountTc: 0n };
  return rest.amount === 0n ? [carrier] : [carrier, rest];
}
