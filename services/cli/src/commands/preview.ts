import { readFile } from 'node:fs/promises';
import {
  type BookDocument,
  type Books,
  type CanonicalEvent,
  documentsFor,
  entriesFor,
  eventHash,
  isCurrency,
  makeEvent,
  type Refund,
  type ResolvedEntry,
  type Sale,
} from '@daybook/domain';
import { loadBooks } from '@daybook/ledger/company';
import type { Command } from 'commander';
import { companiesNamed, withDatabase } from '../database.ts';
import { defaultBooks } from '../default-books.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  company?: string;
  country?: string;
}

/** What `preview` answers: entries and documents in posting order. */
export interface Preview {
  entries: ResolvedEntry[];
  documents: BookDocument[];
}

/** `daybook preview`: what canonical events would post and owe; writes nothing. */
export function registerPreview(root: Command, terminal: Terminal): void {
  root
    .command('preview')
    .description('print the journal entries and documents canonical events would produce')
    .argument('<file>', 'events as `normalize` prints them (or an array of them), - for standard input')
    .option('--company <slug>', 'use the accounts of this company; without it the default chart of a country')
    .option('--country <code>', 'US, GB or DE: the default chart to use without a company')
    .option('--json', 'the output is JSON anyway')
    .action(async (file: string, options: Options) => {
      const events = parseEvents(file === '-' ? await terminal.read() : await readText(file), file);
      terminal.out(json(shape(previewEvents(events, await booksFor(options, events, terminal)))));
    });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function parseEvents(text: string, file: string): CanonicalEvent[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(parsed) ? parsed : (parsed as { events?: unknown } | null)?.events;
  if (!Array.isArray(list)) throw new UsageError(`${file} must be {"events": [ … ]} or an array of events`);
  return list.map(makeEvent);
}

async function booksFor(options: Options, events: CanonicalEvent[], terminal: Terminal): Promise<Books> {
  if (options.company !== undefined) {
    return withDatabase(terminal, async (database) => {
      const [company] = await companiesNamed(database, options.company);
      return loadBooks(database.sql, company?.id ?? '');
    });
  }
  const currency = events[0]?.currency ?? 'USD';
  if (!isCurrency(currency)) throw new UsageError(`"${currency}" is not an ISO 4217 currency code`);
  return defaultBooks(options.country ?? { GBP: 'GB', EUR: 'DE' }[currency] ?? 'US', currency);
}

interface Known {
  version: number;
  event: CanonicalEvent;
  entries: ResolvedEntry[];
}

/** Posts events in the order given into an empty company that exists only in memory. Pure. */
export function previewEvents(events: readonly CanonicalEvent[], books: Books): Preview {
  const known = new Map<string, Known>();
  const preview: Preview = { entries: [], documents: [] };
  const ordered = [...events].sort((a, b) => order(a) - order(b));
  for (const event of ordered) {
    const key = `${event.channel}|${event.type}|${event.id}`;
    const previous = known.get(key) ?? null;
    if (previous && (event.revision < previous.event.revision || eventHash(event) === eventHash(previous.event)))
      continue;
    const saleId = 'sale' in event && event.sale ? event.sale.id : null;
    const sale = saleId === null ? undefined : known.get(`${event.channel}|sale|${saleId}`);
    const facts = {
      source: 'preview',
      connectionLabel: event.channel,
      previous,
      sale: (sale?.event as Sale | undefined) ?? null,
      saleEntries: sale?.entries ?? [],
      earlierRefunds: refundsOf(known, event, saleId),
    };
    const entries = entriesFor(event, facts, books);
    preview.entries.push(...entries);
    preview.documents.push(...documentsFor(event, facts, books));
    known.set(key, {
      version: (previous?.version ?? 0) + 1,
      event,
      entries: entries.filter((entry) => entry.reverses === undefined),
    });
  }
  return preview;
}

/** Sales come before what refers to them; otherwise the order given stands. */
function order(event: CanonicalEvent): number {
  return event.type === 'sale' ? 0 : 1;
}

function refundsOf(known: Map<string, Known>, event: CanonicalEvent, saleId: string | null): Refund[] {
  if (saleId === null) return [];
  return [...known.values()]
    .map((each) => each.event)
    .filter((each): each is Refund => each.type === 'refund' && each.sale?.id === saleId && each.id !== event.id);
}

/** Debit and credit side by side, as accountants read entries. */
function shape({ entries, documents }: Preview): unknown {
  return {
    entries: entries.map((entry) => ({
      ...entry,
      lines: entry.lines.map(({ amount, amountTc, ...line }) => ({
        ...line,
        debit: amount > 0n ? amount : 0n,
        credit: amount < 0n ? -amount : 0n,
        amountTc: amountTc < 0n ? -amountTc : amountTc,
      })),
    })),
    documents,
  };
}
