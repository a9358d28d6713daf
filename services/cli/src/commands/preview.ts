import {
  type Books,
  type CanonicalEvent,
  DomainError,
  isCurrency,
  localDate,
  makeEvent,
  type ResolvedEntry,
} from '@daybook/domain';
import { ensureFiscalYears, loadBooks } from '@daybook/ledger/company';
import type { Sql, Tx } from '@daybook/platform/db';
import type { Command } from 'commander';
import { type CompanyRow, companyNamed, withDatabase } from '../database.ts';
import { defaultBooks } from '../default-books.ts';
import { parseExactJson, readInput } from '../input.ts';
import { type Preview, previewEvents } from '../preview-events.ts';
import { previewTable } from '../preview-table.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';
import { whatIf } from '../what-if.ts';
import { booksSides, parseChange, pastEvents, summarisedPast } from '../what-if-command.ts';
import { whatIfTable } from '../what-if-table.ts';

interface Options {
  company?: string;
  country?: string;
  currency?: string;
  diff?: string;
  from?: string;
  to?: string;
  json?: boolean;
}

const HELP = `
The events are posted into an empty ledger that exists only in memory, in the ledger's order: sales first, then by time.
What a company has booked already is not taken into account, so a refund needs its sale in the same file. Nothing is
written. On a terminal tables are drawn; elsewhere, or with --json, JSON is printed: debit and credit in minor units of
the books' currency, amountTc in those of the line's currency. What the posting rules refuse stands under "refused" and
makes the exit code 1; an event that contradicts itself makes it 2.

--diff shows what a changed mapping would have changed over a company's past events, account by account, and for days
that were booked as one summary also receipt by receipt (a table shows the last days and the receipts that move most, JSON
all of them); exit code 1 when anything differs. The file: {"roles": {"sales.shipping": "4055"}, "taxRules": [{"rate": "5", "code": "R5"}], "settings": {},
"mappings": [{"connection": "<id>", "kind": "account", "ours": "sales.shipping", "theirs": "260", "validFrom": "2026-12-01"}]}`;

/** `daybook preview`: what canonical events would post and owe; writes nothing. */
export function registerPreview(root: Command, terminal: Terminal): void {
  root
    .command('preview')
    .description('print the journal entries and documents canonical events would produce')
    .argument('[file]', 'events as `normalize` prints them (or an array of them), - for standard input')
    .option('--company <slug>', 'use the accounts, taxes, rates and periods of this company')
    .option('--country <code>', 'without a company: default chart of this country; US, GB and DE have their own')
    .option('--currency <code>', 'without a company: currency of the books; that of the first event otherwise')
    .option('--diff <file>', 'with --company: what this change of mappings would have changed over its past events')
    .option('--from <date>', 'with --diff: events from this day on, YYYY-MM-DD')
    .option('--to <date>', 'with --diff: events up to this day')
    .option('--json', 'print JSON on a terminal too')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, options: Options) => {
      check(options);
      if (options.diff !== undefined) return compare(options.diff, file, options, terminal);
      if (file === undefined) throw new UsageError('name a file of events, or - for standard input');
      const events = parseEvents((await readInput(file, terminal)).toString(), file);
      const preview = previewEvents(events, await booksFor(options, events, terminal));
      terminal.out(terminal.live && !options.json ? previewTable(preview) : json(shape(preview)));
      const [first, ...others] = preview.refused;
      if (first === undefined) return;
      const more = others.length === 0 ? '' : `; refused besides: ${others.length}`;
      throw new FoundError(`daybook: ${first.message} [${first.code}]${more}`);
    });
}

/** Runs the rules twice over past events (or over those of a file) and prints what differs; writes nothing. */
async function compare(diff: string, file: string | undefined, options: Options, terminal: Terminal): Promise<void> {
  const { company: slug } = options;
  if (slug === undefined) throw new UsageError('--diff compares over the past of a company; name it with --company');
  const change = parseChange((await readInput(diff, terminal)).toString(), diff);
  const given = file === undefined ? null : parseEvents((await readInput(file, terminal)).toString(), file);
  await withDatabase(terminal, async (database) => {
    const company = await companyNamed(database, slug);
    const past = await pastEvents(database.sql, company.id, options);
    const events = given ?? past.events;
    const books = await booksOf(database.sql, company, events);
    const sides = await booksSides(database.sql, company.id);
    const found = given
      ? whatIf(events, books, change, sides)
      : whatIf(events, books, change, sides, past.originOf, await summarisedPast(database.sql, company.id));
    terminal.out(terminal.live && !options.json ? whatIfTable(found, books) : json(found));
    const differs = found.ledger.entriesChanged > 0 || found.books.some((side) => side.documentsChanged > 0);
    if (differs) throw new FoundError('daybook: the change would have made a difference');
  });
}

function check({ company, country, currency }: Options): void {
  if (company !== undefined && (country !== undefined || currency !== undefined))
    throw new UsageError('a company has its own country and currency; leave --country and --currency away');
  if (country !== undefined && !/^[A-Z]{2}$/.test(country))
    throw new UsageError(`--country "${country}" is not a country code of two capital letters, such as GB`);
  if (currency !== undefined && !isCurrency(currency))
    throw new UsageError(`--currency "${currency}" is not an ISO 4217 currency code, such as GBP`);
}

function parseEvents(text: string, file: string): CanonicalEvent[] {
  const parsed = parseExactJson(text, file);
  const name = file === '-' ? 'standard input' : `"${file}"`;
  const list = Array.isArray(parsed) ? parsed : (parsed as { events?: unknown } | null)?.events;
  if (Array.isArray(list)) return list.map((each, index) => eventAt(each, index, name));
  const ignored = (parsed as { ignored?: unknown } | null)?.ignored;
  const why = ignored === undefined ? '' : `; it says that the delivery was ignored: ${String(ignored)}`;
  throw new UsageError(`${name} must be {"events": [ … ]} or an array of events${why}`);
}

function eventAt(input: unknown, index: number, name: string): CanonicalEvent {
  try {
    return makeEvent(input);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new UsageError(`${name}, event ${index + 1}: ${error.message} [${error.code}]`);
  }
}

async function booksFor(options: Options, events: CanonicalEvent[], terminal: Terminal): Promise<Books> {
  const { company: slug } = options;
  if (slug !== undefined) {
    return withDatabase(terminal, async (database) =>
      booksOf(database.sql, await companyNamed(database, slug), events),
    );
  }
  const currency = options.currency ?? events[0]?.currency ?? 'USD';
  return defaultBooks(options.country ?? { GBP: 'GB', EUR: 'DE' }[currency] ?? 'US', currency);
}

const DAY_MS = 24 * 60 * 60_000;

/** The company's books, with the fiscal years that posting would open for these events; they are given up again. */
async function booksOf(sql: Sql, company: CompanyRow, events: CanonicalEvent[]): Promise<Books> {
  const soon = new Date(Date.now() + 2 * DAY_MS).toISOString();
  const dates = new Set(
    events.filter((each) => each.occurredAt < soon).map((each) => localDate(each.occurredAt, company.timeZone)),
  );
  const loaded: Books[] = [];
  const giveUp = new Error('rolled back on purpose');
  await sql
    .begin(async (tx: Tx) => {
      for (const date of dates) await openYear(tx, company.id, date);
      loaded.push(await loadBooks(tx, company.id));
      throw giveUp;
    })
    .catch((error: unknown) => {
      if (error !== giveUp) throw error;
    });
  const [books] = loaded;
  if (!books) throw new Error(`The books of ${company.slug} could not be read.`);
  return books;
}

/** A date no year can be opened for stays closed; the posting rules then say so event by event. */
async function openYear(tx: Tx, companyId: string, date: string): Promise<void> {
  try {
    await ensureFiscalYears(tx, companyId, date);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
}

/** Debit and credit side by side, as accountants read entries. */
function shape({ entries, booked: _booked, ...rest }: Preview): unknown {
  const { currency, ...others } = rest;
  return { currency, entries: entries.map(twoSided), ...others };
}

function twoSided(entry: ResolvedEntry): unknown {
  return {
    ...entry,
    lines: entry.lines.map(({ amount, amountTc, role, account, ...line }) => ({
      role,
      account,
      debit: amount > 0n ? amount : 0n,
      credit: amount < 0n ? -amount : 0n,
      ...line,
      amountTc: amountTc < 0n ? -amountTc : amountTc,
    })),
  };
}
