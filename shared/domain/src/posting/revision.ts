import { postingDateFor } from '../calendar.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Books } from '../chart.ts';
import type { CanonicalEvent } from '../events.ts';
import type { ResolvedEntry, ResolvedLine } from '../journal-entry.ts';
import { postingKind } from '../open-days.ts';
import { journalLines } from './entry.ts';
import { describeEvent, type PostingFacts, sourceKeyOf } from './facts.ts';

/** An entry with every debit and credit turned, pointing to the one it undoes (accounting.md I4). */
export function reversalOf(entry: ResolvedEntry, postingDate: string): ResolvedEntry {
  return {
    ...entry,
    sourceKey: `${entry.sourceKey}:reversal`,
    postingDate,
    memo: `Reversal: ${entry.memo}`,
    reverses: entry.sourceKey,
    lines: entry.lines.map(turned),
  };
}

/**
 * What has to be posted so that a fact's live entries become `fresh` (accounting.md A3): nothing when they say the same
 * already; reversals on their original dates plus the new version while their periods are open; otherwise only the
 * difference, dated the first open day and linked in its memo.
 */
export function revised(
  event: CanonicalEvent,
  fresh: ResolvedEntry,
  previous: NonNullable<PostingFacts['previous']>,
  facts: PostingFacts,
  books: Books,
): ResolvedEntry[] {
  const sourceKey = sourceKeyOf(event, facts.source, previous.version + 1);
  const live = previous.entries;
  const posted = live.flatMap((entry) => entry.lines);
  const difference = journalLines([...fresh.lines, ...posted.map(turned)], describeEvent(event));
  const sameDay = live.every((entry) => entry.taxPoint === fresh.taxPoint);
  if (difference.length === 0 && sameDay && sameOpeningItems(event, previous.event)) return [];
  const linked = { ...fresh, sourceKey };
  const byHand = 'date' in event;
  if (live.every((entry) => isOpenTo(entry, books, byHand))) {
    const reversals = live.map((entry) => reversalOf(entry, entry.postingDate));
    return fresh.lines.length === 0 ? reversals : [...reversals, linked];
  }
  if (difference.length === 0) return [];
  const closed = live.map((entry) => `${entry.sourceKey} of ${entry.postingDate}`).join(', ');
  return [
    {
      ...linked,
      postingDate: dayOfDifference(fresh, difference, { event, facts, books }),
      memo: `${fresh.memo} (difference to ${closed}, whose period is closed)`,
      lines: difference,
    },
  ];
}

/** Items behind opening balances are no lines: they are entered anew when they change. */
function sameOpeningItems(event: CanonicalEvent, before: CanonicalEvent): boolean {
  if (event.type !== 'opening' || before.type !== 'opening') return true;
  return canonicalJson(event.openItems) === canonicalJson(before.openItems);
}

/** The first day open to a difference to closed entries; late facts as the company wants them (G6). */
function dayOfDifference(
  { entryType, taxPoint }: ResolvedEntry,
  lines: readonly ResolvedLine[],
  { event, facts, books }: { event: CanonicalEvent; facts: PostingFacts; books: Books },
): string {
  const kind = postingKind(entryType, lines);
  const approved = facts.lateApproved || 'date' in event;
  const from = books.isOpen(taxPoint, kind) ? books.firstOpenDay : taxPoint;
  return postingDateFor(from, { books, kind, about: describeEvent(event), approved });
}

/** Undoes live entries: on their own dates while open, else on the first open day (`approved`: though that is late). */
export function reversed(live: readonly ResolvedEntry[], books: Books, approved = false): ResolvedEntry[] {
  return live.map((entry) => {
    const late = { books, kind: postingKind(entry.entryType, entry.lines), about: entry.memo, approved };
    return reversalOf(entry, postingDateFor(entry.postingDate, late));
  });
}

function isOpenTo({ entryType, lines, postingDate }: ResolvedEntry, books: Books, byHand: boolean): boolean {
  return books.isOpen(postingDate, postingKind(entryType, lines, byHand));
}

/** A line with debit and credit turned. */
export function turned(line: ResolvedLine): ResolvedLine {
  return { ...line, amount: -line.amount, amountTc: -line.amountTc };
}
