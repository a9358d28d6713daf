import type { Books, CanonicalEvent, TaxRule } from '@daybook/domain';
import type { MappingRow } from '@daybook/workers/push/mapping-rows';
import { type Origin, type Preview, previewEvents } from './preview-events.ts';
import { type Parts, type SummarisedDay, summarisedDays } from './what-if-days.ts';
import { difference, differs, documentEffects, type Effects, entryEffects, type Moved } from './what-if-effects.ts';

/** What would be changed: our own chart and tax rules, and what stands for our words in the books. */
export interface ProposedChange {
  /** role → account of ours. */
  roles: Record<string, string>;
  /** Put before the company's own rules. */
  taxRules: TaxRule[];
  settings: Partial<Books['settings']>;
  mappings: (MappingRow & { connection: string })[];
}

/** A connected set of books with its mapping and what is there already. */
export interface BooksSide {
  connection: string;
  label: string;
  mappings: MappingRow[];
  /** Kind and number of the documents that are in the books. */
  pushed: ReadonlySet<string>;
  /** Of invoices, credit notes and payments that these books are owed as receipts: kind and number of the receipt. */
  receipts?: ReadonlyMap<string, string>;
}

/** What of the past went into daily summaries. */
export interface Summarised {
  entries: Parts;
  documents: Parts;
}
const PER_ORDER: Summarised = { entries: new Map(), documents: new Map() };

export interface WhatIf {
  events: number;
  ledger: { entriesChanged: number; accounts: Moved[]; days: SummarisedDay[]; refused: Preview['refused'] };
  books: {
    connection: string;
    label: string;
    /** A summary counts once, whatever changes in it. */
    documentsChanged: number;
    /** Of those: in the books already (undo and push again), and dated in a period that is closed here. */
    alreadyPushed: number;
    inClosedPeriod: number;
    /** Per account of theirs, minor units; of another currency than the company's, which stands behind the account. */
    accounts: Moved[];
    taxes: Moved[];
    /** Of that, what is in daily summaries: day by day, and receipt by receipt. */
    days: SummarisedDay[];
  }[];
}

/**
 * What a changed mapping would have made of past events: the same rules as the posting run twice, over the same events,
 * and the results are compared account by account (product.md, feature 3). Orders of summarised days are compared one
 * by one, because a summary only adds them up. Pure; writes nothing.
 */
export function whatIf(
  events: readonly CanonicalEvent[],
  books: Books,
  change: ProposedChange,
  sides: readonly BooksSide[],
  originOf?: (event: CanonicalEvent, index: number) => Origin,
  summarised: Summarised = PER_ORDER,
): WhatIf {
  const before = previewEvents(events, books, originOf);
  const after = previewEvents(events, changedBooks(books, change), originOf);
  const [one, two] = [entryEffects(before), entryEffects(after)];
  return {
    events: events.length,
    ledger: {
      entriesChanged: changedWholes(one, two, summarised.entries).length,
      accounts: difference(one.values(), two.values()).accounts,
      days: summarisedDays(one, two, summarised.entries),
      refused: after.refused,
    },
    books: sides.map((side) => inBooks(side, before, after, change, books, summarised.documents)),
  };
}

function changedBooks(books: Books, { roles, taxRules, settings }: ProposedChange): Books {
  return {
    ...books,
    roles: new Map([...books.roles, ...Object.entries(roles)]),
    taxRules: [...taxRules, ...books.taxRules],
    settings: { ...books.settings, ...settings },
  };
}

/** Entries or documents as they stand in the books, of which at least one amount would be another. */
function changedWholes(
  one: Effects,
  two: Effects,
  parts: Parts,
  receipts: ReadonlyMap<string, string> = new Map(),
): { key: string; date: string }[] {
  const wholes = Map.groupBy(new Set([...one.keys(), ...two.keys()]), (key) => {
    const whole = parts.get(key)?.whole ?? key;
    return receipts.get(whole) ?? whole;
  });
  return [...wholes].flatMap(([key, own]) => {
    const of = (effects: Effects) => own.flatMap((each) => effects.get(each) ?? []);
    const [before, after] = [of(one), of(two)];
    return differs(before, after) ? [{ key, date: (before[0] ?? after[0])?.date ?? '' }] : [];
  });
}

function inBooks(
  side: BooksSide,
  before: Preview,
  after: Preview,
  change: ProposedChange,
  books: Books,
  parts: Parts,
): WhatIf['books'][number] {
  const own = change.mappings.filter(({ connection }) => connection === side.connection);
  const isReplaced = (row: MappingRow) => own.some((each) => wordOf(each) === wordOf(row));
  const changedRows = [...side.mappings.filter((row) => !isReplaced(row)), ...own];
  const one = documentEffects(before, side.mappings, books.functionalCurrency);
  const two = documentEffects(after, changedRows, books.functionalCurrency);
  const changed = changedWholes(one, two, parts, side.receipts);
  return {
    connection: side.connection,
    label: side.label,
    documentsChanged: changed.length,
    alreadyPushed: changed.filter(({ key }) => side.pushed.has(key)).length,
    inClosedPeriod: changed.filter(({ date }) => !books.isOpen(date)).length,
    ...difference(one.values(), two.values()),
    days: summarisedDays(one, two, parts),
  };
}

function wordOf({ kind, ours, channel, validFrom }: MappingRow): string {
  return [kind, ours, channel, validFrom].join('\u0001');
}
