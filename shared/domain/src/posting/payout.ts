import type { Payout } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { abs, lesser, sum } from '../money.ts';
import { clearingTarget, currencyTarget, resolveRole, type Target } from './accounts.ts';
import { awaiting, type Carried, movementsOf, placeOf, shareOf, total } from './carried.ts';
import { exchangeDifference, worthOn } from './entry.ts';
import type { Ground, PostingFacts } from './facts.ts';
import { lineSource, type RelatedFact, relatedKey } from './related.ts';

type PayoutLine = Payout['lines'][number];

/** What a payout posts itself; all other lines are facts of their own. */
const OWN_LINES: ReadonlySet<PayoutLine['kind']> = new Set(['reserve', 'adjustment', 'transfer']);

/**
 * Lines of a payout, dated at its arrival (accounting.md C16): it empties the clearing account into the bank. Money
 * held back stays ours on `processor.reserve`, what nobody explains goes to `suspense`, never into fees. Tax that the
 * channel collected and withholds leaves `tax.marketplace` where sales put it there (C14d). A foreign payout arrives
 * at the day's rate and leaves clearing at the value it is carried at; the difference is realised.
 */
export function payoutLines(payout: Payout, facts: PostingFacts, ground: Ground): ResolvedLine[] {
  const { amount, arrivalDate, currency, processor } = payout;
  const held = -netOf(payout, ({ kind }) => kind === 'reserve');
  const unexplained = -netOf(payout, ({ kind }) => kind === 'adjustment' || kind === 'transfer');
  const withheld = -netOf(payout, (line) => isWithheldTax(line, ground));
  const cleared = amount + held + unexplained + withheld;
  const today = (amountTc: bigint) => worthOn(arrivalDate, amountTc, ground);
  const line = (amountTc: bigint, target: () => Target, worth: bigint): ResolvedLine[] =>
    amountTc === 0n && worth === 0n ? [] : [{ ...target(), currency, amountTc, amount: worth }];
  const lines = [
    ...line(amount, () => bankTarget(ground), today(amount)),
    ...line(held, () => currencyTarget('processor.reserve', ground), reserveValue(held, facts, today)),
    ...line(unexplained, () => currencyTarget('suspense', ground), today(unexplained)),
    ...line(withheld, () => resolveRole(ground, 'tax.marketplace'), today(withheld)),
    ...line(-cleared, () => clearingTarget(processor, currency, ground), -clearedValue(payout, cleared, facts, ground)),
  ];
  return [...lines, ...exchangeDifference(lines, ground)];
}

function bankTarget(ground: Ground): Target {
  const { currency, books } = ground;
  return resolveRole(ground, currency === books.functionalCurrency ? 'bank.main' : `bank.${currency}`);
}

/** A tax line that names a source is tax on a fee, which is a fact of its own. */
function isWithheldTax({ kind, source }: PayoutLine, ground: Ground): boolean {
  return kind === 'tax' && source === undefined && ground.books.settings.channelTax === 'gross';
}

function netOf(payout: Payout, isMeant: (line: PayoutLine) => boolean): bigint {
  return sum(payout.lines.map((line) => (isMeant(line) ? line.net : 0n)));
}

/** What undoes a standing reserve leaves it at the value it stands at, anything beyond has the day's. */
function reserveValue(held: bigint, facts: PostingFacts, today: (amountTc: bigint) => bigint): bigint {
  const { reserved } = facts;
  if (!reserved || reserved.amountTc === 0n || reserved.amountTc > 0n === held > 0n) return today(held);
  const size = lesser(abs(held), abs(reserved.amountTc));
  const undone = held > 0n ? size : -size;
  const value = shareOf(reserved, { amountTc: 0n, amount: 0n }, -undone) ?? 0n;
  return today(held - undone) - value;
}

/** Value of what leaves clearing: each line's at the value of its fact, and the day's for those nobody knows. */
function clearedValue(payout: Payout, cleared: bigint, facts: PostingFacts, ground: Ground): bigint {
  const { currency, processor, arrivalDate } = payout;
  if (currency === ground.books.functionalCurrency) return cleared;
  if (payout.lines.length === 0) return worthOn(arrivalDate, cleared, ground);
  const place = placeOf(clearingTarget(processor, currency, ground), currency);
  const known = claimsOf(payout).flatMap(({ fact, gross, net }) => {
    const isMeant = ({ amountTc }: Carried) => (gross > 0n ? amountTc > 0n : amountTc < 0n);
    const movements = movementsOf(fact, place, facts, ground);
    if (gross !== 0n && !movements.some(isMeant)) {
      if (!facts.related?.has(relatedKey(fact))) return [];
      // Sold in one currency and paid out in another: its conversion is still to come.
      throw awaiting(fact, `has put no ${currency} on ${place.role} yet`, ground);
    }
    // One dispute takes money and may bring it back: a line is about the one or the other.
    const claimed = total(fact.type === 'dispute' ? movements.filter(isMeant) : movements);
    const amount = shareOf(claimed, { amountTc: 0n, amount: 0n }, net);
    return amount === null ? [] : [{ amountTc: net, amount }];
  });
  const { amountTc, amount } = total(known);
  return amount + worthOn(arrivalDate, cleared - amountTc, ground);
}

interface Claim {
  fact: RelatedFact;
  gross: bigint;
  net: bigint;
}

/** What a payout pays out of each fact, in each direction; several lines of one fact are one. */
function claimsOf(payout: Payout): Claim[] {
  const claims = new Map<string, Claim>();
  for (const line of payout.lines) {
    const fact = OWN_LINES.has(line.kind) ? undefined : lineSource(line);
    if (!fact) continue;
    const key = fact.type === 'dispute' ? `${relatedKey(fact)} ${line.gross > 0n}` : relatedKey(fact);
    const { gross, net } = claims.get(key) ?? { gross: 0n, net: 0n };
    claims.set(key, { fact, gross: gross + line.gross, net: net + line.net });
  }
  return [...claims.values()];
}
