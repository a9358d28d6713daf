import { accountLines, type Books, type CanonicalEvent, type TaxRule } from '@daybook/domain';
import { type MappingRow, mappingAt } from '@daybook/workers/push/mapping-rows';
import { type Origin, type Preview, previewEvents } from './preview-events.ts';

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
}

/** An amount on an account before and after; minor units of the company's currency, debit positive. */
export interface Moved {
  account: string;
  before: bigint;
  after: bigint;
  difference: bigint;
}

export interface WhatIf {
  events: number;
  ledger: { entriesChanged: number; accounts: Moved[]; refused: Preview['refused'] };
  books: {
    connection: string;
    label: string;
    documentsChanged: number;
    /** Of those: in the books already (undo and push again), and dated in a period that is closed here. */
    alreadyPushed: number;
    inClosedPeriod: number;
    /** Per account of theirs, minor units; of another currency than the company's, which stands behind the account. */
    accounts: Moved[];
    taxes: Moved[];
  }[];
}

/**
 * What a changed mapping would have made of past events: the same rules as the posting run twice, over the same events,
 * and the results are compared account by account (product.md, feature 3). Pure; writes nothing.
 */
export function whatIf(
  events: readonly CanonicalEvent[],
  books: Books,
  change: ProposedChange,
  sides: readonly BooksSide[],
  originOf?: (event: CanonicalEvent, index: number) => Origin,
): WhatIf {
  const before = previewEvents(events, books, originOf);
  const after = previewEvents(events, changedBooks(books, change), originOf);
  return {
    events: events.length,
    ledger: {
      entriesChanged: changedEntries(before, after),
      accounts: moved(accountTotals(before), accountTotals(after)),
      refused: after.refused,
    },
    books: sides.map((side) => inBooks(side, before, after, change, books)),
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

function changedEntries(before: Preview, after: Preview): number {
  const text = (preview: Preview) => new Map(preview.entries.map((entry) => [entry.sourceKey, lineText(entry.lines)]));
  const [one, two] = [text(before), text(after)];
  return [...new Set([...one.keys(), ...two.keys()])].filter((key) => one.get(key) !== two.get(key)).length;
}

function lineText(lines: readonly { account: string; amount: bigint; taxCode?: string | undefined }[]): string {
  return lines
    .map(({ account, amount, taxCode }) => `${account} ${amount} ${taxCode ?? ''}`)
    .sort()
    .join('\n');
}

function accountTotals({ entries }: Preview): Map<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { account, amount } of entries.flatMap(({ lines }) => lines)) add(totals, account, amount);
  return totals;
}

function inBooks(
  side: BooksSide,
  before: Preview,
  after: Preview,
  change: ProposedChange,
  books: Books,
): WhatIf['books'][number] {
  const own = change.mappings.filter(({ connection }) => connection === side.connection);
  const isReplaced = (row: MappingRow) => own.some((each) => wordOf(each) === wordOf(row));
  const changedRows = [...side.mappings.filter((row) => !isReplaced(row)), ...own];
  const { functionalCurrency } = books;
  const one = inTheirWords(before, side.mappings, functionalCurrency);
  const two = inTheirWords(after, changedRows, functionalCurrency);
  const changed = [...new Set([...one.documents.keys(), ...two.documents.keys()])].filter(
    (key) => one.documents.get(key)?.text !== two.documents.get(key)?.text,
  );
  const dateOf = (key: string) => (one.documents.get(key) ?? two.documents.get(key))?.date ?? '';
  return {
    connection: side.connection,
    label: side.label,
    documentsChanged: changed.length,
    alreadyPushed: changed.filter((key) => side.pushed.has(key)).length,
    inClosedPeriod: changed.filter((key) => !books.isOpen(dateOf(key))).length,
    accounts: moved(one.accounts, two.accounts),
    taxes: moved(one.taxes, two.taxes),
  };
}

function wordOf({ kind, ours, channel, validFrom }: MappingRow): string {
  return [kind, ours, channel, validFrom].join('\u0001');
}

/** Where a word of ours has no counterpart, it stands for itself in brackets: unmapped. */
function inTheirWords(preview: Preview, rows: readonly MappingRow[], functionalCurrency: string) {
  const at = mappingAt(rows);
  const accounts = new Map<string, bigint>();
  const taxes = new Map<string, bigint>();
  const documents = new Map<string, { text: string; date: string }>();
  for (const { document, origin } of preview.owed) {
    const lookUp = at({ channel: origin.connectionId, date: document.date });
    const account = (role: string, ours: string) =>
      lookUp('account', role) ?? lookUp('account', ours) ?? `(unmapped ${role})`;
    const tax = (code: string | null) => lookUp('tax', code ?? '') ?? lookUp('tax', '*') ?? `(unmapped tax ${code})`;
    const key = (word: string) => (document.currency === functionalCurrency ? word : `${word} ${document.currency}`);
    const lines = accountLines(document).map((line) => ({
      account: account(line.role, line.account),
      taxCode: 'tax' in line ? tax(line.taxCode) : '',
      amount: line.net,
      tax: 'tax' in line ? line.tax : 0n,
    }));
    for (const line of lines) {
      add(accounts, key(line.account), line.amount);
      if (line.tax !== 0n) add(taxes, key(line.taxCode), line.tax);
    }
    documents.set(`${document.kind} ${document.number}`, { text: lineText(lines), date: document.date });
  }
  return { accounts, taxes, documents };
}

function add(totals: Map<string, bigint>, key: string, amount: bigint): void {
  totals.set(key, (totals.get(key) ?? 0n) + amount);
}

/** Accounts whose total is another one, the largest difference first. */
function moved(before: ReadonlyMap<string, bigint>, after: ReadonlyMap<string, bigint>): Moved[] {
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((account) => {
      const [was, becomes] = [before.get(account) ?? 0n, after.get(account) ?? 0n];
      return { account, before: was, after: becomes, difference: becomes - was };
    })
    .filter(({ difference }) => difference !== 0n)
    .sort((a, b) =>
      size(a.difference) === size(b.difference)
        ? a.account < b.account
          ? -1
          : 1
        : size(a.difference) > size(b.difference)
          ? -1
          : 1,
    );
}
